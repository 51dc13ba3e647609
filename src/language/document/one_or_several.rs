//! Names of which an author writes one, or a list.

use schemars::{Schema, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// What is written: the one, or all of them in order.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(one) => Ok(vec![one]),
        several => serde_json::from_value(several).map_err(D::Error::custom),
    }
}

/// JSON Schema of them, where `one` is that of a single name.
pub(super) fn schema(description: &str, one: &Value, examples: &Value) -> Schema {
    json_schema!({
        "description": description,
        "anyOf": [
            one,
            { "type": "array", "minItems": 1, "uniqueItems": true, "items": one },
        ],
        "examples": examples,
    })
}
