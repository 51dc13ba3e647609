//! Work that is done several times, as often as only a run knows.
//!
//! A plan holds it once, as a body whose ids count from its own first task. When a run knows how
//! often it is done, the plan grows by a copy of the body for each time.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::choice::{MOST_CANDIDATES, Pairs, Samples, TieBreak};
use super::model::{Ask, Plan, Scope, ScopeId, Task, TaskId, Wave, WaveId, Work};
use crate::language::document::{DocumentKind, Require, Stop, Unmet, is_identifier};

/// So many items are expected where nobody can know.
const EXPECTED_ITEMS: usize = 5;

/// Work that is done several times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Iterate {
    /// What is done each time.
    pub body: Body,
    /// How often.
    pub over: Over,
}

/// How often work is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Over {
    /// Once for each item of a list.
    Items(Items),
    /// Until it is good enough, one time behind the other.
    Rounds(Rounds),
    /// Until reviewers pass it: the body is a review, from the second time on of what has been done
    /// again.
    Review(Review),
    /// So often that the answer given most often is known.
    Samples(Samples),
    /// Once where a vote ends in a tie, else never.
    TieBreak(TieBreak),
    /// Twice for each two of several results.
    Pairs(Pairs),
}

/// The items for which work is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Items {
    /// A list or a mapping, or an expression that gives either.
    pub items: Value,
    /// What an item is called in templates.
    pub name: String,
    /// What tells an item from the others: a template.
    pub key: Option<String>,
    /// More are an error.
    pub max: u32,
    /// The most that are worked on at a time.
    pub parallel: Option<NonZeroU32>,
    /// How many must succeed.
    pub require: Require,
    /// When those that are left are not done any more.
    pub stop: Stop,
}

/// When what is done in rounds is good enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rounds {
    /// It is, where this expression is true of a round.
    pub until: Option<String>,
    /// The most rounds.
    pub max: u32,
    /// An expression that says how good a round is, in a number.
    pub best: Option<String>,
    /// So many rounds without a better one are the last.
    pub patience: Option<NonZeroU32>,
    /// What it means that `until` was never true.
    pub unmet: Unmet,
}

/// What reviewers decide on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// An expression that gives what is reviewed.
    pub of: String,
    /// The criteria by name.
    pub criteria: Vec<String>,
    /// The reviewers, by the names of their tasks.
    pub reviewers: Vec<String>,
    /// So many of them must pass it.
    pub required: u32,
    /// So often it is done again where they do not.
    pub revisions: u32,
    /// What is said where they never do: a template.
    pub message: Option<String>,
}

/// The task of which an expression gives the whole output: `tasks.NAME.output`.
pub(super) fn reviewed_task(of: &str) -> Option<&str> {
    let of = of.trim();
    let inner = of.strip_prefix("{{").and_then(|of| of.strip_suffix("}}")).unwrap_or(of).trim();
    let name = inner.strip_prefix("tasks.")?.strip_suffix(".output")?;
    is_identifier(name).then_some(name)
}

/// One task, and what is inside it, as it is done each time. Ids count from 0; addresses have `[*]` in the
/// place of the key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// Scopes; the first has one task and no caller yet.
    pub scopes: Vec<Scope>,
    /// Waves.
    pub waves: Vec<Wave>,
    /// Tasks; the first is what is done.
    pub tasks: Vec<Task>,
}

impl Iterate {
    /// What is done each time.
    pub fn task(&self) -> &Task {
        &self.body.tasks[0]
    }

    /// The most times that it is done at once.
    pub fn parallel(&self) -> usize {
        match &self.over {
            Over::Items(items) => {
                items.parallel.map_or(usize::MAX, |parallel| parallel.get() as usize)
            }
            Over::Samples(samples) => {
                samples.parallel.map_or(usize::MAX, |parallel| parallel.get() as usize)
            }
            Over::TieBreak(_) | Over::Pairs(_) => usize::MAX,
            Over::Rounds(_) | Over::Review(_) => 1,
        }
    }

    /// The most times that it is done in all.
    pub fn most(&self) -> usize {
        match &self.over {
            Over::Items(items) => items.max as usize,
            Over::Rounds(rounds) => rounds.max as usize,
            Over::Review(review) => 1 + review.revisions as usize,
            Over::Samples(samples) => samples.count as usize,
            Over::TieBreak(_) => 1,
            Over::Pairs(_) => Pairs::comparisons(MOST_CANDIDATES),
        }
    }

