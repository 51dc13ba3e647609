//! Plans grow by copies of what is done several times, when a run knows how often that is.

use super::expand::Part;
use super::iterate::Body;
use super::model::{Ask, Need, NeedKind, Plan, Scope, ScopeId, Task, TaskId, Wave, WaveId, Work};

impl Plan {
    /// Grows by what a task does once more: its body, whose tasks have addresses behind the task's own
    /// with the key between brackets. It needs the results of some that are there. Gives the scope of
    /// it. A task that does nothing several times gives none.
    pub fn grow(
        &mut self,
        caller: TaskId,
        key: &str,
        part: Part,
        needs: &[TaskId],
    ) -> Option<ScopeId> {
        let task = self.tasks.get(caller.index())?;
        let Work::Iterate(iterate) = &task.work else { return None };
        let mut body = iterate.part(part)?.clone();
        let any = body.tasks.first()?.path.clone();
        let this = format!("{}[{key}]", task.path);
        body.tasks.iter_mut().for_each(|task| readdress(task, &any, &this));
        let scope = self.grow_by(body, caller);
        let first = self.scope(scope).tasks.first().copied()?;
        let needs = needs.iter().map(|task| Need { task: *task, kind: NeedKind::Value });
        self.tasks[first.index()].needs.extend(needs);
        Some(scope)
    }

    /// Grows by a body of a task, whose scope it gives.
    pub(super) fn grow_by(&mut self, body: Body, caller: TaskId) -> ScopeId {
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let base = Base {
            scope: count(self.scopes.len()),
            wave: count(self.waves.len()),
            task: count(self.tasks.len()),
        };
        self.scopes.extend(body.scopes.into_iter().map(|scope| base.scope(scope, caller)));
        self.waves.extend(body.waves.into_iter().map(|wave| base.wave(wave)));
        self.tasks.extend(body.tasks.into_iter().map(|task| base.task(task)));
        ScopeId(base.scope)
    }

    /// The task that does what a scope is of several times, if the scope is such a body.
    pub fn iterates(&self, scope: ScopeId) -> Option<TaskId> {
        let caller = self.scope(scope).caller?;
        matches!(self.task(caller).work, Work::Iterate(_)).then_some(caller)
    }

    /// All tasks, with those that a run may do besides, several times or to undo others, once each.
    pub fn all_tasks(&self) -> Vec<&Task> {
        let mut found = Vec::with_capacity(self.tasks.len());
        collect(&self.tasks, &mut found);
        found
    }

    /// The tasks that ask a model, with what they ask, those that are done several times once.
    pub fn asks(&self) -> impl Iterator<Item = (&Task, &Ask)> {
        self.all_tasks().into_iter().filter_map(|task| match &task.work {
            Work::Ask(ask) => Some((task, ask)),
            _ => None,
        })
    }
}

impl Body {
    /// What is asked of models in it, what is done several times once.
    pub fn asks(&self) -> impl Iterator<Item = (&Task, &Ask)> {
        let mut found = Vec::new();
        collect(&self.tasks, &mut found);
        found.into_iter().filter_map(|task| match &task.work {
            Work::Ask(ask) => Some((task, ask)),
            _ => None,
        })
    }
}

fn collect<'p>(tasks: &'p [Task], found: &mut Vec<&'p Task>) {
    for task in tasks {
        found.push(task);
        if let Work::Iterate(iterate) = &task.work {
            iterate.bodies().for_each(|body| collect(&body.tasks, found));
        }
        if let Some(compensate) = &task.compensate {
            collect(&compensate.tasks, found);
        }
    }
}

/// Gives a task, whatever it does several times, and what undoes it another beginning of its address.
fn readdress(task: &mut Task, from: &str, to: &str) {
    if let Some(rest) = task.path.strip_prefix(from) {
        task.path = format!("{to}{rest}");
    }
    if let Work::Iterate(iterate) = &mut task.work {
        let tasks = iterate.bodies_mut().flat_map(|body| &mut body.tasks);
        tasks.for_each(|task| readdress(task, from, to));
    }
    if let Some(compensate) = &mut task.compensate {
        compensate.tasks.iter_mut().for_each(|task| readdress(task, from, to));
    }
}

/// Where a body begins in the plan that it is put into.
#[derive(Clone, Copy)]
struct Base {
    scope: u32,
    wave: u32,
    task: u32,
}

impl Base {
    fn scope_id(self, id: ScopeId) -> ScopeId {
        ScopeId(id.0 + self.scope)
    }

    fn wave_id(self, id: WaveId) -> WaveId {
        WaveId(id.0 + self.wave)
    }

    fn task_id(self, id: TaskId) -> TaskId {
        TaskId(id.0 + self.task)
    }

    fn scope(self, mut scope: Scope, caller: TaskId) -> Scope {
        scope.caller = Some(scope.caller.map_or(caller, |inner| self.task_id(inner)));
        scope.waves.iter_mut().for_each(|wave| *wave = self.wave_id(*wave));
        scope.tasks.iter_mut().for_each(|task| *task = self.task_id(*task));
        scope
    }

    fn wave(self, mut wave: Wave) -> Wave {
        wave.scope = self.scope_id(wave.scope);
        wave.tasks.iter_mut().for_each(|task| *task = self.task_id(*task));
        wave
    }

    fn task(self, mut task: Task) -> Task {
        task.scope = self.scope_id(task.scope);
        task.wave = self.wave_id(task.wave);
        task.needs.iter_mut().for_each(|need| need.task = self.task_id(need.task));
        let senders = task.on_message.iter_mut().flat_map(|trigger| &mut trigger.senders);
        senders.for_each(|id| *id = self.task_id(*id));
        match &mut task.work {
            Work::Ask(ask) => ask.sources.iter_mut().for_each(|id| *id = self.task_id(*id)),
            Work::Combine(combine) => {
                combine.sources.iter_mut().for_each(|id| *id = self.task_id(*id));
            }
            Work::Call { scope, .. } => *scope = self.scope_id(*scope),
            // What is inside it counts from its own first task.
            Work::Iterate(iterate) => {
                let sources = iterate.over.sources_mut().into_iter().flatten();
                sources.for_each(|id| *id = self.task_id(*id));
            }
            Work::Check { .. } | Work::Approve { .. } | Work::Tool(_) | Work::Send(_) => {}
        }
        task
    }
}
