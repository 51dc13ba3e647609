//! Second attempts beside those that took unusually long, and what they came to.

use std::time::Duration;

use super::history::History;

/// The hedges of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hedging {
    /// Hedges that were begun.
    pub hedges: u32,
    /// Those whose answer became the task's output.
    pub won: u32,
    /// What attempts took that were broken off because the other one was answered first, whichever of
    /// the two was the hedge, added up: the time of so many slots.
    pub superseded: Duration,
}

impl Hedging {
    pub(super) fn of(history: &History) -> Hedging {
        let mut hedging = Hedging::default();
        for attempt in history.tasks().flat_map(|(_, task)| &task.attempts) {
            hedging.hedges += u32::from(attempt.hedge);
            hedging.won += u32::from(attempt.hedge && attempt.answered());
            if attempt.superseded {
                hedging.superseded += attempt.took();
            }
        }
        hedging
    }
}
