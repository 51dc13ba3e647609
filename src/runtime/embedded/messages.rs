//! What the conducting thread hears, and what it tells.

use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::talk::{Answered, Leave};
use super::untold::Transaction;
use crate::engine::{
    AttemptId, Decision, Failure, Recorded, RunNote, Rung, ServerId, Time, Usage, Wait,
};
use crate::language::plan::TaskId;
use crate::runtime::cluster::ServerReport;
use crate::runtime::journal::JournalError;
use crate::runtime::tools::ToolResult;

/// What people want of a run that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// Stop for now; the run can be resumed.
    Interrupt,
    /// End for good.
    Cancel {
        /// Who wants it.
        by: String,
    },
    /// A gate is decided.
    Decide(Decision),
}

/// What the conducting thread hears.
#[derive(Debug)]
pub(super) enum Message {
    Control(Control),
    /// The first piece of an answer has come.
    Began(AttemptId),
    /// More of an answer has come; so many pieces are there.
    Continued(AttemptId, u32),
    /// A model calls a tool.
    ToolWanted(Box<ToolWanted>),
    /// A tool that a model called is done.
    ToolDone(Box<ToolDone>),
    /// A tool that a task called is done, or cannot be had.
    TaskToolDone(Box<TaskToolDone>),
    /// The model of an attempt calls no tools, and goes on without those that were offered to it.
    ToolsLeftOut(AttemptId),
    /// There is news of runs for which an attempt was over.
    RunsHeard(AttemptId),
    Ended(Ended),
    Observed(ServerId, Box<ServerReport>),
    /// The log has been written out up to a transaction.
    WrittenOut(Transaction, Result<(), JournalError>),
}

/// A tool that the model of an attempt, or a task, calls. It is used when that is on record.
#[derive(Debug)]
pub(super) struct ToolWanted {
    pub(super) attempt: AttemptId,
    /// Which of the attempt's calls.
    pub(super) call: u32,
    pub(super) tool: String,
    pub(super) arguments: Value,
    pub(super) rung: Rung,
    /// What the turns of the attempt until then took together.
    pub(super) spent: Option<Box<Usage>>,
    /// Told when the tool may be used; dropped when it must not.
    pub(super) go: oneshot::Sender<Leave>,
}

/// A tool is done.
#[derive(Debug)]
pub(super) struct ToolDone {
    pub(super) attempt: AttemptId,
    /// Which of the attempt's calls.
    pub(super) call: u32,
    /// What the model is shown.
    pub(super) result: String,
    pub(super) failed: bool,
    pub(super) took_us: u64,
    /// What it meant for runs inside the run.
    pub(super) note: Option<RunNote>,
}

/// The tool of a task is done, or cannot be had.
#[derive(Debug)]
pub(super) struct TaskToolDone {
    pub(super) attempt: AttemptId,
    pub(super) result: Result<ToolResult, Failure>,
    pub(super) took_us: u64,
}

/// A call is over.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) attempt: AttemptId,
    pub(super) result: Answered,
    pub(super) first_token_us: u64,
    /// What all of its turns took together that came to an end.
    pub(super) spent: Usage,
}

/// A way to a run that is under way, for other threads.
#[derive(Debug, Clone)]
pub struct Remote(pub(super) UnboundedSender<Message>);

impl Remote {
    /// Says what is wanted. A run that is over does not hear it.
    pub fn send(&self, control: Control) {
        let _ = self.0.send(Message::Control(control));
    }
}

/// What the conducting thread tells whoever watches.
#[derive(Debug)]
pub enum Event<'a> {
    /// Facts that are stored as safely as was asked for.
    Facts(&'a [Recorded]),
    /// More of an answer has come.
    Progress {
        /// Whose.
        attempt: AttemptId,
        /// Pieces so far; a piece is about a token.
        pieces: u32,
    },
    /// What calls wait for that have not begun to answer; told several times a second.
    Waits(&'a [Wait]),
    /// A person is to decide.
    Question {
        /// The gate.
        task: TaskId,
        /// `ask`, `options` and `default`.
        question: &'a Value,
        /// Until when.
        deadline: Option<Time>,
    },
    /// Nobody need decide any more.
    QuestionWithdrawn {
        /// The gate.
        task: TaskId,
    },
}

/// Whoever watches a run. It is called on the conducting thread and must be quick.
pub trait Observer {
    /// Something has happened.
    fn event(&mut self, event: Event<'_>);
}

/// Nobody watches.
impl Observer for () {
    fn event(&mut self, _: Event<'_>) {}
}
