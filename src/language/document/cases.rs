//! The `tests:` document: cases in which a pattern is run with scripted servers and people, and
//! what must come of each.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::name::DOCUMENT_NAME_PATTERN;
use super::simulation::{FaultRule, SimulatedServer};

/// A file whose top-level key is `tests:`: cases of one pattern or pipeline. No model is asked in
/// them; what is not scripted is invented.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Partita tests", extend("patternProperties" = { "^x-": {} }))]
pub struct TestsDocument {
    /// What is tested.
    pub tests: TestsHeader,
    /// Inputs of every case that does not give them otherwise. A required input that nobody gives
    /// has a sample value.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(example = serde_json::json!({ "product": "A field notebook" }))]
    pub inputs: IndexMap<String, Value>,
    /// Answers of every case that does not give them otherwise.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(schema_with = "answers")]
    pub answers: IndexMap<String, Value>,
    /// Decisions of every case that does not make them otherwise.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(schema_with = "decisions")]
    pub decisions: IndexMap<String, String>,
    /// The cases by name.
    #[schemars(
        extend("propertyNames" = { "pattern": DOCUMENT_NAME_PATTERN }, "minProperties" = 1),
        example = serde_json::json!({ "go": { "decisions": { "go_no_go": "go" } } })
    )]
    pub cases: IndexMap<String, Case>,
}

/// What is tested.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestsHeader {
    /// The name of the pattern or pipeline.
    #[schemars(length(min = 1), example = &"product_launch")]
    pub pattern: String,
}

/// One run of the pattern, and what must come of it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Case {
    /// What it shows, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Inputs, over those of all cases.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub inputs: IndexMap<String, Value>,
    /// What tasks are answered, over what holds for all cases.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(schema_with = "answers")]
    pub answers: IndexMap<String, Value>,
    /// What people decide, over what holds for all cases. At a gate that is not named here nobody
    /// decides: its default is taken at its deadline.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(schema_with = "decisions")]
    pub decisions: IndexMap<String, String>,
    /// The servers, as in a simulation profile. Default: `ollama01` and `ollama02`, with room for
    /// every prompt.
    #[schemars(length(min = 1, max = 64))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<SimulatedServer>,
    /// What goes wrong and when, as in a simulation profile.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<FaultRule>,
    /// What must come of it. Without a `status` in it the run must succeed.
    pub expect: Expectations,
}

/// What must come of a run. Everything that is said must hold.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Expectations {
    /// How it stands when nothing more happens. Default `succeeded`.
    pub status: ExpectedStatus,
    /// What comes out, by output. A mapping is compared as far as it goes, a list item by item,
    /// anything else must be equal. Conditions are `equals`, `contains`, `lacks`, `matches` (a
    /// regular expression), `one_of`, `count` and `conforms` (a type), alone in a mapping.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(example = serde_json::json!({ "decision": "go", "plan": { "contains": "training" } }))]
    pub outputs: IndexMap<String, Value>,
    /// What becomes of tasks, by their addresses; `*` stands for any part of a name.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(example = serde_json::json!({ "market": { "attempts": 2 } }))]
    pub tasks: IndexMap<String, ExpectedTask>,
    /// Tasks that are begun.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1), example = serde_json::json!(["announcement"]))]
    pub ran: Vec<String>,
    /// Tasks that are skipped or never reached.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1), example = serde_json::json!(["deferral_plan"]))]
    pub not_run: Vec<String>,
    /// Tasks in the order in which they are done: each ends before the next begins. A list in it is
    /// of tasks that may be done at the same time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 2), example = serde_json::json!([["market", "technical"], "positioning"]))]
    pub order: Vec<Stage>,
    /// The messages that are sent, in their order, each with `task`, `kind`, `from`, `to`, `topic`, `subject` and
    /// `body`, as in `outputs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = serde_json::json!({ "contains": { "kind": "handoff", "from": "developer" } }))]
    pub messages: Option<Value>,
    /// How many requests reach servers in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calls: Option<Count>,
}

/// How a run stands when nothing more happens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedStatus {
    /// It has succeeded.
    #[default]
    Succeeded,
    /// It has failed.
    Failed,
    /// It waits for a person who does not decide.
    Waiting,
    /// It was stopped because no server could be reached, or a budget is used up.
    Interrupted,
}

impl ExpectedStatus {
    /// The word for it, as machine output has it.
    pub fn as_str(self) -> &'static str {
        match self {
            ExpectedStatus::Succeeded => "succeeded",
            ExpectedStatus::Failed => "failed",
            ExpectedStatus::Waiting => "waiting",
            ExpectedStatus::Interrupted => "interrupted",
        }
    }
}

/// What becomes of a task. Everything that is said must hold.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ExpectedTask {
    /// How it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ExpectedEnd>,
    /// How often servers are asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<Count>,
    /// What is decided at the gate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choice: Option<String>,
    /// What comes out, as in `outputs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// The messages of its last request, one behind the other, as in `outputs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = serde_json::json!({ "contains": "field notebook" }))]
    pub prompt: Option<Value>,
    /// The class of its failure, or of that of one of its attempts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = FAILURE_CLASSES.as_slice()), example = &"malformed")]
    pub failure: Option<String>,
    /// Whether its fallback takes the place of its output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fell_back: Option<bool>,
    /// The server of its last request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"ollama02")]
    pub server: Option<String>,
}

