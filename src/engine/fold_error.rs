//! Why facts cannot be folded.

use super::moves::ForbiddenMove;

/// A fact that does not follow from those before it: the journal or the engine is damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// A task would have to move where it cannot.
    #[error("fact {sequence}: task `{task}`: {source}")]
    Move {
        /// The fact's number.
        sequence: u64,
        /// The task's address.
        task: String,
        /// The move.
        source: ForbiddenMove,
    },
    /// Numbers do not follow each other.
    #[error("fact {found} follows fact {before}")]
    Gap {
        /// The number of the last fact.
        before: u64,
        /// The number of this one.
        found: u64,
    },
    /// A fact names what the plan does not have.
    #[error("fact {sequence} is about task {task}, which the plan does not have")]
    UnknownTask {
        /// The fact's number.
        sequence: u64,
        /// The task.
        task: u32,
    },
    /// A fact names a server that the run does not have.
    #[error("fact {sequence} is about server {server}, which the run does not have")]
    UnknownServer {
        /// The fact's number.
        sequence: u64,
        /// The server.
        server: u32,
    },
    /// An attempt ended that was not under way.
    #[error("fact {sequence} ends attempt {number} at `{task}`, which is not under way")]
    UnknownAttempt {
        /// The fact's number.
        sequence: u64,
        /// The task's address.
        task: String,
        /// The attempt's number.
        number: u32,
    },
    /// Posts are filled that there are not, or that somebody has.
    #[error("fact {sequence} fills posts of scope {scope}, which has none that are free")]
    NoPosts {
        /// The fact's number.
        sequence: u64,
        /// The scope.
        scope: u32,
    },
    /// A task keeps a result that the run did not begin with.
    #[error("fact {sequence}: task `{task}` keeps a result that there is not")]
    NothingKept {
        /// The fact's number.
        sequence: u64,
        /// The task's address.
        task: String,
    },
    /// There is news of runs for a task that waits for none.
    #[error("fact {sequence}: task `{task}` hears of runs for which it does not wait")]
    NotAwaited {
        /// The fact's number.
        sequence: u64,
        /// The task's address.
        task: String,
    },
    /// A task is undone that has done nothing, or a second time.
    #[error("fact {sequence}: there is nothing to undo of task `{task}`")]
    NothingToUndo {
        /// The fact's number.
        sequence: u64,
        /// The task's address.
        task: String,
    },
    /// Work begins that is not on the list of what is done several times.
    #[error("fact {sequence}: `{task}` begins {upto} times, and that is not on its list")]
    NotListed {
        /// The fact's number.
        sequence: u64,
        /// The task's address.
        task: String,
        /// How often it is to have begun.
        upto: u32,
    },
}

impl FoldError {
    /// The number of the fact that does not follow.
    pub fn sequence(&self) -> u64 {
        match self {
            FoldError::Move { sequence, .. }
            | FoldError::UnknownTask { sequence, .. }
            | FoldError::UnknownServer { sequence, .. }
            | FoldError::UnknownAttempt { sequence, .. }
            | FoldError::NothingKept { sequence, .. }
            | FoldError::NotAwaited { sequence, .. }
            | FoldError::NoPosts { sequence, .. }
            | FoldError::NotListed { sequence, .. }
            | FoldError::NothingToUndo { sequence, .. }
            | FoldError::Gap { found: sequence, .. } => *sequence,
        }
    }
}
