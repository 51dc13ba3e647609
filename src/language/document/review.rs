//! Gates at which reviewers decide, and what is done again when they do not pass it.

use std::borrow::Cow;
use std::num::NonZeroU32;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The most revisions where the author names no number.
const DEFAULT_MAX_REVISIONS: u32 = 1;

/// The greatest number of revisions that an author may allow.
const MOST_REVISIONS: u32 = 20;

/// The most reviewers, and the most criteria.
const MOST: u32 = 50;

/// Lets work pass only when reviewers find that it meets criteria. What they cannot be asked or do not
/// answer is not passed.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewGate {
    /// `review`.
    pub gate: ReviewWord,
    /// What is reviewed: an expression.
    #[schemars(length(min = 1), example = &"tasks.draft.output")]
    pub of: String,
    /// What must be true of it.
    pub criteria: Criteria,
    /// The agents that review it, each by itself.
    #[schemars(length(min = 1, max = MOST), example = ["editor", "lawyer"])]
    pub reviewers: Vec<String>,
    /// How many reviewers must pass it.
    #[serde(default)]
    pub require: Votes,
    /// Has it done again, with what reviewers found, where it is not passed. Otherwise the gate only
    /// decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revise: Option<Revise>,
    /// What is said when it is not passed: a template, which reads the gate's result as `output`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The word that makes a gate a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewWord {
    /// Agents decide.
    Review,
}

/// What has reviewed work done again.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revise {
    /// Who does it again. Default: who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"writer")]
    pub agent: Option<String>,
    /// How often at most. Default 1.
    #[serde(default = "default_max")]
    #[schemars(range(min = 1, max = MOST_REVISIONS))]
    pub max: u32,
}

fn default_max() -> u32 {
    DEFAULT_MAX_REVISIONS
}

/// What must be true of reviewed work, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Criteria(pub IndexMap<String, String>);

impl<'de> Deserialize<'de> for Criteria {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        let named = if written.is_array() {
            let texts: Vec<String> =
                serde_json::from_value(written).map_err(serde::de::Error::custom)?;
            let name = |number: usize| format!("criterion_{number}");
            texts.into_iter().zip(1..).map(|(text, number)| (name(number), text)).collect()
        } else {
            serde_json::from_value(written).map_err(serde::de::Error::custom)?
        };
        Ok(Criteria(named))
    }
}

impl JsonSchema for Criteria {
    fn schema_name() -> Cow<'static, str> {
        "Criteria".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What must be true of the reviewed work: a list, or by name. Texts are \
                templates.",
            "anyOf": [
                {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MOST,
                    "items": { "type": "string", "minLength": 1 },
                },
                {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": MOST,
                    "propertyNames": { "pattern": super::name::IDENTIFIER_PATTERN },
                    "additionalProperties": { "type": "string", "minLength": 1 },
                },
            ],
            "examples": [
                ["Every claim is in the sources.", "A newcomer understands it."],
                { "accurate": "Every claim is in the sources." },
            ],
        })
    }
}

/// How many reviewers must pass it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Votes {
    /// Every one.
    #[default]
    All,
    /// More than half.
    Majority,
    /// So many.
    #[serde(untagged)]
    AtLeast(NonZeroU32),
}

impl Votes {
    /// How many of so many reviewers must pass it.
    pub fn of(self, reviewers: usize) -> usize {
        match self {
            Votes::All => reviewers,
            Votes::Majority => reviewers / 2 + 1,
            Votes::AtLeast(number) => number.get() as usize,
        }
    }
}

impl<'de> Deserialize<'de> for Votes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        match written.as_str() {
            Some("all") => Ok(Votes::All),
            Some("majority") => Ok(Votes::Majority),
            _ => serde_json::from_value(written)
                .map(Votes::AtLeast)
                .map_err(serde::de::Error::custom),
        }
    }
}

impl JsonSchema for Votes {
    fn schema_name() -> Cow<'static, str> {
        "Votes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How many reviewers must pass it: `all` (the default), `majority` (more \
                than half), or a number.",
            "anyOf": [
                { "enum": ["all", "majority"] },
                { "type": "integer", "minimum": 1, "maximum": MOST },
            ],
            "examples": ["majority", 2],
        })
    }
}
