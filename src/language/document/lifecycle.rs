//! In which state of its lifecycle a task has the piece of work that its pattern does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The state in which a piece of work is while a task of its pattern is done. Before the first it is `pending`, or
/// `assigned` as soon as its posts are filled; with its pattern it is `completed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LifecycleState {
    /// It is being planned.
    InPlanning,
    /// Somebody works on it, for the first time or again.
    InProgress,
    /// Something keeps it from going on.
    Blocked,
    /// Somebody above decides how it goes on.
    Escalated,
    /// Peers review it.
    UnderReview,
    /// The lead of its domain decides whether it is accepted.
    DomainReview,
    /// It is accepted, and validated by those who go on with it.
    ReadyForHandoff,
}
