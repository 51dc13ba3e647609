//! What happened in a run: every task with its attempts, every server, the whole.
//!
//! All times are times at work: moments since the run began, without the pauses in which no
//! process worked on it.

mod growth;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use self::growth::Several;
use super::records::{
    AttemptRecord, Compensation, KeptFrom, ReusedFrom, RoundsRecord, ServerRecord, Simulated,
    TaskRecord, WaveProgress,
};
use super::spans::Span;
use crate::engine::{
    AttemptId, Budgets, Ending, Fact, Failure, FilledPost, Fork, Next, Outcome, PauseReason,
    Recorded, RunStatus, Server, ServerId, Settings, TaskStatus, Time,
};
use crate::language::digest::Digest;
use crate::language::plan::{Plan, ScopeId, TaskId, WaveId, Work};

/// What happened in a run, as far as facts say.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    plan: Arc<Plan>,
    /// The world that it has now, or had last.
    settings: Option<Settings>,
    /// When the run began.
    pub began: Option<Time>,
    /// How it stands.
    pub status: RunStatus,
    /// Why it stopped for now, if it did.
    pub pause: Option<PauseReason>,
    /// Its outputs.
    pub outputs: Option<Digest>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// How often it was taken up again.
    pub resumptions: u32,
    /// What it keeps of an earlier run, if it is a fork.
    pub fork: Option<Fork>,
    /// The moment of the last fact, at work.
    pub worked: Duration,
    /// What it has spent, and what bounds that.
    pub budgets: Budgets,
    /// All servers it ever had.
    pub servers: Vec<ServerRecord>,
    /// The times in which other runs used one of its servers and were over.
    shared: Vec<Span>,
    /// Since when other runs use each of the servers that they do, by place in `servers`.
    shared_since: BTreeMap<usize, Duration>,
    pub(super) tasks: Vec<TaskRecord>,
    /// The tasks that have sent a message, in the order in which they did.
    sent: Vec<TaskId>,
    /// Work that is done several times.
    iterations: BTreeMap<TaskId, Several>,
    /// What undid tasks, in order.
    compensations: Vec<Compensation>,
    /// Who got which posts, and when.
    posts: BTreeMap<ScopeId, (Duration, Vec<FilledPost>)>,
    /// The task that ended last.
    last_ended: Option<TaskId>,
    /// By wave of the root: counted as tasks end, since a watcher asks after every one.
    waves: BTreeMap<WaveId, WaveProgress>,
    /// Places in `servers` of those it has now.
    current: Vec<usize>,
    paused: Duration,
    last: Time,
}

impl History {
    /// A run of which nothing has happened.
    pub fn new(plan: Arc<Plan>) -> History {
        let waves = plan.root().waves.iter().map(|wave| (*wave, WaveProgress::default()));
        let mut history = History {
            waves: waves.collect(),
            tasks: Vec::new(),
            sent: Vec::new(),
            iterations: BTreeMap::new(),
            compensations: Vec::new(),
            posts: BTreeMap::new(),
            last_ended: None,
            plan,
            settings: None,
            began: None,
            status: RunStatus::Running,
            pause: None,
            outputs: None,
            failure: None,
            resumptions: 0,
            fork: None,
            worked: Duration::ZERO,
            budgets: Budgets::default(),
            servers: Vec::new(),
            shared: Vec::new(),
            shared_since: BTreeMap::new(),
            current: Vec::new(),
            paused: Duration::ZERO,
            last: Time::default(),
        };
        history.grow();
        history
    }

    /// Makes room for the tasks that the plan has grown by.
    fn grow(&mut self) {
        let known = u32::try_from(self.tasks.len()).unwrap_or(u32::MAX);
        let new = self.plan.tasks.len().saturating_sub(self.tasks.len());
        // What undoes a task is told apart from the work.
        for id in (known..).map(TaskId).take(new) {
            if self.undoes(id).is_some() {
                continue;
            }
            self.waves.entry(self.plan.root_wave(id)).or_default().all += 1;
        }
        self.tasks.resize(self.plan.tasks.len(), TaskRecord::default());
    }

