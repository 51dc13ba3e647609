//! The messages and tools of a request.

use serde_json::{Map, Value};

use super::errors::ApiError;
use super::fields::Fields;
use super::json;

/// One message of a conversation.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Message {
    /// Who speaks, in lower case; any text is accepted.
    pub(super) role: String,
    /// What is said.
    pub(super) content: String,
    /// Images, as base64 text.
    pub(super) images: Vec<String>,
    /// Everything else that is part of the prompt: thinking, tool calls, the tool's name.
    pub(super) rest: String,
}

impl Message {
    /// A message that is nothing but text.
    pub(super) fn text(role: &str, content: String) -> Message {
        Message { role: role.to_owned(), content, ..Message::default() }
    }

    /// Reads the `messages` of a chat.
    pub(super) fn read_all(fields: &mut Fields) -> Result<Vec<Message>, ApiError> {
        fields
            .list("messages", "api.Message")?
            .into_iter()
            .map(|item| match item {
                Value::Object(object) => Message::read(object),
                Value::Null => Ok(Message::default()),
                other => Err(fields.wrong_type("messages", &other, "api.Message")),
            })
            .collect()
    }

    fn read(object: Map<String, Value>) -> Result<Message, ApiError> {
        let mut fields = Fields::of(object, "Message");
        let mut role = fields.string("role")?;
        role.make_ascii_lowercase();
        let content = fields.string("content")?;
        let images = read_images(&mut fields)?;
        let mut rest = fields.string("thinking")?;
        rest.push_str(&fields.string("tool_name")?);
        fields.string("tool_call_id")?;
        for call in fields.list("tool_calls", "api.ToolCall")? {
            rest.push_str(&json::text(&call));
        }
        Ok(Message { role, content, images, rest })
    }
}

/// Reads the `images` of a message or of a generate request.
pub(super) fn read_images(fields: &mut Fields) -> Result<Vec<String>, ApiError> {
    fields
        .list("images", "api.ImageData")?
        .into_iter()
        .map(|item| match item {
            Value::String(text) => match first_illegal_byte(&text) {
                None => Ok(text),
                Some(place) => {
                    Err(ApiError::bad_request(format!("illegal base64 data at input byte {place}")))
                }
            },
            other => Err(fields.wrong_type("images", &other, "api.ImageData")),
        })
        .collect()
}

fn first_illegal_byte(text: &str) -> Option<usize> {
    let data = text.trim_end_matches('=');
    let padding = text.len() - data.len();
    data.bytes()
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')))
        .or_else(|| (padding > 2 || !text.len().is_multiple_of(4)).then_some(text.len()))
}

/// A tool that the model may call.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tool {
    /// The function's name.
    pub(super) name: String,
    /// The JSON Schema of its arguments.
    pub(super) parameters: Value,
}

/// The tools of a request: what they are called, and their text as part of the prompt.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tools {
    /// Each tool, as offered.
    pub(super) offered: Vec<Tool>,
    /// The tools' JSON text; it stands before all messages.
    pub(super) text: String,
}

impl Tools {
    /// Reads the `tools` of a chat.
    pub(super) fn read(fields: &mut Fields) -> Result<Tools, ApiError> {
        let mut tools = Tools::default();
        for item in fields.list("tools", "api.Tool")? {
            tools.text.push_str(&json::text(&item));
            let Value::Object(object) = item else {
                return Err(fields.wrong_type("tools", &item, "api.Tool"));
            };
            let function = Fields::of(object, "Tool").object("function")?;
            let mut function = Fields::of(function, "ToolFunction");
            tools.offered.push(Tool {
                name: function.string("name")?,
                parameters: Value::Object(function.object("parameters")?),
            });
        }
        Ok(tools)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<Message>, ApiError> {
        Message::read_all(&mut Fields::read(body.as_bytes(), "ChatRequest").unwrap())
    }

    #[test]
    fn roles_are_lower_case_and_free() {
        let messages =
            read(r#"{"messages":[{"Role":"USER","content":"hi"},{"role":"bard"}]}"#).unwrap();
        assert_eq!(messages[0], Message::text("user", "hi".into()));
        assert_eq!(messages[1].role, "bard");
    }

    #[test]
    fn wrong_types_are_refused() {
        for body in [
            r#"{"messages":"hi"}"#,
            r#"{"messages":["hi"]}"#,
            r#"{"messages":[{"content":5}]}"#,
            r#"{"messages":[{"images":"x"}]}"#,
        ] {
            assert_eq!(read(body).unwrap_err().status, 400, "{body}");
        }
    }

    #[test]
    fn images_are_base64() {
        assert!(read(r#"{"messages":[{"images":["aGk="]}]}"#).is_ok());
        let error = read(r#"{"messages":[{"images":["aG*="]}]}"#).unwrap_err();
        assert_eq!(error.message, "illegal base64 data at input byte 2");
        assert!(read(r#"{"messages":[{"images":["aGk"]}]}"#).is_err());
    }

    #[test]
    fn tools_have_names_and_parameters() {
        let body = r#"{"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]}"#;
        let mut fields = Fields::read(body.as_bytes(), "ChatRequest").unwrap();
        let tools = Tools::read(&mut fields).unwrap();
        assert_eq!(tools.offered[0].name, "f");
        assert_eq!(tools.offered[0].parameters["type"], "object");
        let mut fields = Fields::read(br#"{"tools":[5]}"#, "ChatRequest").unwrap();
        assert!(Tools::read(&mut fields).is_err());
    }
}
