//! When a second attempt at a task is begun beside one that takes unusually long.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When a second attempt at a task is begun beside one that takes unusually long: on another server
/// that has a free slot nobody waits for. The first answer counts, the other attempt is broken off.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Hedge {
    /// After so many times what is usual: the 95th percentile of what calls of the model have taken on
    /// the server, for what the plan expects of them.
    #[schemars(range(min = 1.0, max = 100.0))]
    pub after: f64,
    /// The most hedges, as a share of all calls of a run, rounded up.
    #[schemars(range(min = 0.001, max = 0.25))]
    pub budget: f64,
}

impl Default for Hedge {
    fn default() -> Self {
        Hedge { after: 2.0, budget: 0.05 }
    }
}
