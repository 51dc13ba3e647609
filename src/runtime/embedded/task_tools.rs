//! Tools that tasks call, as tokio tasks: made ready, called when that is on record, and reported.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::messages::{Message, TaskToolDone, ToolWanted};
use crate::engine::content::{Contents, tool_output};
use crate::engine::{AttemptId, Failure, FailureClass, Input, Outcome, Rung, ToolAnswer, Usage};
use crate::language::plan::PlannedTool;
use crate::runtime::clock::Clock;
use crate::runtime::tools::{ToolEnding, ToolHouse, ToolResult};

/// A tool that a task calls.
pub(super) struct ToolJob {
    pub(super) attempt: AttemptId,
    pub(super) tool: PlannedTool,
    pub(super) arguments: Arc<Value>,
    /// How long the call may take.
    pub(super) limit: Duration,
    pub(super) tools: Arc<ToolHouse>,
}

/// Makes a tool ready, calls it and reports it. Dropping the future breaks the call off.
pub(super) async fn call(job: ToolJob, clock: Clock, messages: UnboundedSender<Message>) {
    let ToolJob { attempt, tool, arguments, limit, tools } = job;
    let done = |result, took: Duration| {
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let _ = messages.send(Message::TaskToolDone(Box::new(TaskToolDone {
            attempt,
            result,
            took_us,
        })));
    };
    if let Err(failure) = tools.ready(&tool).await {
        return done(Err(failure), Duration::ZERO);
    }
    let (go, recorded) = oneshot::channel();
    let _ = messages.send(Message::ToolWanted(Box::new(ToolWanted {
        attempt,
        call: 1,
        tool: tool.tool.clone(),
        arguments: (*arguments).clone(),
        rung: Rung::Task,
        spent: None,
        go,
    })));
    // Nobody waits for it any more: the run went on without it.
    if recorded.await.is_err() {
        return;
    }
    let begun = clock.now();
    let result = tools.call(&tool, &arguments, limit).await;
    done(result, clock.now().since(begun));
}

/// What a tool that is done means for its task.
pub(super) fn input(
    done: TaskToolDone,
    tool: &PlannedTool,
    is_simulated: bool,
    contents: &dyn Contents,
) -> Input {
    let TaskToolDone { attempt, result, took_us } = done;
    let failed = |failure| Outcome::Failed { failure, answer: None, usage: None };
    let (answer, outcome) = match result {
        Err(failure) => (None, failed(failure)),
        Ok(ToolResult { text, form, ending }) => {
            let outcome = match ending {
                ToolEnding::Given => match output(tool, &text, form.as_ref(), is_simulated) {
                    Ok(value) => {
                        let output = contents.write(value);
                        Outcome::Answered { output, usage: Usage::default() }
                    }
                    Err(failure) => failed(failure),
                },
                ToolEnding::Failed => {
                    let message = format!("`{}` failed: {text}", tool.tool);
                    failed(Failure::new(FailureClass::ToolFailed, message))
                }
                ToolEnding::Unusable => failed(Failure::new(FailureClass::Malformed, text.clone())),
                ToolEnding::Unknown => failed(Failure::new(FailureClass::ToolLost, text.clone())),
            };
            let answer = ToolAnswer {
                call: 1,
                result: contents.write(text.into()),
                failed: ending != ToolEnding::Given,
                took_us,
                simulated: is_simulated,
                runs: None,
            };
            (Some(answer), outcome)
        }
    };
    Input::ToolEnded { attempt, answer, outcome }
}

/// What is invented is taken as it is: no type can be so narrow that a rehearsal fails at it.
fn output(
    tool: &PlannedTool,
    text: &str,
    form: Option<&Value>,
    is_simulated: bool,
) -> Result<Value, Failure> {
    match form {
        Some(form) if is_simulated => Ok(form.clone()),
        _ => tool_output(tool, text, form),
    }
}
