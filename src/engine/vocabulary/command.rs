//! Commands: what the driver must do.

use std::time::Duration;

use super::AttemptId;
use super::nested::AwaitedNews;
use super::status::RunStatus;
use crate::engine::settings::ServerId;
use crate::engine::time::Time;
use crate::language::digest::Digest;
use crate::language::plan::{ScopeId, TaskId};

/// Something the driver must do once the facts of its step are stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Look at a task: its condition, its prompt or whatever it needs. Answer with
    /// [`Input::Prepared`](super::Input::Prepared).
    Prepare(TaskId),
    /// Find out what there is to do for those who get the posts of a scope. Answer with
    /// [`Input::Wanted`](super::Input::Wanted).
    Want(ScopeId),
    /// Put together what came of work that was done several times. Answer with
    /// [`Input::Prepared`](super::Input::Prepared).
    Gather(TaskId),
    /// Make the value that takes the place of a failed task's output. Answer with
    /// [`Input::Prepared`](super::Input::Prepared).
    FallBack(TaskId),
    /// Look for an answer of an earlier run, under the first of these keys that has one. Answer with
    /// [`Input::LookedUp`](super::Input::LookedUp).
    LookUp {
        /// The task.
        task: TaskId,
        /// The keys.
        keys: Vec<Digest>,
    },
    /// Make the outputs of a scope whose tasks have all ended. Answer with [`Input::Concluded`](super::Input::Concluded).
    Conclude(ScopeId),
    /// Ask a server. Answer with [`Input::AttemptEnded`](super::Input::AttemptEnded), before it with
    /// [`Input::AttemptBegan`](super::Input::AttemptBegan) and now and then [`Input::AttemptContinued`](super::Input::AttemptContinued).
    Call(Call),
    /// Make the tool ready that a task calls, but do not call it. Answer with
    /// [`Input::ToolCalled`](super::Input::ToolCalled), or, where it cannot be had, with
    /// [`Input::ToolEnded`](super::Input::ToolEnded).
    ReadyTool {
        /// For which attempt.
        attempt: AttemptId,
        /// The arguments of the call.
        arguments: Digest,
    },
    /// Use a tool that was called. Answer with [`Input::ToolAnswered`](super::Input::ToolAnswered) where
    /// the model of an attempt called it, and with [`Input::ToolEnded`](super::Input::ToolEnded) where a
    /// task did.
    UseTool {
        /// In which attempt.
        attempt: AttemptId,
        /// Which of its calls.
        call: u32,
    },
    /// Break an attempt off; its server must notice. No answer is expected.
    Abort(AttemptId),
    /// Look at a server. Answer with [`Input::Observed`](super::Input::Observed).
    Observe(ServerId),
    /// Load a model that later tasks ask, then look at the server, whatever came of it. Answer with
    /// [`Input::Observed`](super::Input::Observed).
    Warm {
        /// The server.
        server: ServerId,
        /// The model.
        model: String,
        /// The window that its calls will ask for, in tokens.
        num_ctx: Option<u32>,
        /// How long the load may take.
        timeout: Duration,
    },
    /// Ask a person. Answer with [`Input::Decided`](super::Input::Decided).
    AskPerson {
        /// The gate.
        task: TaskId,
        /// The question and what can be chosen.
        question: Digest,
        /// Until when.
        deadline: Option<Time>,
    },
    /// Nobody need decide any more.
    WithdrawQuestion(TaskId),
    /// Wait for runs that a task has started, and take those up again that stopped with their process. Answer with
    /// [`Input::RunsHeard`](super::Input::RunsHeard).
    AwaitRuns {
        /// The attempt that was over when it wanted to know.
        attempt: AttemptId,
        /// The runs.
        runs: Vec<String>,
        /// What of them.
        news: AwaitedNews,
    },
    /// There is nothing more to do.
    Stop(RunStatus),
}

impl Command {
    /// Whether it needs nothing but the plan and contents, and changes nothing in the world.
    pub(in crate::engine) fn is_local(&self) -> bool {
        matches!(
            self,
            Command::Prepare(_)
                | Command::Want(_)
                | Command::Gather(_)
                | Command::FallBack(_)
                | Command::LookUp { .. }
                | Command::Conclude(_)
        )
    }
}

/// A call of a server.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Which attempt it is.
    pub attempt: AttemptId,
    /// The server.
    pub server: ServerId,
    /// The model.
    pub model: String,
    /// The messages and options.
    pub request: Digest,
    /// The seed, where the run has one.
    pub seed: Option<u32>,
    /// The window that it asks for, in tokens: the same in all calls of a model, which would be
    /// loaded again otherwise.
    pub num_ctx: Option<u32>,
    /// The window that the model has there, in tokens, as far as is known.
    pub window: Option<u32>,
    /// What it does otherwise than the attempts before it.
    pub changes: Changes,
}

/// What an attempt does otherwise than those before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The rejected answer and what was wrong with it, both of which the model is shown.
    pub repair: Option<(Digest, String)>,
    /// How many answers have been rejected: each asks for another seed, and for a temperature.
    pub variation: u32,
    /// How often the greatest length of the answer is doubled.
    pub doublings: u32,
    /// The talk that goes on, where a person was asked about a tool in the middle of it, or runs were waited for.
    pub goes_on: Option<GoesOn>,
}

/// A talk that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GoesOn {
    /// A person has decided about a tool.
    Decided {
        /// What has been said.
        talk: Digest,
        /// What the person chose: `allow` or `deny`.
        choice: String,
        /// Who it was.
        by: String,
    },
    /// There is news of runs that it waited for, or it has waited long enough.
    Heard {
        /// What has been said.
        talk: Digest,
    },
}
