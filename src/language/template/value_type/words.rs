//! Types in words, for findings, and in the notation of documents, for editors.

use std::fmt;

use serde_json::Value;

use super::{Presence, Type};

/// More known values than this are not listed.
const MAX_LISTED: usize = 12;

impl Type {
    /// What it is, in a few words: `a list`, `text`, `` `low`, `medium` or `high` ``.
    pub fn words(&self) -> String {
        match self {
            Type::Any => "anything".to_owned(),
            Type::Undefined => "nothing".to_owned(),
            Type::Null => "null".to_owned(),
            Type::Boolean => "true or false".to_owned(),
            Type::Integer => "a whole number".to_owned(),
            Type::Number => "a number".to_owned(),
            Type::Text => "text".to_owned(),
            Type::OneOf(values) => match &**values {
                [Value::String(_)] => "text".to_owned(),
                [Value::Number(number)] => format!("the number `{number}`"),
                values => listed(values),
            },
            Type::List(_) => "a list".to_owned(),
            Type::Object(_) => "a mapping".to_owned(),
            Type::Union(members) if members.is_empty() => "nothing".to_owned(),
            Type::Union(members) => {
                let mut words: Vec<String> = Vec::new();
                for member in members.iter().filter(|member| **member != Type::Undefined) {
                    let word = member.words();
                    if !words.contains(&word) {
                        words.push(word);
                    }
                }
                words.join(" or ")
            }
        }
    }
}

/// Values between backticks, the last after `or`.
pub fn listed(values: &[Value]) -> String {
    let quoted: Vec<String> = values.iter().map(shown).take(MAX_LISTED).collect();
    match quoted.split_last() {
        _ if values.len() > MAX_LISTED => format!("{} …", quoted.join(", ")),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "nothing".to_owned(),
    }
}

/// A value between backticks, a text without its quotes.
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

/// The notation of documents as far as it goes: `[string]`, `{ score: integer, note?: string }`,
/// `low | medium | high`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Any => f.write_str("any"),
            Type::Undefined => f.write_str("nothing"),
            Type::Null => f.write_str("null"),
            Type::Boolean => f.write_str("boolean"),
            Type::Integer => f.write_str("integer"),
            Type::Number => f.write_str("number"),
            Type::Text => f.write_str("string"),
            Type::OneOf(values) => {
                for (place, value) in values.iter().take(MAX_LISTED).enumerate() {
                    f.write_str(if place > 0 { " | " } else { "" })?;
                    match value {
                        Value::String(text) => f.write_str(text)?,
                        other => write!(f, "{other}")?,
                    }
                }
                f.write_str(if values.len() > MAX_LISTED { " | …" } else { "" })
            }
            Type::List(list) => write!(f, "[{}]", list.item),
            Type::Object(object) if object.fields.is_empty() => f.write_str("object"),
            Type::Object(object) => {
                f.write_str("{ ")?;
                for (place, (name, field)) in object.fields.iter().enumerate() {
                    f.write_str(if place > 0 { ", " } else { "" })?;
                    let mark = if field.presence == Presence::Maybe { "?" } else { "" };
                    write!(f, "{name}{mark}: {}", field.value)?;
                }
                f.write_str(" }")
            }
            Type::Union(members) => {
                for (place, member) in members.iter().enumerate() {
                    f.write_str(if place > 0 { " | " } else { "" })?;
                    write!(f, "{member}")?;
                }
                Ok(())
            }
        }
    }
}
