//! The states of a single task in a run and the moves between them: one table, and nothing moves but along it.

use serde::{Deserialize, Serialize};

/// How a task stands, as far as facts say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// It waits for what it needs, for its wave, or for a server.
    Pending,
    /// A server works on it.
    Running,
    /// Two servers work on it; the first answer counts.
    Hedged,
    /// An attempt failed; it waits for the next and holds nothing.
    BackingOff,
    /// A person is to decide.
    Waiting,
    /// The pattern that it uses is running.
    Open,
    /// It failed, and the value that takes its output's place is being made.
    FallingBack,
    /// It is done.
    Succeeded,
    /// It is not done and will not be.
    Failed,
    /// It was not to be done.
    Skipped,
    /// It was broken off.
    Cancelled,
}

/// A move that the table does not have. Our own fault: the journal or the engine is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a task cannot go from {} to {}", .from.as_str(), .to.as_str())]
pub struct ForbiddenMove {
    /// Where it stands.
    pub from: TaskStatus,
    /// Where it was to go.
    pub to: TaskStatus,
}

impl TaskStatus {
    /// The table of permitted moves.
    pub fn moves(self) -> &'static [TaskStatus] {
        use TaskStatus::{
            BackingOff, Cancelled, Failed, FallingBack, Hedged, Open, Running, Skipped, Succeeded,
            Waiting,
        };
        match self {
            TaskStatus::Pending => {
                &[Running, Waiting, Open, FallingBack, Succeeded, Failed, Skipped, Cancelled]
            }
            Running => &[Hedged, BackingOff, Waiting, FallingBack, Succeeded, Failed, Cancelled],
            // One of the two attempts is over before the other decides what becomes of the task.
            Hedged => &[Running, Cancelled],
            BackingOff => &[Running, FallingBack, Failed, Cancelled],
            // A person who was asked about a tool lets the task go on.
            Waiting => &[BackingOff, FallingBack, Succeeded, Failed, Cancelled],
            Open => &[FallingBack, Succeeded, Failed, Cancelled],
            FallingBack => &[Succeeded, Failed, Cancelled],
            Succeeded | Failed | Skipped | Cancelled => &[],
        }
    }

    /// The status after a move.
    ///
    /// # Errors
    /// When the table does not have the move.
    pub fn moved(self, to: TaskStatus) -> Result<TaskStatus, ForbiddenMove> {
        if self.moves().contains(&to) { Ok(to) } else { Err(ForbiddenMove { from: self, to }) }
    }

    /// Whether nothing more will happen to the task.
    pub fn is_final(self) -> bool {
        self.moves().is_empty()
    }

    /// The status in machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            TaskStatus::Pending => "pending",
            TaskStatus::Running => "running",
            TaskStatus::Hedged => "hedged",
            TaskStatus::BackingOff => "backing_off",
            TaskStatus::Waiting => "waiting",
            TaskStatus::Open => "open",
            TaskStatus::FallingBack => "falling_back",
            TaskStatus::Succeeded => "succeeded",
            TaskStatus::Failed => "failed",
            TaskStatus::Skipped => "skipped",
            TaskStatus::Cancelled => "cancelled",
        }
    }
}
