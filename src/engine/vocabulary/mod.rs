//! The three vocabularies: what may happen (inputs), what the driver must do (commands), and what
//! has happened (facts).

mod command;
mod fact;
mod input;
mod nested;
mod posts;
mod status;
mod tools;

use serde::{Deserialize, Serialize};

use crate::language::plan::TaskId;

pub use command::{Call, Changes, Command, GoesOn};
pub use fact::{Fact, Next, Outcome, Recorded, Usage};
pub use input::{Beginning, DecidedAhead, Decision, Found, Input, Observation, Preparation};
pub use nested::{AwaitedNews, Awaiting, RunNote, StartLimit};
pub use posts::{FilledPost, PostReason};
pub use status::{PauseReason, RunStatus, SkipReason};
pub use tools::{PERMISSION_OPTIONS, Rung, ToolAnswer, ToolAsking, ToolUse};

/// One attempt at a task. Numbers count from 1 and never repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AttemptId {
    /// The task.
    pub task: TaskId,
    /// Which attempt.
    pub number: u32,
}