    /// The history of a stored run.
    pub fn of_facts<'f>(plan: Arc<Plan>, facts: impl IntoIterator<Item = &'f Recorded>) -> History {
        let mut history = History::new(plan);
        for fact in facts {
            history.apply(fact);
        }
        history
    }

    /// The plan.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The world that it has now, or had last; none before it began.
    pub fn settings(&self) -> Option<&Settings> {
        self.settings.as_ref()
    }

    /// Whether it takes answers of earlier runs where they serve.
    pub fn reuses_answers(&self) -> bool {
        self.settings.as_ref().is_some_and(|settings| settings.cache)
    }

    /// Whether the run has a task, as far as it is known: its plan grows.
    pub fn has(&self, id: TaskId) -> bool {
        id.index() < self.tasks.len()
    }

    /// What happened to a task.
    pub fn task(&self, id: TaskId) -> &TaskRecord {
        &self.tasks[id.index()]
    }

    /// All tasks with their ids.
    pub fn tasks(&self) -> impl Iterator<Item = (TaskId, &TaskRecord)> {
        (0..).map(TaskId).zip(&self.tasks)
    }

    /// The tasks that have sent a message, in the order in which they did. What they sent is their output.
    pub fn sent(&self) -> &[TaskId] {
        &self.sent
    }

    /// The server of an attempt that is under way, by its id in the present world.
    pub fn server_name(&self, id: ServerId) -> &str {
        let place = self.current.get(id.index()).copied().unwrap_or(usize::MAX);
        self.servers.get(place).map_or("", |server| server.name.as_str())
    }

    /// Takes one fact in.
    pub fn apply(&mut self, recorded: &Recorded) {
        if let Fact::RunResumed { .. } = recorded.fact {
            self.paused += recorded.at.since(self.last);
            self.resumptions += 1;
        }
        if let Fact::RunStarted { fork, .. } = &recorded.fact {
            self.began = Some(recorded.at);
            self.fork.clone_from(fork);
        }
        self.last = recorded.at;
        let began = self.began.unwrap_or(recorded.at);
        let now = recorded.at.since(began).saturating_sub(self.paused);
        self.worked = now;
        if let Some(settings) = recorded.fact.settings() {
            // A process that died has not said that it shares nothing any more.
            self.end_sharing(now);
            self.settings = Some(settings.clone());
            self.status = RunStatus::Running;
            self.pause = None;
            self.current =
                settings.servers.iter().map(|server| self.server_place(server)).collect();
        }
        self.apply_fact(&recorded.fact, now);
        self.budgets.apply(&self.plan, recorded);
    }

    fn end_sharing(&mut self, now: Duration) {
        for since in std::mem::take(&mut self.shared_since).into_values() {
            self.shared.push((since, now));
        }
    }

    /// The times in which other runs used one of its servers.
    pub(super) fn shared(&self) -> Vec<Span> {
        let open = self.shared_since.values().map(|since| (*since, self.worked));
        self.shared.iter().copied().chain(open).collect()
    }

    fn server_place(&mut self, server: &Server) -> usize {
        // A simulated server has another port in every process, and is the same all the same.
        let same =
            |known: &ServerRecord| known.name == server.name && known.simulated == server.simulated;
        if let Some(place) = self.servers.iter().position(same) {
            self.servers[place].url.clone_from(&server.url);
            return place;
        }
        self.servers.push(ServerRecord {
            name: server.name.clone(),
            url: server.url.clone(),
            simulated: server.simulated,
            left: 0,
            warmed: 0,
        });
        self.servers.len() - 1
    }

    /// How much of it is invented: by who answered, or, before anybody has, by who may.
    pub fn simulated(&self) -> Simulated {
        let is_invented = |place: usize| self.servers[place].simulated;
        let attempts = self.tasks.iter().flat_map(|task| &task.attempts);
        let answered = attempts.filter(|attempt| attempt.answered());
        let mut invented: BTreeSet<bool> =
            answered.map(|attempt| is_invented(attempt.server)).collect();
        invented.extend(self.kept_answers().map(|kept| kept.simulated));
        let reused = self.tasks.iter().filter_map(|task| task.reused.as_ref());
        invented.extend(reused.map(|reused| reused.simulated));
        let calls = self.tasks.iter().flat_map(|task| &task.calls);
        invented.extend(calls.filter_map(|call| Some(call.tool.answer.as_ref()?.simulated)));
        if invented.is_empty() {
            invented.extend(self.current.iter().map(|place| is_invented(*place)));
        }
        match (invented.contains(&true), invented.contains(&false)) {
            (false, _) => Simulated::No,
            (true, false) => Simulated::Wholly,
            (true, true) => Simulated::Partly,
        }
    }

    /// The kept results that a server or a tool gave.
    fn kept_answers(&self) -> impl Iterator<Item = &KeptFrom> {
        let tasks = self.tasks().filter(|(id, task)| {
            let is_done = task.status() == TaskStatus::Succeeded && !task.fell_back;
            let is_from_outside = self.plan.task(*id).asks_a_model() || self.calls_a_tool(*id);
            is_done && is_from_outside
        });
        tasks.filter_map(|(_, task)| task.kept.as_deref())
    }

    fn apply_fact(&mut self, fact: &Fact, now: Duration) {
        match fact {
            Fact::AttemptStarted { attempt, server, model, request, hedge, .. } => {
                let server = self.current.get(server.index()).copied().unwrap_or_default();
                let (model, request) = (model.clone(), request.clone());
                let mut record = AttemptRecord::begun(attempt.number, server, model, request, now);
                record.hedge = *hedge;
                let status = if *hedge { TaskStatus::Hedged } else { TaskStatus::Running };
                self.begin(attempt.task, status, now).add_attempt(record);
            }
            Fact::ToolCalled { .. }
            | Fact::ToolAnswered { .. }
            | Fact::PermissionAsked { .. }
            | Fact::PermissionDecided { .. }
            | Fact::ToolsLeftOut { .. }
            | Fact::RunsAwaited { .. }
            | Fact::RunsHeard { .. } => self.apply_tool(fact, now),
            Fact::AttemptEnded { attempt, outcome, next, .. } => {
                self.attempt_ended(*attempt, outcome, *next, now);
            }
            Fact::TaskKept { task } => self.keep(*task, now),
            Fact::TaskReused { task, manifest, run, there, output } => {
                let (run, there) = (run.clone(), there.clone());
                let (model, simulated) = (manifest.model.clone(), manifest.simulated);
                let reused = ReusedFrom { run, task: there, model, simulated };
                let record = self.end(*task, TaskStatus::Succeeded, now);
                record.output = Some(output.clone());
                record.reused = Some(Box::new(reused));
            }
            Fact::TaskSkipped { task, reason } => {
                self.end(*task, TaskStatus::Skipped, now).skipped = Some(*reason);
            }
            Fact::PatternOpened { task, .. } => {
                self.begin(*task, TaskStatus::Open, now);
            }
            Fact::PostsFilled { scope, posts } => self.fill_posts(*scope, posts, now),
            Fact::IterationsListed { task, iterations } => {
                self.list_iterations(*task, iterations, now);
            }
            Fact::IterationsOpened { task, upto } => self.open_iterations(*task, *upto),
            Fact::VotesCounted { task, votes, .. } => {
                self.tasks[task.index()].votes = Some(Box::new(votes.clone()));
            }
            Fact::RoundsEnded { task, end } => self.end_rounds(*task, *end),
            Fact::CompensationStarted { task } => self.open_compensation(*task, now),
            Fact::GateOpened { task, question, deadline } => {
                let record = self.begin(*task, TaskStatus::Waiting, now);
                record.question = Some(question.clone());
                record.deadline = *deadline;
            }
            Fact::GateDecided { task, choice, by } => {
                let decision = Box::new((choice.clone(), by.clone()));
                self.end(*task, TaskStatus::Succeeded, now).decision = Some(decision);
            }
            Fact::TaskSucceeded { task, output } => {
                let record = self.end(*task, TaskStatus::Succeeded, now);
                record.fell_back = record.failure.is_some();
                record.output = Some(output.clone());
            }
            Fact::MessageSent { task, message } => self.send(*task, message, now),
            Fact::TaskFailed { task, failure, output, next } => {
                let record = if *next == Next::FallBack {
                    self.begin(*task, TaskStatus::FallingBack, now)
                } else {
                    self.end(*task, TaskStatus::Failed, now)
                };
                record.failure = Some(Box::new(failure.clone()));
                record.output.clone_from(output);
            }
            Fact::TaskCancelled { task } => self.cancelled(*task, now),
            Fact::RunPaused { reason } => {
                self.pause = Some(*reason);
                self.status = reason.status();
            }
            Fact::RunEnded { status, outputs, failure } => {
                self.status = *status;
                self.outputs.clone_from(outputs);
                self.failure.clone_from(failure);
            }
            Fact::ServerLeft { server, .. }
            | Fact::ServerReturned { server }
            | Fact::ServerShared { server, .. }
            | Fact::ServerUnshared { server }
            | Fact::WarmingStarted { server, .. } => self.apply_to_server(*server, fact, now),
            Fact::RunStarted { .. }
            | Fact::RunResumed { .. }
            | Fact::ModelsSeen { .. }
            | Fact::ModelLeft { .. }
            | Fact::BudgetReached { .. }
            | Fact::CancelRequested { .. } => {}
        }
    }

    /// A task was broken off, with what was under way for it.
    fn cancelled(&mut self, task: TaskId, now: Duration) {
        let record = self.end(task, TaskStatus::Cancelled, now);
        for attempt in record.attempts.iter_mut().filter(|attempt| attempt.ended.is_none()) {
            attempt.ended = Some(now);
            attempt.lost = true;
        }
        for call in record.calls.iter_mut().filter(|call| call.ended.is_none()) {
            call.ended = Some(now);
        }
    }

    /// A message was sent: it is what came out of its task.
    fn send(&mut self, task: TaskId, message: &Digest, now: Duration) {
        self.end(task, TaskStatus::Succeeded, now).output = Some(message.clone());
        self.sent.push(task);
    }

    fn apply_to_server(&mut self, server: ServerId, fact: &Fact, now: Duration) {
        let Some(place) = self.current.get(server.index()).copied() else { return };
        match fact {
            Fact::ServerLeft { .. } => self.servers[place].left += 1,
            Fact::WarmingStarted { .. } => self.servers[place].warmed += 1,
            Fact::ServerShared { .. } => {
                self.shared_since.entry(place).or_insert(now);
            }
            Fact::ServerUnshared { .. } => {
                let since = self.shared_since.remove(&place);
                self.shared.extend(since.map(|since| (since, now)));
            }
            _ => {}
        }
    }

    fn keep(&mut self, id: TaskId, now: Duration) {
        let Some(kept) = self.fork.as_ref().and_then(|fork| fork.kept(id)).cloned() else {
            return;
        };
        let outputs: Vec<Option<&Digest>> =
            kept.items.iter().map(|item| item.ending.output()).collect();
        let rounds = kept.rounds_end.map(|end| Box::new(RoundsRecord::of(&outputs, end)));
        let is_message = matches!(self.plan.task(id).work, Work::Send(_));
        if is_message && kept.ending.status() == TaskStatus::Succeeded {
            self.sent.push(id);
        }
        let record = self.end(id, kept.ending.status(), now);
        record.votes = kept.votes.map(Box::new);
        record.rounds = rounds;
        record.kept = Some(Box::new(KeptFrom { run: kept.run, simulated: kept.simulated }));
        match kept.ending {
            Ending::Succeeded { output, failure } => {
                record.output = Some(output);
                record.fell_back = failure.is_some();
                record.failure = failure.map(Box::new);
            }
            Ending::Decided { choice, by } => record.decision = Some(Box::new((choice, by))),
            Ending::Failed { failure, output } => {
                record.failure = Some(Box::new(failure));
                record.output = output;
            }
            Ending::Skipped { reason } => record.skipped = Some(reason),
            Ending::Cancelled => {}
        }
    }

    fn attempt_ended(&mut self, id: AttemptId, outcome: &Outcome, next: Next, now: Duration) {
        if self.calls_a_tool(id.task) {
            return self.call_ended(id.task, outcome, next, now);
        }
        let record = &mut self.tasks[id.task.index()];
        let Some(attempt) = record.attempts.iter_mut().rev().find(|a| a.number == id.number) else {
            return;
        };
        attempt.ended = Some(now);
        attempt.next = Some(next);
        if let Next::Retry { at } | Next::Move { at } = next {
            attempt.again_from = Some(now + at.since(self.last));
        }
        if next == Next::GoesOn {
            record.status = Some(TaskStatus::Running);
        }
        match outcome {
            Outcome::Answered { output, usage } => {
                attempt.usage = Some(*usage);
                record.output = Some(output.clone());
                record.failure = None;
                self.end(id.task, TaskStatus::Succeeded, now);
            }
            Outcome::Failed { failure, usage, .. } => {
                attempt.failure = Some(Box::new(failure.clone()));
                let last =
                    attempt.tools.last().and_then(|tool| tool.called.spent.as_deref().copied());
                attempt.in_vain = usage.or(last).map(Box::new);
                if next == Next::GoesOn {
                    return;
                }
                record.failure = Some(Box::new(failure.clone()));
                match next {
                    Next::Done => {
                        self.end(id.task, TaskStatus::Failed, now);
                    }
                    Next::FallBack => record.status = Some(TaskStatus::FallingBack),
                    Next::Retry { .. } | Next::Move { .. } | Next::Wait { .. } => {
                        record.status = Some(TaskStatus::BackingOff);
                    }
                    Next::GoesOn => {}
                }
            }
            Outcome::Lost => {
                attempt.lost = true;
                if next != Next::GoesOn {
                    record.status = Some(TaskStatus::BackingOff);
                }
            }
            Outcome::Superseded => attempt.superseded = true,
        }
    }

    pub(super) fn begin(
        &mut self,
        id: TaskId,
        status: TaskStatus,
        now: Duration,
    ) -> &mut TaskRecord {
        let record = &mut self.tasks[id.index()];
        record.status = Some(status);
        record.started.get_or_insert(now);
        record
    }

    pub(super) fn end(&mut self, id: TaskId, status: TaskStatus, now: Duration) -> &mut TaskRecord {
        if !self.task(id).status().is_final()
            && self.undoes(id).is_none()
            && let Some(wave) = self.waves.get_mut(&self.plan.root_wave(id))
        {
            wave.ended += 1;
        }
        self.last_ended = Some(id);
        let record = self.begin(id, status, now);
        record.ended = Some(now);
        record
    }

    /// How many tasks have ended.
    pub fn ended_tasks(&self) -> usize {
        self.waves.values().map(|wave| wave.ended).sum()
    }

    /// How far a wave of the root has come.
    pub fn wave(&self, wave: WaveId) -> WaveProgress {
        self.waves.get(&wave).copied().unwrap_or_default()
    }
}
