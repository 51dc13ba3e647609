//! Times as seed 001 writes them: `2024-01-01T10:00:00`, to the second. They are in UTC.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::engine::Time;

/// A time as the JSON of a context has it.
pub(super) fn written(time: Time) -> String {
    formatted(time, "%Y-%m-%dT%H:%M:%S")
}

/// The name of a session that begins now: `session_20240115_143000`.
pub(super) fn session_name(time: Time) -> String {
    formatted(time, "session_%Y%m%d_%H%M%S")
}

/// A time as the JSON of a context has it, with or without a zone; none where it is written otherwise.
pub(super) fn read(text: &str) -> Option<Time> {
    let stamp = text.parse::<Timestamp>().ok().or_else(|| {
        let civil = text.parse::<DateTime>().ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })?;
    u64::try_from(stamp.as_microsecond()).ok().map(Time)
}

fn formatted(time: Time, format: &str) -> String {
    let micros = i64::try_from(time.0).unwrap_or(i64::MAX);
    let stamp = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX);
    stamp.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_in_the_seed() {
        let time = read("2024-01-15T14:30:00").expect("a time");
        assert_eq!(time, Time(1_705_329_000_000_000));
        assert_eq!(written(time), "2024-01-15T14:30:00");
        assert_eq!(session_name(time), "session_20240115_143000");
        assert_eq!(read("2024-01-15T15:30:00+01:00"), Some(time));
        assert_eq!(read("2024-01-15T14:30:00.000000"), Some(time));
        assert_eq!(read("last week"), None);
        assert_eq!(read("1815-12-10T00:00:00"), None);
    }
}
