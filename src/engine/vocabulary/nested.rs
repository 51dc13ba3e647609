//! Runs that those who lead start while they do a task, and tasks that wait for them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::engine::budgets::Quantity;
use crate::engine::time::Time;
use crate::language::digest::Digest;

/// For which runs a task waits that it has started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaiting {
    /// The runs.
    pub runs: Vec<String>,
    /// What of them is waited for.
    pub news: AwaitedNews,
    /// What has been said until then: the talk goes on from there.
    pub talk: Digest,
    /// Until when at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}

/// What is waited for of runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AwaitedNews {
    /// That something of note has happened.
    Any,
    /// That all of them have stopped, for good or for now.
    End,
}

/// What the call of a tool meant for runs inside the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunNote {
    /// A run was started, or was there already.
    Started(String),
    /// None was started, because of a limit.
    Refused(StartLimit),
}

/// Why a run could not be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartLimit {
    /// So many may be started, and have been.
    Runs(u32),
    /// Runs that were started may start so many levels of further ones.
    Depth(u32),
    /// The budget of all runs that may be started is used up or set aside.
    Budget(Quantity),
    /// The budget of the run itself is.
    OwnBudget(Quantity),
}

/// As people read it: `the limit of 3 runs is reached`.
impl fmt::Display for StartLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartLimit::Runs(1) => f.write_str("the limit of 1 run is reached"),
            StartLimit::Runs(most) => write!(f, "the limit of {most} runs is reached"),
            StartLimit::Depth(most) => write!(f, "the limit of depth {most} is reached"),
            StartLimit::Budget(quantity) => {
                write!(f, "nothing is left of the budget for nested runs ({})", quantity.as_str())
            }
            StartLimit::OwnBudget(quantity) => {
                write!(f, "nothing is left of the run's own budget ({})", quantity.as_str())
            }
        }
    }
}
