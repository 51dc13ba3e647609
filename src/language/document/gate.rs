//! Gates: where work waits for an expression to be true, or for a person.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{Condition, HumanDuration};

/// Lets work pass only while an expression is true. No model is asked.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckGate {
    /// `check`.
    pub gate: CheckWord,
    /// What must be true: one expression, or several by name.
    pub condition: Conditions,
    /// What is said when it is not: a template.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The word that makes a gate a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckWord {
    /// An expression decides.
    Check,
}

/// One expression, or several by name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Conditions {
    /// A single expression.
    One(Condition),
    /// A checklist: every one must be true.
    Named(IndexMap<String, Condition>),
}

impl Conditions {
    /// The expressions with their names; a single one has none.
    pub fn entries(&self) -> Vec<(Option<&str>, &Condition)> {
        match self {
            Conditions::One(condition) => vec![(None, condition)],
            Conditions::Named(named) => {
                named.iter().map(|(name, condition)| (Some(name.as_str()), condition)).collect()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Conditions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        let read = if written.is_object() {
            serde_json::from_value(written).map(Conditions::Named)
        } else {
            serde_json::from_value(written).map(Conditions::One)
        };
        read.map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Conditions {
    fn schema_name() -> Cow<'static, str> {
        "Conditions".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let condition = generator.subschema_for::<Condition>();
        json_schema!({
            "description": "An expression that must be true, or a checklist of named expressions \
                of which every one must be.",
            "anyOf": [
                condition,
                {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": { "pattern": super::name::IDENTIFIER_PATTERN },
                    "additionalProperties": condition,
                },
            ],
            "examples": [
                "tasks.review.output.score >= 7",
                { "legal_is_clear": "tasks.legal.output.approved" },
            ],
        })
    }
}

/// Waits for a person's decision.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovalGate {
    /// `approval`.
    pub gate: ApprovalWord,
    /// What the person is asked: a template.
    #[schemars(length(min = 1), example = &"Launch on {{ inputs.launch_date }}?")]
    pub ask: String,
    /// What the person can choose from. Default `[approve, reject]`.
    #[serde(default = "approve_or_reject")]
    #[schemars(length(min = 1, max = 20))]
    pub options: Vec<String>,
    /// The choice when the deadline passes, and in a run without a terminal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// How long the person has. Without a default the task fails when it passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<HumanDuration>,
}

/// The word that makes a gate an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalWord {
    /// A person decides.
    Approval,
}

fn approve_or_reject() -> Vec<String> {
    vec!["approve".to_owned(), "reject".to_owned()]
}
