//! Tools that tasks call, in virtual time: nothing is used, and what would come of it is scripted or invented.

use serde_json::Value;

use super::answers::{Answers, Scripted, completed, placeholder_of};
use crate::engine::content::{Contents, tool_output};
use crate::engine::{
    AttemptId, Failure, FailureClass, Input, Outcome, Rung, ToolAnswer, ToolUse, Usage,
};
use crate::language::digest::Digest;
use crate::language::document::simulation::Fault;
use crate::language::plan::{Plan, PlannedTool, Work};

/// What a tool gives, or how it fails.
#[derive(Debug)]
pub(super) struct VirtualTool {
    tool: PlannedTool,
    course: Course,
}

#[derive(Debug)]
enum Course {
    Gives {
        text: String,
        form: Option<Value>,
    },
    Fails(FailureClass),
    /// It never ends.
    Hangs,
}

/// The call of a tool that is ready.
pub(super) fn ready(plan: &Plan, attempt: AttemptId, arguments: Digest) -> Input {
    let tool = match &plan.task(attempt.task).work {
        Work::Tool(tool) => tool.tool.clone(),
        _ => String::new(),
    };
    Input::ToolCalled {
        attempt,
        tool: ToolUse { call: 1, tool, arguments, rung: Rung::Task, spent: None },
    }
}

impl VirtualTool {
    /// What an attempt at a task meets; none for a task that calls no tool.
    pub(super) fn of(
        plan: &Plan,
        attempt: AttemptId,
        answers: &dyn Answers,
    ) -> Option<VirtualTool> {
        let task = plan.task(attempt.task);
        let Work::Tool(tool) = &task.work else { return None };
        let invented = |part: Option<&Value>| match &tool.output {
            None => Course::Gives { text: format!("‹result of {}›", task.path), form: None },
            Some(schema) => {
                let form = match part {
                    Some(part) => completed(schema, part, &task.path),
                    None => placeholder_of(schema, &task.path),
                };
                Course::Gives { text: form.to_string(), form: Some(form) }
            }
        };
        let course = match answers.scripted(&task.path, attempt.number) {
            None => invented(None),
            Some(Scripted::Part(part)) => invented(Some(&part)),
            Some(Scripted::Text(text)) => Course::Gives { text, form: None },
            Some(Scripted::Fault(fault)) => match fault {
                Fault::Down { .. } => Course::Fails(FailureClass::ToolsUnavailable),
                Fault::Disconnect { .. } | Fault::Crash { .. } => {
                    Course::Fails(FailureClass::ToolLost)
                }
                Fault::Silent | Fault::Stall { .. } => Course::Hangs,
                _ => Course::Fails(FailureClass::ToolFailed),
            },
        };
        Some(VirtualTool { tool: PlannedTool::clone(tool), course })
    }

    /// Whether it cannot be had.
    pub(super) fn is_unavailable(&self) -> bool {
        matches!(self.course, Course::Fails(FailureClass::ToolsUnavailable))
    }

    /// Whether it comes to an end by itself.
    pub(super) fn answers(&self) -> bool {
        !matches!(self.course, Course::Hangs)
    }

    /// What it means for its task.
    pub(super) fn input(self, attempt: AttemptId, contents: &dyn Contents) -> Input {
        let failed = |failure| Outcome::Failed { failure, answer: None, usage: None };
        let (text, outcome) = match self.course {
            Course::Gives { text, form } => {
                let outcome = match tool_output(&self.tool, &text, form.as_ref()) {
                    Ok(value) => {
                        let output = contents.write(value);
                        Outcome::Answered { output, usage: Usage::default() }
                    }
                    Err(failure) => failed(failure),
                };
                (Some(text), outcome)
            }
            Course::Fails(class) => {
                let message = format!("`{}` fails, as is scripted", self.tool.tool);
                (None, failed(Failure::new(class, message)))
            }
            Course::Hangs => {
                let failure = Failure::new(FailureClass::ToolLost, "it never ends");
                (None, failed(failure))
            }
        };
        let answer = text.map(|text| ToolAnswer {
            call: 1,
            result: contents.write(text.into()),
            failed: !matches!(outcome, Outcome::Answered { .. }),
            took_us: 0,
            simulated: true,
            runs: None,
        });
        Input::ToolEnded { attempt, answer, outcome }
    }
}
