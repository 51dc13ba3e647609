//! Tools that tasks call, without a model and without a server of models.
//!
//! First the driver makes the tool ready, which may mean to start its server; then the call is recorded, and
//! only then made. So a run that died says of each call whether it may have been made: what has no record
//! has not.

use std::collections::{BTreeSet, VecDeque};
use std::num::NonZeroU32;

use super::conduct::Engine;
use super::failure::{Failure, FailureClass};
use super::fold_error::FoldError;
use super::settings::pause;
use super::timers::Timer;
use super::vocabulary::{AttemptId, Command, Fact, Next, Outcome, ToolAnswer, ToolUse};
use crate::language::digest::{Digest, FullHash};
use crate::language::plan::{PlannedTool, TaskId, Work};

/// So many tools are called at a time where the cluster does not say otherwise.
const DEFAULT_PARALLEL: usize = 8;

/// The tools that tasks call at the moment.
#[derive(Debug, Default)]
pub(super) struct ToolCalls {
    /// Tasks whose turn has not come, with the arguments.
    waiting: VecDeque<(TaskId, Digest)>,
    /// Those that are made ready, or called.
    under_way: BTreeSet<AttemptId>,
}

impl ToolCalls {
    /// A task waits until fewer tools are called.
    pub(super) fn wait(&mut self, task: TaskId, arguments: Digest) {
        self.waiting.push_back((task, arguments));
    }

    pub(super) fn is_under_way(&self, attempt: AttemptId) -> bool {
        self.under_way.contains(&attempt)
    }

    pub(super) fn are_idle(&self) -> bool {
        self.waiting.is_empty() && self.under_way.is_empty()
    }

    /// Forgets a task; the call of its tool, if that is under way.
    fn remove(&mut self, task: TaskId) -> Option<AttemptId> {
        self.waiting.retain(|(waiting, _)| *waiting != task);
        let attempt = self.under_way.iter().find(|attempt| attempt.task == task).copied()?;
        self.under_way.remove(&attempt);
        Some(attempt)
    }
}

impl Engine {
    /// Has tools made ready, as far as there is room.
    pub(super) fn call_tools(&mut self) {
        let most = self.settings.limits.tools.map(NonZeroU32::get);
        let most = most.map_or(DEFAULT_PARALLEL, |most| most as usize);
        while self.hands.tools.under_way.len() < most
            && let Some((task, arguments)) = self.hands.tools.waiting.pop_front()
        {
            let attempt = AttemptId { task, number: self.state.task(task).attempts + 1 };
            self.hands.tools.under_way.insert(attempt);
            self.command(Command::ReadyTool { attempt, arguments });
        }
    }

    /// A tool is ready: its call is recorded, and its time runs.
    pub(super) fn tool_ready(
        &mut self,
        attempt: AttemptId,
        tool: ToolUse,
    ) -> Result<(), FoldError> {
        let state = self.state.task(attempt.task);
        if state.calling.is_some() || attempt.number != state.attempts + 1 {
            return Ok(());
        }
        let (call, limit) = (tool.call, self.state.plan().task(attempt.task).limits.total);
        self.hands.timers.set(Timer::Total(attempt), self.now() + limit.0);
        self.record(Fact::ToolCalled { attempt, tool })?;
        self.command(Command::UseTool { attempt, call });
        Ok(())
    }

    /// A tool is done, or cannot be had. One that is not under way is none of ours.
    pub(super) fn tool_ended(
        &mut self,
        attempt: AttemptId,
        answer: Option<ToolAnswer>,
        outcome: Outcome,
    ) -> Result<(), FoldError> {
        if !self.hands.tools.under_way.remove(&attempt) {
            return Ok(());
        }
        if self.state.task(attempt.task).calling == Some(attempt) {
            if let Some(answer) = answer {
                self.record(Fact::ToolAnswered { attempt, answer })?;
            }
            return self.end_tool(attempt, outcome);
        }
        let failure = match outcome {
            Outcome::Failed { failure, .. } => failure,
            _ => Failure::new(FailureClass::Internal, "the tool ended before it was called"),
        };
        self.fail(attempt.task, failure, None)
    }

