//! What came of a run, in figures that outlive it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::engine::{RunStatus, TaskStatus};
use crate::insight::history::History;
use crate::insight::records::{Simulated, TaskRecord};
use crate::insight::wording::shortened;

/// So many characters of a reason are kept.
const REASON: usize = 160;

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOutcome {
    /// `succeeded`, `failed` or `cancelled`.
    pub status: String,
    /// How long processes worked on it, in microseconds.
    pub worked_us: u64,
    /// Calls to models and of tools.
    pub calls: u64,
    /// Those of them that were made again because one before them failed.
    pub retries: u64,
    /// Rounds in which work was done over, beyond the first of each.
    pub rounds_again: u64,
    /// Where it failed first, if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<WhereItFailed>,
    /// Whether any of it was invented.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
}

/// Where a run failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhereItFailed {
    /// The address of the task.
    pub task: String,
    /// Why, in short.
    pub reason: String,
}

impl RunOutcome {
    /// What came of a run; none while it is not over.
    pub fn of(history: &History) -> Option<RunOutcome> {
        if !history.status.is_final() {
            return None;
        }
        let sum = |count: fn(&TaskRecord) -> usize| -> u64 {
            history.tasks().map(|(_, task)| count(task) as u64).sum()
        };
        Some(RunOutcome {
            status: history.status.as_str().to_owned(),
            worked_us: u64::try_from(history.worked.as_micros()).unwrap_or(u64::MAX),
            calls: sum(TaskRecord::tries),
            retries: sum(retries),
            rounds_again: sum(|task| {
                task.rounds.as_ref().map_or(0, |rounds| rounds.count.saturating_sub(1))
            }),
            failed: (history.status == RunStatus::Failed).then(|| failed(history)).flatten(),
            simulated: history.simulated() != Simulated::No,
        })
    }

    /// How long processes worked on it.
    pub fn worked(&self) -> Duration {
        Duration::from_micros(self.worked_us)
    }

    /// Whether it came to its end.
    pub fn has_succeeded(&self) -> bool {
        self.status == RunStatus::Succeeded.as_str()
    }

    /// Whether it failed.
    pub fn has_failed(&self) -> bool {
        self.status == RunStatus::Failed.as_str()
    }
}

/// Attempts behind the first of a task. Those that were made beside another one are none, since nothing had failed.
fn retries(task: &TaskRecord) -> usize {
    let attempts = task.attempts.iter().filter(|attempt| !attempt.hedge && !attempt.lost).count();
    attempts.saturating_sub(1) + task.calls.len().saturating_sub(1)
}

/// The task that failed first, which as a rule is the one that took others with it.
fn failed(history: &History) -> Option<WhereItFailed> {
    let failed = history.tasks().filter(|(_, task)| {
        task.status() == TaskStatus::Failed && task.failure.is_some() && !task.fell_back
    });
    let first = failed.min_by_key(|(_, task)| task.ended);
    match first.and_then(|(id, task)| Some((id, task.failure.as_ref()?))) {
        Some((id, failure)) => Some(WhereItFailed {
            task: history.plan().task(id).path.clone(),
            reason: shortened(&failure.message, REASON),
        }),
        None => history.failure.as_ref().map(|failure| WhereItFailed {
            task: history.plan().name.clone(),
            reason: shortened(&failure.message, REASON),
        }),
    }
}
