//! Undoing: of what failed or was broken off, the tasks that were done are undone, the last one first,
//! one after the other.

use super::conduct::Engine;
use super::fold_error::FoldError;
use super::vocabulary::Fact;
use crate::language::plan::{ScopeId, TaskId};

impl Engine {
    /// Has what is left in a scope undone, before the scope ends. False where nothing is.
    pub(super) fn undo(&mut self, scope: ScopeId, failed: bool) -> Result<bool, FoldError> {
        if self.state.undoing_given_up {
            let under_way: Vec<ScopeId> = self.state.undoing().collect();
            under_way.into_iter().try_for_each(|scope| self.cancel_tasks(scope))?;
            return Ok(false);
        }
        if self.state.is_undoing(scope) {
            return Ok(true);
        }
        match self.state.next_to_undo(scope, failed) {
            Some(task) => self.record(Fact::CompensationStarted { task }).map(|()| true),
            None => Ok(false),
        }
    }

    /// What undoes a task is over, however it went: whatever waited for that goes on.
    pub(super) fn undone(&mut self, task: TaskId) -> Result<(), FoldError> {
        if self.state.cancelled {
            return if self.state.status.is_final() { Ok(()) } else { self.finish_cancelling() };
        }
        let plan = self.plan();
        let around = plan.around(task).map(|caller| plan.task(caller).scope);
        let waits = |scope: &ScopeId| {
            plan.iterates(*scope).is_none()
                && self.state.scope_is_open(*scope)
                && self.state.has_ended(*scope)
        };
        let waiting = std::iter::once(plan.task(task).scope).chain(around).find(waits);
        waiting.map_or(Ok(()), |scope| self.conclude(scope))
    }
}
