//! The conducting thread.

mod disk;
mod nested;
mod orders;
mod others;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::alarm::Alarm;
use super::messages::{Control, Ended, Event, Message, Observer, Remote, ToolDone, ToolWanted};
use super::talk::{Break, Leave};
use super::task_tools;
use super::untold::{News, Untold};
use crate::engine::content::{Contents, outcome_of, permission_question, settle, write_as};
use crate::engine::sharing::Member;
use crate::engine::{
    AttemptId, Awaiting, Beginning, Command, DecidedAhead, Decision, Engine, FoldError, Input,
    Outcome, RunStatus, ServerId, Step, Time, ToolAnswer, ToolAsking, ToolUse, Usage,
};
use crate::language::plan::Work;
use crate::runtime::clock::Clock;
use crate::runtime::cluster::{Client, Ollama, ServerReport, place_of};
use crate::runtime::journal::{Journal, JournalContents, JournalError, Log, NewFacts, RunId};
use crate::runtime::sharing::BoardFile;
use crate::runtime::tools::{MustWait, ToolHouse};

/// How often it is looked for notes of other processes.
const NOTES_EVERY: Duration = Duration::from_millis(250);

/// How many messages are taken into one transaction.
const BATCH: usize = 1024;

/// Why a run cannot go on. It can be resumed when the cause is gone.
#[derive(Debug, thiserror::Error)]
pub enum ConductError {
    /// What happened could not be stored, and nothing that follows from it was done. The
    /// environment's fault.
    #[error("what happened in run {run} cannot be stored: {source}")]
    NotStored {
        /// The run.
        run: String,
        /// What the journal says.
        source: JournalError,
    },
    /// The journal could not be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The engine contradicted itself.
    #[error("the engine is at fault: {0}")]
    Engine(#[from] FoldError),
}

/// A run that is under way in this process.
pub struct Conductor {
    engine: Engine,
    journal: Journal,
    contents: JournalContents,
    run: RunId,
    clock: Clock,
    servers: Vec<Ollama>,
    sender: UnboundedSender<Message>,
    receiver: UnboundedReceiver<Message>,
    calls: BTreeMap<AttemptId, JoinHandle<()>>,
    tools: Arc<ToolHouse>,
    /// Tools that wait until their calls are on record.
    wanted: BTreeMap<(AttemptId, u32), oneshot::Sender<Leave>>,
    /// Who waits for news of runs, by the attempts that were over for it.
    awaited: BTreeMap<AttemptId, JoinHandle<()>>,
    /// Inputs that came of carrying commands out.
    local: VecDeque<Input>,
    /// Notes whose inputs are being handled; they are dropped with the facts that come of them.
    handled_notes: Vec<i64>,
    next_look_for_notes: Time,
    notes_version: i64,
    /// How the run shares its servers with others, unless they are its own.
    sharing: Option<BoardFile>,
    /// What the disk is waited for, unless nobody is to wait for it.
    log: Option<Log>,
    untold: Untold,
    /// Not sooner is the log written out again.
    next_write_out: Time,
    /// Where calls are made beside this thread.
    threads: Option<Handle>,
    /// The servers over connections of this thread, for a call beside which there is no other.
    near: Vec<Ollama>,
}

impl Conductor {
    /// Takes a run of a journal into its hands.
    ///
    /// # Errors
    /// When the log cannot be written out beside it.
    pub fn new(
        engine: Engine,
        mut journal: Journal,
        contents: JournalContents,
        run: RunId,
        client: &Client,
        clock: Clock,
    ) -> Result<Conductor, JournalError> {
        let settings = engine.settings();
        let servers =
            settings.servers.iter().map(|server| client.server(&server.name, &server.url));
        let (sender, receiver) = unbounded_channel();
        let log = journal.write_out_apart()?;
        // With `--cache` a task may take what another one has just been answered.
        if !engine.settings().cache {
            journal.let_indexes_be_late();
        }
        Ok(Conductor {
            servers: servers.collect(),
            engine,
            journal,
            contents,
            run,
            clock,
            sender,
            receiver,
            calls: BTreeMap::new(),
            tools: Arc::default(),
            wanted: BTreeMap::new(),
            awaited: BTreeMap::new(),
            local: VecDeque::new(),
            handled_notes: Vec::new(),
            next_look_for_notes: Time::default(),
            notes_version: -1,
            sharing: None,
            log,
            untold: Untold::default(),
            next_write_out: Time::default(),
            threads: None,
            near: Vec::new(),
        })
    }

    /// Has the run share its servers with the other runs of the journal.
    ///
    /// # Errors
    /// When there is no place where they could agree.
    pub fn share_servers(&mut self) -> Result<(), JournalError> {
        let settings = self.engine.settings();
        let places = settings.servers.iter().map(|server| place_of(&server.url)).collect();
        let member = Member::new(self.run.to_string(), settings.clone(), places);
        self.sharing = Some(BoardFile::new(self.journal.make_shares_folder()?, member));
        Ok(())
    }

