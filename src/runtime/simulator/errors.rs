//! Error answers: Ollama's own texts, word for word (`ollama-protocol.md`, table A9).

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::json;

/// The content type of every whole JSON answer.
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// What the runner's death reads like to a client.
pub(super) const RUNNER_DIED: &str =
    "an error was encountered while running the model: unexpected EOF";

/// An answer with an error status and the body `{"error": message}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiError {
    /// The HTTP status.
    pub(super) status: StatusCode,
    /// The text, exactly as Ollama gives it.
    pub(super) message: String,
    /// How long not to ask again, as a proxy says it.
    retry_after: Option<Duration>,
}

impl ApiError {
    /// An error with this status and text.
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> ApiError {
        ApiError { status, message: message.into(), retry_after: None }
    }

    /// The same error with a real time before which not to ask again: the header has whole seconds.
    pub(super) fn after(self, pause: Option<Duration>) -> ApiError {
        ApiError { retry_after: pause, ..self }
    }

    /// 400.
    pub(super) fn bad_request(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::BAD_REQUEST, message)
    }

    /// 404.
    pub(super) fn not_found(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::NOT_FOUND, message)
    }

    /// 500.
    pub(super) fn internal(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }

    /// The error that a fault rule asks for.
    pub(super) fn simulated(status: u16, message: Option<String>) -> ApiError {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let message = message.unwrap_or_else(|| format!("simulated fault: status {status}"));
        ApiError::new(status, message)
    }

    /// 503: the load queue is full.
    pub(super) fn busy() -> ApiError {
        ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "server busy, please try again.  maximum pending requests exceeded",
        )
    }

    /// 500: the runner ended while it loaded the model.
    pub(super) fn load_failed() -> ApiError {
        ApiError::internal(
            "llama-server process has terminated: exit status 1: error loading model \
             (simulated fault)",
        )
    }

    /// 400 with the runner's own error object as text: a prompt that does not fit.
    pub(super) fn exceeds_context(prompt_tokens: u32, window: u32) -> ApiError {
        ApiError::bad_request(format!(
            "{{\"error\":{{\"code\":400,\"message\":\"request ({prompt_tokens} tokens) exceeds \
             the available context size ({window} tokens), try increasing it\",\
             \"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":{prompt_tokens},\
             \"n_ctx\":{window}}}}}"
        ))
    }

    /// The body.
    pub(super) fn body(&self) -> String {
        let mut body = String::from("{\"error\":");
        json::push_string(&mut body, &self.message);
        body.push('}');
        body
    }

    /// The same error as the runner's answer to a request for a stream has it: the content type
    /// has no charset there.
    pub(super) fn before_stream(self) -> Response {
        let mut response = self.into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = respond(self.status, self.body());
        if let Some(pause) = self.retry_after {
            let seconds = pause.as_secs() + u64::from(pause.subsec_nanos() > 0);
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// An answer with a whole JSON body.
pub(super) fn respond(status: StatusCode, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_body_is_an_object_with_an_error() {
        let error = ApiError::not_found("model 'a\"b' not found");
        assert_eq!(error.body(), r#"{"error":"model 'a\"b' not found"}"#);
    }

    #[test]
    fn the_nested_error_is_json_itself() {
        let error = ApiError::exceeds_context(15019, 512);
        let inner: Value = serde_json::from_str(&error.message).unwrap();
        assert_eq!(inner["error"]["type"], "exceed_context_size_error");
        assert_eq!(inner["error"]["n_prompt_tokens"], 15019);
        assert_eq!(inner["error"]["n_ctx"], 512);
    }
}
