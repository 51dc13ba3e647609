//! What would mend a finding of the schema.

use serde_json::Value;

use super::Document;
use crate::language::diagnostic::{Fix, Safety};
use crate::language::source::{Edit, Span};

/// A change of one key or value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Repair {
    /// The key is misspelt: this is probably meant.
    Rename(String),
    /// The word is misspelt: this is probably meant.
    Respell(String),
    /// The scalar is meant as text.
    Quote,
    /// The scalar is meant as this one, which is YAML.
    Mean(String),
    /// The value is meant as a list of one.
    PutInList,
}

impl Repair {
    /// For a value of another type than the expected one, which is given in words.
    pub(super) fn of_type(value: &Value, expected: &str) -> Option<Repair> {
        match value {
            Value::Number(_) | Value::Bool(_) if expected.contains("text") => Some(Repair::Quote),
            Value::String(text) if expected.contains("true or false") => match text.as_str() {
                "yes" | "on" | "Yes" | "On" | "y" => Some(Repair::Mean("true".to_owned())),
                "no" | "off" | "No" | "Off" | "n" => Some(Repair::Mean("false".to_owned())),
                _ => None,
            },
            Value::String(text) if expected.contains("number") => {
                text.parse::<f64>().ok().map(|_| Repair::Mean(text.clone()))
            }
            Value::String(_) if expected == "a list" => Some(Repair::PutInList),
            _ => None,
        }
    }
}

impl Document {
    /// The fix that makes a repair at a JSON pointer; none where other parts would change with it.
    pub(super) fn fix_of(&self, repair: &Repair, pointer: &str) -> Option<Fix> {
        // Where another scalar could be written, so can marks around this one.
        let around = |before: &str, after: &str| {
            let span = self.replace_value(pointer, "")?.span;
            Some(vec![Edit::insert_before(span, before), Edit::insert_after(span, after)])
        };
        match repair {
            Repair::Rename(name) => {
                let edit = self.rename_key(pointer, name)?;
                Some(Fix::risky(format!("write `{name}`"), vec![edit]))
            }
            Repair::Respell(word) => self.respelling(pointer, word),
            Repair::Quote => Some(Fix::safe("put it into quotes", around("\"", "\"")?)),
            Repair::Mean(text) => {
                let edit = self.replace_value(pointer, text)?;
                Some(Fix::safe(format!("write {text}"), vec![edit]))
            }
            Repair::PutInList => Some(Fix {
                title: "put it in a list".to_owned(),
                safety: Safety::Unsafe,
                edits: around("[", "]")?,
            }),
        }
    }

    /// The fix that writes the nearest name in the place of one that does not exist.
    pub(in crate::language) fn respelling(&self, pointer: &str, name: &str) -> Option<Fix> {
        let edit = self.replace_value(pointer, name)?;
        Some(Fix::risky(format!("write `{name}`"), vec![edit]))
    }

    /// The same for a name inside a text, at its place.
    pub(in crate::language) fn respelling_at(
        &self,
        span: Span,
        wrong: &str,
        name: &str,
    ) -> Option<Fix> {
        let is_exact = self.tree().text_at(span) == Some(wrong);
        let edit = Edit::replace(span, name);
        is_exact.then(|| Fix::risky(format!("write `{name}`"), vec![edit]))
    }
}
