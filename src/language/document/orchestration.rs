//! Whether those who lead a team may start runs, and how many.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Budget;

/// So many runs a run may start where nothing else is said.
const DEFAULT_RUNS: u32 = 3;

/// What those who lead the team may start, with the tools that they are offered for it. Without it they are offered
/// none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OrchestrationSettings {
    /// How many runs may be started in a run, by all of its tasks together.
    #[schemars(range(min = 1, max = 100), example = 3)]
    pub runs: u32,
    /// How many levels of runs there may be below the run: with 1, a run that was started starts none.
    #[schemars(range(min = 1, max = 5), example = 1)]
    pub depth: u32,
    /// What all runs that are started may spend together. None is given more than is left of the run's own budget.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
}

impl Default for OrchestrationSettings {
    fn default() -> OrchestrationSettings {
        OrchestrationSettings { runs: DEFAULT_RUNS, depth: 1, budget: None }
    }
}

/// As people read it: `3 runs, depth 1, 60 calls together`.
impl fmt::Display for OrchestrationSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OrchestrationSettings { runs, depth, budget } = self;
        let word = if *runs == 1 { "run" } else { "runs" };
        write!(f, "{runs} {word} at most, depth {depth}")?;
        match budget {
            Some(budget) => write!(f, ", {budget} together"),
            None => Ok(()),
        }
    }
}
