//! When two answers are the same: models write one answer in many ways.

use serde_json::Value;

/// What an answer says, apart from how it is written; `None` if it says nothing: null or empty text.
///
/// Case, space and the punctuation around a text do not count, nor does how a number is written
/// (`12.0`, `"12"` and `1,200e-2` are all 12). A text that is JSON is what it says. Mappings are compared
/// by their fields, whatever their order. Equal answers have equal results, unequal ones unequal.
pub(super) fn normal(answer: &Value) -> Option<String> {
    match answer {
        Value::Null => None,
        Value::String(text) => of_text(text),
        other => Some(of_value(other)),
    }
}

fn of_text(text: &str) -> Option<String> {
    let text = text.trim();
    if let Ok(value @ (Value::Array(_) | Value::Object(_))) = serde_json::from_str(text) {
        return Some(of_value(&value));
    }
    let bare = without_punctuation(text);
    let words: Vec<&str> = if bare.is_empty() { text } else { bare }.split_whitespace().collect();
    if words.is_empty() {
        return None;
    }
    let joined = words.join(" ");
    Some(of_number(&joined).unwrap_or_else(|| joined.to_lowercase()))
}

/// A text without what stands around its words. Signs that numbers begin or end with belong to them.
fn without_punctuation(text: &str) -> &str {
    let is_around = |sign: char| {
        sign.is_whitespace() || (!sign.is_alphanumeric() && !"-+−%$€£°#".contains(sign))
    };
    let rest = text.trim_end_matches(is_around);
    let bare = rest.trim_start_matches(is_around);
    // `.5` is a number: the dot before it is no punctuation.
    let dot = rest.len() - bare.len();
    match rest[..dot].ends_with('.') && of_number(bare).is_some() {
        true if bare.starts_with(|sign: char| sign.is_ascii_digit()) => &rest[dot - 1..],
        _ => bare,
    }
}

/// A value that is no text: fields in the order of their names, texts and numbers in their normal form.
fn of_value(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(said) => said.to_string(),
        Value::Number(number) => {
            let written = number.to_string();
            of_number(&written).unwrap_or(written)
        }
        Value::String(text) => {
            let text = of_text(text).unwrap_or_default();
            // Quotes keep a text in a list from being several.
            Value::from(text).to_string()
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inner).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            let field = |(name, value): (&String, &Value)| {
                format!("{}:{}", Value::from(name.as_str()), inner(value))
            };
            let fields: Vec<String> = fields.into_iter().map(field).collect();
            format!("{{{}}}", fields.join(","))
        }
    }
}

/// A value in a list or mapping. Texts that are numbers, truth values or JSON are those.
fn inner(value: &Value) -> String {
    let Value::String(text) = value else { return of_value(value) };
    match of_text(text) {
        None => "\"\"".to_owned(),
        Some(bare) if serde_json::from_str::<Value>(&bare).is_ok_and(|it| !it.is_null()) => bare,
        Some(bare) => Value::from(bare).to_string(),
    }
}

/// The digits of a number in one form: no sign of plus, no empty zeros, no separators of thousands, no
/// exponent that the digits can do without. `None` if the text is no number.
fn of_number(text: &str) -> Option<String> {
    let (negative, rest) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = without_separators(whole)?;
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(&whole) || !are_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    let point = i64::try_from(whole.len()).ok()? + i64::from(exponent);
    Some(placed(&digits, point, negative))
}

/// Digits with the point behind so many of them.
fn placed(digits: &str, point: i64, negative: bool) -> String {
    /// More zeros than so many are not written out.
    const MOST_ZEROS: i64 = 40;
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let digits = digits.trim_matches('0');
    if digits.is_empty() {
        return "0".to_owned();
    }
    let point = point - leading as i64;
    let length = digits.len() as i64;
    let sign = if negative { "-" } else { "" };
    if point > length + MOST_ZEROS || point < -MOST_ZEROS {
        return format!("{sign}0.{digits}e{point}");
    }
    if point <= 0 {
        return format!("{sign}0.{}{digits}", "0".repeat(point.unsigned_abs() as usize));
    }
    if point >= length {
        return format!("{sign}{digits}{}", "0".repeat((point - length) as usize));
    }
    let (whole, fraction) = digits.split_at(point as usize);
    format!("{sign}{whole}.{fraction}")
}