    /// The time of a call is over: it is broken off.
    pub(super) fn tool_too_slow(&mut self, attempt: AttemptId) -> Result<(), FoldError> {
        if !self.hands.tools.under_way.remove(&attempt) {
            return Ok(());
        }
        self.command(Command::Abort(attempt));
        let limit = self.state.plan().task(attempt.task).limits.total;
        let outcome = self.lost(attempt.task, &format!("gave no result in {limit}"));
        self.end_tool(attempt, outcome)
    }

    /// The call of a run that is taken up again: its driver is gone. One that may be repeated is made again.
    pub(super) fn lose_tool(&mut self, task: TaskId) -> Result<(), FoldError> {
        let Some(attempt) = self.state.task(task).calling else { return Ok(()) };
        if self.planned_tool(task).is_some_and(PlannedTool::may_be_repeated) {
            let at = self.now();
            let (outcome, next) = (Outcome::Lost, Next::Move { at });
            self.record(Fact::AttemptEnded { attempt, outcome, next, key: None })?;
            self.hands.timers.set(Timer::Retry(task), at);
            return Ok(());
        }
        let outcome =
            self.lost(task, "was called, and the run stopped before its result was there");
        self.end_tool(attempt, outcome)
    }

    /// Breaks the call of a task's tool off.
    pub(super) fn break_tool_off(&mut self, task: TaskId) {
        if let Some(attempt) = self.hands.tools.remove(task) {
            self.hands.timers.clear(Timer::Total(attempt));
            self.command(Command::Abort(attempt));
        }
    }

    /// Breaks off the calls of all tools.
    pub(super) fn break_tools_off(&mut self) {
        let tasks: Vec<TaskId> =
            self.hands.tools.under_way.iter().map(|attempt| attempt.task).collect();
        tasks.into_iter().for_each(|task| self.break_tool_off(task));
        self.hands.tools.waiting.clear();
    }

    fn planned_tool(&self, task: TaskId) -> Option<&PlannedTool> {
        match &self.state.plan().task(task).work {
            Work::Tool(tool) => Some(tool),
            _ => None,
        }
    }

    /// A call of which nobody knows whether it was done.
    fn lost(&self, task: TaskId, what: &str) -> Outcome {
        let tool = self.planned_tool(task).map_or("", |tool| tool.tool.as_str());
        let message = format!("`{tool}` {what}; whether it was done is not known");
        let failure = Failure::new(FailureClass::ToolLost, message);
        Outcome::Failed { failure, answer: None, usage: None }
    }

    fn end_tool(&mut self, attempt: AttemptId, outcome: Outcome) -> Result<(), FoldError> {
        self.hands.timers.clear(Timer::Total(attempt));
        let next = match &outcome {
            Outcome::Failed { failure, .. } => self.after_call(attempt, failure),
            _ => Next::Done,
        };
        self.record(Fact::AttemptEnded { attempt, outcome, next, key: None })?;
        if let Next::Retry { at } = next {
            self.hands.timers.set(Timer::Retry(attempt.task), at);
        }
        self.fall_back_if(attempt.task, next);
        Ok(())
    }

    /// What follows when a call came to nothing. A tool that says that it failed may be called again; one
    /// that may have done its work only where its author said so, or where it may be repeated; one that must not
    /// be done twice never.
    fn after_call(&self, attempt: AttemptId, failure: &Failure) -> Next {
        let plan = self.state.plan();
        let task = plan.task(attempt.task);
        let counted = self.state.task(attempt.task).counted;
        let class = failure.class;
        let is_meant = match &task.retry.classes {
            _ if task.is_once() => false,
            Some(classes) => classes.iter().any(|chosen| FailureClass::from(*chosen) == class),
            None if class == FailureClass::ToolLost => {
                self.planned_tool(attempt.task).is_some_and(PlannedTool::may_be_repeated)
            }
            None => class == FailureClass::ToolFailed,
        };
        if !is_meant || counted + 1 >= task.retry.max_attempts {
            return self.after_failure(attempt.task);
        }
        let spread = FullHash::of(format!("{}/{}", task.path, attempt.number).as_bytes()).number();
        Next::Retry { at: self.now() + pause(task.retry.backoff, counted, spread) }
    }
}