    /// How often it is expected to be done: as often as the author's own list says, or a guess; of rounds,
    /// as many as there may be.
    pub fn expected_count(&self) -> usize {
        match &self.over {
            Over::Items(items) => match &items.items {
                Value::Array(list) => list.len(),
                Value::Object(map) => map.len(),
                _ => EXPECTED_ITEMS.min(items.max as usize),
            },
            Over::Rounds(rounds) => rounds.max as usize,
            Over::Review(review) => 1 + review.revisions as usize,
            Over::Samples(samples) => samples.expected_count(),
            Over::TieBreak(_) => 1,
            Over::Pairs(pairs) => Pairs::comparisons(pairs.sources.len()),
        }
    }

    /// How long it is expected to take: one after the other, and as it runs.
    pub(super) fn estimates(&self) -> (Duration, Duration) {
        let forecast = self.body.as_plan().forecast();
        let times = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let count = self.expected_count();
        let rounds = count.div_ceil(self.parallel().min(count.max(1)));
        (forecast.sequential * times(count), forecast.parallel * times(rounds))
    }
}

impl Over {
    /// The tasks whose results it chooses from, if it chooses.
    pub fn sources(&self) -> &[TaskId] {
        match self {
            Over::TieBreak(tie_break) => &tie_break.sources,
            Over::Pairs(pairs) => &pairs.sources,
            Over::Items(_) | Over::Rounds(_) | Over::Review(_) | Over::Samples(_) => &[],
        }
    }

    /// The same, to be changed.
    pub(super) fn sources_mut(&mut self) -> Option<&mut Vec<TaskId>> {
        match self {
            Over::TieBreak(tie_break) => Some(&mut tie_break.sources),
            Over::Pairs(pairs) => Some(&mut pairs.sources),
            Over::Items(_) | Over::Rounds(_) | Over::Review(_) | Over::Samples(_) => None,
        }
    }
}

impl Body {
    /// The same as a plan, to look at it as one.
    pub(super) fn as_plan(&self) -> Plan {
        Plan {
            name: String::new(),
            kind: DocumentKind::Pattern,
            summary: String::new(),
            scopes: self.scopes.clone(),
            waves: self.waves.clone(),
            tasks: self.tasks.clone(),
            teams: Vec::new(),
            agents: Vec::new(),
            tool_servers: Vec::new(),
            expected: None,
            budget: None,
        }
    }
}

impl Plan {
    /// Grows by what a task does once more: its body, whose tasks have addresses behind the task's own
    /// with the key between brackets. Gives the scope of it. A task that does nothing several times
    /// gives none.
    pub fn grow(&mut self, caller: TaskId, key: &str) -> Option<ScopeId> {
        let task = self.tasks.get(caller.index())?;
        let Work::Iterate(iterate) = &task.work else { return None };
        let mut body = iterate.body.clone();
        let (any, this) = (format!("{}[*]", task.path), format!("{}[{key}]", task.path));
        body.tasks.iter_mut().for_each(|task| readdress(task, &any, &this));
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let base = Base {
            scope: count(self.scopes.len()),
            wave: count(self.waves.len()),
            task: count(self.tasks.len()),
        };
        self.scopes.extend(body.scopes.into_iter().map(|scope| base.scope(scope, caller)));
        self.waves.extend(body.waves.into_iter().map(|wave| base.wave(wave)));
        self.tasks.extend(body.tasks.into_iter().map(|task| base.task(task)));
        Some(ScopeId(base.scope))
    }

    /// The task that does what a scope is of several times, if the scope is such a body.
    pub fn iterates(&self, scope: ScopeId) -> Option<TaskId> {
        let caller = self.scope(scope).caller?;
        matches!(self.task(caller).work, Work::Iterate(_)).then_some(caller)
    }

    /// All tasks, with those that a run will do several times, once each.
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

fn collect<'p>(tasks: &'p [Task], found: &mut Vec<&'p Task>) {
    for task in tasks {
        found.push(task);
        if let Work::Iterate(iterate) = &task.work {
            collect(&iterate.body.tasks, found);
        }
    }
}

/// Gives a task, and whatever it does several times, another beginning of its address.
fn readdress(task: &mut Task, from: &str, to: &str) {
    if let Some(rest) = task.path.strip_prefix(from) {
        task.path = format!("{to}{rest}");
    }
    if let Work::Iterate(iterate) = &mut task.work {
        iterate.body.tasks.iter_mut().for_each(|task| readdress(task, from, to));
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
            Work::Check { .. } | Work::Approve { .. } => {}
        }
        task
    }
}
