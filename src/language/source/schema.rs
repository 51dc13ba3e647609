//! The values that the YAML 1.2 core schema gives to scalars.
//!
//! The rules are those of YAML 1.2.2, section 10.3.2: plain `null`, `Null`, `NULL`, `~` and
//! nothing at all are null; `true` and `false` (also capitalised) are booleans; `yes`, `no`,
//! `on` and `off` are text. Integers are decimal, `0o17` or `0x1f`; they must fit into `i64` or
//! `u64`, because rounding an id in silence would be worse than an error. Numbers with a point or
//! an exponent become the nearest `f64` and must be finite. Quoted and block scalars are text
//! unless a tag says otherwise.

use serde_json::Number;

use super::scalar::{ScalarStyle, ScalarValue};

/// The tags of the core schema (YAML 1.2.2, section 10.3.1), and `!`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CoreTag {
    Null,
    Bool,
    Integer,
    Float,
    Text,
    Sequence,
    Mapping,
    NonSpecific,
}

/// Why a text has no value in the core schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoValue {
    /// `.inf` or `.nan`.
    NotANumber,
    /// An integer beyond `i64` and `u64`, or a float that would be infinite.
    TooLarge,
    /// The text is not of the type that the tag names.
    WrongTag,
}

/// The value of a scalar with this text, style and known tag.
pub(super) fn resolve(
    text: &str,
    style: ScalarStyle,
    tag: Option<CoreTag>,
) -> Result<ScalarValue, NoValue> {
    let expected = |found: Result<ScalarValue, NoValue>, fits: fn(&ScalarValue) -> bool| {
        found.and_then(|value| if fits(&value) { Ok(value) } else { Err(NoValue::WrongTag) })
    };
    match tag {
        None if style == ScalarStyle::Plain => resolve_plain(text),
        None | Some(CoreTag::Text | CoreTag::NonSpecific) => Ok(ScalarValue::Text),
        Some(CoreTag::Null) => expected(resolve_plain(text), |value| *value == ScalarValue::Null),
        Some(CoreTag::Bool) => {
            expected(resolve_plain(text), |value| matches!(value, ScalarValue::Bool(_)))
        }
        Some(CoreTag::Integer) => expected(
            resolve_plain(text),
            |value| matches!(value, ScalarValue::Number(number) if !number.is_f64()),
        ),
        Some(CoreTag::Float) if is_float(unsigned(text)) => resolve_float(text),
        Some(CoreTag::Float) => expected(resolve_plain(text), |_| false),
        Some(CoreTag::Sequence | CoreTag::Mapping) => Err(NoValue::WrongTag),
    }
}

fn resolve_plain(text: &str) -> Result<ScalarValue, NoValue> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(ScalarValue::Null),
        "true" | "True" | "TRUE" => return Ok(ScalarValue::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(ScalarValue::Bool(false)),
        ".nan" | ".NaN" | ".NAN" => return Err(NoValue::NotANumber),
        _ => {}
    }
    let unsigned = unsigned(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Err(NoValue::NotANumber);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return Ok(radix(digits, 8)?.unwrap_or(ScalarValue::Text));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return Ok(radix(digits, 16)?.unwrap_or(ScalarValue::Text));
    }
    if is_digits(unsigned) {
        let number = text.parse::<i64>().map(Number::from);
        let number = number.or_else(|_| text.parse::<u64>().map(Number::from));
        return number.map(ScalarValue::Number).map_err(|_| NoValue::TooLarge);
    }
    if is_float(unsigned) {
        return resolve_float(text);
    }
    Ok(ScalarValue::Text)
}

/// `None` if these are no digits of that base.
fn radix(digits: &str, base: u32) -> Result<Option<ScalarValue>, NoValue> {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
        return Ok(None);
    }
    let number = u64::from_str_radix(digits, base).map_err(|_| NoValue::TooLarge)?;
    Ok(Some(ScalarValue::Number(number.into())))
}

