//! From what came over the wire to the kind of trouble: by status and text. With Ollama a 500 may
//! be the caller's own mistake, and a 200 a failure.

use serde_json::Value;

use super::wire::error_text;
use crate::engine::{Failure, FailureClass};

/// The failure that an HTTP status and its body mean.
pub(super) fn of_status(server: &str, status: u16, body: &str) -> Failure {
    let parsed: Option<Value> = serde_json::from_str(body).ok();
    let error = parsed.as_ref().and_then(|body| body.get("error"));
    let text = error.map_or_else(|| shortened(body), error_text);
    let answered = Answered { status, text: text.to_lowercase(), body, is_ollama: error.is_some() };
    let class = answered.class();
    let message = match class {
        FailureClass::Overloaded => format!("{server} takes no more work for now: {text}"),
        FailureClass::Garbage => {
            format!("{server} does not speak Ollama's protocol ({status}: {text})")
        }
        _ if !answered.is_ollama && status >= 500 => {
            format!("what stands before {server} answered {status}: {text}")
        }
        _ => format!("{server} answered {status}: {text}"),
    };
    let page = parsed.as_ref().and_then(|body| body.get("signin_url")).and_then(Value::as_str);
    let message = page.map_or(message.clone(), |page| format!("{message}; sign in at {page}"));
    Failure::new(class, with_advice(message, class, &answered.text))
}

/// An answer with an error status.
struct Answered<'a> {
    status: u16,
    /// What it says, in small letters.
    text: String,
    body: &'a str,
    /// Whether it has the form of Ollama's errors.
    is_ollama: bool,
}

impl Answered<'_> {
    fn class(&self) -> FailureClass {
        let says = |parts: &[&str]| parts.iter().any(|part| self.text.contains(part));
        match self.status {
            503 | 429 => FailureClass::Overloaded,
            401 | 403 => FailureClass::Unauthorized,
            404 if self.is_ollama && says(&["not found"]) => FailureClass::ModelMissing,
            404 | 405 => FailureClass::Garbage,
            499 => FailureClass::Cancelled,
            501 => FailureClass::Unsupported,
            // The runner's own error object has a type that does not change with its words.
            400 if self.body.contains("exceed_context_size_error") => FailureClass::ContextTooLong,
            400 if says(&["context length", "exceeds the available context"]) => {
                FailureClass::ContextTooLong
            }
            400 if says(&["does not support"]) => FailureClass::Unsupported,
            400..=498 => FailureClass::BadRequest,
            // The caller's mistakes that Ollama reports as its own.
            500 if says(&["must be of type", "invalid format", "invalid json schema"]) => {
                FailureClass::BadRequest
            }
            _ => of_runner(&self.text),
        }
    }
}

/// The kind of trouble that the text of a server error means, in small letters.
fn of_runner(text: &str) -> FailureClass {
    let says = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    if says(&[
        "process has terminated",
        "timed out waiting for",
        "unable to load",
        "failed to load",
        "error loading model",
        "requires more system memory",
    ]) {
        FailureClass::LoadFailed
    } else if says(&["unexpectedly stopped", "an error was encountered while running"]) {
        FailureClass::Crashed
    } else {
        FailureClass::ServerError
    }
}

/// What can be done about a failure, where that is known.
fn with_advice(message: String, class: FailureClass, text: &str) -> String {
    let says = |part: &str| text.contains(part);
    let advice = match class {
        FailureClass::Overloaded if says("maximum pending requests") => {
            "its load queue is full (OLLAMA_MAX_QUEUE)"
        }
        FailureClass::LoadFailed | FailureClass::Crashed
            if says("memory") || says("resource limitations") =>
        {
            "a smaller model or a smaller `num_ctx` needs less memory"
        }
        FailureClass::LoadFailed if says("timed out waiting") => {
            "its disk may be slow: raise OLLAMA_LOAD_TIMEOUT there"
        }
        FailureClass::LoadFailed => "pull the model again there, or look into the server's log",
        FailureClass::ContextTooLong => "raise `num_ctx`, or shorten the prompt",
        FailureClass::ModelMissing => "pull the model there",
        FailureClass::Unauthorized => {
            "look at OLLAMA_ORIGINS there, and at whatever stands before the server"
        }
        _ => return message,
    };
    format!("{message}; {advice}")
}

