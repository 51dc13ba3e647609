//! Choices between several results: by votes, or by comparing each two of them.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::model::TaskId;
use crate::language::document::{Quorum, StopSampling, Tie};

/// The most results of which the best is looked for: each two of them are compared twice.
pub const MOST_CANDIDATES: usize = 12;

/// How votes are counted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Ballot {
    /// The field of the answers that is voted on, with dots between steps; the whole answer if absent.
    pub on: Option<String>,
    /// What the votes of tasks count, by their names; 1 if absent.
    pub weights: BTreeMap<String, f64>,
    /// Answers that are no vote.
    pub abstain: Vec<String>,
    /// What the winner must have of the votes cast.
    pub quorum: Option<Quorum>,
    /// What decides between answers with the same number of votes.
    pub tie: Tie,
}

/// An agent decides where a vote ends in a tie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TieBreak {
    /// The tasks that vote.
    pub sources: Vec<TaskId>,
    /// How their votes are counted.
    pub ballot: Ballot,
}

/// An agent compares each two of several results, in both orders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pairs {
    /// The tasks whose results are compared.
    pub sources: Vec<TaskId>,
}

impl Pairs {
    /// How many comparisons so many results need.
    pub fn comparisons(candidates: usize) -> usize {
        candidates * candidates.saturating_sub(1)
    }
}

/// The same is asked several times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Samples {
    /// How often at most.
    pub count: u32,
    /// The most that are asked at a time.
    pub parallel: Option<NonZeroU32>,
    /// When those that are left are not asked any more.
    pub stop: StopSampling,
    /// How likely it must be that the answer in front stays there, where it stops early.
    pub confidence: f64,
    /// How the answers are counted.
    pub ballot: Ballot,
}

impl Samples {
    /// How many are expected to be asked.
    pub(super) fn expected_count(&self) -> usize {
        /// So many answers that are all alike are enough to stop early.
        const ALIKE: u32 = 4;
        let count = match self.stop {
            StopSampling::AtEnd => self.count,
            StopSampling::WhenDecided => self.count.div_ceil(2),
            StopSampling::Early => (self.count / 3).max(ALIKE).min(self.count),
        };
        count as usize
    }
}

/// The JSON Schema of what a judge says of two results. Reasons come before the verdict, since a model
/// thinks while it writes.
pub fn comparison_output() -> Value {
    json!({
        "type": "object",
        "properties": {
            "reasoning": { "type": "string" },
            "verdict": { "enum": ["first", "second", "tie"] },
        },
        "required": ["reasoning", "verdict"],
        "additionalProperties": false,
    })
}

/// The JSON Schema of what decides between so many answers: the number of one of them.
pub fn tie_break_output(candidates: usize) -> Value {
    json!({
        "type": "object",
        "properties": {
            "reasoning": { "type": "string" },
            "choice": { "type": "integer", "minimum": 1, "maximum": candidates },
        },
        "required": ["reasoning", "choice"],
        "additionalProperties": false,
    })
}
