//! The tools of those who lead: runs that are started inside a run. Whoever starts them stands above this folder; here
//! is what is asked of it.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use serde_json::Value;

use super::shown::ToolResult;
use crate::engine::{AwaitedNews, Quantity, RunNote};
use crate::language::document::OrchestrationSettings;

/// Something that is awaited.
pub type Awaitable<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A tool that somebody who leads calls.
#[derive(Debug, Clone)]
pub struct ManagerCall {
    /// The tool.
    pub tool: String,
    /// Its arguments.
    pub arguments: Value,
    /// The address of the task.
    pub task: String,
    /// The attempt at it, and which of its calls this is.
    pub call: (u32, u32),
    /// What the team may start.
    pub limits: OrchestrationSettings,
    /// What is left of the budgets that bound the task, in calls, tokens or microseconds.
    pub left: BTreeMap<Quantity, u64>,
}

/// What came of such a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct Managed {
    /// What the model is told, or why it was not done.
    pub told: Result<String, String>,
    /// What that meant for runs, if anything.
    pub note: Option<RunNote>,
}

/// What the use of a tool must wait for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MustWait {
    /// The runs.
    pub runs: Vec<String>,
    /// What of them.
    pub news: AwaitedNews,
    /// How long at most.
    pub patience: Option<Duration>,
}

/// What becomes of runs that go on when the run that started them stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// They stop for now, as it does.
    Interrupt,
    /// It is over, and what still goes on ends for good.
    End,
    /// It was cancelled: they end for good, those that have paused as well.
    Cancel,
}

/// Starts runs for those who lead, and knows how they go.
pub trait Orchestrating: Send + Sync + fmt::Debug {
    /// What the use of a tool must wait for, if it must. Answers at once.
    fn must_wait(&self, task: &str, tool: &str, arguments: &Value) -> Option<MustWait>;

    /// Uses a tool. It waits for no run.
    fn use_tool(&self, call: ManagerCall) -> Awaitable<'_, Managed>;

    /// The runs that a task has started and that go on, or were broken off with an earlier process.
    fn unfinished(&self, task: &str) -> Vec<String>;

    /// What came of runs, in words for a model that wanted to answer before they were over.
    fn outcomes(&self, runs: Vec<String>) -> Awaitable<'_, String>;

    /// Waits until there is news of runs; those that were broken off with an earlier process are taken up again.
    fn news(&self, runs: Vec<String>, news: AwaitedNews) -> Awaitable<'static, ()>;

    /// A task is over: none of the runs that it has started goes on.
    fn task_is_over(&self, task: &str);

    /// The run stops: none of those that it has started goes on. Comes back when they have stopped.
    fn close(&self, closing: Closing) -> Awaitable<'_, ()>;
}

impl Managed {
    /// As the result of a tool, and what it meant for runs.
    pub(in crate::runtime) fn into_result(self) -> (ToolResult, Option<RunNote>) {
        let result = match self.told {
            Ok(text) => ToolResult::given(text),
            Err(text) => ToolResult::failed(text),
        };
        (result, self.note)
    }
}
