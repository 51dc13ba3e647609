//! A talk that stopped at a tool about which a person is asked, and the question to the person.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::request::{Message, ToolCall};
use crate::engine::vocabulary::{PERMISSION_OPTIONS, Rung};

/// What had been said when a model called a tool that a person must agree to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PausedTalk {
    /// The messages until then; the last one is the model's, with its calls.
    pub messages: Vec<Message>,
    /// The calls that are still to be made, that in question first.
    pub pending: Vec<ToolCall>,
    /// How the model called.
    pub rung: Rung,
    /// Tools called so far.
    pub calls: u32,
    /// Turns so far.
    pub turns: u32,
}

/// The question whether an agent may use a tool, as gates have theirs.
pub fn permission_question(task: &str, agent: &str, tool: &str, arguments: &Value) -> Value {
    let shown = serde_json::to_string_pretty(arguments).unwrap_or_default();
    json!({
        "task": task,
        "ask": format!("May `{agent}` use the tool `{tool}` with these arguments?\n{shown}"),
        "options": PERMISSION_OPTIONS,
        "default": null,
        "tool": tool,
        "arguments": arguments,
    })
}
