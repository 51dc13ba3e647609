//! The pieces of work of a run: a fold over its facts, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::about::{author, holders};
use super::item::{About, Move, WorkItem};
use super::listed::not_begun;
use crate::engine::content::Contents;
use crate::engine::{Fact, Recorded, RunStatus, TaskStatus, Time};
use crate::insight::history::History;
use crate::language::digest::Digest;
use crate::language::document::LifecycleState;
use crate::language::plan::{Plan, ScopeId, TaskId};
use crate::organization::{AgentId, Tier, WorkState, moved};

/// What a run's facts say of its pieces of work.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkHistory {
    /// All there are, in the order in which they were listed.
    pub items: Vec<WorkItem>,
    /// The nearest piece of work around each scope.
    around: Vec<Option<usize>>,
    /// When the run began.
    pub began: Time,
    /// The moment that is looked at: the last fact of a run that is over.
    pub now: Time,
    begun: BTreeMap<TaskId, Time>,
    ended: BTreeMap<TaskId, Time>,
}

impl WorkHistory {
    /// The pieces of work of a run, with its history. Of one that is not over the time until `now` counts.
    pub fn of(
        plan: Arc<Plan>,
        facts: &[Recorded],
        contents: &dyn Contents,
        now: Time,
    ) -> (WorkHistory, History) {
        let mut history = History::new(plan);
        let mut fold = Fold::default();
        for recorded in facts {
            history.apply(recorded);
            fold.apply(&history, recorded, contents);
        }
        let last = facts.last().map_or(now, |fact| fact.at);
        let now = if history.status.is_final() { last } else { now.max(last) };
        let began = history.began.unwrap_or(now);
        fold.items.extend(not_begun(&history, &fold.around, &fold.listed, began));
        for item in &mut fold.items {
            item.until = if item.state().is_final() { item.since() } else { now };
        }
        let Fold { items, around, begun, ended, .. } = fold;
        (WorkHistory { items, around, began, now, begun, ended }, history)
    }

    /// When a task began, if it has.
    pub fn begun(&self, task: TaskId) -> Option<Time> {
        self.begun.get(&task).copied()
    }

    /// When a task ended, if it has.
    pub fn ended(&self, task: TaskId) -> Option<Time> {
        self.ended.get(&task).copied()
    }

    /// The piece of work that a task belongs to, as a place among all.
    pub fn of_task(&self, history: &History, task: TaskId) -> Option<usize> {
        self.of_scope(history.plan().task(task).scope)
    }

    /// The nearest piece of work around a scope.
    pub fn of_scope(&self, scope: ScopeId) -> Option<usize> {
        self.around.get(scope.index()).copied().flatten()
    }

    /// The tasks of a piece of work, those inside it among them, without those of pieces inside it.
    pub fn tasks_of<'h>(
        &'h self,
        history: &'h History,
        item: usize,
    ) -> impl Iterator<Item = TaskId> + 'h {
        history.tasks().map(|(id, _)| id).filter(move |id| self.of_task(history, *id) == Some(item))
    }

    /// Those that are no part of another, or all where every one is.
    pub fn pieces(&self) -> impl Iterator<Item = (usize, &WorkItem)> {
        let has_parts: BTreeSet<usize> = self.items.iter().filter_map(|one| one.part_of).collect();
        self.items.iter().enumerate().filter(move |(place, _)| !has_parts.contains(place))
    }
}

/// Whether tasks of a plan say in which state they have a piece of work.
pub fn has_work(plan: &Plan) -> bool {
    plan.all_tasks().iter().any(|task| task.lifecycle.is_some())
}

#[derive(Default)]
struct Fold {
    items: Vec<WorkItem>,
    around: Vec<Option<usize>>,
    /// By task that does something several times: when each of them was listed.
    listed: BTreeMap<TaskId, Vec<Time>>,
    begun: BTreeMap<TaskId, Time>,
    ended: BTreeMap<TaskId, Time>,
    inputs: BTreeMap<Option<TaskId>, Digest>,
}

