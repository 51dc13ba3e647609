//! Durations as people write them: `500ms`, `30s`, `10m`, `1h30m`, `2d`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What the schemas accept as a duration: whole or decimal numbers with units, largest first.
///
/// `[0-9]` and not `\d`: jsonschema translates one class of letters after the other and reads the
/// whole pattern again for each, which took a third of the start of every command.
pub(crate) const DURATION_PATTERN: &str = r"^([0-9]+(\.[0-9]+)?d)?([0-9]+(\.[0-9]+)?h)?([0-9]+(\.[0-9]+)?m)?([0-9]+(\.[0-9]+)?s)?([0-9]+(\.[0-9]+)?ms)?$";

/// The largest duration a document may name, ten years: far below any overflow of a deadline.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// A duration that is written with units, such as `90s` or `1h30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct HumanDuration(pub Duration);

/// Why a text is not a duration. The author's fault; the text says how to write one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// There is no number with a unit.
    #[error(
        "`{0}` is not a duration; write a number with a unit, such as 500ms, 30s, 10m or 1h30m"
    )]
    Shape(String),
    /// The number is too large to mean anything.
    #[error("`{0}` is longer than ten years")]
    TooLong(String),
}

/// Whether a text has the shape of a duration and is too long all the same, which no pattern can say.
pub(super) fn is_too_long(text: &str) -> bool {
    matches!(text.parse::<HumanDuration>(), Err(DurationError::TooLong(_)))
}

const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

impl FromStr for HumanDuration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shape = || DurationError::Shape(text.to_owned());
        let mut rest = text;
        let mut millis = 0f64;
        let mut next_unit = 0;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(shape)?;
            let (number, after) = rest.split_at(digits);
            let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
            let (unit, after) = after.split_at(letters);
            let place = UNITS.iter().position(|(name, _)| *name == unit).ok_or_else(shape)?;
            // Units come once each and from large to small, so that `5m1h` is no riddle.
            if place < next_unit || number.starts_with('.') || number.ends_with('.') {
                return Err(shape());
            }
            next_unit = place + 1;
            let number: f64 = number.parse().map_err(|_| shape())?;
            #[expect(clippy::cast_precision_loss, reason = "the units are small integers")]
            let scale = UNITS[place].1 as f64;
            millis += number * scale;
            rest = after;
        }
        if next_unit == 0 {
            return Err(shape());
        }
        let duration = Duration::try_from_secs_f64(millis / 1000.0)
            .map_err(|_| DurationError::TooLong(text.to_owned()))?;
        if duration > LONGEST {
            return Err(DurationError::TooLong(text.to_owned()));
        }
        Ok(HumanDuration(duration))
    }
}

impl fmt::Display for HumanDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut millis = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        if millis == 0 {
            return f.write_str("0s");
        }
        for (unit, size) in UNITS {
            let count = millis / size;
            if count > 0 {
                write!(f, "{count}{unit}")?;
                millis %= size;
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for HumanDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for HumanDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for HumanDuration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A number with a unit: ms, s, m, h or d, largest first.",
            "format": "duration-human",
            "pattern": DURATION_PATTERN,
            "minLength": 2,
            "examples": ["500ms", "30s", "10m", "1h30m", "48h"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, millis: u64) {
        assert_eq!(text.parse(), Ok(HumanDuration(Duration::from_millis(millis))), "{text}");
    }

    #[test]
    fn reads_numbers_with_units() {
        check("500ms", 500);
        check("30s", 30_000);
        check("1h30m", 5_400_000);
        check("1.5s", 1_500);
        check("2d", 172_800_000);
        check("0s", 0);
        check("1m500ms", 60_500);
    }

    #[test]
    fn refuses_what_could_be_read_two_ways() {
        for text in
            ["", "5", "ten minutes", "5m1h", "5x", "1s2s", ".5s", "5.s", "-1s", "5 m", "1e9d"]
        {
            assert!(text.parse::<HumanDuration>().is_err(), "{text}");
        }
        assert_eq!(
            "9999999d".parse::<HumanDuration>(),
            Err(DurationError::TooLong("9999999d".into()))
        );
    }

    #[test]
    fn prints_what_it_reads() {
        for text in ["500ms", "30s", "10m", "1h30m", "2d", "1m500ms"] {
            assert_eq!(text.parse::<HumanDuration>().unwrap().to_string(), text);
        }
    }
}
