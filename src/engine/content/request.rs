//! What a server is asked: messages, the form of the answer, options.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::engine::servers::full_name;
use crate::language::document::ModelOptions;
use crate::language::plan::{Plan, Planning, Toolbox};
use crate::language::tokens::estimate_tokens;

/// What a server is asked, apart from the model and the seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The messages, the system's first.
    pub messages: Vec<Message>,
    /// JSON Schema that the answer must conform to; free text if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<Value>,
    /// Options of the call.
    pub options: ModelOptions,
    /// The tools that the model may call on the way to its answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Box<Toolbox>>,
    /// What the plan may be made of that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planning: Option<Box<Planning>>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Whose it is.
    pub role: Role,
    /// What it says.
    pub content: String,
    /// The tools that the model calls in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// The tool whose result it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_name: Option<String>,
}

/// The call of a tool, as Ollama writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// What is called.
    pub function: CalledFunction,
}

/// What the call of a tool calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalledFunction {
    /// The tool's name, as it was offered.
    pub name: String,
    /// Its arguments: an object, where the model keeps to the form.
    #[serde(default)]
    pub arguments: Value,
}

/// Whose a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// What the agent is told about itself.
    System,
    /// What it is asked.
    User,
    /// What it answered before.
    Assistant,
    /// What came of a tool that it called.
    Tool,
}

impl Request {
    /// A request of two messages.
    pub(super) fn new(
        system: String,
        mut user: String,
        format: Option<Value>,
        options: ModelOptions,
    ) -> Request {
        if let Some(schema) = &format {
            // Ollama holds the model to the schema but does not show it; a model that has seen
            // it fills it in better.
            user.push_str(
                "\n\nAnswer with one JSON value that conforms to this JSON Schema, and with \
                 nothing else:\n",
            );
            user.push_str(&schema.to_string());
        }
        Request {
            messages: vec![Message::new(Role::System, system), Message::new(Role::User, user)],
            format,
            options,
            tools: None,
            planning: None,
        }
    }

    /// About how many tokens the messages have.
    pub fn expected_tokens(&self) -> u64 {
        self.messages.iter().map(Message::expected_tokens).sum()
    }
}

impl ToolCall {
    /// The call of a tool by the name under which it was offered.
    pub fn new(name: impl Into<String>, arguments: Value) -> ToolCall {
        ToolCall { function: CalledFunction { name: name.into(), arguments } }
    }
}

impl Message {
    /// A message of words alone.
    pub fn new(role: Role, content: impl Into<String>) -> Message {
        Message { role, content: content.into(), tool_calls: Vec::new(), tool_name: None }
    }

    /// What a model wrote while it called tools.
    pub fn calling(content: String, tool_calls: Vec<ToolCall>) -> Message {
        Message { tool_calls, ..Message::new(Role::Assistant, content) }
    }

    /// What came of a tool, by the name under which it was offered.
    pub fn of_tool(name: String, result: String) -> Message {
        Message { tool_name: Some(name), ..Message::new(Role::Tool, result) }
    }

    /// About how many tokens it has, with a few for the template around it.
    pub fn expected_tokens(&self) -> u64 {
        let calls = self.tool_calls.iter().map(|call| {
            let arguments = estimate_tokens(&call.function.arguments.to_string());
            arguments + estimate_tokens(&call.function.name) + 4
        });
        estimate_tokens(&self.content) + 4 + calls.sum::<u64>()
    }
}

/// The window that the calls of each model ask for, by its full name: the largest that any of its
/// tasks wants. One and the same for all, because a server loads a model anew whenever the window
/// changes. Models for which no task says anything are not there: their windows are left to the
/// servers.
pub fn windows(plan: &Plan, default_model: &str) -> BTreeMap<String, u32> {
    let mut windows = BTreeMap::new();
    for (_, ask) in plan.asks() {
        if let Some(wanted) = ask.options.num_ctx {
            let model = full_name(ask.model.as_deref().unwrap_or(default_model));
            let window = windows.entry(model).or_insert(wanted);
            *window = wanted.max(*window);
        }
    }
    windows
}

/// What takes a model that always says the likeliest word off its way.
const SOME_TEMPERATURE: f64 = 0.2;

/// The request again, so that its answer is not the same again: behind `variation` rejected
/// answers, and with the greatest length doubled so many times.
pub(super) fn changed(mut request: Request, variation: u32, doublings: u32) -> Request {
    let options = &mut request.options;
    if variation > 0 {
        options.seed = options.seed.map(|seed| seed.wrapping_add(variation));
        options.temperature = options.temperature.map(|given| given.max(SOME_TEMPERATURE));
    }
    let factor = 1u32.checked_shl(doublings).unwrap_or(u32::MAX);
    options.num_predict = options.num_predict.map(|most| most.saturating_mul(factor));
    request
}

/// The request again, with the answer that was rejected and what was wrong with it; with the
/// latter alone where there was no answer, or where both do not fit the window, in tokens.
pub(super) fn repaired(
    request: Request,
    rejected: &Value,
    complaint: &str,
    window: Option<u32>,
) -> Request {
    let content = rejected.as_str().map_or_else(|| rejected.to_string(), str::to_owned);
    let mut shown = request.clone();
    let is_empty = content.trim().is_empty();
    shown.messages.push(Message::new(Role::Assistant, content));
    let content = format!(
        "That answer cannot be used: {complaint}. Answer the task again, completely and correctly."
    );
    shown.messages.push(Message::new(Role::User, content));
    let fits = window.is_none_or(|window| shown.expected_tokens() <= u64::from(window));
    if fits && !is_empty { shown } else { warned(request, complaint) }
}

/// The request again, with what was wrong with an answer that is not shown.
fn warned(mut request: Request, complaint: &str) -> Request {
    if let Some(last) = request.messages.last_mut() {
        let warning = format!("\n\nAn earlier answer could not be used: {complaint}.");
        last.content.push_str(&warning);
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(messages: Vec<Message>, options: ModelOptions) -> Request {
        Request { messages, format: None, options, tools: None, planning: None }
    }

    #[test]
    fn what_is_asked_again_is_asked_otherwise() {
        let options = ModelOptions {
            seed: Some(7),
            temperature: Some(0.0),
            num_predict: Some(100),
            ..ModelOptions::default()
        };
        let request = plain(Vec::new(), options);
        assert_eq!(changed(request.clone(), 0, 0), request);
        let again = changed(request, 2, 1).options;
        assert_eq!((again.seed, again.num_predict), (Some(9), Some(200)));
        assert_eq!(again.temperature, Some(SOME_TEMPERATURE));
        let open = plain(Vec::new(), ModelOptions::default());
        assert_eq!(changed(open.clone(), 3, 1), open);
    }

    #[test]
    fn a_rejected_answer_is_shown_where_it_fits() {
        let content = "Rate tea.".to_owned();
        let messages = vec![Message::new(Role::User, content)];
        let request = plain(messages, ModelOptions::default());
        let check = |rejected: &str, window, messages: usize| {
            let rejected = Value::from(rejected);
            let again = repaired(request.clone(), &rejected, "it is no number", window);
            assert_eq!(again.messages.len(), messages, "{again:?}");
            let last = again.messages.last().map(|message| message.content.as_str());
            assert!(last.is_some_and(|last| last.contains("it is no number")), "{again:?}");
        };
        check("seven", None, 3);
        check("seven", Some(4096), 3);
        check(&"seven ".repeat(4000), Some(4096), 1);
        check("", None, 1);
    }
}
