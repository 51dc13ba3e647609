//! Runs that the tasks of a run have started, as far as its own facts say.

use super::history::History;
use crate::engine::{RunNote, StartLimit};
use crate::language::plan::TaskId;

/// Runs inside a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NestedRuns {
    /// Those that were started, by which task, each once.
    pub started: Vec<(TaskId, String)>,
    /// Those that were not, because of a limit.
    pub refused: Vec<Refusals>,
}

/// Runs that a task was refused because of one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusals {
    /// The task.
    pub task: TaskId,
    /// The limit.
    pub limit: StartLimit,
    /// How many.
    pub count: u32,
}

impl NestedRuns {
    /// Of the facts of a run.
    pub fn of(history: &History) -> NestedRuns {
        let mut found = NestedRuns::default();
        for (task, record) in history.tasks() {
            let tools = record.attempts.iter().flat_map(|attempt| &attempt.tools);
            let notes = tools.filter_map(|tool| tool.answer.as_ref()?.runs.as_deref());
            for note in notes {
                found.take_in(task, note);
            }
        }
        found
    }

    fn take_in(&mut self, task: TaskId, note: &RunNote) {
        match note {
            RunNote::Started(run) => {
                if !self.started.iter().any(|(_, known)| known == run) {
                    self.started.push((task, run.clone()));
                }
            }
            RunNote::Refused(limit) => {
                let mut known = self.refused.iter_mut();
                match known.find(|known| known.task == task && known.limit == *limit) {
                    Some(known) => known.count += 1,
                    None => self.refused.push(Refusals { task, limit: *limit, count: 1 }),
                }
            }
        }
    }
}
