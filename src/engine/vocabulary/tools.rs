//! Tools: those that models call while they work on an answer, and those that tasks call.

use serde::{Deserialize, Serialize};

use super::fact::Usage;
use super::nested::RunNote;
use crate::language::digest::Digest;

/// A tool that a model, or a task, called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolUse {
    /// Which of the attempt's calls: counts from 1. A task calls its tool once an attempt.
    pub call: u32,
    /// The tool: a built-in one, or `server.tool`.
    pub tool: String,
    /// Its arguments.
    pub arguments: Digest,
    /// How it was called.
    pub rung: Rung,
    /// What the turns of the attempt until then took together: should it come to nothing, nobody else says
    /// so. Absent where a task calls, and in runs of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spent: Option<Box<Usage>>,
}

/// How a tool was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// By a model, as its server's protocol has it.
    Native,
    /// By a model, in the text of its answer.
    Text,
    /// By a task, as its author wrote it.
    Task,
}

/// A tool that a model called and that a person must agree to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolAsking {
    /// The tool: a built-in one, or `server.tool`.
    pub tool: String,
    /// Its arguments.
    pub arguments: Digest,
    /// What has been said until then: the talk goes on from there.
    pub talk: Digest,
    /// The question to the person, and what can be chosen.
    pub question: Digest,
}

/// What a person can say of a tool that a model wants to use.
pub const PERMISSION_OPTIONS: [&str; 2] = ["allow", "deny"];

/// What came of a tool that was called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolAnswer {
    /// Which of the attempt's calls.
    pub call: u32,
    /// What the model was shown, or the task given.
    pub result: Digest,
    /// Whether that says what went wrong.
    pub failed: bool,
    /// How long it took, in microseconds.
    pub took_us: u64,
    /// Whether it is invented: the tool was not used.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
    /// What it meant for runs inside the run, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs: Option<Box<RunNote>>,
}
