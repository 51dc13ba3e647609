//! How much somebody knows of orchestration.

use serde::{Deserialize, Serialize};

/// How much somebody knows of a subject. The order is from little to much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expertise {
    /// Knows the words.
    Basic,
    /// Has done it.
    Intermediate,
    /// Does it daily.
    Advanced,
    /// Teaches it.
    Expert,
}
