//! Syntheses: one result of several.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ballot::{Quorum, Tie};

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
    /// Who does it, for `consensus` and `best_of`, and for `vote` with `tie: agent` (the team's lead if
    /// absent), and for `custom` with a `prompt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// For `custom`: what the agent is asked. For `consensus`, and `vote` with `tie: agent`: what to decide,
    /// in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// For `custom`: a template that makes the result without a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<Value>,
    /// For `best_of`: what makes a result better than another. A template.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"Which one would a customer understand at once?")]
    pub criteria: Option<String>,
    /// For `vote`: the field of the results that is voted on; a dot leads into fields. Default: the whole
    /// result.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"verdict")]
    pub on: Option<String>,
    /// For `vote`: how much the vote of a task counts. Default 1 each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(inner(range(min = 0.0, max = 1_000_000.0)), example = BTreeMap::from([("expert", 2.0)]))]
    pub weights: BTreeMap<String, f64>,
    /// For `vote`: results that are no vote, besides null and empty text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(example = ["unsure"])]
    pub abstain: Vec<String>,
    /// For `vote`: what the winner must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum: Option<Quorum>,
    /// For `vote`: what decides between results that have the same number of votes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tie: Option<Tie>,
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
    /// The result that most tasks came to.
    Vote,
    /// An agent compares each two of the results, and the one that is better most often is taken.
    BestOf,
}
