//! What a task's failure means, and who takes it up before it is one: a ladder of rungs.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{HumanDuration, ModelOptions, OnFailure};

/// The most rungs of a ladder.
const MOST_RUNGS: u32 = 10;

/// The most peers of a rung.
const MOST_PEERS: u32 = 20;

/// What a task's failure means for the rest, and who takes the task up before.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FailurePolicy {
    /// Who takes it up, one after the other until one of them succeeds. `None` where nobody does; an empty
    /// list stands for whoever the agent reports to, and then a person.
    pub escalate: Option<Vec<Rung>>,
    /// How long each of them has, and the task itself, before the next one takes it up; people have a deadline of
    /// their own.
    pub after: Option<HumanDuration>,
    /// What the failure means when nobody has succeeded.
    pub otherwise: OnFailure,
}

/// Who takes a failed task up: exactly one of `model`, `agent`, `peers` and `person`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rung {
    /// The same agent is asked the same with this model.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"qwen3:32b")]
    pub model: Option<String>,
    /// Options of that model's call, over those of the task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<ModelOptions>,
    /// This agent does the task, and is told what went wrong. `lead` is whoever the task's agent reports to,
    /// or else who leads the team.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"senior_analyst")]
    pub agent: Option<String>,
    /// What the agent is asked, in the place of the task's own prompt: a template, which reads what went wrong
    /// as `error`, and as `answer` what was answered last, null if nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub prompt: Option<String>,
    /// These agents are asked the same, and the answer of more than half of them is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 2, max = MOST_PEERS), example = ["analyst_b", "analyst_c", "analyst_d"])]
    pub peers: Option<Vec<String>>,
    /// A person says what comes out of the task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonAsked>,
}

/// What a person is asked who takes a failed task up.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PersonAsked {
    /// The question: a template, which reads what went wrong as `error`, and as `answer` what was answered
    /// last. Default: what has failed, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"Which queue does {{ inputs.ticket }} belong to?")]
    pub ask: Option<String>,
    /// What the person can choose from. Default: the values of the task's `output` where it names them; else
    /// the person writes the result.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), example = ["billing", "support"])]
    pub options: Vec<String>,
    /// The answer when the deadline passes, and in a run without a terminal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// How long the person has. Without a default the rung fails when it passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"48h")]
    pub deadline: Option<HumanDuration>,
}

/// The word for whoever an agent reports to.
pub const LEAD: &str = "lead";

const PERSON: &str = "person";

const ESCALATE: &str = "escalate";

impl Rung {
    /// Whoever the task's agent reports to.
    pub(crate) fn lead() -> Rung {
        Rung { agent: Some(LEAD.to_owned()), ..Rung::default() }
    }

    /// A person, who is asked for the result.
    pub(crate) fn person() -> Rung {
        Rung { person: Some(PersonAsked::default()), ..Rung::default() }
    }

    /// The same agent with another model.
    pub(crate) fn model(name: &str) -> Rung {
        Rung { model: Some(name.to_owned()), ..Rung::default() }
    }
}

/// A rung as it is written: a word, or a mapping.
struct WrittenRung(Rung);

impl<'de> Deserialize<'de> for WrittenRung {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        match written.as_str() {
            Some(LEAD) => Ok(WrittenRung(Rung::lead())),
            Some(PERSON) => Ok(WrittenRung(Rung::person())),
            _ => serde_json::from_value(written).map(WrittenRung).map_err(serde::de::Error::custom),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InFull {
    escalate: Option<Vec<WrittenRung>>,
    // A fallback of null is one.
    #[serde(default, deserialize_with = "written")]
    fallback: Option<Value>,
    otherwise: Option<OnFailure>,
    after: Option<HumanDuration>,
}

fn written<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl<'de> Deserialize<'de> for FailurePolicy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        if written == ESCALATE {
            return Ok(FailurePolicy { escalate: Some(Vec::new()), ..FailurePolicy::default() });
        }
        if !written.is_object() {
            let otherwise = serde_json::from_value(written).map_err(serde::de::Error::custom)?;
            return Ok(FailurePolicy { escalate: None, after: None, otherwise });
        }
        let InFull { escalate, fallback, otherwise, after } =
            serde_json::from_value(written).map_err(serde::de::Error::custom)?;
        let escalate = escalate.map(|rungs| rungs.into_iter().map(|rung| rung.0).collect());
        let otherwise = fallback.map(OnFailure::Fallback).or(otherwise).unwrap_or_default();
        Ok(FailurePolicy { escalate, after, otherwise })
    }
}

