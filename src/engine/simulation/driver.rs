//! The driver in virtual time: it does what the embedded one does, and time jumps to whatever
//! happens next.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::answers::Answers;
use super::cluster::{Incoming, VirtualCluster};
use super::course::{Answered, Course};
use super::ledger::{Ledger, RehearsalError};
use super::tools::{self, VirtualTool};
use crate::engine::content::{Contents, Request, outcome_of, request_of, settle};
use crate::engine::{
    AttemptId, Beginning, Call, Command, Decision, Engine, Failure, FoldError, Fork, Input,
    Observation, Outcome, Recorded, RunStatus, ServerId, Settings, Time, Usage,
};
use crate::language::digest::Digest;
use crate::language::document::simulation::Profile;
use crate::language::plan::{Plan, TaskId, in_plan};

/// What happens to a run from outside.
#[derive(Debug, Clone, Default)]
pub struct Script {
    /// How the servers behave.
    pub profile: Profile,
    /// What people decide, by the gate's address, and how long after they are asked.
    pub decisions: BTreeMap<String, (Duration, String)>,
    /// When somebody interrupts the run.
    pub interrupt_at: Option<Duration>,
    /// When somebody ends the run.
    pub cancel_at: Option<Duration>,
    /// What a new run keeps of an earlier one.
    pub fork: Option<Fork>,
}

/// A run in virtual time.
pub struct Rehearsal<'a> {
    engine: Engine,
    contents: &'a dyn Contents,
    ledger: Option<&'a dyn Ledger>,
    cluster: VirtualCluster,
    answers: &'a dyn Answers,
    script: Script,
    now: Time,
    /// How far the clock that the engine is told of has been put forward, in microseconds.
    clock: i64,
    events: BTreeMap<(Time, u64), Event>,
    next_event: u64,
    local: VecDeque<Input>,
    under_way: BTreeMap<AttemptId, ServerId>,
    /// The tools that were used for tasks, in order.
    used_tools: Vec<AttemptId>,
    asked_people: BTreeSet<TaskId>,
    facts: Vec<Recorded>,
    asked: Vec<Asked>,
    commits: usize,
}

/// A request that reached a virtual server.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The task's address.
    pub task: String,
    /// The attempt's number.
    pub attempt: u32,
    /// The server.
    pub server: ServerId,
    /// When.
    pub at: Time,
    /// What was asked.
    pub request: Request,
}

#[derive(Debug)]
enum Event {
    FirstToken(AttemptId),
    End(AttemptId, Box<Result<Answered, Failure>>),
    Look(ServerId),
    ToolReady(AttemptId, Digest),
    ToolEnd(AttemptId, Box<VirtualTool>),
    Decide(TaskId, String),
    Interrupt,
    Cancel,
}

