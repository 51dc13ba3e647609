//! What can be undone of a run, and what is.

use super::{Consequences, State};
use crate::engine::fold_error::FoldError;
use crate::engine::moves::TaskStatus;
use crate::language::plan::{ScopeId, TaskId, Work};

impl State {
    /// What undoes a task, once it has begun.
    pub fn compensation(&self, task: TaskId) -> Option<TaskId> {
        let scope = self.compensated.get(&task)?;
        self.plan.scope(*scope).tasks.first().copied()
    }

    /// The tasks that are undone, with what undoes them, in the order in which that began.
    pub fn compensations(&self) -> Vec<(TaskId, TaskId)> {
        let mut begun: Vec<(TaskId, ScopeId)> =
            self.compensated.iter().map(|(task, scope)| (*task, *scope)).collect();
        begun.sort_by_key(|(_, scope)| *scope);
        let undo = |scope: ScopeId| self.plan.scope(scope).tasks.first().copied();
        begun.into_iter().filter_map(|(task, scope)| Some((task, undo(scope)?))).collect()
    }

    /// The scopes in which something is undone.
    pub(in crate::engine) fn undoing(&self) -> impl Iterator<Item = ScopeId> {
        self.compensated.values().copied()
    }

    /// Whether something in a scope, or inside it, is being undone at the moment.
    pub(in crate::engine) fn is_undoing(&self, scope: ScopeId) -> bool {
        let mut under_way = self.compensated.iter().filter(|(_, undo)| !self.has_ended(**undo));
        under_way.any(|(task, _)| self.plan.is_within(*task, scope))
    }

    /// The task of a scope that is to be undone next: the last one that ended. Of a scope that has not
    /// failed these are those that nobody can build on, since what they are inside of has failed or was
    /// broken off.
    pub(in crate::engine) fn next_to_undo(&self, scope: ScopeId, failed: bool) -> Option<TaskId> {
        let is_next = |task: &&TaskId| {
            let around = || {
                let inside = |caller: &TaskId| self.plan.is_within(*caller, scope);
                self.plan.around(**task).take_while(inside)
            };
            // What uses it is undone as a whole.
            let is_covered = || around().any(|caller| self.undoable.contains(&caller));
            let is_abandoned = || failed || around().any(|caller| self.came_to_nothing(caller));
            !self.compensated.contains_key(*task)
                && self.plan.is_within(**task, scope)
                && is_abandoned()
                && !is_covered()
        };
        self.undoable.iter().rev().find(is_next).copied()
    }

    /// Whether a task has ended without what it was done for.
    fn came_to_nothing(&self, task: TaskId) -> bool {
        let state = self.task(task);
        match state.status {
            TaskStatus::Failed | TaskStatus::Cancelled => true,
            TaskStatus::Succeeded => state.failure.is_some(),
            _ => false,
        }
    }

    /// A task has ended well: it can be undone, where its author says how and this run has done it.
    pub(super) fn note_undoable(&mut self, id: TaskId, before: TaskStatus) {
        let task = self.plan.task(id);
        if task.compensate.is_none() || before == TaskStatus::FallingBack {
            return;
        }
        let has_asked = |id: TaskId| self.task(id).attempts > 0;
        let was_done = match task.work {
            Work::Call { .. } => {
                let mut all = self.plan.tasks();
                all.any(|(inner, _)| {
                    has_asked(inner) && self.plan.around(inner).any(|caller| caller == id)
                })
            }
            _ => has_asked(id),
        };
        if was_done {
            self.undoable.push(id);
        }
    }

    /// What undoes a task begins: the plan grows by it.
    pub(super) fn open_compensation(
        &mut self,
        sequence: u64,
        task: TaskId,
        set_free: &mut Consequences,
    ) -> Result<(), FoldError> {
        let is_open = self.undoable.contains(&task) && !self.compensated.contains_key(&task);
        let output = self.task(task).output.clone().filter(|_| is_open);
        let grown = output.and_then(|output| {
            let plan = std::sync::Arc::make_mut(&mut self.plan);
            Some((plan.grow_compensation(task)?, output))
        });
        let Some((scope, output)) = grown else {
            let task = self.plan.task(task).path.clone();
            return Err(FoldError::NothingToUndo { sequence, task });
        };
        self.grow();
        self.compensated.insert(task, scope);
        self.open_scope(scope, output, set_free);
        Ok(())
    }
}
