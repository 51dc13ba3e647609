//! What the facts of a run say: a fold ([`fold`]), and nothing else changes it.
//!
//! It deliberately knows nothing of what a driver is doing at the moment; that is in `hands`.

mod fold;
mod posts;
mod tools;
mod undoing;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::budgets::Budgets;
use super::failure::Failure;
use super::fold_error::FoldError;
use super::fork::{Fork, Kept};
use super::iterations::{Iterations, RoundsEnd};
use super::manifest::ModelFiles;
use super::moves::TaskStatus;
use super::task_state::TaskState;
use super::time::Time;
use super::vocabulary::{FilledPost, PauseReason, Recorded, RunStatus};
use crate::language::digest::Digest;
use crate::language::plan::{Plan, ScopeId, TaskId, WaveId};
use crate::organization::{Guidance, Ledger};

/// How a run stands.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    plan: Arc<Plan>,
    /// Who needs a task, by the task needed.
    dependents: Arc<Vec<Vec<TaskId>>>,
    /// How the run stands.
    pub status: RunStatus,
    /// Why it stopped for now, if it did.
    pub pause: Option<PauseReason>,
    /// The values of the root's inputs; absent before the run began.
    pub inputs: Option<Digest>,
    /// Whether somebody wanted it to end.
    pub cancelled: bool,
    /// Its outputs, once it is over.
    pub outputs: Option<Digest>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// What it keeps of an earlier run.
    pub fork: Option<Arc<Fork>>,
    /// What its servers have said of their models.
    pub files: ModelFiles,
    /// What it has spent, and what bounds that.
    pub budgets: Budgets,
    /// Attempts begun so far.
    pub attempts: u64,
    /// Of those, second ones beside others that went on.
    pub hedges: u64,
    /// How many servers it has at present.
    servers: usize,
    /// The number of the last fact.
    pub sequence: u64,
    /// The moment of the last fact.
    pub last: Time,
    /// How many tasks the plan had when nothing had happened: the others it has grown by.
    compiled_tasks: usize,
    /// Work that is done several times, once it is known for what.
    iterations: BTreeMap<TaskId, Iterations>,
    /// The tasks that this run has done and that can be undone, in the order of their ends.
    undoable: Vec<TaskId>,
    /// Those of them that are undone, with the scopes in which they are.
    compensated: BTreeMap<TaskId, ScopeId>,
    /// What those have promised who have got posts.
    pub ledger: Ledger,
    /// Who has got which posts, by scope.
    pub posts: BTreeMap<ScopeId, Vec<FilledPost>>,
    /// What those who lead are told of the project, as the run was told when it began.
    pub briefing: Option<String>,
    /// What those who lead are told of patterns and learnings, as the run was told when it began.
    pub guidance: Option<Guidance>,
    /// Whether nothing more is undone, because somebody wanted that.
    pub undoing_given_up: bool,
    tasks: Vec<TaskState>,
    waves: Vec<WaveState>,
    scopes: Vec<ScopeState>,
}

#[derive(Debug, Clone, PartialEq)]
struct WaveState {
    open: bool,
    remaining: u32,
}

#[derive(Debug, Clone, PartialEq)]
struct ScopeState {
    inputs: Option<Digest>,
    remaining: u32,
    next_wave: usize,
    /// So many of its first waves have ended.
    ended_waves: usize,
    failed: Option<TaskId>,
}

/// What a fact has set free.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Consequences {
    /// Tasks that may start.
    pub(super) startable: Vec<TaskId>,
    /// Scopes whose tasks have all ended.
    pub(super) ended: Vec<ScopeId>,
    /// Scopes that have begun, and whose posts nobody has.
    pub(super) vacant: Vec<ScopeId>,
    /// Scopes that cannot succeed any more.
    pub(super) failing: Vec<ScopeId>,
}

impl State {
    /// A run of which nothing has happened.
    pub fn new(plan: Arc<Plan>) -> State {
        let mut state = State {
            tasks: Vec::new(),
            waves: Vec::new(),
            scopes: Vec::new(),
            iterations: BTreeMap::new(),
            undoable: Vec::new(),
            compensated: BTreeMap::new(),
            ledger: Ledger::default(),
            posts: BTreeMap::new(),
            briefing: None,
            guidance: None,
            undoing_given_up: false,
            compiled_tasks: plan.tasks.len(),
            dependents: Arc::new(Vec::new()),
            plan,
            status: RunStatus::Running,
            pause: None,
            inputs: None,
            cancelled: false,
            outputs: None,
            failure: None,
            fork: None,
            files: ModelFiles::default(),
            budgets: Budgets::default(),
            attempts: 0,
            hedges: 0,
            servers: 0,
            sequence: 0,
            last: Time::default(),
        };
        state.grow();
        state
    }

