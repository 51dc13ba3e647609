//! Quantiles of durations by nearest rank: always a duration that was measured, never one between
//! two.

use std::time::Duration;

/// How durations are spread. There is at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantiles {
    /// How many there are.
    pub count: usize,
    /// The smallest that at least half of them do not exceed.
    pub p50: Duration,
    /// The smallest that at least 95 % of them do not exceed.
    pub p95: Duration,
    /// The smallest that at least 99 % of them do not exceed.
    pub p99: Duration,
    /// The greatest.
    pub max: Duration,
    /// All together.
    pub total: Duration,
}

impl Quantiles {
    /// How these are spread; none where there are none.
    pub fn of(mut values: Vec<Duration>) -> Option<Quantiles> {
        values.sort_unstable();
        Some(Quantiles {
            count: values.len(),
            p50: nearest_rank(&values, 50)?,
            p95: nearest_rank(&values, 95)?,
            p99: nearest_rank(&values, 99)?,
            max: *values.last()?,
            total: values.iter().sum(),
        })
    }
}

/// The value at the rank ⌈percent · n / 100⌉, which counts from 1.
fn nearest_rank(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(values: &[u64]) -> Vec<Duration> {
        values.iter().map(|value| Duration::from_millis(*value)).collect()
    }

    /// The definition, word for word.
    fn by_definition(values: &[Duration], percent: usize) -> Duration {
        let covers = |candidate: &Duration| {
            let covered = values.iter().filter(|value| *value <= candidate).count();
            covered * 100 >= percent * values.len()
        };
        *values.iter().filter(|candidate| covers(candidate)).min().unwrap()
    }

    #[test]
    fn they_are_what_the_definition_says() {
        let mut number = 7_u64;
        for count in (1..=130).chain([1000]) {
            let values: Vec<u64> = (0..count)
                .map(|_| {
                    number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    number >> 57
                })
                .collect();
            let values = millis(&values);
            let found = Quantiles::of(values.clone()).unwrap();
            assert_eq!(found.p50, by_definition(&values, 50), "{count}");
            assert_eq!(found.p95, by_definition(&values, 95), "{count}");
            assert_eq!(found.p99, by_definition(&values, 99), "{count}");
            assert_eq!(found.max, by_definition(&values, 100), "{count}");
        }
    }

    #[test]
    fn few_values_have_quantiles_too() {
        let one = Quantiles::of(millis(&[7])).unwrap();
        assert_eq!(millis(&[7, 7, 7]), [one.p50, one.p95, one.p99]);
        let four = Quantiles::of(millis(&[4, 1, 3, 2])).unwrap();
        assert_eq!((millis(&[2, 4])), [four.p50, four.p95]);
        assert_eq!((four.count, four.total), (4, Duration::from_millis(10)));
        assert_eq!(Quantiles::of(Vec::new()), None);
    }
}
