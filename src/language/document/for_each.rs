//! Work that is done once for each item of a list that only a run knows.

use std::borrow::Cow;
use std::num::NonZeroU32;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::name::IDENTIFIER_PATTERN;

/// The most items where the author names no number.
pub const DEFAULT_MAX_ITEMS: u32 = 100;

/// The greatest number of items that an author may allow.
pub const MOST_ITEMS: u32 = 10_000;

/// What an item is called in templates where the author gives it no name.
pub const ITEM: &str = "item";

/// Does a task once for each item of a list. What comes out is the list of what came out for each,
/// in the order of the items.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForEach {
    /// The items: an expression that gives a list or a mapping, or either of them.
    #[serde(rename = "in")]
    pub items: Value,
    /// What an item is called in the task's templates.
    #[serde(rename = "as")]
    pub name: String,
    /// What tells an item from the others, in addresses and where a run is compared with another:
    /// a template. The item's number if absent, counted from 1, or its key in a mapping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// More items than so many are an error.
    pub max: u32,
    /// The most items that are worked on at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallel: Option<NonZeroU32>,
    /// How many of the items must succeed.
    pub require: Require,
    /// When the items that are left are not done any more.
    pub stop: Stop,
}

/// How many must succeed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Require {
    /// Every one.
    #[default]
    All,
    /// One.
    Any,
    /// None: what has failed is null in the list.
    None,
    /// So many.
    #[serde(untagged)]
    AtLeast(NonZeroU32),
}

impl Require {
    /// How many of so many must succeed.
    pub fn of(self, count: usize) -> usize {
        match self {
            Require::All => count,
            Require::Any => 1,
            Require::None => 0,
            Require::AtLeast(number) => number.get() as usize,
        }
    }
}

impl<'de> Deserialize<'de> for Require {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        let named = match written.as_str() {
            Some("all") => Some(Require::All),
            Some("any") => Some(Require::Any),
            Some("none") => Some(Require::None),
            _ => None,
        };
        match named {
            Some(named) => Ok(named),
            None => serde_json::from_value(written)
                .map(Require::AtLeast)
                .map_err(serde::de::Error::custom),
        }
    }
}

impl JsonSchema for Require {
    fn schema_name() -> Cow<'static, str> {
        "Require".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How many items must succeed: `all` (the default), `any` (one), `none` \
                (what has failed is null in the list), or a number.",
            "anyOf": [
                { "enum": ["all", "any", "none"] },
                { "type": "integer", "minimum": 1, "maximum": MOST_ITEMS },
            ],
            "examples": ["all", 3],
        })
    }
}

/// When the items that are left are not done any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// As soon as so many have failed that too few can succeed. The default.
    #[default]
    OnFailure,
    /// As soon as it is known whether enough succeed: the first that do are enough.
    WhenDecided,
    /// Never: every item is done.
    AtEnd,
}

/// The long form.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ForEachInFull")]
struct InFull {
    /// The items: an expression that gives a list or a mapping, or either of them.
    #[serde(rename = "in")]
    items: Value,
    /// What an item is called in the task's templates. Default `item`.
    #[serde(rename = "as")]
    #[schemars(regex(pattern = IDENTIFIER_PATTERN), example = &"chapter")]
    name: Option<String>,
    /// What tells an item from the others in addresses (`chapters[intro]`): a template. Default: its
    /// number, counted from 1, or its key in a mapping.
    #[schemars(length(min = 1), example = &"{{ chapter.id }}")]
    key: Option<String>,
    /// More items than so many are an error. Default 100.
    #[schemars(range(min = 1, max = MOST_ITEMS))]
    max: Option<u32>,
    /// The most items that are worked on at a time. Default: all of them.
    parallel: Option<NonZeroU32>,
    #[serde(default)]
    require: Require,
    /// When the items that are left are not done any more.
    #[serde(default)]
    stop: Stop,
}

impl<'de> Deserialize<'de> for ForEach {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        let full = if written.is_object() {
            serde_json::from_value(written).map_err(serde::de::Error::custom)?
        } else {
            InFull {
                items: written,
                name: None,
                key: None,
                max: None,
                parallel: None,
                require: Require::default(),
                stop: Stop::default(),
            }
        };
        Ok(ForEach {
            items: full.items,
            name: full.name.unwrap_or_else(|| ITEM.to_owned()),
            key: full.key,
            max: full.max.unwrap_or(DEFAULT_MAX_ITEMS),
            parallel: full.parallel,
            require: full.require,
            stop: full.stop,
        })
    }
}

impl JsonSchema for ForEach {
    fn schema_name() -> Cow<'static, str> {
        "ForEach".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut full = InFull::json_schema(generator);
        // An expression, a list, or a mapping: anything that can have items.
        let items = json!({
            "description": "The items: an expression that gives a list or a mapping, or either of them.",
            "type": ["string", "array", "object"],
            "minLength": 1,
            "examples": ["tasks.outline.output.chapters"],
        });
        if let Some(Value::Object(properties)) =
            full.as_object_mut().and_then(|object| object.get_mut("properties"))
        {
            properties.insert("in".to_owned(), items);
        }
        json_schema!({
            "description": "Does the task once for each item of a list, with the item as `item` in \
                its templates. What comes out is the list of what came out for each, in the order \
                of the items.",
            "anyOf": [
                { "type": "string", "minLength": 1 },
                { "type": "array" },
                full,
            ],
            "examples": [
                "tasks.outline.output.chapters",
                { "in": "inputs.cities", "as": "city", "parallel": 4, "require": "any" },
            ],
        })
    }
}
