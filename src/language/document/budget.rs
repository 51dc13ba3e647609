//! How much may be spent: on a run, or on what a task uses.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::HumanDuration;

/// What the schemas accept as a number with a unit: `500k`, `2M`, `1.5M`.
const AMOUNT_PATTERN: &str = r"^\d+(\.\d+)?[kM]?$";

/// The largest number that a budget may name.
const MOST: u64 = 1_000_000_000_000;

/// How much may be spent. What is absent is not limited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("minProperties" = 1))]
pub struct Budget {
    /// Calls of models, further attempts and hedges among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = 100)]
    pub calls: Option<Amount>,
    /// Tokens of prompts and answers, as servers report them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"2M")]
    pub tokens: Option<Amount>,
    /// How long models work for all calls together, as servers report it: loading, reading, writing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"30m")]
    pub gpu_time: Option<HumanDuration>,
    /// How long the run, or what the task uses, may be under way. Pauses do not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"2h")]
    pub time: Option<HumanDuration>,
    /// Whether calls beyond it are refused, or only told of.
    #[serde(skip_serializing_if = "is_enforced")]
    pub mode: BudgetMode,
}

/// What happens to calls beyond a budget.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum BudgetMode {
    /// They are not made, and the run pauses.
    #[default]
    Enforce,
    /// They are made, and it is said that the budget is passed.
    Audit,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_enforced(mode: &BudgetMode) -> bool {
    *mode == BudgetMode::Enforce
}

impl Budget {
    /// Whether nothing is limited.
    pub fn is_unlimited(&self) -> bool {
        let Budget { calls, tokens, gpu_time, time, mode: _ } = self;
        calls.is_none() && tokens.is_none() && gpu_time.is_none() && time.is_none()
    }

    /// This budget, with what `nearer` limits in its place; the nearer one says what happens beyond.
    #[must_use]
    pub fn overridden_by(&self, nearer: &Budget) -> Budget {
        Budget {
            calls: nearer.calls.or(self.calls),
            tokens: nearer.tokens.or(self.tokens),
            gpu_time: nearer.gpu_time.or(self.gpu_time),
            time: nearer.time.or(self.time),
            mode: nearer.mode,
        }
    }
}

/// As people say it: `100 calls, 2M tokens, 30m of GPU time`.
impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls = self.calls.map(|calls| format!("{calls} calls"));
        let tokens = self.tokens.map(|tokens| format!("{tokens} tokens"));
        let gpu_time = self.gpu_time.map(|time| format!("{time} of GPU time"));
        let time = self.time.map(|time| format!("{time} in all"));
        let limits: Vec<String> = [calls, tokens, gpu_time, time].into_iter().flatten().collect();
        f.write_str(&limits.join(", "))?;
        match self.mode {
            BudgetMode::Enforce => Ok(()),
            BudgetMode::Audit => f.write_str(" (audit)"),
        }
    }
}

/// A number of calls or tokens, as a number or with a unit: `100`, `500k`, `2M`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Amount(pub u64);

/// Why a text is not a number of calls or tokens. The author's fault; the text says how to write one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a number from 1 on; write 100, 500k or 2M")]
pub struct AmountError(String);

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || AmountError(text.to_owned());
        let (number, unit) = match text.as_bytes().last() {
            Some(b'k') => (&text[..text.len() - 1], 1_000),
            Some(b'M') => (&text[..text.len() - 1], 1_000_000),
            _ => (text, 1),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let is_digits = |part: &str| {
            !part.is_empty() && part.len() <= 12 && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !is_digits(whole) || !is_digits(fraction) {
            return Err(error());
        }
        let parse = |part: &str| part.parse::<u64>().map_err(|_| error());
        let places = u32::try_from(fraction.len()).map_err(|_| error())?;
        let (part, of) = (parse(fraction)? * unit, 10_u64.pow(places));
        if !part.is_multiple_of(of) {
            return Err(error());
        }
        let part = part / of;
        let count = parse(whole)?.checked_mul(unit).and_then(|count| count.checked_add(part));
        count.filter(|count| (1..=MOST).contains(count)).map(Amount).ok_or_else(error)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            count if count >= 1_000_000 && count.is_multiple_of(100_000) => {
                write_tenths(f, count / 100_000, 'M')
            }
            count if count >= 1_000 && count.is_multiple_of(1_000) => {
                write!(f, "{}k", count / 1_000)
            }
            count => write!(f, "{count}"),
        }
    }
}

fn write_tenths(f: &mut fmt::Formatter<'_>, tenths: u64, unit: char) -> fmt::Result {
    match tenths % 10 {
        0 => write!(f, "{}{unit}", tenths / 10),
        tenth => write!(f, "{}.{tenth}{unit}", tenths / 10),
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            other => other.to_string(),
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number from 1 on, or one with a unit: 500k, 2M.",
            "anyOf": [
                { "type": "integer", "minimum": 1, "maximum": MOST },
                { "type": "string", "pattern": AMOUNT_PATTERN, "format": "amount" },
            ],
            "examples": [100, "500k", "2M"],
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(written: Value, count: u64, shown: &str) {
        let read: Amount = serde_json::from_value(written).expect("an amount");
        assert_eq!((read, read.to_string().as_str()), (Amount(count), shown));
    }

    #[test]
    fn numbers_have_units() {
        check(json!(100), 100, "100");
        check(json!("100"), 100, "100");
        check(json!("500k"), 500_000, "500k");
        check(json!("2M"), 2_000_000, "2M");
        check(json!("1.5M"), 1_500_000, "1.5M");
        check(json!("1.234k"), 1_234, "1234");
        check(json!(1_250_000), 1_250_000, "1250k");
    }

    #[test]
    fn what_is_no_number_from_1_on_is_refused() {
        for text in ["", "0", "0.0001k", "k", "-1", "1.k", ".5M", "2m", "2 M", "1e9", "9999999M"] {
            assert!(text.parse::<Amount>().is_err(), "{text}");
        }
        assert!(serde_json::from_value::<Amount>(json!(1.5)).is_err());
    }

    #[test]
    fn the_nearer_one_counts() {
        let budget = |text: &str| -> Budget { serde_json::from_str(text).expect("a budget") };
        let far = budget(r#"{ "calls": 5, "time": "1h", "mode": "audit" }"#);
        let near = budget(r#"{ "calls": 9, "tokens": "2M" }"#);
        let both = far.overridden_by(&near);
        assert_eq!(both, budget(r#"{ "calls": 9, "tokens": 2000000, "time": "1h" }"#));
        assert_eq!(both.to_string(), "9 calls, 2M tokens, 1h in all");
        let stored = serde_json::to_value(both).expect("JSON");
        assert_eq!(serde_json::from_value::<Budget>(stored).expect("JSON"), both);
    }
}
