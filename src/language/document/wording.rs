//! How values and types are called in findings.

use jsonschema::error::TypeKind;
use serde_json::Value;

/// Words between backticks, with commas.
pub(super) fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// A JSON type in words.
pub(super) fn type_names(kind: &TypeKind) -> String {
    let name = |kind: &str| {
        match kind {
            "string" => "text",
            "integer" => "a whole number",
            "number" => "a number",
            "boolean" => "true or false",
            "array" => "a list",
            "object" => "a mapping",
            _ => "nothing",
        }
        .to_owned()
    };
    match kind {
        TypeKind::Single(kind) => name(&kind.to_string()),
        TypeKind::Multiple(kinds) => {
            kinds.iter().map(|kind| name(&kind.to_string())).collect::<Vec<_>>().join(" or ")
        }
    }
}

/// A value in a few words.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => format!("`{value}`"),
        Value::Number(number) => format!("the number `{number}`"),
        Value::String(_) => "text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
    }
}

/// What to write instead of a value of another type than the expected one.
pub(super) fn type_help(value: &Value, expected: &str) -> Option<String> {
    match value {
        Value::Number(_) | Value::Bool(_) if expected.contains("text") => {
            Some(format!("quote it: \"{value}\""))
        }
        Value::String(text) if expected.contains("true or false") => match text.as_str() {
            "yes" | "on" | "Yes" | "On" | "y" => {
                Some("YAML 1.2 reads this as text; write `true`".into())
            }
            "no" | "off" | "No" | "Off" | "n" => {
                Some("YAML 1.2 reads this as text; write `false`".into())
            }
            _ => None,
        },
        Value::String(text) if expected.contains("number") && text.parse::<f64>().is_ok() => {
            Some("write it without quotes".to_owned())
        }
        Value::String(text) if expected == "a list" => Some(format!("put it in a list: [{text}]")),
        Value::Object(map) if expected.contains("text") && map.len() == 1 => {
            let key = map.keys().next()?;
            key.starts_with('{').then(|| "quote texts that begin with a brace".to_owned())
        }
        Value::Null => Some("write a value, or leave the key out".to_owned()),
        _ => None,
    }
}
