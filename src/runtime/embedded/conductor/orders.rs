//! Carrying the engine's commands out: calls of models and tools, looks at servers, questions to people.

use std::sync::Arc;

use tokio::task::JoinHandle;

use super::Conductor;
use crate::engine::content::{Contents, read_as, request_of};
use crate::engine::{AttemptId, Call, Command, Failure, FailureClass, GoesOn, Input, Outcome};
use crate::language::digest::Digest;
use crate::language::plan::{PlannedTool, Work};
use crate::runtime::cluster::{ChatCall, Warming};
use crate::runtime::embedded::calls::{self, Job};
use crate::runtime::embedded::talk::Resumed;
use crate::runtime::embedded::task_tools::{self, ToolJob};
use crate::runtime::embedded::untold::News;

impl Conductor {
    pub(super) fn execute(&mut self, command: Command) {
        match command {
            Command::Call(call) => self.call(&call),
            Command::ReadyTool { attempt, arguments } => self.ready_tool(attempt, &arguments),
            Command::UseTool { attempt, call } => {
                if let Some(go) = self.wanted.remove(&(attempt, call)) {
                    let _ = go.send(());
                }
            }
            Command::Abort(attempt) => {
                if let Some(call) = self.forget(attempt) {
                    call.abort();
                }
            }
            Command::Observe(id) => {
                if let Some(server) = self.servers.get(id.index()) {
                    let timeout = self.engine.settings().observe_timeout.0;
                    let look = calls::look(id, server.clone(), timeout, self.sender.clone());
                    tokio::spawn(look);
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
                    tokio::spawn(warm);
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

    fn call(&mut self, call: &Call) {
        let attempt = call.attempt;
        match self.chat_call(call) {
            Ok((chat, resumed)) => {
                let server = self.servers[call.server.index()].clone();
                let (window, tools) = (call.window, Arc::clone(&self.tools));
                let job = Job { attempt, server, call: chat, window, tools, resumed };
                let task = tokio::spawn(calls::make(job, self.clock, self.sender.clone()));
                self.calls.insert(attempt, task);
            }
            Err(message) => {
                let failure = Failure::new(FailureClass::Internal, message);
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
                let task = tokio::spawn(task_tools::call(job, self.clock, self.sender.clone()));
                self.calls.insert(attempt, task);
            }
            Err(error) => {
                let failure = Failure::new(FailureClass::Internal, error.to_string());
                let outcome = Outcome::Failed { failure, answer: None, usage: None };
                self.local.push_back(Input::ToolEnded { attempt, answer: None, outcome });
            }
        }
    }

    fn chat_call(&self, call: &Call) -> Result<(ChatCall, Option<Resumed>), String> {
        let request = request_of(call, &self.contents).map_err(|error| error.to_string())?;
        let resumed = match &call.changes.goes_on {
            Some(GoesOn { talk, choice, by }) => {
                let talk = read_as(&self.contents, talk).map_err(|error| error.to_string())?;
                Some(Resumed { talk, choice: choice.clone(), by: by.clone() })
            }
            None => None,
        };
        let chat = ChatCall {
            task: self.engine.state().plan().task(call.attempt.task).path.clone(),
            attempt: call.attempt.number,
            window: call.num_ctx,
            model: call.model.clone(),
            request,
            seed: call.seed,
            keep_alive: self.engine.settings().keep_alive,
            tools: Vec::new(),
        };
        Ok((chat, resumed))
    }
}
