//! What experience says about patterns, beside what they say of themselves.

use std::collections::BTreeMap;

/// How far experience may move a score: less than what lies between a pattern that fits and one that does not.
pub const FARTHEST_SHIFT: f64 = 0.5;

/// A shift of a pattern's score, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Adjustment {
    shift: f64,
    reason: String,
    withholds: bool,
}

impl Adjustment {
    /// A shift, held within [`FARTHEST_SHIFT`] both ways; one that is no number is none.
    pub fn new(shift: f64, reason: impl Into<String>) -> Adjustment {
        let shift = if shift.is_nan() { 0.0 } else { shift.clamp(-FARTHEST_SHIFT, FARTHEST_SHIFT) };
        Adjustment { shift, reason: reason.into(), withholds: false }
    }

    /// The same, and the pattern is not recommended, because a bounded shift may be too little.
    pub fn withholding(shift: f64, reason: impl Into<String>) -> Adjustment {
        Adjustment { withholds: true, ..Adjustment::new(shift, reason) }
    }

    /// What is added to the score.
    pub fn shift(&self) -> f64 {
        self.shift
    }

    /// Whether the pattern is not recommended, however well it fits.
    pub fn withholds(&self) -> bool {
        self.withholds
    }

    /// Why, as a part of a sentence.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// What experience says, by the names of patterns.
pub type Adjustments = BTreeMap<String, Adjustment>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts_are_bounded() {
        assert!((Adjustment::new(9.0, "").shift() - FARTHEST_SHIFT).abs() < 1e-9);
        assert!((Adjustment::new(-9.0, "").shift() + FARTHEST_SHIFT).abs() < 1e-9);
        assert!(Adjustment::new(f64::NAN, "").shift().abs() < 1e-9);
    }
}
