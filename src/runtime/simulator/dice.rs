//! Reproducible choices: the same seed gives the same sequence everywhere.

/// A small generator of pseudo-random numbers (SplitMix64; Steele, Lea and Flood, 2014).
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

use crate::language::digest::FullHash;

impl Dice {
    /// Dice that start from the first bytes of a hash.
    pub(super) fn from_hash(hash: FullHash) -> Dice {
        Dice(hash.number())
    }

    /// Dice that start from a number.
    #[cfg(test)]
    pub(super) fn from_seed(seed: u64) -> Dice {
        Dice(seed)
    }

    /// 64 random bits.
    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `bound`; 0 where the bound is 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        match bound {
            0 => 0,
            bound => self.roll() % bound,
        }
    }

    /// A number from 0 up to and without 1.
    pub(super) fn share(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
        let share = (self.roll() >> 11) as f64 / (1u64 << 53) as f64;
        share
    }

    /// A place in a list of this length; 0 if it is empty.
    pub(super) fn place(&mut self, length: usize) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "below the length")]
        let place = self.below(length as u64) as usize;
        place
    }

    /// One of `items`, which must not be empty.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.place(items.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_sequence() {
        let mut one = Dice::from_seed(7);
        let mut two = Dice::from_hash(FullHash::of(b"a"));
        let mut three = Dice::from_hash(FullHash::of(b"a"));
        assert_eq!(one.clone().roll(), one.roll());
        assert_eq!(two.roll(), three.roll());
        assert_ne!(one.roll(), two.roll());
    }

    #[test]
    fn shares_and_bounds_hold() {
        let mut dice = Dice::from_seed(1);
        for _ in 0..1000 {
            assert!(dice.below(3) < 3);
            let share = dice.share();
            assert!((0.0..1.0).contains(&share));
        }
        assert_eq!(dice.below(0), 0);
    }
}