impl Fold {
    fn apply(&mut self, history: &History, recorded: &Recorded, contents: &dyn Contents) {
        let at = recorded.at;
        match &recorded.fact {
            Fact::RunStarted { inputs, .. } => drop(self.inputs.insert(None, inputs.clone())),
            Fact::PatternOpened { task, inputs } => {
                self.inputs.insert(Some(*task), inputs.clone());
                self.know_inputs(history, *task, contents);
            }
            Fact::IterationsListed { task, iterations } => {
                self.listed.entry(*task).or_default().extend(iterations.iter().map(|_| at));
            }
            _ => {}
        }
        self.find_items(history, at, contents);
        if let Fact::PostsFilled { scope, .. } = &recorded.fact {
            self.assign(history, *scope, at);
        }
        if let Some(task) = begins(&recorded.fact)
            && !self.begun.contains_key(&task)
        {
            self.begun.insert(task, at);
            self.begin(history, task, at);
        }
        if let Some(task) = concerns(&recorded.fact)
            && history.task(task).status().is_final()
        {
            self.ended.entry(task).or_insert(at);
        }
        self.end(history, at);
    }

    /// Pieces of work that the plan has grown by.
    fn find_items(&mut self, history: &History, at: Time, contents: &dyn Contents) {
        let plan = history.plan();
        for place in self.around.len()..plan.scopes.len() {
            let scope = ScopeId(u32::try_from(place).unwrap_or(u32::MAX));
            let caller = plan.scope(scope).caller;
            let outer = caller.map(|caller| plan.task(caller).scope);
            let outer = outer.and_then(|outer| self.around.get(outer.index()).copied().flatten());
            if !is_piece(plan, scope, outer.is_some()) {
                self.around.push(outer);
                continue;
            }
            let address = caller.map_or(plan.name.clone(), |caller| plan.task(caller).path.clone());
            let inputs = self.inputs.get(&caller);
            let mut item = WorkItem {
                scope: Some(scope),
                address,
                caller,
                part_of: outer,
                about: inputs.map(|inputs| about(inputs, contents)).unwrap_or_default(),
                posts: Vec::new(),
                author: None,
                listed: self.listed_at(history, scope).unwrap_or(at),
                moves: Vec::new(),
                until: at,
            };
            item.about.title.get_or_insert_with(|| item.address.clone());
            self.around.push(Some(self.items.len()));
            self.items.push(item);
        }
    }

    /// When what a scope is one of several times was listed.
    fn listed_at(&self, history: &History, scope: ScopeId) -> Option<Time> {
        let plan = history.plan();
        let mut scope = scope;
        while let Some(caller) = plan.scope(scope).caller {
            if let Some(times) = self.listed.get(&caller) {
                let place = history.inside(caller).iter().position(|known| *known == scope)?;
                return times.get(place).copied();
            }
            scope = plan.task(caller).scope;
        }
        None
    }

    /// What a pattern does becomes known when it begins.
    fn know_inputs(&mut self, history: &History, caller: TaskId, contents: &dyn Contents) {
        let Some(inputs) = self.inputs.get(&Some(caller)) else { return };
        let item = self.items.iter_mut().find(|item| item.caller == Some(caller));
        let Some(item) = item else { return };
        item.about = about(inputs, contents);
        item.about.title.get_or_insert_with(|| history.plan().task(caller).path.clone());
    }

    fn assign(&mut self, history: &History, scope: ScopeId, at: Time) {
        let Some(item) = self.around.get(scope.index()).copied().flatten() else { return };
        let Some((_, posts)) = history.posts().get(&scope) else { return };
        let item = &mut self.items[item];
        item.posts.extend(holders(history.plan(), posts));
        if item.scope != Some(scope) {
            return;
        }
        item.about.complete(posts);
        item.author = author(history.plan(), posts);
        let who: Vec<String> =
            item.posts.iter().map(|one| format!("{} is {}", one.post, one.agent)).collect();
        item.go(WorkState::Assigned, at, None, who.join(", "));
    }

