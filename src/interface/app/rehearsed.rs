//! Plans in virtual time, for those who ask what would happen.

use std::sync::Arc;

use super::failure::{Failure, FailureKind};
use crate::engine::content::Contents;
use crate::engine::simulation::{Answers, Rehearsal, Script};
use crate::engine::{RunStatus, Settings};
use crate::language::plan::Plan;
use serde_json::{Map, Value};

/// So many steps a run may take for each of its tasks, and some more: a server that is always
/// overloaded makes a task wait for ever.
const STEPS_OF_A_TASK: usize = 500;

/// Plays a plan with these answers until the run stops; how it stands then, if it has stopped. A
/// run that does not come to an end is left where it is after very many steps.
///
/// # Errors
/// When the engine contradicts itself.
pub(super) fn rehearsed<'c>(
    plan: &Arc<Plan>,
    (settings, script): (Settings, Script),
    inputs: &Map<String, Value>,
    contents: &'c dyn Contents,
    answers: &'c dyn Answers,
) -> Result<(Rehearsal<'c>, Option<RunStatus>), Failure> {
    let plan = Arc::clone(plan);
    let mut rehearsal = Rehearsal::new(plan, settings, script, inputs, contents, answers);
    loop {
        let tasks = rehearsal.engine().state().plan().tasks.len();
        let steps = STEPS_OF_A_TASK * (tasks + 10);
        let status = rehearsal.run_until(steps, |_| {}).map_err(|error| {
            Failure::new(FailureKind::Failed, format!("Partita is at fault: {error}"))
        })?;
        let has_grown = rehearsal.engine().state().plan().tasks.len() > tasks;
        if status.is_some() || !has_grown {
            return Ok((rehearsal, status));
        }
    }
}
