//! The engine: takes the time and one input, and gives facts and commands. It never waits, reads
//! no clock, and does the same for the same inputs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::content::windows;
use super::failure::Failure;
use super::fold_error::FoldError;
use super::hands::Hands;
use super::moves::TaskStatus;
use super::servers::full_name;
use super::settings::{People, Settings};
use super::state::{Consequences, State};
use super::step::Step;
use super::time::Time;
use super::timers::Timer;
use super::vocabulary::{
    Beginning, Command, Fact, Input, Next, PauseReason, Recorded, RunStatus, SkipReason,
};
use crate::language::digest::Digest;
use crate::language::document::{OnFailure, Priority};
use crate::language::plan::{Ask, NeedKind, Plan, ScopeId, TaskId, Work};

/// A run in the making.
#[derive(Debug)]
pub struct Engine {
    pub(super) state: State,
    pub(super) settings: Settings,
    pub(super) hands: Hands,
    /// The window that all calls of a model ask for, by its name in the plan, in tokens.
    pub(super) windows: BTreeMap<String, u32>,
    /// How long the way from each task to the end is.
    pub(super) remaining: Vec<Duration>,
    /// How urgent each task is.
    pub(super) urgencies: Vec<Priority>,
    /// The models that the run may ask, by their full names.
    pub(super) models: BTreeSet<String>,
    recorded: Vec<Recorded>,
    /// What recorded facts have set free and nobody has followed up yet. A queue and no recursion,
    /// since chains of tasks may be long.
    set_free: VecDeque<Consequences>,
    now: Time,
    /// How far the engine's time is ahead of the driver's clock, which has been set back.
    ahead: Duration,
}

impl Engine {
    /// A run of a plan of which nothing has happened.
    pub fn new(plan: Arc<Plan>, settings: Settings) -> Engine {
        let remaining = plan.forecast().remaining;
        let model = |ask: &Ask| full_name(ask.model.as_deref().unwrap_or(&settings.default_model));
        let models = plan.asks().map(|(_, ask)| model(ask)).collect();
        let mut engine = Engine {
            hands: Hands::new(&plan, &settings),
            windows: windows(&plan, &settings.default_model),
            state: State::new(plan),
            settings,
            remaining,
            urgencies: Vec::new(),
            models,
            recorded: Vec::new(),
            set_free: VecDeque::new(),
            now: Time::default(),
            ahead: Duration::ZERO,
        };
        engine.know_urgencies();
        engine
    }

