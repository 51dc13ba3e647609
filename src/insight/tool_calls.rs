//! Tools in the history of a run: those that models called, and those that tasks did.

use std::time::Duration;

use super::history::History;
use super::records::{AwaitRecord, CallRecord, PermissionRecord, ToolRecord};
use crate::engine::{Fact, Next, Outcome, TaskStatus};
use crate::language::plan::{TaskId, Work};

impl History {
    /// Whether a task calls a tool, without a model.
    pub(super) fn calls_a_tool(&self, id: TaskId) -> bool {
        matches!(self.plan().task(id).work, Work::Tool(_))
    }

    /// A tool was called or came to an end, or a person was asked about one or has decided.
    pub(super) fn apply_tool(&mut self, fact: &Fact, now: Duration) {
        match fact {
            Fact::ToolCalled { attempt: id, tool } => {
                let record = ToolRecord { called: tool.clone(), started: now, answer: None };
                if self.calls_a_tool(id.task) {
                    let call = CallRecord { tool: record, ended: None, failure: None, next: None };
                    self.begin(id.task, TaskStatus::Running, now).calls.push(call);
                } else if let Some(attempt) = self.tasks[id.task.index()].attempt_mut(id.number) {
                    attempt.tools.push(record);
                }
            }
            Fact::ToolAnswered { attempt: id, answer } => {
                let record = &mut self.tasks[id.task.index()];
                if let Some(call) = record.calls.last_mut() {
                    call.tool.answer = Some(answer.clone());
                    return;
                }
                let attempt = record.attempt_mut(id.number);
                let tools = attempt.into_iter().flat_map(|attempt| &mut attempt.tools);
                for tool in tools.filter(|tool| tool.called.call == answer.call) {
                    tool.answer = Some(answer.clone());
                }
            }
            Fact::PermissionAsked { attempt: id, asking, usage } => {
                let record = self.begin(id.task, TaskStatus::Waiting, now);
                record.question = Some(asking.question.clone());
                record.permissions.push(PermissionRecord {
                    tool: asking.tool.clone(),
                    arguments: asking.arguments.clone(),
                    asked: now,
                    decided: None,
                });
                if let Some(attempt) = record.attempt_mut(id.number) {
                    attempt.ended = Some(now);
                    attempt.paused = Some(Box::new(*usage));
                }
            }
            Fact::PermissionDecided { task, choice, by } => {
                let record = self.begin(*task, TaskStatus::BackingOff, now);
                record.question = None;
                if let Some(permission) = record.permissions.last_mut() {
                    permission.decided = Some((choice.clone(), by.clone(), now));
                }
            }
            Fact::ToolsLeftOut { attempt: id } => {
                let record = &mut self.tasks[id.task.index()];
                if let Some(attempt) = record.attempt_mut(id.number) {
                    attempt.tools_left_out = true;
                }
            }
            Fact::RunsAwaited { attempt: id, awaiting, usage } => {
                let record = self.begin(id.task, TaskStatus::BackingOff, now);
                if let Some(attempt) = record.attempt_mut(id.number) {
                    attempt.ended = Some(now);
                    attempt.paused = Some(Box::new(*usage));
                    let awaits = AwaitRecord { runs: awaiting.runs.clone(), heard: None };
                    attempt.awaits = Some(Box::new(awaits));
                }
            }
            Fact::RunsHeard { task } => {
                let attempts = &mut self.tasks[task.index()].attempts;
                let awaits = attempts.last_mut().and_then(|attempt| attempt.awaits.as_deref_mut());
                if let Some(awaits) = awaits {
                    awaits.heard = Some(now);
                }
            }
            _ => {}
        }
    }

    /// The call of a task's tool was over.
    pub(super) fn call_ended(&mut self, id: TaskId, outcome: &Outcome, next: Next, now: Duration) {
        let record = &mut self.tasks[id.index()];
        if let Some(call) = record.calls.last_mut() {
            call.ended = Some(now);
            call.next = Some(next);
        }
        match outcome {
            Outcome::Answered { output, .. } => {
                record.output = Some(output.clone());
                record.failure = None;
                self.end(id, TaskStatus::Succeeded, now);
                return;
            }
            Outcome::Failed { failure, .. } => {
                record.failure = Some(Box::new(failure.clone()));
                if let Some(call) = record.calls.last_mut() {
                    call.failure = Some(Box::new(failure.clone()));
                }
            }
            Outcome::Lost | Outcome::Superseded => {}
        }
        match next {
            Next::Done => {
                self.end(id, TaskStatus::Failed, now);
            }
            Next::FallBack => record.status = Some(TaskStatus::FallingBack),
            _ => record.status = Some(TaskStatus::BackingOff),
        }
    }
}
