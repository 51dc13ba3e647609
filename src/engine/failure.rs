//! What can go wrong with a task, and what follows from it.
//!
//! The classes are told apart by what happened, not by the HTTP status alone: Ollama answers 500
//! to a caller's mistake and ends a stream of status 200 with an error. How each class is treated
//! stands in one table, [`FailureClass::treatment`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::language::document::{HumanDuration, RetriedClass};

/// Why a task, or an attempt at it, did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of trouble.
    pub class: FailureClass,
    /// What happened, in lower case, for people.
    pub message: String,
    /// How long the server wants not to be asked (`Retry-After`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<HumanDuration>,
}

impl Failure {
    /// A failure of a class with what happened.
    pub fn new(class: FailureClass, message: impl Into<String>) -> Failure {
        Failure { class, message: message.into(), retry_after: None }
    }

    /// The same failure of a server that wants not to be asked for a while.
    pub fn after(self, pause: Option<HumanDuration>) -> Failure {
        Failure { retry_after: pause, ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(pause) = self.retry_after {
            write!(f, "; it wants not to be asked for {pause}")?;
        }
        write!(f, " ({})", self.class.as_str())
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
    /// The server broke the request off, although nobody here did (499).
    Cancelled,
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
    /// The model was not loaded in time.
    LoadTimeout,
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
    /// What an agent planned does not hold.
    InvalidPlan,
    /// The model called a tool, in earnest or in words, instead of answering.
    ToolCall,
    /// The model went on calling tools until it was asked no more.
    ToolTurns,
    /// The tools of an agent could not be offered, or their server died twice.
    ToolsUnavailable,
    /// A tool that a task called said that it failed.
    ToolFailed,
    /// A tool that a task called gave no result, and nobody knows whether it was done.
    ToolLost,
    /// The answer is empty.
    Empty,
    /// A structured answer was cut at its greatest length, or any in mid-thought.
    CutByLength,
    /// The server says that the answer was withheld. A refusal in words is an answer.
    Refused,
    /// The prompt does not fit the model's window.
    ContextTooLong,
    /// The server cut the prompt without a word and answered what was left of it.
    Truncated,
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
    /// It was not done in the time in which it was to be, and somebody else takes it up.
    Overdue,
    /// Nobody can get a post.
    Unstaffed,
    /// No result was there to be put together.
    NoSources,
    /// A vote has no winner.
    Undecided,
    /// The used pattern failed.
    PatternFailed,
    /// What must not be done twice was cut off: nobody knows whether it was done.
    OutcomeUnknown,
    /// Partita itself is at fault.
    Internal,
}

/// How a class of failure is treated: a row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Treatment {
    /// The class in machine output.
    pub name: &'static str,
    /// Whether there is a next attempt, and whether this one counts.
    pub remedy: Remedy,
    /// What the next attempt does otherwise.
    pub change: Change,
    /// What the failure says about the server.
    pub blame: Blame,
}

/// Whether there is a next attempt, and whether the failed one counts against `max_attempts`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing has failed: the task waits, each time for longer, and nothing is counted.
    Wait,
    /// The server is at fault and not the task: go on, and do not count it. Moves are bounded;
    /// beyond that they count.
    Move,
    /// Only another server can help: go on once for each, without counting it, then give up.
    Elsewhere,
    /// Try again, and count it.
    Retry,
    /// Try again, and count it, but once a task.
    RetryOnce,
    /// Trying again would give the same.
    GiveUp,
}

