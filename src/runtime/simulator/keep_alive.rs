//! `keep_alive`: how long an idle model stays loaded.

use std::time::Duration;

use serde_json::Value;

use super::clock;
use super::errors::ApiError;

/// What an idle model's time is, in simulated time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum KeepAlive {
    /// So long after its last request; zero unloads it at once.
    For(Duration),
    /// Until something else needs the room.
    Forever,
}

impl KeepAlive {
    /// What a model gets where no request said anything (OLLAMA_KEEP_ALIVE's default).
    pub(super) const DEFAULT: KeepAlive = KeepAlive::For(Duration::from_secs(300));

    /// Whether the model goes as soon as it is idle.
    pub(super) fn is_zero(self) -> bool {
        self == KeepAlive::For(Duration::ZERO)
    }

    /// Reads the field: a number of seconds, or a text as Go's durations are written.
    pub(super) fn read(value: &Value) -> Result<KeepAlive, ApiError> {
        match value {
            Value::Number(number) => {
                let count = number.as_f64().unwrap_or(-1.0);
                Ok(if count < 0.0 {
                    KeepAlive::Forever
                } else {
                    KeepAlive::For(clock::seconds(count))
                })
            }
            Value::String(text) => read_duration(text).ok_or_else(|| {
                ApiError::bad_request(format!("time: invalid duration {}", go_quoted(text)))
            }),
            other => Err(ApiError::bad_request(format!(
                "Unsupported type: '{}'",
                match other {
                    Value::Bool(_) => "bool",
                    Value::Array(_) => "[]interface {}",
                    _ => "map[string]interface {}",
                }
            ))),
        }
    }
}

/// Go's `time.ParseDuration`: a sign, then numbers with units in any order.
fn read_duration(text: &str) -> Option<KeepAlive> {
    let negative = text.starts_with('-');
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return Some(KeepAlive::For(Duration::ZERO));
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let scale = match unit {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * scale;
        rest = after;
    }
    Some(if negative && total > 0.0 {
        KeepAlive::Forever
    } else {
        KeepAlive::For(clock::seconds(total))
    })
}

/// A text as Go's `%q` prints it.
pub(super) fn go_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(value: &Value, expected: KeepAlive) {
        assert_eq!(KeepAlive::read(value), Ok(expected), "{value}");
    }

    #[test]
    fn reads_numbers_and_durations() {
        check(&json!(30), KeepAlive::For(Duration::from_secs(30)));
        check(&json!(0.5), KeepAlive::For(Duration::from_millis(500)));
        check(&json!(0), KeepAlive::For(Duration::ZERO));
        check(&json!(-1), KeepAlive::Forever);
        check(&json!("10m"), KeepAlive::For(Duration::from_secs(600)));
        check(&json!("1h30m"), KeepAlive::For(Duration::from_secs(5400)));
        check(&json!("1.5s"), KeepAlive::For(Duration::from_millis(1500)));
        check(&json!("-1s"), KeepAlive::Forever);
        check(&json!("0"), KeepAlive::For(Duration::ZERO));
    }

    #[test]
    fn refuses_the_rest() {
        for value in [json!("5 parsecs"), json!("5"), json!(""), json!(true)] {
            let error = KeepAlive::read(&value).unwrap_err();
            assert_eq!(error.status, 400, "{value}");
        }
        assert_eq!(
            KeepAlive::read(&json!("5 parsecs")).unwrap_err().message,
            "time: invalid duration \"5 parsecs\""
        );
    }

    #[test]
    fn the_shortest_goes_first() {
        assert!(KeepAlive::For(Duration::from_secs(9)) < KeepAlive::Forever);
    }
}
