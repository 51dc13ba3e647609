//! What undoes tasks: which of a plan's scopes does, and what it undoes.

use super::model::{Need, NeedKind, Plan, ScopeId, Task, TaskId, Wave, WaveId, Work};
use crate::language::document::OnFailure;

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

/// Whether an address is of what undoes a task, or one of the times that it was done.
pub fn undoes(path: &str, task: &str) -> bool {
    let undone = path.strip_suffix(UNDO).and_then(|path| path.strip_suffix('.'));
    let rest = undone.and_then(|undone| undone.strip_prefix(task));
    rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with('[') && !rest.contains('/')))
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

    /// The plan with a gate behind everything else that nothing passes: a run of it comes to its end, fails,
    /// and undoes what it has done.
    #[must_use]
    pub fn failing_at_its_end(mut self) -> Plan {
        // No author can write this name.
        const NAME: &str = "the end";
        let Some(any) = self.root().tasks.last().map(|last| self.task(*last).clone()) else {
            return self;
        };
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let (task, wave) = (TaskId(count(self.tasks.len())), WaveId(count(self.waves.len())));
        let needs = self.root().tasks.iter();
        let needs = needs.map(|need| Need { task: *need, kind: NeedKind::Order }).collect();
        let scope = ScopeId::ROOT;
        self.waves.push(Wave { name: NAME.to_owned(), barrier: true, scope, tasks: vec![task] });
        self.tasks.push(Task {
            name: NAME.to_owned(),
            path: NAME.to_owned(),
            wave,
            work: Work::Check { conditions: vec![(None, "false".to_owned())], message: None },
            needs,
            on_message: Vec::new(),
            when: None,
            on_failure: OnFailure::Fail,
            budget: None,
            compensate: None,
            ..any
        });
        self.scopes[scope.index()].tasks.push(task);
        self.scopes[scope.index()].waves.push(wave);
        self
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_and_each_time_that_it_is_done_are_undone() {
        for (path, expected) in [
            ("book.undo", true),
            ("book[2].undo", true),
            ("book[rome][2].undo", true),
            ("book", false),
            ("bookings.undo", false),
            ("book[2]/pay.undo", false),
            ("part/book.undo", false),
        ] {
            assert_eq!(undoes(path, "book"), expected, "{path}");
        }
    }
}
