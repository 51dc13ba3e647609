//! How the states of work and those of the tasks go together by which a run does it.

use super::task_status::TaskStatus;
use super::work_state::WorkState::{
    self, Assigned, Blocked, Cancelled, Completed, DomainReview, Escalated, InPlanning, InProgress,
    Pending, ReadyForHandoff, UnderReview,
};

impl TaskStatus {
    /// The states in which a piece of work may be whose current task has this status. The current
    /// task is the one by which the work goes on: planning it, doing it, reviewing it, deciding about
    /// it. When that has ended the work moves, and another task becomes the current one.
    pub fn work_states(self) -> &'static [WorkState] {
        match self {
            // It is called for and has not begun: for want of a server, or of what it needs.
            TaskStatus::Pending => &[
                Pending,
                InPlanning,
                Assigned,
                InProgress,
                UnderReview,
                DomainReview,
                ReadyForHandoff,
                Blocked,
                Escalated,
            ],
            // Somebody is at it, or about to be again.
            TaskStatus::Running
            | TaskStatus::Hedged
            | TaskStatus::BackingOff
            | TaskStatus::Open
            | TaskStatus::FallingBack => {
                &[InPlanning, InProgress, UnderReview, DomainReview, ReadyForHandoff, Escalated]
            }
            // A person gives a go, allows a tool, approves, unblocks or decides.
            TaskStatus::Waiting => &[
                InPlanning,
                InProgress,
                UnderReview,
                DomainReview,
                ReadyForHandoff,
                Blocked,
                Escalated,
            ],
            // It is planned, done, reviewed or decided, and the work has moved on or is about to.
            TaskStatus::Succeeded | TaskStatus::Skipped => &[
                InPlanning,
                Assigned,
                InProgress,
                UnderReview,
                DomainReview,
                ReadyForHandoff,
                Escalated,
                Completed,
                Cancelled,
            ],
            // Without a result the work stands still until somebody decides.
            TaskStatus::Failed | TaskStatus::Cancelled => {
                &[Blocked, Escalated, InProgress, Cancelled]
            }
        }
    }
}
