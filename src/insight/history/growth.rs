//! What a run's plan has grown by: work that is done several times, and what undoes others.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::History;
use crate::engine::{FilledPost, Iteration, RoundsEnd, TaskStatus};
use crate::insight::records::{Compensation, RoundsRecord};
use crate::language::digest::Digest;
use crate::language::plan::{ScopeId, TaskId, Work};

/// Work that is done several times.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Several {
    /// What for.
    listed: Vec<Iteration>,
    /// The scopes of those times that have begun, with when they did.
    begun: Vec<(ScopeId, Duration)>,
}

impl History {
    /// It is known for what work is done several times, or for what else.
    pub(super) fn list_iterations(
        &mut self,
        task: TaskId,
        iterations: &[Iteration],
        now: Duration,
    ) {
        if self.task(task).status() != TaskStatus::Open {
            self.begin(task, TaskStatus::Open, now);
        }
        let several = self.iterations.entry(task).or_default();
        several.listed.extend(iterations.iter().cloned());
    }

    /// Work that is done several times begins, as far as this many of the list.
    pub(super) fn open_iterations(&mut self, task: TaskId, upto: u32) {
        let Some(Several { listed, begun }) = self.iterations.get_mut(&task) else { return };
        let new = listed.iter().take(upto as usize).skip(begun.len());
        for one in new {
            let scope = |place: usize| begun.get(place).map(|(scope, _)| *scope);
            let Some(needs) = one.needed(&self.plan, scope) else { return };
            let plan = Arc::make_mut(&mut self.plan);
            let grown = plan.grow(task, &one.key, one.part, &needs);
            begun.extend(grown.map(|scope| (scope, self.worked)));
        }
        self.grow();
    }

    /// What undoes a task begins.
    pub(super) fn open_compensation(&mut self, task: TaskId, now: Duration) {
        let scope = Arc::make_mut(&mut self.plan).grow_compensation(task);
        let undo = scope.and_then(|scope| self.plan.scope(scope).tasks.first().copied());
        let behind = self.last_ended;
        self.compensations.extend(undo.map(|undo| Compensation { task, undo, began: now, behind }));
        self.grow();
    }

    /// The tasks of a scope ask those who have got its posts.
    pub(super) fn fill_posts(&mut self, scope: ScopeId, posts: &[FilledPost], now: Duration) {
        if scope.index() >= self.plan.scopes.len() {
            return;
        }
        let by_seat = posts.iter().map(|post| (post.seat, post.agent)).collect();
        Arc::make_mut(&mut self.plan).fill(scope, &by_seat);
        self.posts.insert(scope, (now, posts.to_vec()));
    }

    /// Who got which posts, by scope, and when since the run began.
    pub fn posts(&self) -> &BTreeMap<ScopeId, (Duration, Vec<FilledPost>)> {
        &self.posts
    }

    /// What undid tasks, in the order in which it was begun.
    pub fn compensations(&self) -> &[Compensation] {
        &self.compensations
    }

    /// What undoes a task in a scope, if something does.
    pub(in crate::insight) fn compensation(&self, scope: ScopeId) -> Option<&Compensation> {
        let task = self.plan.compensates(scope)?;
        self.compensations.iter().find(|compensation| compensation.task == task)
    }

    /// Whether everything was undone that was begun to be; none where nothing was.
    pub fn is_undone(&self) -> Option<bool> {
        let undos = self.compensations.iter();
        let mut undos = undos.map(|one| self.task(one.undo).status()).peekable();
        undos.peek()?;
        Some(undos.all(|status| status == TaskStatus::Succeeded))
    }

    /// The task that a task undoes, if it undoes one.
    pub fn undoes(&self, id: TaskId) -> Option<TaskId> {
        self.plan.compensates(self.plan.task(id).scope)
    }

    pub(super) fn end_rounds(&mut self, task: TaskId, end: RoundsEnd) {
        let scopes = self.iterations.get(&task).into_iter().flat_map(|several| &several.begun);
        let output = |scope: &ScopeId| {
            let done = self.plan.scope(*scope).tasks.first()?;
            self.task(*done).output.as_ref()
        };
        let outputs: Vec<Option<&Digest>> = scopes.map(|(scope, _)| output(scope)).collect();
        let rounds = RoundsRecord::of(&outputs, end);
        self.tasks[task.index()].rounds = Some(Box::new(rounds));
    }

    /// The scopes inside a task that have begun: that of the pattern that it uses, or those of the times
    /// that it is done.
    pub fn inside(&self, task: TaskId) -> Vec<ScopeId> {
        match (&self.plan.task(task).work, self.iterations.get(&task)) {
            (Work::Call { scope, .. }, _) => vec![*scope],
            (_, Some(several)) => several.begun.iter().map(|(scope, _)| *scope).collect(),
            _ => Vec::new(),
        }
    }

    /// What a task is done several times for, as far as it is known.
    pub fn listed(&self, task: TaskId) -> &[Iteration] {
        self.iterations.get(&task).map_or(&[], |several| several.listed.as_slice())
    }

    /// When a scope began that is one of several times that a task is done, and the one of them that had
    /// to end before.
    pub(in crate::insight) fn iteration(
        &self,
        scope: ScopeId,
    ) -> Option<(Duration, Option<TaskId>)> {
        let several = self.plan.iterates(scope)?;
        let begun = &self.iterations.get(&several)?.begun;
        let (_, began) = begun.iter().find(|(known, _)| *known == scope)?;
        // One that ended in the moment in which it began did not wait for itself.
        let earlier = begun.iter().take_while(|(other, _)| *other != scope);
        let others = earlier.filter_map(|(other, _)| self.plan.scope(*other).tasks.first());
        // What follows from an end is found out a moment after it.
        let ended = |other: &TaskId| self.task(*other).ended.filter(|ended| ended <= began);
        let over = others.copied().filter(|other| ended(other).is_some());
        let before = over.min_by_key(|other| Reverse(ended(other)));
        let waited = self.task(several).started < Some(*began);
        Some((*began, before.filter(|_| waited)))
    }
}
