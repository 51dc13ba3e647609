//! Carrying the engine's commands out: calls of models and tools, looks at servers, questions to people.

use std::sync::Arc;

use tokio::task::JoinHandle;

use super::Conductor;
use crate::engine::content::{Asked, ContentError, Contents, read_as};
use crate::engine::{AttemptId, Call, Command, Failure, FailureClass, GoesOn, Input, Outcome};
use crate::language::digest::Digest;
use crate::language::plan::{PlannedTool, Work};
use crate::runtime::cluster::Warming;
use crate::runtime::embedded::calls::{self, Order};
use crate::runtime::embedded::talk::{Because, Leave, Resumed};
use crate::runtime::embedded::task_tools::{self, ToolJob};
use crate::runtime::embedded::untold::News;

impl Conductor {
    pub(super) fn execute(&mut self, command: Command) {
        match command {
            Command::ReadyTool { attempt, arguments } => self.ready_tool(attempt, &arguments),
            Command::UseTool { attempt, call } => {
                if let Some(go) = self.wanted.remove(&(attempt, call)) {
                    let left = self.engine.left_for(attempt.task, self.clock.now());
                    let _ = go.send(Leave(left));
                }
            }
            Command::Abort(attempt) => {
                if let Some(call) = self.forget(attempt) {
                    call.abort();
                }
            }
            Command::AwaitRuns { attempt, runs, news } => self.await_runs(attempt, runs, news),
            Command::Observe(id) => {
                if let Some(server) = self.servers.get(id.index()) {
                    let timeout = self.engine.settings().observe_timeout.0;
                    let look = calls::look(id, server.clone(), timeout, self.sender.clone());
                    self.spawn(look);
                }
            }
            Command::Warm { server: id, model, num_ctx, timeout } => {
                if let Some(server) = self.servers.get(id.index()) {
                    let settings = self.engine.settings();
                    let warming =
                        Warming { model, num_ctx, keep_alive: settings.keep_alive, timeout };
                    let look = settings.observe_timeout.0;
                    let server = server.clone();
                    let warm = calls::warm(id, server, warming, look, self.sender.clone());
                    self.spawn(warm);
                }
            }
            Command::AskPerson { task, question, deadline } => {
                if let Ok(question) = self.contents.read(&question) {
                    self.untold.add(News::Question { task, question, deadline });
                }
            }
            Command::WithdrawQuestion(task) => {
                self.untold.add(News::QuestionWithdrawn { task });
            }
            // What needs no server is settled before, and a stop is the caller's.
            _ => {}
        }
    }

    /// An attempt is over: no tool is used for it any more.
    pub(super) fn forget(&mut self, attempt: AttemptId) -> Option<JoinHandle<()>> {
        self.wanted.retain(|(of, _), _| *of != attempt);
        self.calls.remove(&attempt)
    }

    /// Makes a call, on this thread where it is alone.
    pub(super) fn call(&mut self, call: Call, is_alone: bool) {
        let attempt = call.attempt;
        let is_near = is_alone && !self.near.is_empty() && !self.has_tools(attempt);
        match self.order(call, is_near) {
            Ok(order) => {
                // Handing a task over moves it several times.
                let call = Box::pin(calls::make(order, self.clock, self.sender.clone()));
                let task = if is_near { tokio::spawn(call) } else { self.spawn(call) };
                self.calls.insert(attempt, task);
            }
            Err(error) => {
                let failure = Failure::new(FailureClass::Internal, error.to_string());
                let outcome = Outcome::Failed { failure, answer: None, usage: None };
                self.local.push_back(Input::AttemptEnded { attempt, outcome });
            }
        }
    }

    fn ready_tool(&mut self, attempt: AttemptId, arguments: &Digest) {
        let plan = Arc::clone(self.engine.state().plan());
        let task = plan.task(attempt.task);
        let Work::Tool(tool) = &task.work else { return };
        match self.contents.read(arguments) {
            Ok(arguments) => {
                let (tool, limit) = (PlannedTool::clone(tool), task.limits.total.0);
                let tools = Arc::clone(&self.tools);
                let job = ToolJob { attempt, tool, arguments, limit, tools };
                let task = self.spawn(task_tools::call(job, self.clock, self.sender.clone()));
                self.calls.insert(attempt, task);
            }
            Err(error) => {
                let failure = Failure::new(FailureClass::Internal, error.to_string());
                let outcome = Outcome::Failed { failure, answer: None, usage: None };
                self.local.push_back(Input::ToolEnded { attempt, answer: None, outcome });
            }
        }
    }

    /// Has something done on the threads that make calls.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        match &self.threads {
            Some(threads) => threads.spawn(work),
            None => tokio::spawn(work),
        }
    }

    /// Whether whoever does a task may use tools, which live where calls are made.
    fn has_tools(&self, attempt: AttemptId) -> bool {
        let plan = self.engine.state().plan();
        matches!(&plan.task(attempt.task).work, Work::Ask(ask) if ask.tools.is_some())
    }

    fn order(&self, call: Call, is_near: bool) -> Result<Order, ContentError> {
        let resumed = match &call.changes.goes_on {
            Some(GoesOn::Decided { talk, choice, by }) => {
                let talk = read_as(&self.contents, talk)?;
                let because = Because::Decided { choice: choice.clone(), by: by.clone() };
                Some(Resumed { talk, because })
            }
            Some(GoesOn::Heard { talk }) => {
                let awaited = self.engine.state().task(call.attempt.task).awaited.as_deref();
                let runs = awaited.map(|awaited| awaited.awaiting.runs.clone());
                let (talk, runs) = (read_as(&self.contents, talk)?, runs.unwrap_or_default());
                Some(Resumed { talk, because: Because::Heard { runs } })
            }
            None => None,
        };
        Ok(Order {
            server: if is_near { &self.near } else { &self.servers }[call.server.index()].clone(),
            asked: Asked::of(&call, &self.contents)?,
            task: self.engine.state().plan().task(call.attempt.task).path.clone(),
            keep_alive: self.engine.settings().keep_alive,
            tools: Arc::clone(&self.tools),
            resumed,
            call,
        })
    }
}
