//! How urgent a task is beside others.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How urgent a task is: of tasks that could have a server, the most urgent come first.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Deserialize,
    Serialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// It can wait.
    Low,
    /// As most are.
    #[default]
    Normal,
    /// It comes first.
    High,
}

impl Priority {
    /// Whether it is as most are.
    pub fn is_normal(&self) -> bool {
        *self == Priority::Normal
    }

    /// The next more urgent one, if there is one.
    #[must_use]
    pub fn raised(self) -> Option<Priority> {
        match self {
            Priority::Low => Some(Priority::Normal),
            Priority::Normal => Some(Priority::High),
            Priority::High => None,
        }
    }
}
