//! Work that is done again until it is good enough.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Condition;

/// The most rounds where the author names no number.
pub const DEFAULT_MAX_ROUNDS: u32 = 3;

/// The greatest number of rounds that an author may allow.
const MOST_ROUNDS: u32 = 100;

/// Does a task again until it is good enough, in rounds one behind the other. Its templates read
/// `round`, `previous` and, with `best`, `best`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// It is good enough where this is true of a round. It reads what has come out as `output`, besides
    /// what the task's templates read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"output.score >= 8")]
    pub until: Option<Condition>,
    /// The most rounds. Default 3.
    #[serde(default = "default_max")]
    #[schemars(range(min = 1, max = MOST_ROUNDS))]
    pub max: u32,
    /// How good a round is: an expression that gives a number. The round with the greatest counts, the
    /// first of those that are alike. Without it the last round counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"output.score")]
    pub best: Option<String>,
    /// After so many rounds that are no better than the best before there are no more. Needs `best`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<NonZeroU32>,
    /// What it means that the rounds are over and `until` was never true.
    #[serde(default)]
    pub unmet: Unmet,
}

/// What it means that rounds are over without what they were for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unmet {
    /// The round that counts is the task's output all the same. The default.
    #[default]
    Accept,
    /// The task fails.
    Fail,
}

fn default_max() -> u32 {
    DEFAULT_MAX_ROUNDS
}
