//! The objects that chat and generate answer with, whole or a line at a time.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use super::clock::{Clock, nanoseconds};
use super::json;
use super::logprobs;
use super::reply::{Reason, ToolCall};

/// Which of the two routes an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `/api/chat`
    Chat,
    /// `/api/generate`
    Generate,
}

/// What a request took: counts, and durations in simulated time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Figures {
    /// From the request's arrival until its model was there.
    pub(super) load: Duration,
    /// Waiting for a slot; it is in the total only.
    pub(super) waited: Duration,
    /// Tokens of the prompt, with those that the slot remembered.
    pub(super) prompt_tokens: u32,
    /// Reading the prompt.
    pub(super) reading: Duration,
    /// Tokens of the answer.
    pub(super) tokens: u32,
    /// Writing the answer.
    pub(super) writing: Duration,
}

/// A part of an answer, or all of it.
#[derive(Clone, Copy, Default)]
pub(super) struct Part<'a> {
    /// Some of the thinking.
    pub(super) thinking: &'a str,
    /// Some of the answer.
    pub(super) content: &'a str,
    /// Calls of tools.
    pub(super) calls: &'a [ToolCall],
    /// Tokens in this part, for their probabilities.
    pub(super) tokens: u32,
}

/// How a line says that it is the last.
pub(super) enum Done<'a> {
    /// More is to come, or was.
    No,
    /// The end, with the figures.
    Yes(Reason, &'a Figures),
    /// A model was loaded or unloaded; there are no figures.
    Managed(&'static str),
}

/// Writes the objects of one answer.
pub(super) struct Writer {
    /// Which route they are for.
    pub(super) shape: Shape,
    /// The model as the request spelled it, as JSON text.
    pub(super) model: String,
    /// For `created_at`.
    pub(super) clock: Arc<Clock>,
    /// The tokens of the whole exchange, as JSON text (generate only).
    pub(super) context: Option<String>,
    /// How many other tokens to name beside each one, if probabilities are asked for.
    pub(super) logprobs: Option<u32>,
}

impl Writer {
    /// Appends one object.
    pub(super) fn object(&self, out: &mut String, part: Part<'_>, done: &Done<'_>) {
        out.push_str("{\"model\":");
        out.push_str(&self.model);
        // Writing to a string cannot fail.
        let _ = write!(out, ",\"created_at\":\"{}\"", self.clock.wall());
        match self.shape {
            Shape::Chat => {
                out.push_str(",\"message\":{\"role\":\"assistant\",\"content\":");
                json::push_string(out, part.content);
                push_thinking(out, part.thinking);
                push_calls(out, part.calls);
                out.push('}');
            }
            Shape::Generate => {
                out.push_str(",\"response\":");
                json::push_string(out, part.content);
                push_thinking(out, part.thinking);
            }
        }
        match done {
            Done::No => out.push_str(",\"done\":false"),
            Done::Managed(reason) => {
                let _ = write!(out, ",\"done\":true,\"done_reason\":\"{reason}\"");
            }
            Done::Yes(reason, figures) => {
                let _ = write!(out, ",\"done\":true,\"done_reason\":\"{}\"", reason.text());
                if let Some(context) = &self.context {
                    let _ = write!(out, ",\"context\":{context}");
                }
                push_figures(out, figures);
            }
        }
        if let Some(others) = self.logprobs {
            logprobs::push(out, part, others);
        }
        out.push('}');
    }

    /// Appends one line.
    pub(super) fn line(&self, out: &mut String, part: Part<'_>, done: &Done<'_>) {
        self.object(out, part, done);
        out.push('\n');
    }
}

fn push_thinking(out: &mut String, thinking: &str) {
    if !thinking.is_empty() {
        out.push_str(",\"thinking\":");
        json::push_string(out, thinking);
    }
}

fn push_calls(out: &mut String, calls: &[ToolCall]) {
    if calls.is_empty() {
        return;
    }
    out.push_str(",\"tool_calls\":[");
    for (index, call) in calls.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str("{\"id\":");
        json::push_string(out, &call.id);
        let _ = write!(out, ",\"function\":{{\"index\":{index},\"name\":");
        json::push_string(out, &call.name);
        let _ = write!(out, ",\"arguments\":{}}}}}", call.arguments);
    }
    out.push(']');
}

/// Figures that are zero are left out, as in Ollama.
fn push_figures(out: &mut String, figures: &Figures) {
    let total = figures.load + figures.waited + figures.reading + figures.writing;
    let entries = [
        ("total_duration", nanoseconds(total)),
        ("load_duration", nanoseconds(figures.load)),
        ("prompt_eval_count", u64::from(figures.prompt_tokens)),
        ("prompt_eval_duration", nanoseconds(figures.reading)),
        ("eval_count", u64::from(figures.tokens)),
        ("eval_duration", nanoseconds(figures.writing)),
    ];
    for (name, value) in entries {
        if value > 0 {
            let _ = write!(out, ",\"{name}\":{value}");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn writer(shape: Shape) -> Writer {
        Writer {
            shape,
            model: json::string("Tiny"),
            clock: Arc::new(Clock::start(0.0).unwrap()),
            context: (shape == Shape::Generate).then(|| "[1,2]".into()),
            logprobs: None,
        }
    }

    fn object(shape: Shape, part: Part<'_>, done: &Done<'_>) -> Value {
        let mut out = String::new();
        writer(shape).object(&mut out, part, done);
        let mut value: Value = serde_json::from_str(&out).unwrap();
        let created: jiff::Timestamp = value["created_at"].as_str().unwrap().parse().unwrap();
        assert!(created > jiff::Timestamp::UNIX_EPOCH);
        value["created_at"] = "now".into();
        value
    }

    #[test]
    fn a_chunk_of_a_chat() {
        let call =
            ToolCall { id: "call_1".into(), name: "f".into(), arguments: "{\"a\":1}".into() };
        let part =
            Part { thinking: "hm", content: "a<b", calls: std::slice::from_ref(&call), tokens: 1 };
        assert_eq!(
            object(Shape::Chat, part, &Done::No).to_string(),
            r#"{"model":"Tiny","created_at":"now","message":{"role":"assistant","content":"a<b","thinking":"hm","tool_calls":[{"id":"call_1","function":{"index":0,"name":"f","arguments":{"a":1}}}]},"done":false}"#
        );
    }

    #[test]
    fn the_last_object_of_generate() {
        let figures = Figures {
            load: Duration::from_nanos(5),
            waited: Duration::from_nanos(100),
            prompt_tokens: 7,
            reading: Duration::from_nanos(10),
            tokens: 3,
            writing: Duration::ZERO,
        };
        let done = Done::Yes(Reason::Length, &figures);
        assert_eq!(
            object(Shape::Generate, Part::default(), &done).to_string(),
            r#"{"model":"Tiny","created_at":"now","response":"","done":true,"done_reason":"length","context":[1,2],"total_duration":115,"load_duration":5,"prompt_eval_count":7,"prompt_eval_duration":10,"eval_count":3}"#
        );
        assert_eq!(
            object(Shape::Chat, Part::default(), &Done::Managed("load")).to_string(),
            r#"{"model":"Tiny","created_at":"now","message":{"role":"assistant","content":""},"done":true,"done_reason":"load"}"#
        );
    }
}
