//! Inputs: what may happen.

use std::collections::BTreeMap;
use std::time::Duration;

use super::AttemptId;
use super::fact::{Outcome, Usage};
use super::nested::Awaiting;
use super::tools::{ToolAnswer, ToolAsking, ToolUse};
use crate::engine::failure::Failure;
use crate::engine::fork::Fork;
use crate::engine::iterations::{Iteration, RoundsEnd};
use crate::engine::settings::ServerId;
use crate::engine::sharing::Share;
use crate::language::digest::Digest;
use crate::language::plan::{ScopeId, TaskId};
use crate::organization::Demand;

/// Something that may happen. Late, double and unknown ones change nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A new run begins with these inputs, or a stored one is taken up again.
    Begin(Beginning),
    /// A task has been looked at: [`Command::Prepare`](super::Command::Prepare), [`Command::Gather`](super::Command::Gather) or
    /// [`Command::FallBack`](super::Command::FallBack) is done.
    Prepared {
        /// The task.
        task: TaskId,
        /// What it came to.
        preparation: Preparation,
    },
    /// It is known what there is to do for those who get the posts of a scope: [`Command::Want`](super::Command::Want)
    /// is done.
    Wanted {
        /// The scope.
        scope: ScopeId,
        /// What there is to do, post by post; nothing where that is not how it is decided.
        demands: Result<Vec<Option<Demand>>, Failure>,
    },
    /// Kept answers have been looked through: [`Command::LookUp`](super::Command::LookUp) is done.
    LookedUp {
        /// The task.
        task: TaskId,
        /// The answer that serves it, if any does.
        found: Option<Found>,
    },
    /// A scope's outputs have been made: [`Command::Conclude`](super::Command::Conclude) is done.
    Concluded {
        /// The scope.
        scope: ScopeId,
        /// The outputs, or why they could not be made.
        outputs: Result<Digest, Failure>,
    },
    /// The first token of an attempt has come.
    AttemptBegan(AttemptId),
    /// More of an attempt's answer has come.
    AttemptContinued(AttemptId),
    /// The model of an attempt wants a tool to be used, or the tool that a task calls is ready.
    ToolCalled {
        /// Which attempt.
        attempt: AttemptId,
        /// What it wants.
        tool: ToolUse,
    },
    /// A tool is done: [`Command::UseTool`](super::Command::UseTool) is carried out.
    ToolAnswered {
        /// In which attempt.
        attempt: AttemptId,
        /// What came of it.
        answer: ToolAnswer,
    },
    /// The model of an attempt called a tool that a person must agree to, and the attempt is over.
    ToolAsks {
        /// Which attempt.
        attempt: AttemptId,
        /// What it called.
        asking: ToolAsking,
        /// What the attempt took.
        usage: Usage,
    },
    /// The model of an attempt wants to know what becomes of runs that it has started, and the attempt is over.
    RunsAwaited {
        /// Which attempt.
        attempt: AttemptId,
        /// Which runs, and what had been said. Until when is for the engine to say.
        awaiting: Awaiting,
        /// How long it waits at most.
        patience: Option<Duration>,
        /// What the attempt took.
        usage: Usage,
    },
    /// The model of an attempt calls no tools, and goes on without those that all who lead are offered.
    ToolsLeftOut(AttemptId),
    /// There is news of the runs for which this attempt was over: [`Command::AwaitRuns`](super::Command::AwaitRuns) is
    /// done.
    RunsHeard(AttemptId),
    /// The tool that a task calls is done, or cannot be had.
    ToolEnded {
        /// In which attempt.
        attempt: AttemptId,
        /// What came of it, if anything did.
        answer: Option<ToolAnswer>,
        /// What that means for the task.
        outcome: Outcome,
    },
    /// An attempt is over.
    AttemptEnded {
        /// Which.
        attempt: AttemptId,
        /// How.
        outcome: Outcome,
    },
    /// A person has decided.
    Decided(Decision),
    /// A server has been looked at.
    Observed {
        /// Which.
        server: ServerId,
        /// What was seen.
        observation: Observation,
    },
    /// What the run may use of each of its servers, in the order of the settings, from now on; all
    /// of them until it is said. Calls under way are not broken off.
    Shares(Vec<Share>),
    /// The run is to stop for now; it can be resumed.
    Interrupt,
    /// The run is to end for good.
    Cancel {
        /// Who or what wants it.
        by: String,
    },
    /// Nothing but time has passed.
    Tick,
}

/// How a run begins, or goes on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Beginning {
    /// The values of the inputs; only a new run needs them.
    pub inputs: Option<Digest>,
    /// What a new run keeps of an earlier one.
    pub fork: Option<Fork>,
    /// What people decided beforehand, or while no process worked on the run.
    pub decisions: Vec<DecidedAhead>,
}

/// What a person decided at a gate before it asked, or at gates that a run may only come to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedAhead {
    /// The address of the gate; with `[*]` it is that of all items and rounds that are not named themselves.
    pub address: String,
    /// The choice.
    pub choice: String,
    /// Who.
    pub by: String,
}

/// What a person decided at a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The gate.
    pub task: TaskId,
    /// The choice.
    pub choice: String,
    /// Who.
    pub by: String,
}

/// What looking at a task came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Preparation {
    /// Its condition is false.
    Skip,
    /// A server is to be asked this.
    Request {
        /// The messages and options.
        request: Digest,
        /// About how many tokens the messages have.
        tokens: u64,
    },
    /// A tool is to be called with these arguments.
    Tool {
        /// The arguments.
        arguments: Digest,
    },
    /// It is done; no server was needed.
    Done {
        /// The output.
        output: Digest,
    },
    /// A message is posted, and nothing more is to be done.
    Sent {
        /// The message.
        message: Digest,
    },
    /// A person is to be asked this.
    Question {
        /// The question and what can be chosen.
        question: Digest,
    },
    /// The pattern it uses begins with these inputs.
    Opened {
        /// The values of the inputs.
        inputs: Digest,
    },
    /// It is done for each of these, besides those for which it has been.
    Iterations {
        /// What it is done for, in order.
        iterations: Vec<Iteration>,
    },
    /// Votes have been counted, and something follows from that.
    Voted {
        /// The answers with their votes, as templates read them.
        votes: Digest,
        /// What makes it doubtful that the winner is right, if anything does.
        warning: Option<String>,
        /// What follows.
        then: Box<Preparation>,
    },
    /// It has been done in rounds, and there are no more.
    RoundsEnded {
        /// How they ended.
        end: RoundsEnd,
        /// The output of the round that counts.
        output: Option<Digest>,
        /// Why the task fails, if it does.
        failure: Option<Failure>,
    },
    /// It cannot be done; a check that is not passed has an output all the same.
    Failed {
        /// Why.
        failure: Failure,
        /// What can be said of it.
        output: Option<Digest>,
    },
}

/// An answer of an earlier run that serves a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The key under which it was found.
    pub key: Digest,
    /// The run in which a server gave it.
    pub run: String,
    /// The address of the task there.
    pub there: String,
    /// The output.
    pub output: Digest,
}

/// What was seen of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observation {
    /// It answers.
    Up {
        /// The models it has.
        models: Option<Vec<String>>,
        /// The models it has loaded.
        resident: Option<Vec<String>>,
        /// The windows that models are loaded with, by name, in tokens, where it says so.
        windows: BTreeMap<String, u32>,
        /// The files behind the names of the models it has, where it says so.
        digests: BTreeMap<String, String>,
    },
    /// It does not.
    Down {
        /// Why.
        reason: String,
    },
}
