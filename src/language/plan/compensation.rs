//! What undoes tasks: which of a plan's scopes does, and what it undoes.

use super::model::{Plan, ScopeId, Task, TaskId, Work};

/// The name of what undoes a task, behind a dot in addresses. No name of a task has a dot.
pub(super) const UNDO: &str = "undo";

/// The address of what undoes the task at an address, such as `book.undo`.
pub(super) fn undo_address(path: &str) -> String {
    format!("{path}.{UNDO}")
}

/// Whether an address is of what undoes a task.
pub(super) fn is_undo_address(path: &str) -> bool {
    path.strip_suffix(UNDO).is_some_and(|path| path.ends_with('.'))
}

impl Task {
    /// What undoes it, or each of the times that it is done.
    pub fn undone_by(&self) -> Option<&Task> {
        match (&self.compensate, &self.work) {
            (Some(body), _) => body.tasks.first(),
            (None, Work::Iterate(iterate)) => iterate.task().undone_by(),
            _ => None,
        }
    }
}

impl Plan {
    /// Grows by what undoes a task. Gives the scope of it; a task that nothing undoes gives none.
    pub fn grow_compensation(&mut self, task: TaskId) -> Option<ScopeId> {
        let body = self.tasks.get(task.index())?.compensate.as_deref()?.clone();
        Some(self.grow_by(body, task))
    }

    /// The task that is undone in a scope, if something is.
    pub fn compensates(&self, scope: ScopeId) -> Option<TaskId> {
        let caller = self.scope(scope).caller?;
        let task = self.task(caller);
        let is_inside = match &task.work {
            Work::Call { scope: inside, .. } => *inside == scope,
            Work::Iterate(_) => true,
            _ => false,
        };
        (task.compensate.is_some() && !is_inside).then_some(caller)
    }

    /// The tasks around a task, from the inside to the outside: those that use what it is in, or do it
    /// several times.
    pub fn around(&self, task: TaskId) -> impl Iterator<Item = TaskId> {
        let caller = |task: &TaskId| self.scope(self.task(*task).scope).caller;
        std::iter::successors(caller(&task), caller)
    }

    /// Whether a task is in a scope, or in one inside it.
    pub fn is_within(&self, task: TaskId, scope: ScopeId) -> bool {
        let own = self.task(task).scope;
        own == scope || self.around(task).any(|caller| self.task(caller).scope == scope)
    }
}
