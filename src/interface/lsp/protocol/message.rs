//! JSON-RPC 2.0: requests, answers and notifications.

use serde_json::{Value, json};

/// What a request is known by: a number or a text.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestId(Value);

/// A message of the client.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// Something that wants an answer.
    Request {
        /// What the answer has to name.
        id: RequestId,
        /// What is asked.
        method: String,
        /// With what.
        params: Value,
    },
    /// Something that wants none.
    Notification {
        /// What is said.
        method: String,
        /// With what.
        params: Value,
    },
    /// The answer to a request of ours.
    Response,
    /// JSON that is no message, and the id that it has nevertheless.
    Invalid(Option<RequestId>),
}

/// Why a request is not answered as asked: the codes of JSON-RPC and of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The code.
    pub code: i32,
    /// Why, for people.
    pub message: String,
}

impl Refusal {
    pub(in crate::interface::lsp) const PARSE_ERROR: i32 = -32700;
    pub(in crate::interface::lsp) const INVALID_REQUEST: i32 = -32600;
    pub(in crate::interface::lsp) const METHOD_NOT_FOUND: i32 = -32601;
    pub(in crate::interface::lsp) const INVALID_PARAMS: i32 = -32602;
    pub(in crate::interface::lsp) const INTERNAL_ERROR: i32 = -32603;
    pub(in crate::interface::lsp) const NOT_INITIALIZED: i32 = -32002;
    pub(in crate::interface::lsp) const REQUEST_FAILED: i32 = -32803;
    pub(in crate::interface::lsp) const CANCELLED: i32 = -32800;

    /// A refusal with a code.
    pub fn new(code: i32, message: impl Into<String>) -> Refusal {
        Refusal { code, message: message.into() }
    }

    /// A request that makes sense but cannot be fulfilled: the message is for whoever asked.
    pub fn failed(message: impl Into<String>) -> Refusal {
        Refusal::new(Refusal::REQUEST_FAILED, message)
    }
}

impl Message {
    /// Reads a message.
    pub fn of(mut value: Value) -> Message {
        let id = value.get("id").filter(|id| id.is_number() || id.is_string()).cloned();
        let id = id.map(RequestId);
        let method = value.get("method").and_then(Value::as_str).map(str::to_owned);
        let params = value.get_mut("params").map(Value::take).unwrap_or_default();
        let is_answer = value.get("result").is_some() || value.get("error").is_some();
        match (id, method) {
            (Some(id), Some(method)) => Message::Request { id, method, params },
            (None, Some(method)) => Message::Notification { method, params },
            (Some(_), None) if is_answer => Message::Response,
            (id, None) => Message::Invalid(id),
        }
    }

    /// The id of the request that this asks to be broken off.
    pub(in crate::interface::lsp) fn cancels(&self) -> Option<RequestId> {
        match self {
            Message::Notification { method, params } if method == "$/cancelRequest" => {
                params.get("id").cloned().map(RequestId)
            }
            _ => None,
        }
    }
}

/// The answer to a request.
pub(in crate::interface::lsp) fn answer(id: &RequestId, result: Result<Value, Refusal>) -> Value {
    match result {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id.0, "result": result }),
        Err(refusal) => refused(Some(id), &refusal),
    }
}

/// A refusal; of a message whose id is unknown it has none.
pub(in crate::interface::lsp) fn refused(id: Option<&RequestId>, refusal: &Refusal) -> Value {
    let error = json!({ "code": refusal.code, "message": refusal.message });
    json!({ "jsonrpc": "2.0", "id": id.map(|id| &id.0), "error": error })
}

/// A notification.
pub(in crate::interface::lsp) fn notification(method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

/// A request of ours. Nothing that is asked needs to know the answer.
pub(in crate::interface::lsp) fn request(id: &str, method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_apart() {
        let request = Message::of(json!({ "id": 1, "method": "m", "params": [2] }));
        let id = RequestId(json!(1));
        assert_eq!(request, Message::Request { id, method: "m".into(), params: json!([2]) });
        let notification = Message::of(json!({ "method": "m" }));
        assert_eq!(notification, Message::Notification { method: "m".into(), params: json!(null) });
        assert_eq!(Message::of(json!({ "id": 1, "result": null })), Message::Response);
        assert_eq!(Message::of(json!({ "id": 1 })), Message::Invalid(Some(RequestId(json!(1)))));
        assert_eq!(Message::of(json!([])), Message::Invalid(None));
    }

    #[test]
    fn a_cancellation_names_its_request() {
        let cancel = json!({ "method": "$/cancelRequest", "params": { "id": "a" } });
        assert_eq!(Message::of(cancel).cancels(), Some(RequestId(json!("a"))));
        assert_eq!(Message::of(json!({ "method": "m" })).cancels(), None);
    }
}