/// `1,234,567` and `1_234_567` without what separates the thousands; a comma anywhere else makes it no number.
fn without_separators(whole: &str) -> Option<String> {
    let Some(separator) = whole.chars().find(|sign| matches!(sign, ',' | '_')) else {
        return Some(whole.to_owned());
    };
    let groups: Vec<&str> = whole.split(separator).collect();
    let is_grouped =
        (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3);
    is_grouped.then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(same: &[Value], expected: Option<&str>) {
        for answer in same {
            assert_eq!(normal(answer).as_deref(), expected, "{answer}");
        }
    }

    #[test]
    fn texts_are_compared_by_their_words() {
        check(
            &[json!("Oslo"), json!(" oslo.\n"), json!("**OSLO**"), json!("\"Oslo\"!")],
            Some("oslo"),
        );
        check(&[json!("New   York"), json!("new\nyork")], Some("new york"));
        check(&[json!(true), json!("True"), json!("true.")], Some("true"));
        check(&[json!("U.S.")], Some("u.s"));
        check(&[json!("?!")], Some("?!"));
        check(&[json!("A"), json!("(a)")], Some("a"));
    }

    #[test]
    fn numbers_are_compared_by_their_value() {
        check(
            &[json!(12), json!(12.0), json!("12"), json!("12.00"), json!("+12."), json!("1.2e1")],
            Some("12"),
        );
        check(&[json!(-0.5), json!("-0.50"), json!("-.5"), json!("**-0.5**")], Some("-0.5"));
        check(&[json!(".5"), json!("0.5"), json!(0.5)], Some("0.5"));
        check(&[json!(0), json!("-0.0"), json!("000")], Some("0"));
        check(&[json!("1,234,567"), json!(1_234_567), json!("1_234_567")], Some("1234567"));
        check(&[json!("10000000000000000000001")], Some("10000000000000000000001"));
        check(&[json!("1,5")], Some("1,5"));
        check(&[json!("12%")], Some("12%"));
        check(&[json!("1e400"), json!("10e399")], Some("0.1e401"));
        check(&[json!("e5"), json!("E5")], Some("e5"));
    }

    #[test]
    fn json_is_compared_by_its_canonical_form() {
        let form = "{\"a\":1,\"b\":[\"x y\",2]}";
        check(
            &[
                json!({ "a": 1, "b": ["x y", 2] }),
                json!({ "b": ["X  y.", "2.0"], "a": 1.0 }),
                json!("{ \"b\": [\"x y\", 2], \"a\": 1 }"),
            ],
            Some(form),
        );
        check(&[json!([])], Some("[]"));
        assert_ne!(normal(&json!(["a", "b"])), normal(&json!(["a\",\"b"])));
        assert_ne!(normal(&json!(["a", "b"])), normal(&json!(["b", "a"])));
    }

    #[test]
    fn nothing_is_no_answer() {
        check(&[json!(null), json!(""), json!(" \n")], None);
    }

    /// What is normal stays as it is, and what is written around it changes nothing.
    #[test]
    fn the_normal_form_is_its_own() {
        let mut seed = 7u64;
        let signs: Vec<char> = "aB1.,-+e0 _\"{}[]:%é!\n#".chars().collect();
        for _ in 0..20_000 {
            let mut text = String::new();
            let mut draw = |most: u64| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (seed >> 33) % most
            };
            for _ in 0..draw(9) {
                text.push(signs[draw(signs.len() as u64) as usize]);
            }
            let Some(once) = normal(&json!(text)) else { continue };
            assert_eq!(normal(&json!(once)), Some(once.clone()), "{text:?}");
            assert_eq!(normal(&json!(format!(" {text}\n"))), Some(once), "{text:?}");
        }
    }
}
