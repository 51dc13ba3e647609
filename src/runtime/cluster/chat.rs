//! One call of `/api/chat`, streamed.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use reqwest::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::classify;
use super::client::Ollama;
use super::retry_after;
use super::wire::{ChatBody, ChatChunk};
use crate::engine::content::{Answer, Request, ToolCall};
use crate::engine::{Failure, FailureClass, Usage};
use crate::language::document::HumanDuration;
use crate::runtime::headers;

/// No line of a stream may be longer, in bytes; Ollama's own client draws the line here too.
const MAX_LINE: usize = 8 * 1024 * 1024;

/// No answer may be longer, in bytes.
const MAX_ANSWER: usize = 32 * 1024 * 1024;

/// How an answer ends that was withheld. Ollama itself knows only `stop` and `length`; these come
/// from the services that it may forward a model to.
const WITHHELD: [&str; 2] = ["content_filter", "refusal"];

/// A call that is to be made.
#[derive(Debug, Clone)]
pub struct ChatCall {
    /// The task's address; servers are told, for their logs.
    pub task: String,
    /// Which attempt it is.
    pub attempt: u32,
    /// The model.
    pub model: String,
    /// What is asked.
    pub request: Request,
    /// The seed, over that of the request.
    pub seed: Option<u32>,
    /// The window that all calls of this model ask for, so that it is never loaded again.
    pub window: Option<u32>,
    /// How long the model stays loaded afterwards.
    pub keep_alive: Option<HumanDuration>,
    /// The tools that it may call, as Ollama wants them.
    pub tools: Vec<Value>,
}

/// What a call came to.
#[derive(Debug, Clone, PartialEq)]
pub struct CallReport {
    /// The answer.
    pub answer: Answer,
    /// What it took.
    pub usage: Usage,
}

/// More of an answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Pieces so far; a piece is about a token.
    pub pieces: u32,
}

impl Ollama {
    /// Makes a call and reads its answer to the end. `progress` is called when a piece of the answer has
    /// come and the next is not there yet. Dropping the future closes the connection, which frees the server.
    ///
    /// # Errors
    /// Whatever goes wrong, told apart.
    pub async fn chat(
        &self,
        call: &ChatCall,
        mut progress: impl FnMut(Progress),
    ) -> Result<CallReport, Failure> {
        let body = serde_json::to_vec(&body_of(call)).map_err(|error| {
            Failure::new(FailureClass::Internal, format!("the request has no JSON form: {error}"))
        })?;
        let response = self
            .call()
            .header(CONTENT_TYPE, "application/json")
            .header(headers::TASK, header_text(&call.task))
            .header(headers::ATTEMPT, call.attempt)
            .body(body)
            .send()
            .await
            .map_err(|error| classify::of_connection(&self.name, &self.url, &error))?;
        let status = response.status();
        if !status.is_success() {
            let pause = retry_after::of(response.headers());
            let text = response.text().await.unwrap_or_default();
            return Err(classify::of_status(&self.name, status.as_u16(), &text).after(pause));
        }
        let mut reading = Reading::default();
        let mut lines = Lines::default();
        let mut stream = response.bytes_stream();
        let mut is_told = true;
        let mut next = stream.next().await;
        while let Some(bytes) = next {
            let bytes = bytes.map_err(|error| self.disconnected(&reading, &error))?;
            lines.push(&bytes);
            while let Some(line) = lines.next_line() {
                if reading.take(&self.name, &line)? {
                    return Ok(reading.report());
                }
            }
            if lines.buffer.len() > MAX_LINE || reading.answer.text.len() > MAX_ANSWER {
                let message = format!("{} sends without end", self.name);
                return Err(Failure::new(FailureClass::Garbage, message));
            }
            // The end often comes right behind: whoever listens is not woken for both.
            tokio::task::yield_now().await;
            let waiting = stream.next().now_or_never();
            is_told = waiting.is_none() || !is_told;
            if is_told {
                progress(Progress { pieces: reading.pieces });
            }
            next = match waiting {
                Some(waiting) => waiting,
                None => stream.next().await,
            };
        }
        // A last line need not end in a line break.
        let rest = std::mem::take(&mut lines.buffer);
        if reading.take(&self.name, &rest)? {
            return Ok(reading.report());
        }
        let message = format!(
            "{} ended its answer without its end mark, after {} pieces",
            self.name, reading.pieces
        );
        Err(Failure::new(FailureClass::Incomplete, message))
    }

    fn disconnected(&self, reading: &Reading, error: &reqwest::Error) -> Failure {
        let reason = classify::root_cause(error);
        let message = format!(
            "the connection to {} broke in mid-answer, after {} pieces: {reason}",
            self.name, reading.pieces
        );
        Failure::new(FailureClass::Disconnected, message)
    }
}

fn body_of(call: &ChatCall) -> ChatBody<'_> {
    let request = &call.request;
    let mut options = match serde_json::to_value(&request.options) {
        Ok(Value::Object(options)) => options,
        _ => Map::new(),
    };
    if let Some(window) = call.window {
        options.insert("num_ctx".to_owned(), window.into());
    }
    if let Some(seed) = call.seed {
        options.insert("seed".to_owned(), seed.into());
    }
    ChatBody {
        model: &call.model,
        messages: &request.messages,
        stream: true,
        format: request.format.as_ref(),
        tools: &call.tools,
        options,
        keep_alive: call.keep_alive.map(|time| go_duration(time.0)),
        // Thinking and a form of the answer do not go together in Ollama.
        think: request.format.as_ref().map(|_| false),
    }
}