/// What the next attempt does otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// There is no next attempt.
    Nothing,
    /// It goes to another server if one can take it, at once; else to the same after a pause.
    Server,
    /// It has another seed, and some temperature if there was none.
    Seed,
    /// The model is shown its answer and what was wrong with it.
    Question,
    /// The answer may be twice as long, where `num_predict` limits it.
    Length,
    /// Nothing but that time has passed.
    Time,
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
    /// Every class, in the order of the table.
    pub const ALL: [FailureClass; 40] = {
        use FailureClass as Class;
        [
            Class::Connection,
            Class::Overloaded,
            Class::Disconnected,
            Class::Cancelled,
            Class::Crashed,
            Class::LoadFailed,
            Class::ServerError,
            Class::Garbage,
            Class::Incomplete,
            Class::LoadTimeout,
            Class::FirstTokenTimeout,
            Class::Stalled,
            Class::TotalTimeout,
            Class::QueueTimeout,
            Class::Malformed,
            Class::InvalidPlan,
            Class::ToolCall,
            Class::ToolTurns,
            Class::ToolsUnavailable,
            Class::ToolFailed,
            Class::ToolLost,
            Class::Empty,
            Class::CutByLength,
            Class::Refused,
            Class::ContextTooLong,
            Class::Truncated,
            Class::ModelMissing,
            Class::Unsupported,
            Class::Unauthorized,
            Class::BadRequest,
            Class::Template,
            Class::CheckFailed,
            Class::GateExpired,
            Class::Overdue,
            Class::Unstaffed,
            Class::NoSources,
            Class::Undecided,
            Class::PatternFailed,
            Class::OutcomeUnknown,
            Class::Internal,
        ]
    };

    /// The table.
    #[rustfmt::skip]
    pub fn treatment(self) -> Treatment {
        use {FailureClass as Class, Blame as B, Change as C, Remedy as R};
        let row = |name, remedy, change, blame| Treatment { name, remedy, change, blame };
        match self {
            Class::Connection        => row("connection",          R::Move,      C::Server,   B::Gone),
            // Counted, because a server that refuses at once looks like the one with least to do.
            Class::Overloaded        => row("overloaded",          R::Wait,      C::Server,   B::Counts),
            Class::Disconnected      => row("disconnected",        R::Move,      C::Server,   B::Counts),
            Class::Cancelled         => row("cancelled",           R::Move,      C::Server,   B::None),
            Class::Crashed           => row("crashed",             R::Retry,     C::Server,   B::Counts),
            Class::LoadFailed        => row("load_failed",         R::Retry,     C::Server,   B::Counts),
            Class::ServerError       => row("server_error",        R::Retry,     C::Server,   B::Counts),
            Class::Garbage           => row("garbage",             R::Retry,     C::Server,   B::Counts),
            Class::Incomplete        => row("incomplete",          R::Retry,     C::Seed,     B::None),
            Class::LoadTimeout       => row("load_timeout",        R::Retry,     C::Server,   B::Counts),
            Class::FirstTokenTimeout => row("first_token_timeout", R::Retry,     C::Server,   B::Counts),
            Class::Stalled           => row("stalled",             R::Retry,     C::Server,   B::Counts),
            Class::TotalTimeout      => row("total_timeout",       R::Retry,     C::Server,   B::None),
            Class::QueueTimeout      => row("queue_timeout",       R::GiveUp,    C::Nothing,  B::None),
            Class::Malformed         => row("malformed",           R::RetryOnce, C::Question, B::None),
            Class::InvalidPlan       => row("invalid_plan",        R::RetryOnce, C::Question, B::None),
            Class::ToolCall          => row("tool_call",           R::RetryOnce, C::Question, B::None),
            Class::ToolTurns         => row("tool_turns",          R::GiveUp,    C::Nothing,  B::None),
            Class::ToolsUnavailable  => row("tools_unavailable",   R::GiveUp,    C::Nothing,  B::None),
            Class::ToolFailed        => row("tool_failed",         R::Retry,     C::Time,     B::None),
            Class::ToolLost          => row("tool_lost",           R::Retry,     C::Time,     B::None),
            Class::Empty             => row("empty",               R::Retry,     C::Seed,     B::None),
            Class::CutByLength       => row("cut_by_length",       R::RetryOnce, C::Length,   B::None),
            Class::Refused           => row("refused",             R::GiveUp,    C::Nothing,  B::None),
            Class::ContextTooLong    => row("context_too_long",    R::GiveUp,    C::Nothing,  B::None),
            Class::Truncated         => row("truncated",           R::GiveUp,    C::Nothing,  B::None),
            Class::ModelMissing      => row("model_missing",       R::Move,      C::Server,   B::None),
            Class::Unsupported       => row("unsupported",         R::GiveUp,    C::Nothing,  B::None),
            Class::Unauthorized      => row("unauthorized",        R::Elsewhere, C::Server,   B::None),
            Class::BadRequest        => row("bad_request",         R::GiveUp,    C::Nothing,  B::None),
            Class::Template          => row("template",            R::GiveUp,    C::Nothing,  B::None),
            Class::CheckFailed       => row("check_failed",        R::GiveUp,    C::Nothing,  B::None),
            Class::GateExpired       => row("gate_expired",        R::GiveUp,    C::Nothing,  B::None),
            Class::Overdue           => row("overdue",             R::GiveUp,    C::Nothing,  B::None),
            Class::Unstaffed         => row("unstaffed",           R::GiveUp,    C::Nothing,  B::None),
            Class::NoSources         => row("no_sources",          R::GiveUp,    C::Nothing,  B::None),
            Class::Undecided         => row("undecided",           R::GiveUp,    C::Nothing,  B::None),
            Class::PatternFailed     => row("pattern_failed",      R::GiveUp,    C::Nothing,  B::None),
            Class::OutcomeUnknown    => row("outcome_unknown",     R::GiveUp,    C::Nothing,  B::None),
            Class::Internal          => row("internal",            R::GiveUp,    C::Nothing,  B::None),
        }
    }

    /// Whether no server has worked on a call that failed so.
    pub fn is_turned_away(self) -> bool {
        matches!(
            self,
            FailureClass::Connection
                | FailureClass::Overloaded
                | FailureClass::ModelMissing
                | FailureClass::Unauthorized
        )
    }

    /// The class in machine output.
    pub fn as_str(self) -> &'static str {
        self.treatment().name
    }
}

