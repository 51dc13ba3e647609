//! Tools that models call while they work on an answer.

use serde::{Deserialize, Serialize};

use crate::language::digest::Digest;

/// A tool that a model called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolUse {
    /// Which of the attempt's calls: counts from 1.
    pub call: u32,
    /// The tool: a built-in one, or `server.tool`.
    pub tool: String,
    /// Its arguments.
    pub arguments: Digest,
    /// How the model called it.
    pub rung: Rung,
}

/// How a model called a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// As its server's protocol has it.
    Native,
    /// In the text of its answer.
    Text,
}

/// What came of a tool that a model called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolAnswer {
    /// Which of the attempt's calls.
    pub call: u32,
    /// What the model was shown.
    pub result: Digest,
    /// Whether that says what went wrong.
    pub failed: bool,
    /// How long it took, in microseconds.
    pub took_us: u64,
}