    /// Gives agents their tools; without them they have none.
    pub fn give_tools(&mut self, tools: ToolHouse) {
        self.tools = Arc::new(tools);
    }

    /// Has calls made on other threads than the one that conducts, but for one beside which there is
    /// no other: it gains nothing by being made elsewhere, and would wake two threads that sleep.
    pub fn make_calls_on(&mut self, threads: Handle, client: &Client) {
        let settings = self.engine.settings();
        let near = settings.servers.iter().map(|server| client.server(&server.name, &server.url));
        self.near = near.collect();
        self.threads = Some(threads);
    }

    /// A way to the run for other threads.
    pub fn remote(&self) -> Remote {
        Remote(self.sender.clone())
    }

    /// The contents of the run, when it has stopped.
    pub fn into_contents(self) -> JournalContents {
        self.contents
    }

    /// Begins a new run with its inputs, or takes a stored one up, with what was seen of the
    /// servers before, and conducts it until it stops, on the thread that waits for it: it holds that up
    /// while facts are stored, and calls must run elsewhere.
    ///
    /// # Errors
    /// When facts cannot be stored: calls are broken off, and nothing that was stored is lost.
    pub async fn conduct(
        &mut self,
        beginning: Beginning,
        reports: &[ServerReport],
        observer: &mut dyn Observer,
    ) -> Result<RunStatus, ConductError> {
        let Beginning { inputs, fork, mut decisions } = beginning;
        for (id, report) in (0..).map(ServerId).zip(reports) {
            let observation = report.observation();
            self.local.push_back(Input::Observed { server: id, observation });
        }
        let mut others = Vec::new();
        for input in self.notes()? {
            match input {
                Input::Decided(Decision { task, choice, by }) => {
                    let address = self.engine.state().plan().task(task).path.clone();
                    decisions.push(DecidedAhead { address, choice, by });
                }
                other => others.push(other),
            }
        }
        if let Some(sharing) = &self.sharing {
            self.local.push_back(Input::Shares(sharing.shares()));
        }
        self.local.push_back(Input::Begin(Beginning { inputs, fork, decisions }));
        self.local.extend(others);
        let result = self.conduct_until_stopped(observer).await;
        for (_, call) in std::mem::take(&mut self.calls) {
            call.abort();
            // What is not there any more holds no connection.
            let _ = call.await;
        }
        for (_, waiting) in std::mem::take(&mut self.awaited) {
            waiting.abort();
        }
        self.close_runs(result.as_ref().ok().copied()).await;
        if let Some(sharing) = &mut self.sharing {
            sharing.leave();
        }
        let told = match &result {
            Ok(_) => self.tell_the_rest(observer).await,
            Err(_) => Ok(()),
        };
        // Last, since a server of tools may take its time to stop.
        self.tools.close().await;
        let status = result?;
        told?;
        Ok(status)
    }

    fn not_stored(&self, source: JournalError) -> ConductError {
        ConductError::NotStored { run: self.run.to_string(), source }
    }

    async fn conduct_until_stopped(
        &mut self,
        observer: &mut dyn Observer,
    ) -> Result<RunStatus, ConductError> {
        let mut alarm = Alarm::default();
        let mut put_off = Step::default();
        loop {
            let mut step = std::mem::take(&mut put_off);
            let goes_on = !step.is_empty();
            settle(&mut self.engine, self.clock.now(), &mut step, &self.contents)?;
            self.look_around(observer)?;
            self.look_at_shares()?;
            let mut taken = 0;
            while let Some(input) = self.local.pop_front() {
                step.append(self.engine.handle(self.clock.now(), input)?);
                taken += 1;
            }
            if taken == 0 && !goes_on && self.receiver.is_empty() {
                match alarm.until(self.deadline(), self.clock, self.receiver.recv()).await {
                    Some(Some(message)) => step.append(self.hear(message, observer)?),
                    Some(None) | None => {
                        step.append(self.engine.handle(self.clock.now(), Input::Tick)?);
                    }
                }
            }
            while taken < BATCH
                && let Ok(message) = self.receiver.try_recv()
            {
                step.append(self.hear(message, observer)?);
                taken += 1;
            }
            put_off = step.put_off();
            settle(&mut self.engine, self.clock.now(), &mut step, &self.contents)?;
            if let Some(status) = self.carry_out(step)? {
                return Ok(status);
            }
            self.write_out();
            self.untold.tell(observer);
        }
    }

    /// Until when may be waited: the engine's next deadline, or the next look for notes.
    fn deadline(&self) -> Time {
        let deadline = self.engine.next_deadline().unwrap_or(Time(u64::MAX));
        let next_look = self.sharing.as_ref().map(|sharing| sharing.next_look(&self.engine));
        let next_look = next_look.unwrap_or(Time(u64::MAX));
        let write_out = match self.untold.is_to_be_written() {
            true => self.next_write_out,
            false => Time(u64::MAX),
        };
        deadline.min(self.next_look_for_notes).min(next_look).min(write_out)
    }