    /// A task has begun, and has its piece of work in a state.
    fn begin(&mut self, history: &History, task: TaskId, at: Time) {
        let plan = history.plan();
        let scope = plan.task(task).scope;
        let Some(item) = self.around.get(scope.index()).copied().flatten() else { return };
        let agent = plan.agent_of(plan.task(task)).map(|agent| agent.agent.id.clone());
        let item = &mut self.items[item];
        let Some(to) = plan.task(task).lifecycle.map(state) else {
            return item.know_agent(plan, task, agent);
        };
        if item.author.is_none() && to == WorkState::InProgress {
            item.author.clone_from(&agent);
        }
        let reason = format!("{} began", plan.task(task).path);
        item.go(to, at, Some(task), reason);
        item.know_agent(plan, task, agent);
    }

    /// What is planned waits for its author, and what has ended is over.
    fn end(&mut self, history: &History, at: Time) {
        for item in self.items.iter_mut().filter(|item| !item.state().is_final()) {
            if let Some((to, reason)) = ending(history, item.caller) {
                let is_kept = item.caller.is_some_and(|caller| history.task(caller).kept.is_some());
                item.go(to, at, None, reason);
                if let Some(last) = item.moves.last_mut().filter(|_| is_kept) {
                    // What was done in another run went its way there.
                    last.is_regular = true;
                }
                continue;
            }
            let planner = item.moves.last().and_then(|last| last.task);
            let is_planned = item.state() == WorkState::InPlanning
                && !item.posts.is_empty()
                && planner.is_some_and(|task| history.task(task).status() == TaskStatus::Succeeded);
            if is_planned {
                item.go(WorkState::Assigned, at, planner, "it is planned".to_owned());
            }
        }
    }
}

impl WorkItem {
    /// Goes to a state, if it is not in it, and nowhere from the end.
    fn go(&mut self, to: WorkState, at: Time, task: Option<TaskId>, reason: String) {
        let from = self.state();
        if from == to || from.is_final() {
            return;
        }
        let is_regular = is_regular(from, to, self.about.tier);
        self.moves.push(Move { from, to, at, task, agent: None, reason, is_regular });
    }

    /// Of a task that is made of others, the first that is asked in it has the work in its hands.
    fn know_agent(&mut self, plan: &Plan, task: TaskId, agent: Option<AgentId>) {
        let Some(last) = self.moves.last_mut().filter(|last| last.agent.is_none()) else { return };
        let Some(whole) = last.task else { return };
        if whole == task || plan.around(task).any(|around| around == whole) {
            last.agent = agent;
        }
    }
}

/// Whether the table has a move for work of a tier; of any where that is not known. In a run posts are filled
/// before anything else is done: what is to be planned has its people before its plan.
fn is_regular(from: WorkState, to: WorkState, tier: Option<Tier>) -> bool {
    let is_filled = from == WorkState::Pending && to == WorkState::Assigned;
    let permits = |tier: &Tier| moved(from, to, *tier).is_ok();
    is_filled || tier.map_or_else(|| Tier::ALL.iter().any(permits), |tier| permits(&tier))
}

/// Whether a scope is a piece of work: its tasks have it in states. Inside another one it has posts of its own.
pub(super) fn is_piece(plan: &Plan, scope: ScopeId, is_inside: bool) -> bool {
    let has_states = || {
        let tasks = &plan.scope(scope).tasks;
        tasks.iter().any(|task| plan.task(*task).lifecycle.is_some())
    };
    let is_own = !is_inside || !plan.scope(scope).staff.is_empty();
    is_own && plan.compensates(scope).is_none() && has_states()
}

fn about(inputs: &Digest, contents: &dyn Contents) -> About {
    let inputs = contents.read(inputs);
    About::of_inputs(&inputs.map(|inputs| (*inputs).clone()).unwrap_or(Value::Null))
}

