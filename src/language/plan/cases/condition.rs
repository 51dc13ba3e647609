//! Conditions that a value must fulfil.

use serde_json::{Value, json};

use super::expected::Expected;
use crate::language::document::{Count, OutputType, TypeProblem};
use crate::language::plan::values::{misfits, unreadable_pattern};

/// The words that make a mapping a condition.
pub(super) const CONDITIONS: [&str; 7] =
    ["equals", "contains", "lacks", "matches", "one_of", "count", "conforms"];

/// A condition with its word.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// `equals`: nothing else is in it either.
    Equals(Value),
    /// `contains`: a text has each of these in it, a list an item that is so.
    Contains(Vec<Value>),
    /// `lacks`: none of these.
    Lacks(Vec<Value>),
    /// `matches`: a regular expression.
    Matches(String),
    /// `one_of`.
    OneOf(Vec<Value>),
    /// `count`: items of a list, fields of a mapping, characters of a text.
    Count(Count),
    /// `conforms`: a JSON Schema.
    Conforms(Value),
}

impl Condition {
    /// Its word.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Condition::Equals(_) => "equals",
            Condition::Contains(_) => "contains",
            Condition::Lacks(_) => "lacks",
            Condition::Matches(_) => "matches",
            Condition::OneOf(_) => "one_of",
            Condition::Count(_) => "count",
            Condition::Conforms(_) => "conforms",
        }
    }

    /// What is expected, in words, where a value is not so.
    pub(super) fn unmet(&self, actual: &Value) -> Option<String> {
        match self {
            Condition::Equals(value) => (!is_equal(value, actual)).then(|| shown(value)),
            Condition::Contains(wanted) => {
                let missing = wanted.iter().find(|wanted| !has(actual, wanted))?;
                Some(format!("something with {} in it", shown(missing)))
            }
            Condition::Lacks(unwanted) => {
                let there = unwanted.iter().find(|unwanted| has(actual, unwanted))?;
                Some(format!("nothing with {} in it", shown(there)))
            }
            Condition::Matches(pattern) => {
                let schema = json!({ "type": "string", "pattern": pattern });
                let fits = misfits(&schema, actual).is_empty();
                (!fits).then(|| format!("a text that matches `{pattern}`"))
            }
            Condition::OneOf(values) => {
                let fits = values.iter().any(|value| is_equal(value, actual));
                let shown: Vec<String> = values.iter().map(shown).collect();
                (!fits).then(|| format!("one of {}", shown.join(", ")))
            }
            Condition::Count(count) => {
                let number = match actual {
                    Value::Array(items) => Some(items.len()),
                    Value::Object(map) => Some(map.len()),
                    Value::String(text) => Some(text.chars().count()),
                    _ => None,
                };
                let number = number.and_then(|number| u64::try_from(number).ok());
                let fits = number.is_some_and(|number| count.allows(number));
                (!fits).then(|| match number {
                    Some(number) => format!("{} in it, not {number}", count.describe()),
                    None => format!("{} in it", count.describe()),
                })
            }
            Condition::Conforms(schema) => {
                let misfit = misfits(schema, actual).into_iter().next()?;
                let place = misfit.pointer.trim_start_matches('/').replace('/', ".");
                Some(match place.as_str() {
                    "" => format!("another type: {}", misfit.message),
                    place => format!("another type at {place}: {}", misfit.message),
                })
            }
        }
    }
}

/// Whether a text has another in it, a list such an item, or a mapping such a field.
fn has(actual: &Value, wanted: &Value) -> bool {
    match (actual, wanted) {
        (Value::String(text), Value::String(wanted)) => text.contains(wanted.trim_end()),
        (Value::Array(items), wanted) => {
            let expected = Expected::of(wanted).unwrap_or_else(|_| Expected::Equal(wanted.clone()));
            items.iter().any(|item| expected.compare(item).is_empty())
        }
        (Value::Object(map), Value::String(name)) => map.contains_key(name),
        _ => false,
    }
}

/// Whether two values are the same, apart from line breaks at the ends of texts.
pub(super) fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::String(one), Value::String(other)) => one.trim_end() == other.trim_end(),
        (Value::Number(one), Value::Number(other)) => {
            one == other || (one.as_f64().is_some() && one.as_f64() == other.as_f64())
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| is_equal(a, b))
        }
        (Value::Object(one), Value::Object(other)) => {
            let fits = |(key, value): (&String, &Value)| {
                other.get(key).is_some_and(|other| is_equal(value, other))
            };
            one.len() == other.len() && one.iter().all(fits)
        }
        (one, other) => one == other,
    }
}

/// A value in a sentence.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{}`", text.trim_end()),
        Value::Null => "nothing".to_owned(),
        other => format!("`{other}`"),
    }
}

/// The condition of a word and what stands behind it.
pub(super) fn condition(
    word: &str,
    value: &Value,
    pointer: &str,
    problems: &mut Vec<TypeProblem>,
) -> Option<Condition> {
    let mut wrong = |message: String, help: &str| {
        let help = Some(help.to_owned());
        problems.push(TypeProblem { pointer: pointer.to_owned(), message, help });
        None
    };
    let several = || match value {
        Value::Array(items) => items.clone(),
        single => vec![single.clone()],
    };
    match word {
        "equals" => Some(Condition::Equals(value.clone())),
        "contains" => Some(Condition::Contains(several())),
        "lacks" => Some(Condition::Lacks(several())),
        "matches" => match value.as_str() {
            None => {
                wrong("`matches` is followed by a regular expression".into(), "put it in quotes")
            }
            Some(pattern) => match unreadable_pattern(pattern) {
                None => Some(Condition::Matches(pattern.to_owned())),
                Some(_) => wrong(
                    format!("`{pattern}` is no regular expression"),
                    "to find a text as it stands, use `contains`",
                ),
            },
        },
        "one_of" => match value {
            Value::Array(items) if !items.is_empty() => Some(Condition::OneOf(items.clone())),
            _ => wrong("`one_of` is followed by a list of values".into(), "write `[a, b]`"),
        },
        "count" => match serde_json::from_value(value.clone()) {
            Ok(count) => Some(Condition::Count(count)),
            Err(_) => {
                wrong("`count` is followed by a number or limits".into(), "write 3 or `{ min: 1 }`")
            }
        },
        _ => match OutputType(value.clone()).to_schema() {
            Ok(schema) => Some(Condition::Conforms(schema)),
            Err(found) => {
                problems.extend(found.into_iter().map(|found| TypeProblem {
                    pointer: format!("{pointer}{}", found.pointer),
                    ..found
                }));
                None
            }
        },
    }
}