/// The call of a tool, if it names one. Some servers write the arguments as a text that holds JSON.
fn called(call: &Value) -> Option<ToolCall> {
    let function = call.get("function")?;
    let name = function.get("name")?.as_str()?;
    let arguments = match function.get("arguments") {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(Value::Null) | None => Value::Object(Map::new()),
        Some(other) => other.clone(),
    };
    Some(ToolCall::new(name, arguments))
}

/// A duration as Go reads it: it knows no days.
pub(super) fn go_duration(duration: Duration) -> String {
    format!("{}ms", duration.as_millis())
}

/// A task's address as a header may carry it.
fn header_text(task: &str) -> String {
    task.chars().map(|c| if c.is_ascii_graphic() { c } else { '?' }).collect()
}

/// Bytes that become lines.
#[derive(Default)]
struct Lines {
    buffer: Vec<u8>,
}

impl Lines {
    fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    fn next_line(&mut self) -> Option<Vec<u8>> {
        let end = self.buffer.iter().position(|byte| *byte == b'\n')?;
        let rest = self.buffer.split_off(end + 1);
        Some(std::mem::replace(&mut self.buffer, rest))
    }
}

/// An answer that is being read.
#[derive(Default)]
struct Reading {
    answer: Answer,
    usage: Usage,
    pieces: u32,
}

impl Reading {
    /// Takes a line in; whether it was the last.
    fn take(&mut self, server: &str, line: &[u8]) -> Result<bool, Failure> {
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(false);
        }
        let chunk: ChatChunk = serde_json::from_slice(line).map_err(|error| {
            let message = format!("{server} sent a line that is not its protocol: {error}");
            Failure::new(FailureClass::Garbage, message)
        })?;
        if let Some(error) = &chunk.error {
            return Err(classify::of_error_line(server, error));
        }
        if let Some(message) = &chunk.message {
            let content = message.content.as_deref().unwrap_or_default();
            let thinking = message.thinking.as_deref().unwrap_or_default();
            self.answer.text.push_str(content);
            self.answer.thinking_characters += thinking.chars().count();
            let calls = message.tool_calls.as_deref().unwrap_or_default();
            self.answer.tool_calls.extend(calls.iter().filter_map(called));
            self.pieces +=
                u32::from(!content.is_empty() || !thinking.is_empty() || !calls.is_empty());
        }
        if chunk.done {
            let reason = chunk.done_reason.as_deref().unwrap_or_default();
            self.answer.cut_by_length = reason == "length";
            self.answer.withheld = WITHHELD.contains(&reason).then(|| reason.to_owned());
            self.answer.prompt_tokens = chunk.prompt_eval_count;
            let micros = |nanos: u64| nanos / 1000;
            self.usage = Usage {
                prompt_tokens: chunk.prompt_eval_count,
                answer_tokens: chunk.eval_count,
                load_us: micros(chunk.load_duration),
                prompt_us: micros(chunk.prompt_eval_duration),
                answer_us: micros(chunk.eval_duration),
                ..Usage::default()
            };
        }
        Ok(chunk.done)
    }

    fn report(self) -> CallReport {
        CallReport { answer: self.answer, usage: self.usage }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Result<Option<CallReport>, FailureClass> {
        let mut reading = Reading::default();
        for line in lines {
            match reading.take("gpu1", line.as_bytes()) {
                Ok(true) => return Ok(Some(reading.report())),
                Ok(false) => {}
                Err(failure) => return Err(failure.class),
            }
        }
        Ok(None)
    }

    #[test]
    fn an_answer_is_put_together_from_its_pieces() {
        let report = read(&[
            r#"{"message":{"role":"assistant","thinking":"hm"},"done":false}"#,
            r#"{"message":{"content":"One "},"done":false}"#,
            "",
            r#"{"message":{"content":"two"},"done":true,"done_reason":"length","eval_count":2,"prompt_eval_count":9,"load_duration":5000}"#,
        ]);
        let report = report.unwrap().unwrap();
        assert_eq!(report.answer.text, "One two");
        assert!(report.answer.cut_by_length);
        assert_eq!((report.usage.answer_tokens, report.usage.load_us), (2, 5));
    }

    #[test]
    fn what_breaks_a_stream_is_told_apart() {
        assert_eq!(read(&["not json"]), Err(FailureClass::Garbage));
        assert_eq!(
            read(&[r#"{"error":"an error was encountered while running the model: EOF"}"#]),
            Err(FailureClass::Crashed)
        );
        assert_eq!(read(&[r#"{"message":{"content":"a"},"done":false}"#]), Ok(None));
    }

    #[test]
    fn lines_come_out_whole() {
        let mut lines = Lines::default();
        lines.push(b"ab");
        assert_eq!(lines.next_line(), None);
        lines.push(b"c\nd\ne");
        assert_eq!(lines.next_line().as_deref(), Some(&b"abc\n"[..]));
        assert_eq!(lines.next_line().as_deref(), Some(&b"d\n"[..]));
        assert_eq!(lines.buffer, b"e");
    }
}