/// The failure that an error line in the middle of a stream means.
pub(super) fn of_error_line(server: &str, error: &Value) -> Failure {
    let text = error_text(error);
    let lower = text.to_lowercase();
    let class = match of_runner(&lower) {
        FailureClass::LoadFailed => FailureClass::LoadFailed,
        _ => FailureClass::Crashed,
    };
    let message = format!("{server} failed in mid-answer: {text}");
    Failure::new(class, with_advice(message, class, &lower))
}

/// The failure that an error of the connection before the answer means.
pub(super) fn of_connection(server: &str, url: &str, error: &reqwest::Error) -> Failure {
    let reason = root_cause(error);
    let message = if error.is_connect() {
        format!(
            "{server} cannot be reached at {url}: {reason}; is Ollama running there, and does it \
             listen for this machine (OLLAMA_HOST)?"
        )
    } else {
        format!("the connection to {server} broke: {reason}")
    };
    Failure::new(FailureClass::Connection, message)
}

/// The innermost cause: the layers above it say nothing that helps.
pub(super) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn shortened(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, body: &str, class: FailureClass) {
        assert_eq!(of_status("gpu1", status, body).class, class, "{status} {body}");
    }

    #[test]
    fn statuses_are_read_with_their_texts() {
        use FailureClass as Class;
        check(
            503,
            r#"{"error":"server busy, please try again.  maximum pending requests exceeded"}"#,
            Class::Overloaded,
        );
        check(404, r#"{"error":"model 'x' not found"}"#, Class::ModelMissing);
        check(404, "404 page not found", Class::Garbage);
        check(500, r#"{"error":"option \"num_ctx\" must be of type integer"}"#, Class::BadRequest);
        check(
            500,
            r#"{"error":"llama-server process has terminated: exit status 1"}"#,
            Class::LoadFailed,
        );
        check(
            500,
            r#"{"error":"model runner has unexpectedly stopped, this may be due to"}"#,
            Class::Crashed,
        );
        check(
            400,
            r#"{"error":"{\"error\":{\"code\":400,\"message\":\"x\",\"type\":\"exceed_context_size_error\"}}"}"#,
            Class::ContextTooLong,
        );
        check(
            400,
            r#"{"error":"the prompt is longer than the context length currently available"}"#,
            Class::ContextTooLong,
        );
        check(400, r#"{"error":"\"x\" does not support thinking"}"#, Class::Unsupported);
        check(502, "<html>bad gateway</html>", Class::ServerError);
        check(403, "", Class::Unauthorized);
        check(499, r#"{"error":"request canceled"}"#, Class::Cancelled);
        check(500, r#"{"error":"unable to load full model on GPU"}"#, Class::LoadFailed);
    }

    #[test]
    fn what_can_be_done_is_said() {
        let says = |status, body: &str, part: &str| {
            let message = of_status("gpu1", status, body).message;
            assert!(message.contains(part), "{message}");
        };
        let busy =
            r#"{"error":"server busy, please try again.  maximum pending requests exceeded"}"#;
        says(503, busy, "OLLAMA_MAX_QUEUE");
        let slow = r#"{"error":"timed out waiting for llama-server to start - progress 0.00"}"#;
        says(500, slow, "OLLAMA_LOAD_TIMEOUT");
        let full = r#"{"error":"llama-server process has terminated: CUDA error: out of memory"}"#;
        says(500, full, "a smaller model or a smaller `num_ctx`");
        let cloud = r#"{"error":"unauthorized","signin_url":"https://example.org/in"}"#;
        says(401, cloud, "sign in at https://example.org/in");
        says(502, "<html>bad gateway</html>", "what stands before gpu1 answered 502");
        says(403, "", "OLLAMA_ORIGINS");
    }
}
