//! How sure a share is that was counted.

/// The bounds between which a share lies with a confidence of 95 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower bound, 0 to 1.
    pub low: f64,
    /// The upper bound, 0 to 1.
    pub high: f64,
}

/// The quantile of the normal distribution for 95 %, both sides.
const Z: f64 = 1.959_963_984_540_054;

/// The interval of Wilson's score: it keeps its confidence for few counts and for shares near 0 and 1,
/// where the textbook's interval does not. None where nothing was counted.
///
/// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
pub fn wilson(hits: u32, count: u32) -> Option<Interval> {
    if count == 0 {
        return None;
    }
    let n = f64::from(count);
    let share = f64::from(hits.min(count)) / n;
    let square = Z * Z;
    let centre = share + square / (2.0 * n);
    let spread = Z * (share * (1.0 - share) / n + square / (4.0 * n * n)).sqrt();
    let scale = 1.0 + square / n;
    let bound = |value: f64| (value / scale).clamp(0.0, 1.0);
    Some(Interval { low: bound(centre - spread), high: bound(centre + spread) })
}

/// The quantile of the normal distribution for 95 %, one side.
const ONE_SIDE: f64 = 1.644_853_626_951_472_7;

/// What a share is not above with a confidence of 95 %, by Wilson's score. Hits and count may be parts of one, where some
/// of what was counted counts less. 1 where nothing was counted.
pub(super) fn upper_bound(hits: f64, count: f64) -> f64 {
    if count <= 0.0 {
        return 1.0;
    }
    let share = (hits / count).clamp(0.0, 1.0);
    let square = ONE_SIDE * ONE_SIDE;
    let centre = share + square / (2.0 * count);
    let spread = ONE_SIDE * (share * (1.0 - share) / count + square / (4.0 * count * count)).sqrt();
    ((centre + spread) / (1.0 + square / count)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hits: u32, count: u32, low: f64, high: f64) {
        let found = wilson(hits, count).unwrap();
        assert!((found.low - low).abs() < 5e-4, "{hits} of {count}: {found:?}");
        assert!((found.high - high).abs() < 5e-4, "{hits} of {count}: {found:?}");
    }

    #[test]
    fn it_is_what_tables_say() {
        check(0, 10, 0.0, 0.2775);
        check(7, 9, 0.4526, 0.9368);
        check(81, 263, 0.2553, 0.3662);
        check(20, 20, 0.8389, 1.0);
        assert_eq!(wilson(0, 0), None);
    }

    #[test]
    fn the_upper_bound_falls_with_what_was_counted() {
        let check = |hits: f64, count: f64, expected: f64| {
            let found = upper_bound(hits, count);
            assert!((found - expected).abs() < 5e-4, "{hits} of {count}: {found}");
        };
        check(0.0, 0.0, 1.0);
        check(0.0, 4.0, 0.4035);
        check(1.0, 7.0, 0.4525);
        check(5.0, 10.0, 0.7304);
        assert!(upper_bound(0.5, 4.5) > upper_bound(0.0, 4.5));
    }

    /// Of all samples that a share can give, so many have an interval that holds it.
    fn coverage(count: u32, share: f64) -> f64 {
        let mut chance = (1.0 - share).powi(i32::try_from(count).unwrap());
        let mut covered = 0.0;
        for hits in 0..=count {
            let found = wilson(hits, count).unwrap();
            if (found.low..=found.high).contains(&share) {
                covered += chance;
            }
            chance *= f64::from(count - hits) / f64::from(hits + 1) * share / (1.0 - share);
        }
        covered
    }

    #[test]
    fn it_holds_the_share_about_as_often_as_it_says() {
        for count in [5, 10, 20, 50] {
            let shares: Vec<f64> = (1..20).map(|place| f64::from(place) / 20.0).collect();
            let covered: Vec<f64> = shares.iter().map(|share| coverage(count, *share)).collect();
            let mean = covered.iter().sum::<f64>() / covered.len() as f64;
            assert!((0.93..0.98).contains(&mean), "{count}: {mean}");
            assert!(covered.iter().all(|covered| *covered > 0.82), "{count}: {covered:?}");
        }
    }
}