impl<'a> Rehearsal<'a> {
    /// A new run of a plan with these inputs.
    pub fn new(
        plan: Arc<Plan>,
        settings: Settings,
        script: Script,
        inputs: &Map<String, Value>,
        contents: &'a dyn Contents,
        answers: &'a dyn Answers,
    ) -> Rehearsal<'a> {
        let inputs = contents.write(Value::Object(inputs.clone()));
        let fork = script.fork.clone();
        let mut rehearsal =
            Rehearsal::of_engine(Engine::new(plan, settings), script, contents, answers);
        let beginning = Beginning { inputs: Some(inputs), fork, ..Beginning::default() };
        rehearsal.local.push_back(Input::Begin(beginning));
        rehearsal
    }

    /// A run that goes on from its facts, after its driver died or stopped at a moment. Its
    /// servers begin afresh.
    ///
    /// # Errors
    /// When the facts do not follow from each other.
    pub fn resumed(
        plan: Arc<Plan>,
        settings: Settings,
        script: Script,
        facts: Vec<Recorded>,
        contents: &'a dyn Contents,
        answers: &'a dyn Answers,
    ) -> Result<Rehearsal<'a>, FoldError> {
        let engine = Engine::of_history(plan, settings, &facts)?;
        let mut rehearsal = Rehearsal::of_engine(engine, script, contents, answers);
        rehearsal.now = facts.last().map(|fact| fact.at).unwrap_or_default();
        rehearsal.facts = facts;
        rehearsal.local.push_back(Input::Begin(Beginning::default()));
        Ok(rehearsal)
    }

    fn of_engine(
        engine: Engine,
        script: Script,
        contents: &'a dyn Contents,
        answers: &'a dyn Answers,
    ) -> Rehearsal<'a> {
        let mut rehearsal = Rehearsal {
            cluster: VirtualCluster::new(script.profile.clone()),
            engine,
            contents,
            ledger: None,
            answers,
            now: Time::default(),
            clock: 0,
            events: BTreeMap::new(),
            next_event: 0,
            local: VecDeque::new(),
            under_way: BTreeMap::new(),
            used_tools: Vec::new(),
            asked_people: BTreeSet::new(),
            facts: Vec::new(),
            asked: Vec::new(),
            commits: 0,
            script,
        };
        let servers: Vec<ServerId> =
            rehearsal.engine.settings().servers().map(|(id, _)| id).collect();
        for id in servers {
            let input = rehearsal.look(id);
            rehearsal.local.push_back(input);
        }
        if let Some(at) = rehearsal.script.interrupt_at {
            rehearsal.schedule(Time::default() + at, Event::Interrupt);
        }
        if let Some(at) = rehearsal.script.cancel_at {
            rehearsal.schedule(Time::default() + at, Event::Cancel);
        }
        rehearsal
    }

    /// Keeps the facts from now on where they may fail to be kept, as on a disk.
    #[must_use]
    pub fn kept_in(mut self, ledger: &'a dyn Ledger) -> Rehearsal<'a> {
        self.ledger = Some(ledger);
        self
    }

    /// Puts the clock that the engine is told of forward, or back, by so many microseconds. The
    /// engine hears of it at once, as it must: its next deadline is another one. The servers do
    /// not notice.
    pub fn set_clock(&mut self, by: i64) {
        self.clock = self.clock.saturating_add(by);
        self.local.push_back(Input::Tick);
    }

    /// How much time has really passed, whatever was done to the clock.
    pub fn now(&self) -> Time {
        self.now
    }

    /// The calls that servers are at work on or have in their queues.
    pub fn under_way(&self) -> impl Iterator<Item = (AttemptId, ServerId)> {
        self.under_way.iter().map(|(attempt, server)| (*attempt, *server))
    }

    /// The facts so far.
    pub fn facts(&self) -> &[Recorded] {
        &self.facts
    }

    /// The requests that servers got, in order.
    pub fn asked(&self) -> &[Asked] {
        &self.asked
    }

    /// The tools that were used for tasks, in order.
    pub fn used_tools(&self) -> &[AttemptId] {
        &self.used_tools
    }

    /// The engine as it stands.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The most calls of one model that a server works on at the moment.
    pub fn most_working(&self, server: ServerId) -> usize {
        self.cluster.most_working(server)
    }

    /// Runs until the run stops; `None` where nothing will ever happen again, which is a fault.
    ///
    /// # Errors
    /// When facts cannot be kept, or the engine contradicts itself.
    pub fn run(&mut self) -> Result<Option<RunStatus>, RehearsalError> {
        self.run_until(usize::MAX, |_| {})
    }

    /// Runs until the run stops or so many steps have been stored (then with `None`), and calls
    /// `check` behind each.
    ///
    /// # Errors
    /// When facts cannot be kept, or the engine contradicts itself. Nothing of the step has been
    /// carried out then, and the calls that were under way are broken off.
    pub fn run_until(
        &mut self,
        commits: usize,
        mut check: impl FnMut(&Self),
    ) -> Result<Option<RunStatus>, RehearsalError> {
        while self.commits < commits {
            let Some(input) = self.next_input() else {
                return Ok(None);
            };
            let commands = match self.decide(input) {
                Ok(commands) => commands,
                Err(error) => {
                    self.under_way.clear();
                    return Err(error);
                }
            };
            self.commits += 1;
            let mut stopped = None;
            for command in commands {
                match command {
                    Command::Stop(status) => stopped = Some(status),
                    other => self.execute(other),
                }
            }
            check(self);
            if stopped.is_some() {
                return Ok(stopped);
            }
        }
        Ok(None)
    }

    /// What is to be done about an input, when its facts are kept.
    fn decide(&mut self, input: Input) -> Result<Vec<Command>, RehearsalError> {
        let now = self.clock();
        let mut step = self.engine.handle(now, input)?;
        settle(&mut self.engine, now, &mut step, self.contents)?;
        let (facts, commands) = step.store(|new| match self.ledger {
            Some(ledger) => ledger.keep(new),
            None => Ok(()),
        })?;
        self.facts.extend(facts);
        Ok(commands)
    }

    /// The time as the engine is told it.
    fn clock(&self) -> Time {
        Time(self.now.0.saturating_add_signed(self.clock))
    }

    /// Something happens to the run next that its servers have no part in.
    pub fn tell(&mut self, input: Input) {
        self.local.push_front(input);
    }

    /// Lets everything happen until a moment, and stays there.
    ///
    /// # Errors
    /// When the engine contradicts itself.
    pub fn run_to(&mut self, moment: Time) -> Result<Option<RunStatus>, RehearsalError> {
        while self.next_moment().is_some_and(|next| next <= moment) {
            let stopped = self.run_until(self.commits + 1, |_| {})?;
            if stopped.is_some() {
                return Ok(stopped);
            }
        }
        self.now = self.now.max(moment);
        Ok(None)
    }

    /// Whether something will still happen.
    pub fn is_going_on(&self) -> bool {
        self.next_moment().is_some()
    }

    /// When something happens next.
    fn next_moment(&self) -> Option<Time> {
        if !self.local.is_empty() {
            return Some(self.now);
        }
        let event = self.events.first_key_value().map(|((at, _), _)| *at);
        [event, self.engine.next_deadline()].into_iter().flatten().min()
    }

    /// What happens next: what came of commands at once, else whichever of the events and the
    /// engine's deadline is earlier.
    fn next_input(&mut self) -> Option<Input> {
        if let Some(input) = self.local.pop_front() {
            return Some(input);
        }
        let deadline = self.engine.next_deadline();
        let deadline = deadline.map(|at| Time(at.0.saturating_add_signed(-self.clock)));
        let event = self.events.first_key_value().map(|(key, _)| *key);
        match (event, deadline) {
            (Some(key), deadline) if deadline.is_none_or(|deadline| key.0 <= deadline) => {
                self.now = self.now.max(key.0);
                let event = self.events.remove(&key)?;
                Some(self.happen(event))
            }
            (_, Some(deadline)) => {
                self.now = self.now.max(deadline);
                Some(Input::Tick)
            }
            _ => None,
        }
    }

    fn happen(&mut self, event: Event) -> Input {
        match event {
            Event::FirstToken(attempt) => Input::AttemptBegan(attempt),
            Event::End(attempt, result) => {
                self.leave(attempt);
                Input::AttemptEnded { attempt, outcome: self.outcome(*result) }
            }
            Event::Look(id) => self.look(id),
            Event::ToolReady(attempt, arguments) => {
                tools::ready(self.engine.state().plan(), attempt, arguments)
            }
            Event::ToolEnd(attempt, tool) => tool.input(attempt, self.contents),
            Event::Decide(task, choice) => {
                Input::Decided(Decision { task, choice, by: "the script".to_owned() })
            }
            Event::Interrupt => Input::Interrupt,
            Event::Cancel => Input::Cancel { by: "the script".to_owned() },
        }
    }

    fn look(&self, id: ServerId) -> Input {
        let observation = match self.cluster.look(id, self.now) {
            Ok(seen) => Observation::Up {
                models: Some(seen.models),
                resident: Some(seen.resident.keys().cloned().collect()),
                digests: seen.digests,
                windows: seen.resident,
            },
            Err(reason) => Observation::Down { reason },
        };
        Input::Observed { server: id, observation }
    }

    fn outcome(&self, result: Result<Answered, Failure>) -> Outcome {
        let answered = match result {
            Ok(answered) => answered,
            Err(failure) => {
                return Outcome::Failed { failure, answer: None, usage: None };
            }
        };
        let usage = Usage {
            answer_tokens: answered.tokens,
            prompt_tokens: answered.answer.prompt_tokens,
            load_us: u64::try_from(answered.load.as_micros()).unwrap_or(u64::MAX),
            prompt_us: u64::try_from(answered.reading.as_micros()).unwrap_or(u64::MAX),
            answer_us: u64::try_from(answered.writing.as_micros()).unwrap_or(u64::MAX),
            ..Usage::default()
        };
        outcome_of(&answered.answer, answered.verdict, usage, self.contents)
    }

    fn schedule(&mut self, at: Time, event: Event) {
        self.next_event += 1;
        self.events.insert((at, self.next_event), event);
    }

    fn execute(&mut self, command: Command) {
        match command {
            Command::Call(call) => self.call(&call),
            Command::Abort(attempt) => self.leave(attempt),
            Command::Observe(id) => self.schedule(self.now, Event::Look(id)),
            Command::Warm { server, model, num_ctx, timeout } => {
                let loaded = self.cluster.warm(server, &model, num_ctx, self.now);
                self.schedule(loaded.min(self.now + timeout), Event::Look(server));
            }
            Command::ReadyTool { attempt, arguments } => self.ready_tool(attempt, arguments),
            Command::UseTool { attempt, .. } => self.use_tool(attempt),
            Command::AskPerson { task, .. } => {
                let path = &self.engine.state().plan().task(task).path;
                let decided = |address: &String| self.script.decisions.get(address);
                let decision = decided(path).or_else(|| in_plan(path).iter().find_map(decided));
                let decision = decision.cloned();
                if let Some((after, choice)) = decision.filter(|_| self.asked_people.insert(task)) {
                    self.schedule(self.now + after, Event::Decide(task, choice));
                }
            }
            _ => {}
        }
    }

    fn ready_tool(&mut self, attempt: AttemptId, arguments: Digest) {
        match VirtualTool::of(self.engine.state().plan(), attempt, self.answers) {
            Some(tool) if tool.is_unavailable() => {
                self.schedule(self.now, Event::ToolEnd(attempt, Box::new(tool)));
            }
            Some(_) => self.schedule(self.now, Event::ToolReady(attempt, arguments)),
            None => {}
        }
    }

    fn use_tool(&mut self, attempt: AttemptId) {
        self.used_tools.push(attempt);
        let plan = self.engine.state().plan();
        if let Some(tool) = VirtualTool::of(plan, attempt, self.answers)
            && tool.answers()
        {
            let at = self.now + plan.task(attempt.task).estimate.0;
            self.schedule(at, Event::ToolEnd(attempt, Box::new(tool)));
        }
    }

    fn call(&mut self, call: &Call) {
        let plan = Arc::clone(self.engine.state().plan());
        // Contents in memory are always there.
        let Ok(request) = request_of(call, self.contents) else {
            return;
        };
        let task = plan.task(call.attempt.task).path.clone();
        self.asked.push(Asked {
            task: task.clone(),
            attempt: call.attempt.number,
            server: call.server,
            at: self.now,
            request: request.clone(),
        });
        self.under_way.insert(call.attempt, call.server);
        let (attempt, server, model) = (call.attempt, call.server, call.model.clone());
        let (num_ctx, window) = (call.num_ctx, call.window);
        let incoming = Incoming { attempt, server, task, model, request, num_ctx, window };
        if let Some(course) = self.cluster.arrive(incoming, self.now, self.answers) {
            self.follow(attempt, course);
        }
    }

    fn follow(&mut self, attempt: AttemptId, course: Course) {
        if let Some(at) = course.first_token {
            self.schedule(at, Event::FirstToken(attempt));
        }
        if let Some((at, result)) = course.end {
            self.schedule(at, Event::End(attempt, Box::new(result)));
        }
    }

    /// A call is over or broken off; whoever waited for its slot begins.
    fn leave(&mut self, attempt: AttemptId) {
        let is_its_own = |event: &Event| match event {
            Event::FirstToken(id)
            | Event::End(id, _)
            | Event::ToolReady(id, _)
            | Event::ToolEnd(id, _) => *id == attempt,
            _ => false,
        };
        self.events.retain(|_, event| !is_its_own(event));
        let Some(server) = self.under_way.remove(&attempt) else {
            return;
        };
        if let Some((next, course)) = self.cluster.leave(attempt, server, self.now, self.answers) {
            self.follow(next, course);
        }
    }
}