/// The classes of failure, as the engine names them.
pub const FAILURE_CLASSES: [&str; 40] = [
    "connection",
    "overloaded",
    "disconnected",
    "cancelled",
    "crashed",
    "load_failed",
    "server_error",
    "garbage",
    "incomplete",
    "load_timeout",
    "first_token_timeout",
    "stalled",
    "total_timeout",
    "queue_timeout",
    "malformed",
    "invalid_plan",
    "tool_call",
    "tool_turns",
    "tools_unavailable",
    "tool_failed",
    "tool_lost",
    "empty",
    "cut_by_length",
    "refused",
    "context_too_long",
    "truncated",
    "model_missing",
    "unsupported",
    "unauthorized",
    "bad_request",
    "template",
    "check_failed",
    "gate_expired",
    "overdue",
    "unstaffed",
    "no_sources",
    "undecided",
    "pattern_failed",
    "outcome_unknown",
    "internal",
];

/// How a task ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedEnd {
    /// It is done.
    Succeeded,
    /// It could not be done.
    Failed,
    /// It was not to be done.
    Skipped,
    /// It was broken off.
    Cancelled,
    /// It waits for a person.
    Waiting,
    /// It was never reached.
    Pending,
}

impl ExpectedEnd {
    /// The word for it, as machine output has it.
    pub fn as_str(self) -> &'static str {
        match self {
            ExpectedEnd::Succeeded => "succeeded",
            ExpectedEnd::Failed => "failed",
            ExpectedEnd::Skipped => "skipped",
            ExpectedEnd::Cancelled => "cancelled",
            ExpectedEnd::Waiting => "waiting",
            ExpectedEnd::Pending => "pending",
        }
    }
}

/// A number, or its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The least.
    pub min: u64,
    /// The most; any number if absent.
    pub max: Option<u64>,
}

impl Count {
    /// Whether a number is within the limits.
    pub fn allows(self, number: u64) -> bool {
        self.min <= number && self.max.is_none_or(|most| number <= most)
    }

    /// The limits in words, such as `at most 3`.
    pub fn describe(self) -> String {
        match (self.min, self.max) {
            (least, Some(most)) if least == most => least.to_string(),
            (0, Some(most)) => format!("at most {most}"),
            (least, None) => format!("at least {least}"),
            (least, Some(most)) => format!("{least} to {most}"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    #[serde(default)]
    min: u64,
    max: Option<u64>,
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        if let Some(number) = written.as_u64() {
            return Ok(Count { min: number, max: Some(number) });
        }
        let limits: Limits = serde_json::from_value(written).map_err(serde::de::Error::custom)?;
        Ok(Count { min: limits.min, max: limits.max })
    }
}

impl JsonSchema for Count {
    fn schema_name() -> Cow<'static, str> {
        "Count".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number, or its limits.",
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                {
                    "type": "object",
                    "properties": {
                        "min": { "type": "integer", "minimum": 0, "description": "The least." },
                        "max": { "type": "integer", "minimum": 0, "description": "The most." },
                    },
                    "minProperties": 1,
                    "additionalProperties": false,
                },
            ],
            "examples": [2, { "max": 30 }],
        })
    }
}

/// Tasks that may be done at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stage(pub Vec<String>);

impl<'de> Deserialize<'de> for Stage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(name) => Ok(Stage(vec![name])),
            names => serde_json::from_value(names).map(Stage).map_err(serde::de::Error::custom),
        }
    }
}

impl JsonSchema for Stage {
    fn schema_name() -> Cow<'static, str> {
        "Stage".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A task, or tasks that may be done at the same time.",
            "anyOf": [
                { "type": "string", "minLength": 1 },
                { "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 } },
            ],
        })
    }
}

fn answers(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "description": "What tasks are answered, by their addresses; `*` stands for any part of a \
            name. A text is the answer as it stands. A mapping is a part of a structured answer: \
            what it leaves out is invented. `{ fault: KIND }` goes wrong as in a simulation \
            profile. A list has an entry for each attempt, and the last one holds for all further \
            ones.",
        "additionalProperties": true,
        "examples": [{
            "review_*": { "verdict": "ready" },
            "market": ["no JSON at all", { "first_segment": "schools" }],
            "pricing": { "fault": "disconnect" },
        }],
    })
}

fn decisions(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "description": "What people choose, by the gate's address.",
        "additionalProperties": { "type": "string" },
        "examples": [{ "go_no_go": "go" }],
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_count_is_a_number_or_its_limits() {
        let check = |written: Value, words: &str, within: u64, beyond: u64| {
            let count: Count = serde_json::from_value(written).expect("it can be read");
            assert_eq!(count.describe(), words);
            assert!(count.allows(within) && !count.allows(beyond));
        };
        check(json!(2), "2", 2, 3);
        check(json!({ "max": 3 }), "at most 3", 0, 4);
        check(json!({ "min": 3 }), "at least 3", 300, 2);
        check(json!({ "min": 1, "max": 3 }), "1 to 3", 1, 0);
    }
}
