//! What sizes are worth: how large requests were said to be beside how large they were.

use super::tier::Tier;

/// A tier spans so many points of a size.
const POINTS_OF_A_TIER: i32 = 4;

/// No more points than this are added or taken away: half a tier.
pub const MOST_LEARNED_POINTS: i32 = 2;

/// From fewer requests nothing is concluded.
const FEWEST_REQUESTS: usize = 5;

/// That sizes are right counts as much as so many requests.
const WEIGHT_OF_NOTHING: i32 = 4;

/// A request that is done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizing {
    /// The tier that it was said to have.
    pub said: Tier,
    /// The tier that takes as many pieces of work as there were.
    pub was: Tier,
    /// The points that had been added to its size, as requests before it had shown.
    pub added: i32,
}

/// The points that are to be added to the size of the next request, from -2 to 2: above nothing where requests were
/// larger than it was said. Nothing where too few are known.
pub fn learned_points(sizings: &[Sizing]) -> Option<i32> {
    let count = i32::try_from(sizings.len()).ok()?;
    if sizings.len() < FEWEST_REQUESTS {
        return None;
    }
    // What was added before would have been missing.
    let missing = |one: &Sizing| {
        let tiers = i32::from(one.was.number()) - i32::from(one.said.number());
        one.added + tiers * POINTS_OF_A_TIER
    };
    let sum: i32 = sizings.iter().map(missing).sum();
    let weight = count + WEIGHT_OF_NOTHING;
    let half = if sum < 0 { -weight / 2 } else { weight / 2 };
    Some(((sum + half) / weight).clamp(-MOST_LEARNED_POINTS, MOST_LEARNED_POINTS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizings(times: usize, said: Tier, was: Tier, added: i32) -> Vec<Sizing> {
        vec![Sizing { said, was, added }; times]
    }

    #[test]
    fn sizes_follow_what_requests_came_to() {
        use Tier::{Four, One, Three, Two};
        assert_eq!(learned_points(&sizings(4, Two, Three, 0)), None);
        assert_eq!(learned_points(&sizings(5, Two, Two, 0)), Some(0));
        // Five of nine: 20 points over a weight of 9.
        assert_eq!(learned_points(&sizings(5, Two, Three, 0)), Some(2));
        assert_eq!(learned_points(&sizings(20, Four, Three, 0)), Some(-2));
        assert_eq!(learned_points(&sizings(20, One, Four, 0)), Some(2));
        // One of six is too large: 4 points over a weight of 10 are none.
        let mut mixed = sizings(5, Two, Two, 0);
        mixed.extend(sizings(1, Two, Three, 0));
        assert_eq!(learned_points(&mixed), Some(0));
        // What made sizes right stays.
        assert_eq!(learned_points(&sizings(20, Three, Three, 2)), Some(2));
        assert_eq!(learned_points(&sizings(20, Three, Two, 2)), Some(-2));
    }
}
