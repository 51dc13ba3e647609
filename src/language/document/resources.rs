//! Limits that a cluster sets to calls, and what tasks take of them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::name::IDENTIFIER_PATTERN;

/// The greatest number that can be taken of a resource, or be there of it.
const MOST: u32 = 100_000;

/// The most calls at a time, by what they ask and take. A call takes all of it at once or waits,
/// and gives it back when it ends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CallLimits {
    /// The most calls of a model at a time, over all servers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(example = &serde_json::json!({ "qwen3:14b": 2 }))]
    pub models: BTreeMap<String, NonZeroU32>,
    /// The most calls at a time for an agent, by its id or role, whatever its team.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(example = &serde_json::json!({ "reviewer": 1 }))]
    pub agents: BTreeMap<String, NonZeroU32>,
    /// How many there are of each resource that tasks and agents say they take (`takes`).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(example = &serde_json::json!({ "web_search": 1 }))]
    pub resources: BTreeMap<String, NonZeroU32>,
    /// The most tools at a time that tasks call (`tool`). Default 8.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &4)]
    pub tools: Option<NonZeroU32>,
}

impl CallLimits {
    /// Whether nothing is limited.
    pub fn are_none(&self) -> bool {
        *self == CallLimits::default()
    }
}

/// What is taken of the cluster's resources, by name, while a server works on a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Takes(pub BTreeMap<String, NonZeroU32>);

impl Takes {
    /// Whether nothing is taken.
    pub fn is_nothing(&self) -> bool {
        self.0.is_empty()
    }

    /// What a task takes whose agent takes this: its own numbers count before the agent's.
    #[must_use]
    pub fn overridden_by(&self, own: &Takes) -> Takes {
        let mut takes = self.clone();
        takes.0.extend(own.0.iter().map(|(name, count)| (name.clone(), *count)));
        takes
    }
}

impl<'de> Deserialize<'de> for Takes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        let read = if written.is_array() {
            let names: Result<Vec<String>, _> = serde_json::from_value(written);
            names.map(|names| names.into_iter().map(|name| (name, NonZeroU32::MIN)).collect())
        } else {
            serde_json::from_value(written)
        };
        read.map(Takes).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Takes {
    fn schema_name() -> Cow<'static, str> {
        "Takes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Resources of the cluster's `limits` that are taken while a server works \
                on a call: their names, or how many of each.",
            "anyOf": [
                {
                    "type": "array",
                    "items": { "type": "string", "pattern": IDENTIFIER_PATTERN },
                    "minItems": 1,
                    "uniqueItems": true,
                },
                {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": { "pattern": IDENTIFIER_PATTERN },
                    "additionalProperties": { "type": "integer", "minimum": 1, "maximum": MOST },
                },
            ],
            "examples": [["web_search"], { "gpu_tokens": 2 }],
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(written: Value, expected: &[(&str, u32)]) {
        let takes: Takes = serde_json::from_value(written).expect("it can be read");
        let found: Vec<(&str, u32)> =
            takes.0.iter().map(|(name, count)| (name.as_str(), count.get())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn names_alone_take_one_of_each() {
        check(json!(["search", "disk"]), &[("disk", 1), ("search", 1)]);
        check(json!({ "search": 2 }), &[("search", 2)]);
        assert!(serde_json::from_value::<Takes>(json!({ "search": 0 })).is_err());
    }

    #[test]
    fn what_is_written_can_be_read_again() {
        let takes: Takes = serde_json::from_value(json!(["search"])).expect("it can be read");
        let stored = serde_json::to_value(&takes).expect("JSON");
        assert_eq!(serde_json::from_value::<Takes>(stored).expect("JSON"), takes);
    }
}
