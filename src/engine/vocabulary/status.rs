//! How runs stand, and why they stop and tasks are skipped.

use serde::{Deserialize, Serialize};

use crate::language::plan::{Plan, TaskId, Work};

/// Why a task was skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SkipReason {
    /// Its condition was false.
    Condition,
    /// It needs the output of a task that has none.
    NeedWithoutOutput {
        /// That task.
        task: TaskId,
    },
    /// The message on which it starts was not sent.
    MessageNotSent {
        /// The first task that could have.
        task: TaskId,
    },
}

impl SkipReason {
    /// The reason in words, such as ``"`market` has no output"``.
    pub fn describe(self, plan: &Plan) -> String {
        match self {
            SkipReason::Condition => "its condition is false".to_owned(),
            SkipReason::NeedWithoutOutput { task } => {
                format!("`{}` has no output", plan.task(task).path)
            }
            SkipReason::MessageNotSent { task } => {
                let topic = match &plan.task(task).work {
                    Work::Send(message) => message.topic.as_deref(),
                    _ => None,
                };
                format!("nobody sent a message on `{}`", topic.unwrap_or_default())
            }
        }
    }
}

/// Why a run stopped for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// It was told to.
    Interrupted,
    /// A gate waits and nobody is there.
    WaitingForPerson,
    /// No server could be reached for too long.
    NoServer,
    /// A budget is used up.
    Budget,
}

impl PauseReason {
    /// How a run stands that has stopped for this.
    pub fn status(self) -> RunStatus {
        match self {
            PauseReason::WaitingForPerson => RunStatus::Waiting,
            PauseReason::Interrupted | PauseReason::NoServer | PauseReason::Budget => {
                RunStatus::Interrupted
            }
        }
    }

    /// The reason in machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            PauseReason::Interrupted => "interrupted",
            PauseReason::WaitingForPerson => "waiting_for_person",
            PauseReason::NoServer => "no_server",
            PauseReason::Budget => "budget",
        }
    }
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// It is at work, or its driver died.
    Running,
    /// It waits for a person, and nobody is there.
    Waiting,
    /// It was stopped and can be resumed.
    Interrupted,
    /// It is over and has succeeded.
    Succeeded,
    /// It is over and has failed.
    Failed,
    /// It is over because somebody wanted it to be.
    Cancelled,
}

impl RunStatus {
    /// The status in machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            RunStatus::Running => "running",
            RunStatus::Waiting => "waiting",
            RunStatus::Interrupted => "interrupted",
            RunStatus::Succeeded => "succeeded",
            RunStatus::Failed => "failed",
            RunStatus::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, RunStatus::Succeeded | RunStatus::Failed | RunStatus::Cancelled)
    }
}
