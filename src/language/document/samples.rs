//! Samples: one question asked several times, and the answer that comes most often.

use std::borrow::Cow;
use std::num::NonZeroU32;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::ballot::{Quorum, SampleTie};

/// The most samples that an author may ask for.
const MOST_SAMPLES: u32 = 200;

/// How sure it must be that the answer in front stays there, where the author does not say.
const DEFAULT_CONFIDENCE: f64 = 0.95;

/// Asks an agent the same several times. What comes out is the answer that was given most often.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Samples {
    /// How often at most.
    pub count: u32,
    /// When those that are left are not asked any more.
    pub stop: StopSampling,
    /// For `stop: early`: how sure it must be that the answer in front stays there.
    pub confidence: f64,
    /// The most that are asked at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallel: Option<NonZeroU32>,
    /// The field of the answers that is voted on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// Answers that are no vote.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub abstain: Vec<String>,
    /// What the winner must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum: Option<Quorum>,
    /// What decides between equals.
    pub tie: SampleTie,
}

/// When samples that are left are not asked any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopSampling {
    /// As soon as they cannot change the result. The default.
    #[default]
    WhenDecided,
    /// As soon as it is likely that the answer in front stays there (`confidence`).
    Early,
    /// Never: all are asked.
    AtEnd,
}

/// The long form.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SamplesInFull")]
struct InFull {
    /// How often it is asked at most.
    #[schemars(range(min = 2, max = MOST_SAMPLES))]
    count: u32,
    /// When samples that are left are not asked any more.
    #[serde(default)]
    stop: StopSampling,
    /// For `stop: early`: how likely it must be that the answer in front stays there. Default 0.95.
    #[schemars(range(min = 0.5, max = 1.0))]
    confidence: Option<f64>,
    /// The most that are asked at a time. Default: as many as are needed at least before it can stop.
    parallel: Option<NonZeroU32>,
    /// The field of the answers that is voted on. Default: the whole answer.
    #[schemars(length(min = 1), example = &"verdict")]
    on: Option<String>,
    /// Answers that are no vote, besides null and empty text.
    #[serde(default)]
    #[schemars(example = ["unsure"])]
    abstain: Vec<String>,
    quorum: Option<Quorum>,
    #[serde(default)]
    tie: SampleTie,
}

impl<'de> Deserialize<'de> for Samples {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        let full: InFull = match written {
            Value::Number(count) => serde_json::from_value(serde_json::json!({ "count": count })),
            written => serde_json::from_value(written),
        }
        .map_err(serde::de::Error::custom)?;
        Ok(Samples {
            count: full.count,
            stop: full.stop,
            confidence: full.confidence.unwrap_or(DEFAULT_CONFIDENCE),
            parallel: full.parallel,
            on: full.on,
            abstain: full.abstain,
            quorum: full.quorum,
            tie: full.tie,
        })
    }
}

impl JsonSchema for Samples {
    fn schema_name() -> Cow<'static, str> {
        "Samples".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let full = InFull::json_schema(generator);
        json_schema!({
            "description": "Asks the agent the same several times, and takes the answer that comes most \
                often.",
            "anyOf": [
                { "type": "integer", "minimum": 2, "maximum": MOST_SAMPLES },
                full,
            ],
            "examples": [5, { "count": 15, "stop": "early", "on": "verdict" }],
        })
    }
}
