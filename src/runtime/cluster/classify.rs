//! From what came over the wire to the kind of trouble: by status and text. With Ollama a 500 may
//! be the caller's own mistake, and a 200 a failure.

use serde_json::Value;

use super::wire::error_text;
use crate::engine::{Failure, FailureClass};

/// The failure that an HTTP status and its body mean.
pub(super) fn of_status(server: &str, status: u16, body: &str) -> Failure {
    let parsed: Option<Value> = serde_json::from_str(body).ok();
    let text = match parsed.as_ref().and_then(|body| body.get("error")) {
        Some(error) => error_text(error),
        None => shortened(body),
    };
    let is_ollama = parsed.as_ref().is_some_and(|body| body.get("error").is_some());
    let class = class_of(status, &text, is_ollama);
    let message = match class {
        FailureClass::Overloaded => format!("{server} takes no more work for now: {text}"),
        FailureClass::Garbage => {
            format!("{server} does not speak Ollama's protocol ({status}: {text})")
        }
        _ => format!("{server} answered {status}: {text}"),
    };
    Failure::new(class, message)
}

fn class_of(status: u16, text: &str, is_ollama: bool) -> FailureClass {
    let text = text.to_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    match status {
        503 | 429 => FailureClass::Overloaded,
        401 | 403 => FailureClass::Unauthorized,
        404 if is_ollama && says(&["not found"]) => FailureClass::ModelMissing,
        404 | 405 => FailureClass::Garbage,
        501 => FailureClass::Unsupported,
        400 if says(&[
            "exceed_context_size",
            "context length",
            "exceeds the available context",
        ]) =>
        {
            FailureClass::ContextTooLong
        }
        400 if says(&["does not support"]) => FailureClass::Unsupported,
        400..=499 => FailureClass::BadRequest,
        // The caller's mistakes that Ollama reports as its own.
        500 if says(&["must be of type", "invalid format", "invalid json schema"]) => {
            FailureClass::BadRequest
        }
        _ => of_runner(&text),
    }
}

/// The kind of trouble that the text of a server error means.
fn of_runner(text: &str) -> FailureClass {
    let text = text.to_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    if says(&[
        "process has terminated",
        "timed out waiting for",
        "unable to load",
        "failed to load",
        "requires more system memory",
    ]) {
        FailureClass::LoadFailed
    } else if says(&["unexpectedly stopped", "an error was encountered while running"]) {
        FailureClass::Crashed
    } else {
        FailureClass::ServerError
    }
}

/// The failure that an error line in the middle of a stream means.
pub(super) fn of_error_line(server: &str, error: &Value) -> Failure {
    let text = error_text(error);
    let class = match of_runner(&text) {
        FailureClass::LoadFailed => FailureClass::LoadFailed,
        _ => FailureClass::Crashed,
    };
    Failure::new(class, format!("{server} failed in mid-answer: {text}"))
}

/// The failure that an error of the connection before the answer means.
pub(super) fn of_connection(server: &str, url: &str, error: &reqwest::Error) -> Failure {
    let reason = root_cause(error);
    let message = if error.is_connect() {
        format!("{server} cannot be reached at {url}: {reason}")
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
            Class::BadRequest,
        );
        check(
            400,
            r#"{"error":"the prompt is longer than the context length currently available"}"#,
            Class::ContextTooLong,
        );
        check(400, r#"{"error":"\"x\" does not support thinking"}"#, Class::Unsupported);
        check(502, "<html>bad gateway</html>", Class::ServerError);
        check(403, "", Class::Unauthorized);
    }
}
