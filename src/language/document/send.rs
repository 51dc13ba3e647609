//! Messages between the agents of a team: what kinds there are, and whom they go to.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::name::IDENTIFIER_PATTERN;
use super::one_or_several;
use super::standing::words;
use crate::organization::MessageKind;

/// Posts a message to agents of the team. No model is asked.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendTask {
    /// What kind of message.
    pub send: MessageKind,
    /// Who sends it, by id or role. The lead of the team if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"lead")]
    pub from: Option<String>,
    /// Who reads it. A broadcast goes to all if this is absent, a standup to whom its sender reports to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Addressees>,
    /// What it is an event of: tasks with `on_message` start when it has been sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = IDENTIFIER_PATTERN), example = &"order_placed")]
    pub topic: Option<String>,
    /// What it is about, in a line: a template.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"Login page")]
    pub subject: Option<String>,
    /// What it says: a template, or a value in which every text is one. A text that is a whole
    /// `{{ expression }}` keeps the type of its value.
    #[schemars(example = serde_json::json!("Build this: {{ tasks.plan.output }}"))]
    pub body: Value,
}

impl JsonSchema for MessageKind {
    fn schema_name() -> Cow<'static, str> {
        "MessageKind".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        words(
            "What a message is for.",
            &[
                ("delegation", "Gives work to those who read it."),
                ("broadcast", "Tells all, or several, the same."),
                ("handoff", "Passes on what one has done to whoever goes on with it."),
                ("standup", "Says how far its sender has come."),
            ],
        )
    }
}

/// The word that stands for everybody in a team.
pub const EVERYBODY: &str = "all";

/// Whom a message goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Addressees {
    /// Everybody in the team but its sender.
    All,
    /// These agents, by id or role.
    #[serde(untagged)]
    Agents(Vec<String>),
}

impl<'de> Deserialize<'de> for Addressees {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(word) if word == EVERYBODY => Ok(Addressees::All),
            Value::String(agent) => Ok(Addressees::Agents(vec![agent])),
            agents => serde_json::from_value(agents)
                .map(Addressees::Agents)
                .map_err(serde::de::Error::custom),
        }
    }
}

impl JsonSchema for Addressees {
    fn schema_name() -> Cow<'static, str> {
        "Addressees".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        one_or_several::schema(
            "Who reads it: an agent by id or role, several, or `all` in the team.",
            &json!({ "type": "string", "minLength": 1 }),
            &json!(["developer", ["developer", "tester"], EVERYBODY]),
        )
    }
}

/// The topics of the messages that a task starts on: one, or several of which each must have been sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Topics(pub Vec<String>);

impl<'de> Deserialize<'de> for Topics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one_or_several::read(deserializer).map(Topics)
    }
}

impl JsonSchema for Topics {
    fn schema_name() -> Cow<'static, str> {
        "Topics".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        one_or_several::schema(
            "The topic of a message, or several of which each must have been sent.",
            &json!({ "type": "string", "pattern": IDENTIFIER_PATTERN }),
            &json!(["order_placed", ["payment_received", "stock_reserved"]]),
        )
    }
}