impl Serialize for FailurePolicy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(rungs) = &self.escalate else { return self.otherwise.serialize(serializer) };
        if rungs.is_empty() {
            return serializer.serialize_str(ESCALATE);
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(ESCALATE, rungs)?;
        if let Some(after) = &self.after {
            map.serialize_entry("after", after)?;
        }
        match &self.otherwise {
            OnFailure::Fail => {}
            OnFailure::Continue => map.serialize_entry("otherwise", "continue")?,
            OnFailure::Fallback(value) => map.serialize_entry("fallback", value)?,
        }
        map.end()
    }
}

impl JsonSchema for FailurePolicy {
    fn schema_name() -> Cow<'static, str> {
        "FailurePolicy".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let rung = generator.subschema_for::<Rung>();
        let duration = generator.subschema_for::<HumanDuration>();
        json_schema!({
            "description": "What a failure means: `fail` ends the run, `continue` goes on \
                without the output, `{ fallback: value }` goes on with this value in its place, \
                `escalate` has whoever the agent reports to take the task up, and then a person; \
                `{ escalate: [...] }` says who does.",
            "anyOf": [
                { "type": "string", "enum": ["fail", "continue", "escalate"] },
                {
                    "type": "object",
                    "properties": {
                        "fallback": {
                            "description": "The output that is used instead; texts in it are \
                                templates.",
                        },
                        "escalate": {
                            "description": "Who takes the task up, one after the other until one \
                                of them succeeds.",
                            "type": "array",
                            "minItems": 1,
                            "maxItems": MOST_RUNGS,
                            "items": {
                                "anyOf": [
                                    { "type": "string", "enum": [LEAD, PERSON] },
                                    rung,
                                ],
                            },
                        },
                        "after": {
                            "description": "How long the task may take, and each who takes it up, \
                                waits and retries included, before the next one takes it up. \
                                People have a `deadline`.",
                            "allOf": [duration],
                        },
                        "otherwise": {
                            "description": "What it means that nobody has succeeded. Default fail.",
                            "type": "string",
                            "enum": ["fail", "continue"],
                        },
                    },
                    "minProperties": 1,
                    "additionalProperties": false,
                },
            ],
            "default": "fail",
            "examples": [
                "continue",
                { "fallback": "no figures were found" },
                { "escalate": [{ "model": "qwen3:32b" }, "lead", "person"] },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read_and_written_again() {
        for written in [
            json!("fail"),
            json!("continue"),
            json!("escalate"),
            json!({ "fallback": [1] }),
            json!({ "escalate": [{ "model": "m" }], "fallback": null }),
            json!({ "escalate": [{ "model": "m" }], "otherwise": "continue" }),
            json!({ "escalate": [{ "model": "m" }], "after": "2h" }),
            json!({ "escalate": [{ "peers": ["a", "b"] }, { "person": { "options": ["x"] } }] }),
        ] {
            let read: FailurePolicy = serde_json::from_value(written.clone()).expect("a policy");
            assert_eq!(serde_json::to_value(&read).expect("JSON"), written);
        }
    }

    #[test]
    fn words_stand_for_rungs() {
        let read: FailurePolicy =
            serde_json::from_value(json!({ "escalate": ["lead", "person"] })).expect("a policy");
        assert_eq!(read.escalate, Some(vec![Rung::lead(), Rung::person()]));
        assert_eq!(read.otherwise, OnFailure::Fail);
    }
}