/// The nearest `f64` to a decimal number.
fn resolve_float(text: &str) -> Result<ScalarValue, NoValue> {
    let number = text.parse::<f64>().map_err(|_| NoValue::WrongTag)?;
    let number = Number::from_f64(number).ok_or(NoValue::TooLarge)?;
    Ok(ScalarValue::Number(number))
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `(\. [0-9]+ | [0-9]+ (\. [0-9]*)?) ([eE] [-+]? [0-9]+)?`, the sign being gone already.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| is_digits(unsigned(exponent)));
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => is_digits(fraction),
        Some((whole, fraction)) => is_digits(whole) && (fraction.is_empty() || is_digits(fraction)),
        None => is_digits(mantissa),
    };
    exponent_fits && mantissa_fits
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(text: &str, tag: Option<CoreTag>, expected: Value) {
        assert_eq!(value(text, tag), Ok(expected), "{text} with {tag:?}");
    }

    fn check_refused(text: &str, tag: Option<CoreTag>, expected: NoValue) {
        assert_eq!(value(text, tag), Err(expected), "{text} with {tag:?}");
    }

    fn value(text: &str, tag: Option<CoreTag>) -> Result<Value, NoValue> {
        resolve(text, ScalarStyle::Plain, tag).map(|value| match value {
            ScalarValue::Null => Value::Null,
            ScalarValue::Bool(value) => value.into(),
            ScalarValue::Number(number) => number.into(),
            ScalarValue::Text => text.into(),
        })
    }

    #[test]
    fn follows_the_core_schema() {
        for text in ["", "~", "null", "Null", "NULL"] {
            check(text, None, Value::Null);
        }
        check("True", None, json!(true));
        check("FALSE", None, json!(false));
        for (text, number) in [("0", 0), ("-0", 0), ("+12", 12), ("012", 12), ("-7", -7)] {
            check(text, None, json!(number));
        }
        check("0o17", None, json!(15));
        check("0xfF", None, json!(255));
        for (text, number) in [("1.", 1.0), (".5", 0.5), ("-1e3", -1000.0), ("+1.5E-1", 0.15)] {
            check(text, None, json!(number));
        }
    }

    #[test]
    fn leaves_the_rest_as_text() {
        for text in [
            "yes", "no", "on", "off", "y", "nULL", "tRUE", "0b11", "1_000", "0x", "0o8", "-0x1",
            "1:30", "1e", "e3", ".", "-", "+", "+.e1", "1.5.2", "Infinity", "inf", "NaN", "<<",
        ] {
            check(text, None, json!(text));
        }
    }

    #[test]
    fn keeps_numbers_exact_or_refuses_them() {
        check("9223372036854775807", None, json!(i64::MAX));
        check("-9223372036854775808", None, json!(i64::MIN));
        check("18446744073709551615", None, json!(u64::MAX));
        check_refused("18446744073709551616", None, NoValue::TooLarge);
        check_refused("-9223372036854775809", None, NoValue::TooLarge);
        check_refused("0x10000000000000000", None, NoValue::TooLarge);
        check_refused("1e999", None, NoValue::TooLarge);
        for text in [".inf", "-.Inf", "+.INF", ".nan", ".NaN"] {
            check_refused(text, None, NoValue::NotANumber);
        }
    }

    #[test]
    fn obeys_tags() {
        check("12", Some(CoreTag::Text), json!("12"));
        check("12", Some(CoreTag::NonSpecific), json!("12"));
        check("12", Some(CoreTag::Float), json!(12.0));
        check_refused("0x10", Some(CoreTag::Float), NoValue::WrongTag);
        check_refused(".inf", Some(CoreTag::Float), NoValue::NotANumber);
        check("", Some(CoreTag::Null), Value::Null);
        check("true", Some(CoreTag::Bool), json!(true));
        check_refused("yes", Some(CoreTag::Bool), NoValue::WrongTag);
        check_refused("1.5", Some(CoreTag::Integer), NoValue::WrongTag);
        check_refused("é", Some(CoreTag::Float), NoValue::WrongTag);
        check_refused("a", Some(CoreTag::Mapping), NoValue::WrongTag);
    }
}
