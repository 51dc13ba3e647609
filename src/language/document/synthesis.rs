//! Syntheses: one result of several.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Makes one result of several.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SynthesizeTask {
    /// What is put together, and how.
    pub synthesize: Synthesis,
}

/// What is put together, and how.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Synthesis {
    /// The tasks whose results are put together. Those without a result, because they failed or
    /// were skipped, are left out; one at least must have one.
    #[schemars(length(min = 1))]
    pub from: Vec<String>,
    /// How.
    pub strategy: Strategy,
    /// Who does it, for `consensus` (the team's lead if absent) and for `custom` with a `prompt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// For `custom`: what the agent is asked. For `consensus`: what to decide, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// For `custom`: a template that makes the result without a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<Value>,
}

/// How several results become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// A mapping from task name to result.
    MergeAll,
    /// The result of the first task in `from` that succeeded.
    UseFirstResult,
    /// An agent weighs the results: where they agree, where they differ, what follows.
    Consensus,
    /// A template, or an agent with a prompt.
    Custom,
}