    /// Makes room for what the plan has and the state does not know yet.
    fn grow(&mut self) {
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let plan = &self.plan;
        let tasks = &plan.tasks[self.tasks.len()..];
        self.tasks.extend(tasks.iter().map(|task| TaskState::new(count(task.needs.len()) + 1)));
        let waves = &plan.waves[self.waves.len()..];
        self.waves.extend(
            waves.iter().map(|wave| WaveState { open: false, remaining: count(wave.tasks.len()) }),
        );
        let scopes = &plan.scopes[self.scopes.len()..];
        self.scopes.extend(scopes.iter().map(|scope| ScopeState {
            inputs: None,
            remaining: count(scope.tasks.len()),
            next_wave: 0,
            ended_waves: 0,
            failed: None,
        }));
        plan.add_dependents(Arc::make_mut(&mut self.dependents));
    }

    /// What the facts of a run say.
    ///
    /// # Errors
    /// When they do not follow from each other or are not of this plan.
    pub fn of_facts<'f>(
        plan: Arc<Plan>,
        facts: impl IntoIterator<Item = &'f Recorded>,
    ) -> Result<State, FoldError> {
        let mut state = State::new(plan);
        for fact in facts {
            state.follow(fact)?;
        }
        Ok(state)
    }

    /// Takes in what happened next, for whoever follows a run.
    ///
    /// # Errors
    /// When the fact does not follow from those before it; the state is unusable then.
    pub fn follow(&mut self, recorded: &Recorded) -> Result<(), FoldError> {
        self.apply(recorded).map(drop)
    }

    /// The plan.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// How a task stands.
    pub fn task(&self, id: TaskId) -> &TaskState {
        &self.tasks[id.index()]
    }

    /// The values of a scope's inputs, once it has begun.
    pub fn scope_inputs(&self, scope: ScopeId) -> Option<&Digest> {
        self.scopes[scope.index()].inputs.as_ref()
    }

    /// The task that made a scope fail.
    pub fn scope_failure(&self, scope: ScopeId) -> Option<TaskId> {
        self.scopes[scope.index()].failed
    }

    /// The result of an earlier run that a task keeps when its turn comes, if it keeps one.
    pub fn kept(&self, id: TaskId) -> Option<&Kept> {
        self.fork.as_ref()?.kept(id)
    }

    /// How work that is done several times stands; none before it is known for what.
    pub fn iterations(&self, task: TaskId) -> Option<&Iterations> {
        self.iterations.get(&task)
    }

    /// How the rounds of a task ended, in this run or in the earlier one that it is kept from.
    pub fn rounds_end(&self, task: TaskId) -> Option<RoundsEnd> {
        match self.iterations(task) {
            Some(iterations) => iterations.rounds_end,
            None => self.kept(task)?.rounds_end,
        }
    }

    /// How many tasks the plan had when nothing had happened: the others it has grown by.
    pub(super) fn compiled_tasks(&self) -> usize {
        self.compiled_tasks
    }

    /// The tasks that are done several times, once it is known for what.
    pub(super) fn iterating(&self) -> impl Iterator<Item = TaskId> {
        self.iterations.keys().copied()
    }

    /// Whether nothing is left of the run but to end.
    fn is_ending(&self) -> bool {
        self.inputs.is_some() && self.has_ended(ScopeId::ROOT)
    }

    /// Whether all tasks of a scope have ended.
    pub(super) fn has_ended(&self, scope: ScopeId) -> bool {
        self.scopes[scope.index()].remaining == 0
    }

    /// Whether all tasks of a wave have ended.
    pub fn wave_has_ended(&self, wave: WaveId) -> bool {
        self.waves[wave.index()].remaining == 0
    }

    /// Whether a scope has begun whose posts nobody has.
    pub(super) fn is_vacant(&self, scope: ScopeId) -> bool {
        let has_posts = !self.plan.scope(scope).staff.is_empty();
        has_posts && !self.posts.contains_key(&scope) && self.scope_is_open(scope)
    }

    /// Whether a scope is under way: it has begun, and its caller has not ended.
    pub(super) fn scope_is_open(&self, scope: ScopeId) -> bool {
        let begun = self.scopes[scope.index()].inputs.is_some();
        let caller = self.plan.scope(scope).caller;
        begun && caller.is_none_or(|caller| self.task(caller).status == TaskStatus::Open)
    }

    /// What is free to go on, for a run that is taken up again.
    pub(super) fn standing(&self) -> Consequences {
        let mut standing = Consequences::default();
        for (index, scope) in self.scopes.iter().enumerate() {
            let id = ScopeId(u32::try_from(index).unwrap_or(u32::MAX));
            if self.is_vacant(id) {
                standing.vacant.push(id);
            } else if self.scope_is_open(id) {
                if scope.failed.is_some() {
                    standing.failing.push(id);
                }
                if scope.remaining == 0 {
                    standing.ended.push(id);
                }
            }
        }
        for (id, task) in self.plan.tasks() {
            let state = self.task(id);
            let failing = self.scopes[task.scope.index()].failed.is_some();
            if state.status == TaskStatus::Pending && state.blockers == 0 && !failing {
                standing.startable.push(id);
            }
        }
        standing
    }
}
