//! Values that templates read.

use minijinja::Value;
use minijinja::value::merge_maps;
use serde_json::Value as Json;

/// A value that templates read; cheap to clone.
#[derive(Debug, Clone)]
pub struct Data(pub(super) Value);

impl Data {
    /// A JSON value as templates see it.
    pub fn from_json(value: &Json) -> Data {
        Data(convert(value))
    }

    /// The same object with more entries, which hide those of the same name.
    #[must_use]
    pub fn with<'a>(&self, entries: impl IntoIterator<Item = (&'a str, Data)>) -> Data {
        Data(merge_maps([Data::object(entries).0, self.0.clone()]))
    }

    /// The same object with more entries, which are hidden by those of the same name.
    #[must_use]
    pub fn over<'a>(&self, entries: impl IntoIterator<Item = (&'a str, Data)>) -> Data {
        Data(merge_maps([self.0.clone(), Data::object(entries).0]))
    }

    /// A mapping of named values.
    pub fn object<'a>(entries: impl IntoIterator<Item = (&'a str, Data)>) -> Data {
        Data(Value::from_pairs(entries.into_iter().map(|(name, data)| (name, data.0))))
    }
}

fn convert(value: &Json) -> Value {
    match value {
        Json::Null => Value::from(()),
        Json::Bool(value) => Value::from(*value),
        Json::Number(number) => number
            .as_i64()
            .map(Value::from)
            .or_else(|| number.as_u64().map(Value::from))
            .unwrap_or_else(|| Value::from(number.as_f64().unwrap_or(f64::NAN))),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => items.iter().map(convert).collect(),
        Json::Object(map) => {
            Value::from_pairs(map.iter().map(|(key, item)| (key.as_str(), convert(item))))
        }
    }
}
