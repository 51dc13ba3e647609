//! What goes over the wire.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::engine::content::Message;

/// The body of `POST /api/chat`.
#[derive(Debug, Serialize)]
pub(super) struct ChatBody<'a> {
    pub(super) model: &'a str,
    pub(super) messages: &'a [Message],
    pub(super) stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[Value]>::is_empty")]
    pub(super) tools: &'a [Value],
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) options: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) keep_alive: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) think: Option<bool>,
}

/// One object of a chat's stream. Every field may be missing: what counts is checked by hand.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ChatChunk {
    pub(super) message: Option<ChatMessage>,
    pub(super) done: bool,
    pub(super) done_reason: Option<String>,
    pub(super) error: Option<Value>,
    pub(super) load_duration: u64,
    pub(super) prompt_eval_count: u64,
    pub(super) prompt_eval_duration: u64,
    pub(super) eval_count: u64,
    pub(super) eval_duration: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ChatMessage {
    pub(super) content: Option<String>,
    pub(super) thinking: Option<String>,
    pub(super) tool_calls: Option<Vec<Value>>,
}

/// `GET /api/tags` and `GET /api/ps`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ModelList {
    pub(super) models: Vec<ListedModel>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListedModel {
    pub(super) name: String,
    pub(super) model: String,
    pub(super) digest: String,
    pub(super) size: u64,
    pub(super) size_vram: Option<u64>,
    pub(super) details: Value,
    pub(super) capabilities: Option<Vec<String>>,
    pub(super) remote_host: Option<String>,
    pub(super) context_length: Option<u64>,
    pub(super) expires_at: Option<String>,
}

/// `GET /api/version`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Version {
    pub(super) version: String,
}

/// `POST /api/show`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Shown {
    pub(super) capabilities: Option<Vec<String>>,
    pub(super) model_info: Option<Map<String, Value>>,
}

/// The text of an error, whatever its shape: a string, a string that is JSON itself, an object
/// with a message.
pub(super) fn error_text(error: &Value) -> String {
    match error {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner) if inner.is_object() => error_text(inner.get("error").unwrap_or(&inner)),
            _ => text.clone(),
        },
        Value::Object(object) => match object.get("message") {
            Some(message) => error_text(message),
            None => error.to_string(),
        },
        other => other.to_string(),
    }
}