impl From<RetriedClass> for FailureClass {
    fn from(chosen: RetriedClass) -> FailureClass {
        match chosen {
            RetriedClass::Crashed => FailureClass::Crashed,
            RetriedClass::LoadFailed => FailureClass::LoadFailed,
            RetriedClass::ServerError => FailureClass::ServerError,
            RetriedClass::Garbage => FailureClass::Garbage,
            RetriedClass::Incomplete => FailureClass::Incomplete,
            RetriedClass::LoadTimeout => FailureClass::LoadTimeout,
            RetriedClass::FirstTokenTimeout => FailureClass::FirstTokenTimeout,
            RetriedClass::Stalled => FailureClass::Stalled,
            RetriedClass::TotalTimeout => FailureClass::TotalTimeout,
            RetriedClass::Malformed => FailureClass::Malformed,
            RetriedClass::InvalidPlan => FailureClass::InvalidPlan,
            RetriedClass::ToolCall => FailureClass::ToolCall,
            RetriedClass::Empty => FailureClass::Empty,
            RetriedClass::CutByLength => FailureClass::CutByLength,
            RetriedClass::ToolFailed => FailureClass::ToolFailed,
            RetriedClass::ToolLost => FailureClass::ToolLost,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn cases_expect_the_classes_by_their_names() {
        let names = FailureClass::ALL.map(FailureClass::as_str);
        assert_eq!(names, crate::language::document::FAILURE_CLASSES);
    }

    #[test]
    fn names_are_those_of_the_journal() {
        let mut names = BTreeSet::new();
        for class in FailureClass::ALL {
            assert_eq!(json!(class), class.as_str());
            assert!(names.insert(class.as_str()), "{} twice", class.as_str());
        }
    }

    #[test]
    fn what_counts_can_be_chosen_and_nothing_else() {
        for class in FailureClass::ALL {
            let chosen: Result<RetriedClass, _> = serde_json::from_value(json!(class));
            let counts = matches!(class.treatment().remedy, Remedy::Retry | Remedy::RetryOnce);
            assert_eq!(chosen.ok().map(FailureClass::from), counts.then_some(class));
        }
    }

    #[test]
    fn a_class_changes_something_or_ends() {
        for class in FailureClass::ALL {
            let Treatment { remedy, change, .. } = class.treatment();
            let ends = remedy == Remedy::GiveUp;
            assert_eq!(ends, change == Change::Nothing, "{}", class.as_str());
        }
    }
}
