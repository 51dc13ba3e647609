//! What can go wrong with a task, and what follows from it.
//!
//! The classes are told apart by what happened, not by the HTTP status alone: Ollama answers 500
//! to a caller's mistake and ends a stream of status 200 with an error.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a task, or an attempt at it, did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of trouble.
    pub class: FailureClass,
    /// What happened, in lower case, for people.
    pub message: String,
}

impl Failure {
    /// A failure of a class with what happened.
    pub fn new(class: FailureClass, message: impl Into<String>) -> Failure {
        Failure { class, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.class.as_str())
    }
}

/// The kinds of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// The server could not be reached, or the connection broke before an answer began.
    Connection,
    /// The server takes no more work for now (503, 429).
    Overloaded,
    /// The connection broke in the middle of the answer.
    Disconnected,
    /// The model's runner died.
    Crashed,
    /// The model could not be loaded.
    LoadFailed,
    /// The server failed in another way (5xx).
    ServerError,
    /// What the server sent is not its protocol.
    Garbage,
    /// The answer ended without its last object.
    Incomplete,
    /// No first token in time.
    FirstTokenTimeout,
    /// No further token in time.
    Stalled,
    /// The attempt took too long in all.
    TotalTimeout,
    /// No server was free in time.
    QueueTimeout,
    /// The answer does not conform to the type that was asked for.
    Malformed,
    /// The answer is empty.
    Empty,
    /// A structured answer was cut at its greatest length.
    CutByLength,
    /// The prompt does not fit the model's window.
    ContextTooLong,
    /// No server has the model.
    ModelMissing,
    /// The model cannot do what is asked (tools, thinking, chat).
    Unsupported,
    /// The server does not let us in.
    Unauthorized,
    /// The server refused the request as malformed.
    BadRequest,
    /// A template could not be rendered.
    Template,
    /// A check was not passed.
    CheckFailed,
    /// Nobody decided in time.
    GateExpired,
    /// No result was there to be put together.
    NoSources,
    /// The used pattern failed.
    PatternFailed,
    /// Partita itself is at fault.
    Internal,
}

/// What an attempt's failure means for the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// The server is at fault and not the task: go on elsewhere, and do not count it.
    Move,
    /// Try again, elsewhere first, and count it.
    RetryElsewhere,
    /// Try again with another seed, anywhere, and count it.
    RetryOtherwise,
    /// Trying again would give the same.
    GiveUp,
}

/// What a failure says about the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The server is gone: leave it at once.
    Gone,
    /// The server failed: leave it when that happens several times in a row.
    Counts,
    /// The server is well.
    None,
}

impl FailureClass {
    /// What follows for the next attempt.
    pub fn remedy(self) -> Remedy {
        use FailureClass as Class;
        match self {
            Class::Connection
            | Class::Overloaded
            | Class::Disconnected
            | Class::ModelMissing
            | Class::Unauthorized => Remedy::Move,
            Class::Crashed
            | Class::LoadFailed
            | Class::ServerError
            | Class::Garbage
            | Class::FirstTokenTimeout
            | Class::Stalled
            | Class::TotalTimeout => Remedy::RetryElsewhere,
            Class::Incomplete | Class::Malformed | Class::Empty | Class::CutByLength => {
                Remedy::RetryOtherwise
            }
            Class::QueueTimeout
            | Class::ContextTooLong
            | Class::Unsupported
            | Class::BadRequest
            | Class::Template
            | Class::CheckFailed
            | Class::GateExpired
            | Class::NoSources
            | Class::PatternFailed
            | Class::Internal => Remedy::GiveUp,
        }
    }

    /// What it says about the server.
    pub fn blame(self) -> Blame {
        use FailureClass as Class;
        match self {
            Class::Connection => Blame::Gone,
            Class::Overloaded
            | Class::Disconnected
            | Class::Crashed
            | Class::LoadFailed
            | Class::ServerError
            | Class::Garbage
            | Class::FirstTokenTimeout
            | Class::Stalled => Blame::Counts,
            _ => Blame::None,
        }
    }

    /// The class in machine output.
    pub fn as_str(self) -> &'static str {
        use FailureClass as Class;
        match self {
            Class::Connection => "connection",
            Class::Overloaded => "overloaded",
            Class::Disconnected => "disconnected",
            Class::Crashed => "crashed",
            Class::LoadFailed => "load_failed",
            Class::ServerError => "server_error",
            Class::Garbage => "garbage",
            Class::Incomplete => "incomplete",
            Class::FirstTokenTimeout => "first_token_timeout",
            Class::Stalled => "stalled",
            Class::TotalTimeout => "total_timeout",
            Class::QueueTimeout => "queue_timeout",
            Class::Malformed => "malformed",
            Class::Empty => "empty",
            Class::CutByLength => "cut_by_length",
            Class::ContextTooLong => "context_too_long",
            Class::ModelMissing => "model_missing",
            Class::Unsupported => "unsupported",
            Class::Unauthorized => "unauthorized",
            Class::BadRequest => "bad_request",
            Class::Template => "template",
            Class::CheckFailed => "check_failed",
            Class::GateExpired => "gate_expired",
            Class::NoSources => "no_sources",
            Class::PatternFailed => "pattern_failed",
            Class::Internal => "internal",
        }
    }
}
