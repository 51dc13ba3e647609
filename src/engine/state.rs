//! What the facts of a run say: a fold, and nothing else changes it.
//!
//! It deliberately knows nothing of what a driver is doing at the moment; that is in `hands`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::failure::Failure;
use super::fold_error::FoldError;
use super::fork::{Fork, Kept};
use super::iterations::{Iteration, Iterations};
use super::manifest::ModelFiles;
use super::moves::TaskStatus;
use super::task_state::TaskState;
use super::time::Time;
use super::vocabulary::{Fact, Next, PauseReason, Recorded, RunStatus, SkipReason};
use crate::language::digest::Digest;
use crate::language::document::OnFailure;
use crate::language::plan::{Plan, ScopeId, TaskId, WaveId, Work};

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

    /// How many tasks the plan had when nothing had happened: the others it has grown by.
    pub(super) fn compiled_tasks(&self) -> usize {
        self.compiled_tasks
    }

    /// The tasks that are done several times, once it is known for what.
    pub(super) fn iterating(&self) -> impl Iterator<Item = TaskId> {
        self.iterations.keys().copied()
    }

    /// Whether all tasks of a wave have ended.
    pub fn wave_has_ended(&self, wave: WaveId) -> bool {
        self.waves[wave.index()].remaining == 0
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
            if self.scope_is_open(id) {
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

    /// Takes one fact in.
    ///
    /// # Errors
    /// When the fact does not follow from those before it; the state is unusable then.
    pub(super) fn apply(&mut self, recorded: &Recorded) -> Result<Consequences, FoldError> {
        let sequence = recorded.sequence;
        if sequence != self.sequence + 1 {
            return Err(FoldError::Gap { before: self.sequence, found: sequence });
        }
        self.check_names(sequence, &recorded.fact)?;
        self.sequence = sequence;
        self.last = recorded.at;
        self.files.apply(&recorded.fact);
        let mut set_free = Consequences::default();
        match &recorded.fact {
            Fact::RunStarted { inputs, fork, .. } => {
                self.inputs = Some(inputs.clone());
                self.begin_fork(sequence, fork.as_ref())?;
                self.open_scope(ScopeId::ROOT, inputs.clone(), &mut set_free);
            }
            Fact::RunResumed { .. } => {
                self.status = RunStatus::Running;
                self.pause = None;
            }
            Fact::RunPaused { reason } => {
                self.pause = Some(*reason);
                self.status = match reason {
                    PauseReason::WaitingForPerson => RunStatus::Waiting,
                    PauseReason::Interrupted | PauseReason::NoServer => RunStatus::Interrupted,
                };
            }
            Fact::CancelRequested { .. } => self.cancelled = true,
            Fact::RunEnded { status, outputs, failure } => {
                self.status = *status;
                self.outputs.clone_from(outputs);
                self.failure.clone_from(failure);
            }
            Fact::WarmingStarted { .. }
            | Fact::ModelsSeen { .. }
            | Fact::ServerLeft { .. }
            | Fact::ModelLeft { .. }
            | Fact::ServerReturned { .. }
            | Fact::ServerShared { .. }
            | Fact::ServerUnshared { .. } => {}
            about_a_task => self.apply_to_task(sequence, about_a_task, &mut set_free)?,
        }
        Ok(set_free)
    }

    /// That a fact is about tasks of the plan and servers of the run.
    fn check_names(&mut self, sequence: u64, fact: &Fact) -> Result<(), FoldError> {
        let cause = match fact {
            Fact::TaskSkipped { reason: SkipReason::NeedWithoutOutput { task }, .. } => Some(*task),
            _ => None,
        };
        let mut tasks = fact.task().into_iter().chain(cause);
        if let Some(task) = tasks.find(|task| task.index() >= self.tasks.len()) {
            return Err(FoldError::UnknownTask { sequence, task: task.0 });
        }
        if let Some(settings) = fact.settings() {
            self.servers = settings.servers.len();
        }
        match fact {
            Fact::AttemptStarted { server, .. }
            | Fact::ModelsSeen { server, .. }
            | Fact::ServerLeft { server, .. }
            | Fact::ModelLeft { server, .. }
            | Fact::ServerReturned { server }
            | Fact::ServerShared { server, .. }
            | Fact::ServerUnshared { server }
                if server.index() >= self.servers =>
            {
                Err(FoldError::UnknownServer { sequence, server: server.0 })
            }
            _ => Ok(()),
        }
    }

    fn apply_to_task(
        &mut self,
        sequence: u64,
        fact: &Fact,
        set_free: &mut Consequences,
    ) -> Result<(), FoldError> {
        let Some(id) = fact.task() else {
            return Ok(());
        };
        if let Fact::IterationsOpened { upto, .. } = fact {
            return self.open_iterations(sequence, id, *upto, set_free);
        }
        let Some(to) = self.take_in(sequence, id, fact)? else { return Ok(()) };
        let state = &mut self.tasks[id.index()];
        state.status = state.status.moved(to).map_err(|source| FoldError::Move {
            sequence,
            task: self.plan.task(id).path.clone(),
            source,
        })?;
        if let Fact::PatternOpened { inputs, .. } = fact
            && let Work::Call { scope, .. } = self.plan.task(id).work
        {
            self.open_scope(scope, inputs.clone(), set_free);
        }
        if to.is_final() {
            self.task_ended(id, to, set_free);
        }
        Ok(())
    }

    /// What a fact says of its task, and where the task goes; nowhere if the fact is none of a task's.
    fn take_in(
        &mut self,
        sequence: u64,
        id: TaskId,
        fact: &Fact,
    ) -> Result<Option<TaskStatus>, FoldError> {
        let state = &mut self.tasks[id.index()];
        Ok(Some(match fact {
            Fact::TaskSkipped { reason, .. } => {
                state.skipped = Some(*reason);
                TaskStatus::Skipped
            }
            Fact::TaskKept { .. } => match self.fork.as_ref().and_then(|fork| fork.kept(id)) {
                Some(kept) => state.keep(&kept.ending),
                None => {
                    let task = self.plan.task(id).path.clone();
                    return Err(FoldError::NothingKept { sequence, task });
                }
            },
            Fact::TaskReused { run, output, .. } => {
                state.output = Some(output.clone());
                state.reused_from = Some(run.clone());
                TaskStatus::Succeeded
            }
            Fact::PatternOpened { .. } => TaskStatus::Open,
            Fact::IterationsListed { iterations, .. } => {
                let known = self.iterations.entry(id).or_default();
                known.listed.extend(iterations.iter().cloned());
                TaskStatus::Open
            }
            Fact::GateOpened { question, deadline, .. } => {
                state.gate = Some(Box::new((question.clone(), *deadline)));
                TaskStatus::Waiting
            }
            Fact::GateDecided { choice, by, .. } => {
                state.decision = Some(Box::new((choice.clone(), by.clone())));
                TaskStatus::Succeeded
            }
            Fact::AttemptStarted { attempt, server, hedge: true, .. } => {
                self.attempts += 1;
                self.hedges += 1;
                state.attempts = attempt.number;
                state.hedge = Some(Box::new((*attempt, *server)));
                TaskStatus::Hedged
            }
            Fact::AttemptStarted { attempt, server, request, tokens, .. } => {
                self.attempts += 1;
                state.prompt_tokens = *tokens;
                state.attempts = attempt.number;
                state.running = Some((*attempt, *server));
                state.request = Some(request.clone());
                state.retry_at = None;
                TaskStatus::Running
            }
            Fact::AttemptEnded { attempt, outcome, next, .. } => {
                if !state.under_way().any(|(under_way, _)| under_way == *attempt) {
                    let task = self.plan.task(id).path.clone();
                    let number = attempt.number;
                    return Err(FoldError::UnknownAttempt { sequence, task, number });
                }
                state.attempt_ended(*attempt, outcome, *next)
            }
            Fact::TaskSucceeded { output, .. } => {
                state.output = Some(output.clone());
                TaskStatus::Succeeded
            }
            Fact::TaskFailed { failure, output, next, .. } => {
                state.failure = Some(Box::new(failure.clone()));
                state.output.clone_from(output);
                if *next == Next::FallBack { TaskStatus::FallingBack } else { TaskStatus::Failed }
            }
            Fact::TaskCancelled { .. } => {
                state.running = None;
                state.hedge = None;
                TaskStatus::Cancelled
            }
            _ => return Ok(None),
        }))
    }

    /// Work that is done several times begins, as far as this many of the list: the plan grows by it.
    fn open_iterations(
        &mut self,
        sequence: u64,
        task: TaskId,
        upto: u32,
        set_free: &mut Consequences,
    ) -> Result<(), FoldError> {
        let address = |state: &State| state.plan.task(task).path.clone();
        let not_listed =
            |state: &State| FoldError::NotListed { sequence, task: address(state), upto };
        let Some(known) = self.iterations.get(&task) else { return Err(not_listed(self)) };
        let new = known.scopes.len()..upto as usize;
        let Some(new) = known.listed.get(new).map(<[Iteration]>::to_vec) else {
            return Err(not_listed(self));
        };
        for Iteration { key, inputs } in new {
            let grown = Arc::make_mut(&mut self.plan).grow(task, &key);
            let Some(scope) = grown else { return Err(not_listed(self)) };
            self.grow();
            if let Some(known) = self.iterations.get_mut(&task) {
                known.scopes.push(scope);
            }
            self.open_scope(scope, inputs, set_free);
        }
        Ok(())
    }

    fn begin_fork(&mut self, sequence: u64, fork: Option<&Fork>) -> Result<(), FoldError> {
        let Some(fork) = fork else {
            return Ok(());
        };
        let mut named = fork.tasks();
        if let Some(unknown) = named.find(|task| task.index() >= self.tasks.len()) {
            return Err(FoldError::UnknownTask { sequence, task: unknown.0 });
        }
        self.fork = Some(Arc::new(fork.clone()));
        Ok(())
    }

    fn open_scope(&mut self, scope: ScopeId, inputs: Digest, set_free: &mut Consequences) {
        self.scopes[scope.index()].inputs = Some(inputs);
        self.open_waves(scope, set_free);
    }

    /// Opens the waves of a scope that may start: the first, every one without a barrier behind
    /// an open one, and every one whose predecessors have all ended.
    fn open_waves(&mut self, scope: ScopeId, set_free: &mut Consequences) {
        let plan = Arc::clone(&self.plan);
        let waves = &plan.scope(scope).waves;
        loop {
            let next = self.scopes[scope.index()].next_wave;
            let Some(wave) = waves.get(next) else { return };
            let ended = &waves[self.scopes[scope.index()].ended_waves..next];
            let ended = ended.iter().take_while(|wave| self.wave_has_ended(**wave)).count();
            self.scopes[scope.index()].ended_waves += ended;
            if plan.wave(*wave).barrier && self.scopes[scope.index()].ended_waves < next {
                return;
            }
            self.scopes[scope.index()].next_wave = next + 1;
            self.waves[wave.index()].open = true;
            for task in &plan.wave(*wave).tasks {
                self.unblock(*task, set_free);
            }
        }
    }

    fn unblock(&mut self, id: TaskId, set_free: &mut Consequences) {
        let state = &mut self.tasks[id.index()];
        state.blockers = state.blockers.saturating_sub(1);
        if state.blockers == 0 && state.status == TaskStatus::Pending {
            set_free.startable.push(id);
        }
    }

    fn task_ended(&mut self, id: TaskId, how: TaskStatus, set_free: &mut Consequences) {
        let plan = Arc::clone(&self.plan);
        let task = plan.task(id);
        let scope = task.scope;
        let handled = !matches!(task.on_failure, OnFailure::Fail);
        if how == TaskStatus::Failed && !handled && self.scopes[scope.index()].failed.is_none() {
            self.scopes[scope.index()].failed = Some(id);
            set_free.failing.push(scope);
        }
        let dependents = Arc::clone(&self.dependents);
        for dependent in &dependents[id.index()] {
            self.unblock(*dependent, set_free);
        }
        let wave = &mut self.waves[task.wave.index()];
        wave.remaining = wave.remaining.saturating_sub(1);
        let wave_ended = wave.remaining == 0;
        let state = &mut self.scopes[scope.index()];
        state.remaining = state.remaining.saturating_sub(1);
        if state.remaining == 0 {
            set_free.ended.push(scope);
        } else if wave_ended {
            self.open_waves(scope, set_free);
        }
    }
}