/// How a piece of work ended, if it has.
fn ending(history: &History, caller: Option<TaskId>) -> Option<(WorkState, String)> {
    let Some(caller) = caller else {
        return match history.status {
            RunStatus::Succeeded => Some((WorkState::Completed, "the run succeeded".to_owned())),
            RunStatus::Failed => Some((WorkState::Cancelled, "the run failed".to_owned())),
            RunStatus::Cancelled => {
                Some((WorkState::Cancelled, "the run was cancelled".to_owned()))
            }
            RunStatus::Running | RunStatus::Waiting | RunStatus::Interrupted => None,
        };
    };
    let task = history.task(caller);
    match task.status() {
        TaskStatus::Succeeded if task.fell_back => {
            let failure = task.failure.as_ref().map(ToString::to_string).unwrap_or_default();
            Some((
                WorkState::Cancelled,
                format!("it failed, and something took its place: {failure}"),
            ))
        }
        TaskStatus::Succeeded => {
            let kept = task.kept.as_ref().map(|kept| format!("it is kept of run {}", kept.run));
            let reason = kept.unwrap_or_else(|| "everything in it is done".to_owned());
            Some((WorkState::Completed, reason))
        }
        TaskStatus::Failed => {
            let failure = task.failure.as_ref().map(ToString::to_string).unwrap_or_default();
            Some((WorkState::Cancelled, format!("it failed: {failure}")))
        }
        TaskStatus::Skipped => {
            let reason = task.skipped.map(|reason| reason.describe(history.plan()));
            Some((WorkState::Cancelled, format!("skipped: {}", reason.unwrap_or_default())))
        }
        TaskStatus::Cancelled => Some((WorkState::Cancelled, "it was broken off".to_owned())),
        _ => without_a_turn(history, caller),
    }
}

/// What never began, or did not end, is over with what it is a part of.
fn without_a_turn(history: &History, caller: TaskId) -> Option<(WorkState, String)> {
    let plan = history.plan();
    let is_over = |task: &TaskId| history.task(*task).status().is_final();
    let around = plan.around(caller).find(is_over);
    let run = history.status.is_final().then(|| format!("the run {}", history.status.as_str()));
    let around = around
        .map(|task| format!("{} {}", plan.task(task).path, history.task(task).status().as_str()));
    around.or(run).map(|reason| (WorkState::Cancelled, reason))
}

/// The task that begins with a fact, if it did not before.
fn begins(fact: &Fact) -> Option<TaskId> {
    match fact {
        Fact::AttemptStarted { attempt, .. } | Fact::ToolCalled { attempt, .. } => {
            Some(attempt.task)
        }
        Fact::GateOpened { task, .. }
        | Fact::MessageSent { task, .. }
        | Fact::PatternOpened { task, .. }
        | Fact::IterationsListed { task, .. }
        | Fact::TaskReused { task, .. }
        | Fact::TaskKept { task }
        | Fact::TaskSucceeded { task, .. }
        | Fact::TaskFailed { task, .. } => Some(*task),
        _ => None,
    }
}

/// The task that a fact is about, if it is about one.
fn concerns(fact: &Fact) -> Option<TaskId> {
    match fact {
        Fact::AttemptEnded { attempt, .. } => Some(attempt.task),
        Fact::TaskSkipped { task, .. }
        | Fact::TaskCancelled { task }
        | Fact::GateDecided { task, .. } => Some(*task),
        _ => begins(fact),
    }
}

fn state(lifecycle: LifecycleState) -> WorkState {
    match lifecycle {
        LifecycleState::InPlanning => WorkState::InPlanning,
        LifecycleState::InProgress => WorkState::InProgress,
        LifecycleState::Blocked => WorkState::Blocked,
        LifecycleState::Escalated => WorkState::Escalated,
        LifecycleState::UnderReview => WorkState::UnderReview,
        LifecycleState::DomainReview => WorkState::DomainReview,
        LifecycleState::ReadyForHandoff => WorkState::ReadyForHandoff,
    }
}