    /// A run whose history is known, to be taken up again or to be looked at.
    ///
    /// # Errors
    /// When the facts do not follow from each other or are not of this plan.
    pub fn of_history<'f>(
        plan: Arc<Plan>,
        settings: Settings,
        facts: impl IntoIterator<Item = &'f Recorded>,
    ) -> Result<Engine, FoldError> {
        let mut engine = Engine::new(Arc::clone(&plan), settings);
        engine.state = State::of_facts(plan, facts)?;
        engine.grow();
        let filled: Vec<ScopeId> = engine.state.posts.keys().copied().collect();
        filled.into_iter().for_each(|scope| engine.know_holders(scope));
        engine.now = engine.state.last;
        Ok(engine)
    }

    /// How the run stands.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The world it runs in.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The next moment at which something is to happen of itself, by the driver's clock; another
    /// one when that has been set.
    pub fn next_deadline(&self) -> Option<Time> {
        if self.hands.stopped { None } else { self.hands.timers.next().map(|at| at - self.ahead) }
    }

    /// Takes one input in, with the time by the driver's clock.
    ///
    /// # Errors
    /// Only when the engine itself is at fault; the run must stop.
    pub fn handle(&mut self, now: Time, input: Input) -> Result<Step, FoldError> {
        // Clocks are set back; history is not. Its time goes on from where it was: it would stand
        // still otherwise, and every deadline with it, until the clock is there again.
        self.ahead += self.now.since(now + self.ahead);
        self.now = now + self.ahead;
        if !self.hands.stopped {
            self.take_in(input)?;
            self.advance()?;
        }
        let facts = std::mem::take(&mut self.recorded);
        let commands = std::mem::take(&mut self.hands.commands);
        Ok(Step::new(facts, commands))
    }

    fn take_in(&mut self, input: Input) -> Result<(), FoldError> {
        match input {
            Input::Begin(beginning) => self.begin(beginning),
            Input::Prepared { task, preparation } => self.prepared(task, preparation),
            Input::Wanted { scope, demands } => self.wanted(scope, demands),
            Input::LookedUp { task, found } => self.looked_up(task, found),
            Input::Concluded { scope, outputs } => self.concluded(scope, outputs),
            Input::AttemptBegan(attempt) | Input::AttemptContinued(attempt) => {
                self.attempt_continued(attempt);
                Ok(())
            }
            Input::ToolCalled { attempt, tool } => self.tool_called(attempt, tool),
            Input::ToolAnswered { attempt, answer } => self.tool_answered(attempt, answer),
            Input::ToolAsks { attempt, asking, usage } => {
                self.permission_asked(attempt, asking, usage)
            }
            Input::RunsAwaited { attempt, awaiting, patience, usage } => {
                self.runs_awaited(attempt, awaiting, patience, usage)
            }
            Input::RunsHeard(attempt) => self.runs_heard(attempt),
            Input::ToolsLeftOut(attempt) => self.tools_left_out(attempt),
            Input::ToolEnded { attempt, answer, outcome } => {
                self.tool_ended(attempt, answer, outcome)
            }
            Input::AttemptEnded { attempt, outcome } => self.attempt_ended(attempt, outcome),
            Input::Decided(decision) => self.decided(decision),
            Input::Observed { server, observation } => self.observed(server, &observation),
            Input::Shares(shares) => {
                self.take_shares(shares);
                Ok(())
            }
            Input::Interrupt => self.interrupt(PauseReason::Interrupted),
            Input::Cancel { by } => self.cancel(by),
            Input::Tick => Ok(()),
        }
    }

    pub(super) fn now(&self) -> Time {
        self.now
    }

    pub(super) fn plan(&self) -> Arc<Plan> {
        Arc::clone(self.state.plan())
    }

    pub(super) fn command(&mut self, command: Command) {
        self.hands.commands.push(command);
    }

    /// Records a fact. Nothing else changes the state.
    pub(super) fn record(&mut self, fact: Fact) -> Result<(), FoldError> {
        let sequence = self.state.sequence + 1;
        let recorded = Recorded { sequence, at: self.now, fact };
        let set_free = self.state.apply(&recorded)?;
        if let Fact::IterationsOpened { .. } | Fact::CompensationStarted { .. } = recorded.fact {
            self.grow();
        }
        if let Fact::PostsFilled { scope, .. } = recorded.fact {
            self.know_holders(scope);
        }
        self.recorded.push(recorded);
        if set_free != Consequences::default() {
            self.set_free.push_back(set_free);
        }
        Ok(())
    }

    /// Follows up what the recorded facts have set free, and what that sets free.
    fn follow_up(&mut self) -> Result<(), FoldError> {
        while let Some(set_free) = self.set_free.pop_front() {
            for scope in set_free.failing {
                self.fail_scope(scope)?;
            }
            for scope in set_free.vacant {
                self.find_staff(scope);
            }
            for task in set_free.startable {
                self.start(task)?;
            }
            for scope in set_free.ended {
                self.conclude(scope)?;
            }
        }
        Ok(())
    }

    fn begin(&mut self, beginning: Beginning) -> Result<(), FoldError> {
        let settings = self.settings.clone();
        let Beginning { inputs, fork, decisions } = beginning;
        match (&self.state.inputs, inputs) {
            (None, Some(inputs)) => {
                self.record(Fact::RunStarted { inputs, settings, fork })?;
                self.note_all_files()?;
                self.decide_ahead(decisions)
            }
            (Some(_), _) if !self.state.status.is_final() => {
                self.record(Fact::RunResumed { settings })?;
                self.note_all_files()?;
                self.decide_ahead(decisions)?;
                self.take_up()
            }
            // A run without inputs that has no history, or one that is over: nothing to do.
            _ => {
                self.hands.stopped = true;
                self.command(Command::Stop(self.state.status));
                Ok(())
            }
        }
    }

    /// Goes on from where the history ends: what was under way is lost, what waited waits again.
    fn take_up(&mut self) -> Result<(), FoldError> {
        if self.state.cancelled {
            self.cancel_tasks(ScopeId::ROOT)?;
        }
        // The plan is not held: it may grow in here, and would be copied.
        for id in (0..).map(TaskId).take(self.state.plan().tasks.len()) {
            let status = self.state.task(id).status;
            match status {
                TaskStatus::Running if self.state.task(id).calling.is_some() => {
                    self.lose_tool(id)?;
                }
                TaskStatus::Running | TaskStatus::Hedged => {
                    self.lose_attempts(id)?;
                    self.fail_if_unknown(id)?;
                }
                TaskStatus::BackingOff if self.await_runs(id) => {}
                TaskStatus::BackingOff => {
                    let at = self.state.task(id).retry_at.unwrap_or(self.now);
                    self.hands.timers.set(Timer::Retry(id), at);
                    self.fail_if_unknown(id)?;
                }
                TaskStatus::Waiting => self.reopen_gate(id)?,
                TaskStatus::FallingBack => {
                    self.hands.preparing.insert(id);
                    self.command(Command::FallBack(id));
                }
                _ => {}
            }
        }
        let standing = self.state.standing();
        self.set_free.push_back(standing);
        let several: Vec<TaskId> = self.state.iterating().collect();
        several.into_iter().try_for_each(|task| {
            self.watch_rung(task);
            self.go_on(task)
        })?;
        if self.state.cancelled { self.finish_cancelling() } else { Ok(()) }
    }

    /// A task may start: it ends with the result that it keeps where there is one, is skipped where
    /// what it needs is not there, and looked at otherwise.
    fn start(&mut self, id: TaskId) -> Result<(), FoldError> {
        let plan = self.plan();
        let task = plan.task(id);
        let is_undone = plan.compensates(task.scope).is_some();
        let over = self.state.cancelled && !is_undone;
        let failing = self.state.scope_failure(task.scope).is_some();
        if failing || over || self.state.task(id).status != TaskStatus::Pending {
            return Ok(());
        }
        if self.state.kept(id).is_some() {
            return self.record(Fact::TaskKept { task: id });
        }
        let missing = task
            .needs
            .iter()
            .find(|need| need.kind == NeedKind::Value && !self.state.task(need.task).has_output());
        if let Some(need) = missing {
            let reason = SkipReason::NeedWithoutOutput { task: need.task };
            return self.record(Fact::TaskSkipped { task: id, reason });
        }
        let mut sources = task.needs.iter().filter(|need| need.kind == NeedKind::Source).peekable();
        if let Some(first) = sources.peek().copied() {
            let skipped = |needed: TaskId| self.state.task(needed).status == TaskStatus::Skipped;
            if sources.all(|need| skipped(need.task)) {
                let reason = SkipReason::NeedWithoutOutput { task: first.task };
                return self.record(Fact::TaskSkipped { task: id, reason });
            }
        }
        let was_sent = |sender: &TaskId| self.state.task(*sender).status == TaskStatus::Succeeded;
        let unsent = task.on_message.iter().find(|on| !on.senders.iter().any(was_sent));
        if let Some(sender) = unsent.and_then(|on| on.senders.first().copied()) {
            let reason = SkipReason::MessageNotSent { task: sender };
            return self.record(Fact::TaskSkipped { task: id, reason });
        }
        if matches!(task.work, Work::Ask(_)) {
            let turn = self.turn(id);
            self.hands.lanes.add_ready(turn);
            self.begin_to_wait(id);
        } else {
            self.hands.preparing.insert(id);
            self.command(Command::Prepare(id));
        }
        Ok(())
    }

    /// A task whose request is known waits for a server, unless none could read it.
    pub(super) fn ask(
        &mut self,
        id: TaskId,
        request: Digest,
        tokens: u64,
    ) -> Result<(), FoldError> {
        if let Some(failure) = self.too_long(id, tokens) {
            return self.fail(id, failure, None);
        }
        self.hands.prompt_tokens.insert(id, tokens);
        self.enqueue(id, request);
        Ok(())
    }

    /// A task fails for good, before or without an attempt.
    pub(super) fn fail(
        &mut self,
        id: TaskId,
        failure: Failure,
        output: Option<Digest>,
    ) -> Result<(), FoldError> {
        let next = self.after_failure(id);
        self.record(Fact::TaskFailed { task: id, failure, output, next })?;
        self.fall_back_if(id, next);
        Ok(())
    }

    /// What follows when nothing more is tried.
    pub(super) fn after_failure(&self, id: TaskId) -> Next {
        match self.state.plan().task(id).on_failure {
            OnFailure::Fallback(_) => Next::FallBack,
            OnFailure::Fail | OnFailure::Continue => Next::Done,
        }
    }

    pub(super) fn fall_back_if(&mut self, id: TaskId, next: Next) {
        if next == Next::FallBack {
            self.hands.preparing.insert(id);
            self.command(Command::FallBack(id));
        }
    }

    /// Lets everything happen that is due, until nothing is.
    fn advance(&mut self) -> Result<(), FoldError> {
        loop {
            while !self.hands.stopped
                && let Some(timer) = self.hands.timers.take_due(self.now)
            {
                self.due(timer)?;
            }
            self.follow_up()?;
            if self.hands.stopped {
                return Ok(());
            }
            self.hold_no_longer();
            self.fill();
            self.place()?;
            self.call_tools();
            self.warm()?;
            self.hedge()?;
            // A retry that is due at once is a timer that has just been set.
            let due_at_once = self.hands.timers.next().is_some_and(|at| at <= self.now);
            if !due_at_once && self.set_free.is_empty() {
                break;
            }
        }
        self.tell_held()?;
        self.tell_shares()?;
        self.watch_servers();
        self.rest_if_idle()
    }

    fn due(&mut self, timer: Timer) -> Result<(), FoldError> {
        match timer {
            Timer::Retry(task) => {
                self.requeue(task);
                Ok(())
            }
            Timer::Queue(task) => self.queued_too_long(task),
            Timer::Patience(task) => {
                self.has_waited(task);
                Ok(())
            }
            Timer::Rung(task) => self.overdue(task),
            Timer::Gate(task) => self.gate_expired(task),
            Timer::News(task) => self.waited_enough(task),
            Timer::Load(attempt)
            | Timer::FirstToken(attempt)
            | Timer::Silence(attempt)
            | Timer::Total(attempt) => self.attempt_too_slow(timer, attempt),
            Timer::Breaker(server) => {
                self.hands.servers.get_mut(server).try_again();
                self.command(Command::Observe(server));
                Ok(())
            }
            Timer::Forgive(server) => {
                self.forgive(server);
                Ok(())
            }
            Timer::Observe(server) => {
                self.command(Command::Observe(server));
                Ok(())
            }
            Timer::GiveUp => self.interrupt(PauseReason::NoServer),
            // What is to be done is found out behind every input.
            Timer::Hedge => Ok(()),
        }
    }

    /// Where nothing is under way but gates that nobody is there to decide, or tasks that a budget holds
    /// back, the run rests.
    fn rest_if_idle(&mut self) -> Result<(), FoldError> {
        let hands = &self.hands;
        let busy = !hands.lanes.are_empty()
            || !hands.preparing.is_empty()
            || !hands.staffing.is_empty()
            || !hands.concluding.is_empty()
            || !hands.calls.is_empty()
            || !hands.tools.are_idle()
            || self.state.status != RunStatus::Running
            || self.state.inputs.is_none();
        let is_held = !self.hands.held.is_empty();
        if busy || (self.settings.people == People::Present && !is_held) {
            return Ok(());
        }
        let plan = self.plan();
        let mut waiting = false;
        for (id, _) in plan.tasks() {
            match self.state.task(id).status {
                TaskStatus::Waiting => waiting = true,
                TaskStatus::BackingOff if !self.hands.held.has(self.turn(id)) => return Ok(()),
                _ => {}
            }
        }
        match (is_held, waiting) {
            // Who decides may set free what no budget holds back.
            (true, true) if self.settings.people == People::Present => Ok(()),
            (true, _) => self.interrupt(PauseReason::Budget),
            (false, true) => self.interrupt(PauseReason::WaitingForPerson),
            (false, false) => Ok(()),
        }
    }

    pub(super) fn stop(&mut self, status: RunStatus) {
        self.hands.stopped = true;
        self.hands.timers.forget_all();
        self.command(Command::Stop(status));
    }
}
