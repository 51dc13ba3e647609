//! How votes are counted: what the winner must have, and what decides between equals.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// What the winner of a vote must have of the votes cast; without it the task fails.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quorum {
    /// More than half of them.
    Majority,
    /// All.
    All,
    /// So many votes; below 1 such a share of them.
    #[serde(untagged)]
    AtLeast(f64),
}

impl<'de> Deserialize<'de> for Quorum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        match written.as_str() {
            Some("majority") => Ok(Quorum::Majority),
            Some("all") => Ok(Quorum::All),
            _ => serde_json::from_value(written)
                .map(Quorum::AtLeast)
                .map_err(serde::de::Error::custom),
        }
    }
}

impl JsonSchema for Quorum {
    fn schema_name() -> Cow<'static, str> {
        "Quorum".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What the winner must have, or the task fails (`undecided`): `majority` (more \
                than half of the votes cast), `all`, a number of votes, or below 1 a share of the votes \
                cast (`0.6`). Without it the most votes win, however few.",
            "anyOf": [
                { "enum": ["majority", "all"] },
                { "type": "number", "exclusiveMinimum": 0 },
            ],
            "examples": ["majority", 3, 0.6],
        })
    }
}

/// What decides between answers that have the same number of votes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tie {
    /// The order of the voters: the answer that was given first in it. The default.
    #[default]
    First,
    /// Nothing: the task fails (`undecided`).
    Fail,
    /// An agent, who is shown the answers between which it is to decide.
    Agent,
}

/// What decides between answers that have the same number of votes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SampleTie {
    /// The order of the samples: the answer that was given first in it. The default.
    #[default]
    First,
    /// Nothing: the task fails (`undecided`).
    Fail,
}

impl From<SampleTie> for Tie {
    fn from(tie: SampleTie) -> Tie {
        match tie {
            SampleTie::First => Tie::First,
            SampleTie::Fail => Tie::Fail,
        }
    }
}
