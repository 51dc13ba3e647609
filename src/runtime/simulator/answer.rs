//! What a model says: from the answer rules, else invented.
//!
//! An answer is a function of the profile's seed, the model, the messages that were kept, the
//! format and the request's seed. The server, the time and other requests have no part in it.

use serde_json::{Map, Value, json};

use crate::language::digest::FullHash;
use crate::language::document::simulation::{AnswerRule, ChatTemplate, Fault};

use super::dice::Dice;
use super::format::Format;
use super::instance::instance;
use super::json;
use super::messages::Tool;
use super::prompt::{self, Kept};
use super::prose;
use super::reply::{Reason, Reply, ToolCall};

/// The call of a tool as models write it that make none.
const WRITTEN_CALL: &str = r#"{"name": "simulated_search", "arguments": {"query": "simulated"}}"#;

/// What an answer depends on.
pub(super) struct Question<'a> {
    /// The profile's seed.
    pub(super) profile_seed: u64,
    /// The key of the model's name.
    pub(super) model: &'a str,
    /// How the model's tool calls are numbered.
    pub(super) template: ChatTemplate,
    /// The prompt that the model reads.
    pub(super) prompt: &'a Kept,
    /// The shape that the answer is to have.
    pub(super) format: &'a Format,
    /// The request's seed.
    pub(super) seed: Option<i64>,
    /// The tools that may be called now: none after a tool's result.
    pub(super) tools: &'a [Tool],
    /// Whether the model thinks first.
    pub(super) thinks: bool,
    /// The answer rule for the request.
    pub(super) rule: Option<&'a AnswerRule>,
}

impl Question<'_> {
    /// The whole answer, before anything ends it early.
    pub(super) fn answer(&self, fault: Option<&Fault>) -> Reply {
        let mut dice = self.dice();
        let mut reply = Reply::default();
        if self.thinks {
            reply.thinking = prose::thought(&self.prompt.question, &mut dice);
        }
        match fault {
            Some(Fault::Empty) => {
                return Reply { tokens: 1, ..Reply::default() };
            }
            Some(Fault::Refused) => {
                return Reply { tokens: 1, reason: Reason::Withheld, ..Reply::default() };
            }
            Some(Fault::ToolCall) => WRITTEN_CALL.clone_into(&mut reply.content),
            Some(Fault::Malformed) => {
                reply.content = format!(
                    "{{\"simulated\": malformed answer, {}",
                    prose::answer(&self.prompt.question, &mut dice)
                );
            }
            _ => {
                reply.tool_calls = self.tool_calls(&mut dice);
                if reply.tool_calls.is_empty() {
                    reply.content = self.content(&mut dice);
                }
            }
        }
        let calls: u32 = reply.tool_calls.iter().map(ToolCall::tokens).sum();
        let counted = prompt::count(&reply.thinking) + prompt::count(&reply.content) + calls;
        let given = self.rule.and_then(|rule| rule.tokens);
        reply.tokens = given.unwrap_or(counted).max(1);
        reply
    }

    fn dice(&self) -> Dice {
        let seeds = (self.profile_seed.to_le_bytes(), self.seed.unwrap_or(-1).to_le_bytes());
        let format = self.format.text();
        let messages = &self.prompt.text[self.prompt.messages_at..];
        let texts = [self.model, format.as_str(), messages];
        // With their lengths, so that no two requests give the same bytes.
        let lengths = texts.map(|text| (text.len() as u64).to_le_bytes());
        let mut parts: Vec<&[u8]> = vec![&seeds.0];
        for (length, text) in lengths.iter().zip(texts) {
            parts.extend([length.as_slice(), text.as_bytes()]);
        }
        parts.push(&seeds.1);
        Dice::from_hash(FullHash::of_parts(parts))
    }

    fn content(&self, dice: &mut Dice) -> String {
        if let Some(rule) = self.rule {
            if let Some(text) = &rule.text {
                return text.clone();
            }
            if let Some(value) = &rule.json {
                return value.to_string();
            }
        }
        match self.format {
            Format::Free | Format::Invalid(_) => prose::answer(&self.prompt.question, dice),
            Format::Json => {
                let answer = prose::answer(&self.prompt.question, dice);
                json!({"simulated": true, "answer": answer}).to_string()
            }
            Format::Schema(schema) => instance(schema, "", dice).to_string(),
        }
    }

    /// The calls that a rule names, of the tools that are offered; without any rule that says
    /// what to answer, a call of one of them.
    fn tool_calls(&self, dice: &mut Dice) -> Vec<ToolCall> {
        if self.tools.is_empty() {
            return Vec::new();
        }
        match self.rule {
            Some(rule) if !rule.tool_calls.is_empty() => rule
                .tool_calls
                .iter()
                .filter(|(name, _)| self.tools.iter().any(|tool| tool.name == **name))
                .map(|(name, arguments)| self.call(name, arguments, dice))
                .collect(),
            Some(rule) if rule.text.is_some() || rule.json.is_some() => Vec::new(),
            _ => {
                let tool = dice.pick(self.tools);
                let arguments = match instance(&tool.parameters, "", dice) {
                    arguments @ Value::Object(_) => arguments,
                    // A tool without parameters.
                    _ => Value::Object(Map::new()),
                };
                vec![self.call(&tool.name, &arguments, dice)]
            }
        }
    }

    fn call(&self, name: &str, arguments: &Value, dice: &mut Dice) -> ToolCall {
        const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let (start, length) = match self.template {
            ChatTemplate::Go => ("call_", 8),
            ChatTemplate::Native => ("", 32),
        };
        let mut id = start.to_owned();
        id.extend((0..length).map(|_| char::from(*dice.pick(LETTERS))));
        ToolCall { id, name: name.to_owned(), arguments: json::text(arguments) }
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