    fn hear(
        &mut self,
        message: Message,
        observer: &mut dyn Observer,
    ) -> Result<Step, ConductError> {
        let now = self.clock.now();
        let input = match message {
            Message::Control(Control::Interrupt) => Input::Interrupt,
            Message::Control(Control::Cancel { by }) => Input::Cancel { by },
            Message::Control(Control::Decide(decision)) => Input::Decided(decision),
            Message::Began(attempt) => {
                observer.event(Event::Progress { attempt, pieces: 1 });
                Input::AttemptBegan(attempt)
            }
            Message::Continued(attempt, pieces) => {
                observer.event(Event::Progress { attempt, pieces });
                Input::AttemptContinued(attempt)
            }
            Message::Observed(server, report) => {
                Input::Observed { server, observation: report.observation() }
            }
            Message::ToolWanted(wanted) => {
                let ToolWanted { attempt, call, tool, arguments, rung, spent, go } = *wanted;
                self.wanted.insert((attempt, call), go);
                let arguments = self.contents.write(arguments);
                Input::ToolCalled { attempt, tool: ToolUse { call, tool, arguments, rung, spent } }
            }
            Message::ToolDone(done) => {
                let ToolDone { attempt, call, result, failed, took_us, note } = *done;
                let result = self.contents.write(result.into());
                let (simulated, runs) = (false, note.map(Box::new));
                let answer = ToolAnswer { call, result, failed, took_us, simulated, runs };
                Input::ToolAnswered { attempt, answer }
            }
            Message::TaskToolDone(done) => {
                let attempt = done.attempt;
                self.forget(attempt);
                let plan = Arc::clone(self.engine.state().plan());
                let Work::Tool(tool) = &plan.task(attempt.task).work else {
                    return Ok(Step::default());
                };
                task_tools::input(*done, tool, self.tools.is_simulated(), &self.contents)
            }
            Message::ToolsLeftOut(attempt) => Input::ToolsLeftOut(attempt),
            Message::RunsHeard(attempt) => {
                self.awaited.remove(&attempt);
                Input::RunsHeard(attempt)
            }
            Message::Ended(ended) => {
                let attempt = ended.attempt;
                self.forget(attempt);
                self.ended(ended)
            }
            Message::WrittenOut(upto, result) => {
                self.written_out(upto, result)?;
                return Ok(Step::default());
            }
        };
        Ok(self.engine.handle(now, input)?)
    }

    /// What the end of an attempt means.
    fn ended(&self, ended: Ended) -> Input {
        let attempt = ended.attempt;
        let usage = Usage { first_token_us: ended.first_token_us, ..ended.spent };
        let outcome = match ended.result {
            Ok((report, verdict)) => outcome_of(&report.answer, verdict, usage, &self.contents),
            Err(Break::Failed(failure)) => {
                let usage = (ended.spent != Usage::default()).then_some(usage);
                Outcome::Failed { failure, answer: None, usage }
            }
            Err(Break::Asks { tool, arguments, talk }) => {
                let plan = self.engine.state().plan();
                let task = plan.task(attempt.task);
                let agent = plan.agent_of(task).map(|agent| agent.agent.role.as_str());
                let agent = agent.unwrap_or_default();
                let question = permission_question(&task.path, agent, &tool, &arguments);
                let asking = ToolAsking {
                    tool,
                    arguments: self.contents.write(arguments),
                    talk: write_as(&self.contents, &*talk),
                    question: self.contents.write(question),
                };
                return Input::ToolAsks { attempt, asking, usage };
            }
            Err(Break::Waits { what, talk }) => {
                let MustWait { runs, news, patience } = *what;
                let talk = write_as(&self.contents, &*talk);
                let awaiting = Awaiting { runs, news, talk, until: None };
                return Input::RunsAwaited { attempt, awaiting, patience, usage };
            }
        };
        Input::AttemptEnded { attempt, outcome }
    }

    /// Stores the facts of a step, and carries its commands out.
    fn carry_out(&mut self, step: Step) -> Result<Option<RunStatus>, ConductError> {
        let (journal, contents, run) = (&mut self.journal, &self.contents, &self.run);
        let (plan, notes) = (self.engine.state().plan(), std::mem::take(&mut self.handled_notes));
        let stored = step
            .store(|facts| journal.append(run, NewFacts { plan, facts, notes: &notes }, contents));
        let (facts, commands) = stored.map_err(|source| self.not_stored(source))?;
        if !facts.is_empty() {
            self.let_runs_go(&facts);
            self.untold.stored();
            self.untold.add(News::Facts(facts));
        }
        let mut stopped = None;
        let calls = commands.iter().filter(|command| matches!(command, Command::Call(_))).count();
        let is_alone = calls == 1 && self.calls.is_empty();
        for command in commands {
            match command {
                Command::Stop(status) => stopped = Some(status),
                Command::Call(call) => self.call(call, is_alone),
                other => self.execute(other),
            }
        }
        Ok(stopped)
    }
}
