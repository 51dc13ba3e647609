//! A YAML document as it is written, line by line.

use serde_json::Value;

use super::wish::AgentWish;
use crate::language::source::{Surroundings, write_text, write_value};

/// Lines of a document. Depths count steps of two blanks.
#[derive(Debug, Default)]
pub(super) struct Sheet(String);

impl Sheet {
    pub(super) fn into_text(self) -> String {
        self.0
    }

    pub(super) fn blank(&mut self) {
        self.0.push('\n');
    }

    /// A comment; what it says is ours, and has no line breaks.
    pub(super) fn comment(&mut self, depth: usize, text: &str) {
        self.line(depth, &format!("# {text}"));
    }

    /// A key whose value is a mapping or a list below it.
    pub(super) fn key(&mut self, depth: usize, key: &str) {
        self.line(depth, &format!("{}:", block(key)));
    }

    /// A key and a text.
    pub(super) fn text(&mut self, depth: usize, key: &str, text: &str) {
        self.line(depth, &format!("{}: {}", block(key), block(text)));
    }

    /// A key and any value.
    pub(super) fn value(&mut self, depth: usize, key: &str, value: &Value) {
        let value = write_value(value, Surroundings::Block);
        self.line(depth, &format!("{}: {value}", block(key)));
    }

    /// The first key of an item of a list.
    pub(super) fn item(&mut self, depth: usize, key: &str, text: &str) {
        self.line(depth, &format!("- {}: {}", block(key), block(text)));
    }

    /// A key and a text of several lines, none of which begins or ends with a blank.
    pub(super) fn block(&mut self, depth: usize, key: &str, text: &str) {
        self.line(depth, &format!("{}: |", block(key)));
        for line in text.lines() {
            if line.is_empty() { self.blank() } else { self.line(depth + 1, line) }
        }
    }

    /// An agent as an item of a list.
    pub(super) fn agent(&mut self, depth: usize, agent: &AgentWish, reports_to: Option<&str>) {
        self.item(depth, "role", &agent.role);
        if !agent.has_implied_id() {
            self.text(depth + 1, "id", &agent.id);
        }
        if let Some(manager) = reports_to {
            self.text(depth + 1, "reports_to", manager);
        }
        if !agent.purpose.is_empty() {
            self.text(depth + 1, "purpose", &agent.purpose);
        }
    }

    fn line(&mut self, depth: usize, text: &str) {
        self.0.push_str(&"  ".repeat(depth));
        self.0.push_str(text);
        self.0.push('\n');
    }
}

fn block(text: &str) -> String {
    write_text(text, Surroundings::Block)
}
