//! Where a rehearsal keeps what has happened, when that may fail.

use crate::engine::{FoldError, Recorded};

/// Keeps facts, as the journal of a real run does. Without one they are kept in memory, which
/// never fails.
pub trait Ledger {
    /// Keeps the facts of a step with the contents that they name: all of it or nothing.
    ///
    /// # Errors
    /// When it cannot be known that they are kept.
    fn keep(&self, facts: &[Recorded]) -> Result<(), RehearsalError>;
}

/// Why a rehearsal cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RehearsalError {
    /// Facts could not be kept. What was kept before is there, and the run can be taken up again.
    #[error("what has happened cannot be kept: {0}")]
    NotKept(String),
    /// The engine contradicted itself.
    #[error(transparent)]
    Engine(#[from] FoldError),
}
