//! Figures as people read them.

use std::fmt::Display;
use std::ops::Range;
use std::time::Duration;

use jiff::Timestamp;

use crate::engine::Time;

/// A duration in at most four signs and a unit: `3 ms`, `5.2 s`, `1 m 20 s`, `2 h 5 m`.
pub fn seconds(duration: Duration) -> String {
    let millis = duration.as_millis();
    let whole = duration.as_secs();
    match millis {
        0..=999 => format!("{millis} ms"),
        1_000..=9_949 => format!("{:.2} s", duration.as_secs_f64()),
        9_950..=99_949 => format!("{:.1} s", duration.as_secs_f64()),
        99_950..=3_599_999 => format!("{} m {} s", whole / 60, whole % 60),
        _ => format!("{} h {} m", whole / 3600, whole % 3600 / 60),
    }
}

/// A duration that nobody has measured, without fractions that would look like knowledge: `20 s`,
/// `1 m`, `1 m 20 s`, `2 h 5 m`.
pub(super) fn roughly(duration: Duration) -> String {
    let whole = duration.as_secs();
    let pair = |larger: u64, unit: char, smaller: u64, small_unit: char| match smaller {
        0 => format!("{larger} {unit}"),
        _ => format!("{larger} {unit} {smaller} {small_unit}"),
    };
    match whole {
        0 if !duration.is_zero() => format!("{} ms", duration.as_millis()),
        0..60 => format!("{whole} s"),
        60..3600 => pair(whole / 60, 'm', whole % 60, 's'),
        _ => pair(whole / 3600, 'h', whole % 3600 / 60, 'm'),
    }
}

/// From when to when, both counted from the start: `20 s to 1 m`.
pub(super) fn period(times: &Range<Duration>) -> String {
    match times.is_empty() {
        true => format!("at {}", roughly(times.start)),
        false => format!("{} to {}", roughly(times.start), roughly(times.end)),
    }
}

/// A duration in milliseconds with a fraction, for machines.
pub fn milliseconds(duration: Duration) -> f64 {
    let micros =
        u32::try_from(duration.as_micros()).map_or(duration.as_secs_f64() * 1e6, f64::from);
    (micros / 10.0).round() / 100.0
}

/// A number of things, such as `1 retry` and `2 retries`.
pub(super) fn counted<N: Copy + Display + PartialEq + From<u8>>(
    count: N,
    one: &str,
    many: &str,
) -> String {
    let word = if count == N::from(1) { one } else { many };
    format!("{count} {word}")
}

/// A size: `4.9 GB`, as Ollama counts.
pub fn bytes(count: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let count_float = count as f64;
    match count {
        0..=999 => format!("{count} B"),
        1_000..=999_999 => format!("{:.0} KB", count_float / 1e3),
        1_000_000..=999_999_999 => format!("{:.0} MB", count_float / 1e6),
        _ => format!("{:.1} GB", count_float / 1e9),
    }
}

/// A moment in UTC: `2026-11-21T09:30:00Z`.
pub fn moment(time: Time) -> String {
    let micros = i64::try_from(time.0).unwrap_or(i64::MAX);
    let stamp = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH);
    let second = Timestamp::from_second(stamp.as_second()).unwrap_or(stamp);
    second.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_stay_short() {
        for (millis, text) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_000, "1.00 s"),
            (9_960, "10.0 s"),
            (61_250, "61.2 s"),
            (100_000, "1 m 40 s"),
            (7_500_000, "2 h 5 m"),
        ] {
            assert_eq!(seconds(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn estimates_have_no_fractions() {
        for (millis, text) in [
            (0, "0 s"),
            (250, "250 ms"),
            (20_400, "20 s"),
            (60_000, "1 m"),
            (80_000, "1 m 20 s"),
            (7_200_000, "2 h"),
            (7_530_000, "2 h 5 m"),
        ] {
            assert_eq!(roughly(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn milliseconds_have_two_digits() {
        assert!((milliseconds(Duration::from_micros(703_456)) - 703.46).abs() < 1e-9);
        assert!((milliseconds(Duration::from_secs(7200)) - 7_200_000.0).abs() < 1e-9);
    }

    #[test]
    fn moments_are_in_utc() {
        assert_eq!(moment(Time(1_795_253_400_123_456)), "2026-11-21T09:30:00Z");
    }
}
