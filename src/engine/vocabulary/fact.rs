//! Facts: what has happened.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::AttemptId;
use super::nested::Awaiting;
use super::posts::FilledPost;
use super::status::{PauseReason, RunStatus, SkipReason};
use super::tools::{ToolAnswer, ToolAsking, ToolUse};
use crate::engine::budgets::{Quantity, Spent};
use crate::engine::failure::Failure;
use crate::engine::fork::Fork;
use crate::engine::iterations::{Iteration, RoundsEnd};
use crate::engine::manifest::Manifest;
use crate::engine::settings::{ServerId, Settings};
use crate::engine::time::Time;
use crate::language::digest::Digest;
use crate::language::plan::{ScopeId, TaskId};

/// A fact with its place in the run's history and its moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Counts from 1 without gaps.
    pub sequence: u64,
    /// When.
    pub at: Time,
    /// What.
    pub fact: Fact,
}

/// Something that has happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// The run began.
    RunStarted {
        /// The values of the inputs.
        inputs: Digest,
        /// The world it began in.
        settings: Settings,
        /// What it keeps of an earlier run.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fork: Option<Fork>,
    },
    /// The run was taken up again.
    RunResumed {
        /// The world it goes on in.
        settings: Settings,
    },
    /// A task's condition was false, or what it needs was not there.
    TaskSkipped {
        /// The task.
        task: TaskId,
        /// Why.
        reason: SkipReason,
    },
    /// The pattern that a task uses began.
    PatternOpened {
        /// The task.
        task: TaskId,
        /// The values of the inputs.
        inputs: Digest,
    },
    /// It was decided who has the posts of a scope. Its tasks begin then.
    PostsFilled {
        /// The scope.
        scope: ScopeId,
        /// Who has got what, and why.
        posts: Vec<FilledPost>,
    },
    /// It became known for what a task is done several times, or for what else.
    IterationsListed {
        /// The task.
        task: TaskId,
        /// What was added to the list.
        iterations: Vec<Iteration>,
    },
    /// Work that is done several times began, as far as this many of the list.
    IterationsOpened {
        /// The task.
        task: TaskId,
        /// The first that has not begun, counted from 0.
        upto: u32,
    },
    /// The votes of several answers were counted. What follows from them is another fact.
    VotesCounted {
        /// The task.
        task: TaskId,
        /// The answers with their votes, as templates read them.
        votes: Digest,
        /// What makes it doubtful that the winner is right, if anything does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        warning: Option<String>,
    },
    /// A task that is done in rounds has had the last of them.
    RoundsEnded {
        /// The task.
        task: TaskId,
        /// How they ended.
        end: RoundsEnd,
    },
    /// What undoes a task began, since what the task was done for has failed or was broken off.
    CompensationStarted {
        /// The task that is undone.
        task: TaskId,
    },
    /// A task's turn came, and it kept the result of the earlier run ([`Fork::kept`]).
    TaskKept {
        /// The task.
        task: TaskId,
    },
    /// A task's turn came, and what a server had answered in an earlier run became its output.
    TaskReused {
        /// The task.
        task: TaskId,
        /// What the answer follows from, here as there.
        manifest: Manifest,
        /// The run in which a server gave it.
        run: String,
        /// The address of the task there.
        there: String,
        /// The output.
        output: Digest,
    },
    /// A person was asked.
    GateOpened {
        /// The gate.
        task: TaskId,
        /// The question and what can be chosen.
        question: Digest,
        /// Until when.
        deadline: Option<Time>,
    },
    /// A person, or the default, decided.
    GateDecided {
        /// The gate.
        task: TaskId,
        /// The choice.
        choice: String,
        /// Who or what.
        by: String,
    },
    /// A server was asked.
    AttemptStarted {
        /// Which attempt.
        attempt: AttemptId,
        /// The server.
        server: ServerId,
        /// The model.
        model: String,
        /// The messages and options.
        request: Digest,
        /// About how many tokens the messages have; 0 in runs of earlier versions.
        #[serde(default, skip_serializing_if = "is_zero")]
        tokens: u64,
        /// What it is expected to take, where a budget bounds it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expected: Option<Spent>,
        /// Whether it is a hedge: another attempt at the task goes on beside it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        hedge: bool,
    },
    /// A model called a tool, or a task did: a task is at work from then on.
    ToolCalled {
        /// In which attempt.
        attempt: AttemptId,
        /// What it called.
        #[serde(flatten)]
        tool: ToolUse,
    },
    /// A tool that was called came to an end.
    ToolAnswered {
        /// In which attempt.
        attempt: AttemptId,
        /// What came of it.
        #[serde(flatten)]
        answer: ToolAnswer,
    },
    /// The model of an attempt called a tool that a person must agree to. The attempt was over, and its
    /// server free; the task waits.
    PermissionAsked {
        /// Which attempt.
        attempt: AttemptId,
        /// What it called, and what had been said.
        #[serde(flatten)]
        asking: ToolAsking,
        /// What the attempt took.
        usage: Usage,
    },
    /// A person decided whether a tool may be used. The next attempt goes on from there.
    PermissionDecided {
        /// The task.
        task: TaskId,
        /// The choice: `allow` or `deny`.
        choice: String,
        /// Who.
        by: String,
    },
    /// The model of an attempt calls no tools. It went on without those that all who lead are offered.
    ToolsLeftOut {
        /// Which attempt.
        attempt: AttemptId,
    },
    /// The model of an attempt wanted to know what becomes of runs that it has started. The attempt was over, and
    /// its server free; the task waits.
    RunsAwaited {
        /// Which attempt.
        attempt: AttemptId,
        /// Which runs, and what had been said.
        #[serde(flatten)]
        awaiting: Awaiting,
        /// What the attempt took.
        usage: Usage,
    },
    /// There was news of the runs that a task waited for, or it had waited long enough. The next attempt goes on from
    /// there.
    RunsHeard {
        /// The task.
        task: TaskId,
    },
    /// An attempt was over.
    AttemptEnded {
        /// Which.
        attempt: AttemptId,
        /// How.
        outcome: Outcome,
        /// What follows.
        next: Next,
        /// The key under which other runs find the answer, where there is one that they may use.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<Digest>,
    },
    /// A task that asked no server succeeded.
    TaskSucceeded {
        /// The task.
        task: TaskId,
        /// Its output.
        output: Digest,
    },
    /// A message was posted, and its task is done.
    MessageSent {
        /// The task.
        task: TaskId,
        /// The message, which is the task's output.
        message: Digest,
    },
    /// A task failed before or without an attempt.
    TaskFailed {
        /// The task.
        task: TaskId,
        /// Why.
        failure: Failure,
        /// What can be said of it.
        output: Option<Digest>,
        /// What follows.
        next: Next,
    },
    /// A task was broken off.
    TaskCancelled {
        /// The task.
        task: TaskId,
    },
    /// A server began to load a model for tasks to come.
    WarmingStarted {
        /// Which.
        server: ServerId,
        /// The model.
        model: String,
    },
    /// A server said which files the models are that the run asks, otherwise than before.
    ModelsSeen {
        /// Which.
        server: ServerId,
        /// The files, by the models' full names; those of other models are unknown.
        digests: BTreeMap<String, String>,
    },
    /// A server was left alone for a while.
    ServerLeft {
        /// Which.
        server: ServerId,
        /// Why.
        reason: String,
        /// Until when.
        until: Time,
    },
    /// A model was left to other servers for a while, because it failed on this one.
    ModelLeft {
        /// The server.
        server: ServerId,
        /// The model.
        model: String,
        /// Why.
        reason: String,
        /// Until when.
        until: Time,
    },
    /// A server was used again.
    ServerReturned {
        /// Which.
        server: ServerId,
    },
    /// Other runs began to use a server as well, or to use it more or less.
    ServerShared {
        /// Which.
        server: ServerId,
        /// How many slots this run was to have; none while it had to wait.
        slots: u32,
        /// The slots that there were.
        of: u32,
        /// The other runs, by their ids.
        with: Vec<String>,
    },
    /// No other run used a server any more.
    ServerUnshared {
        /// Which.
        server: ServerId,
    },
    /// Too little was left of a budget for the next call.
    BudgetReached {
        /// The task that the budget is for; the whole run if there is none.
        of: Option<TaskId>,
        /// Of what.
        quantity: Quantity,
    },
    /// Somebody wanted the run to end.
    CancelRequested {
        /// Who or what.
        by: String,
    },
    /// The run stopped for now.
    RunPaused {
        /// Why.
        reason: PauseReason,
    },
    /// The run was over.
    RunEnded {
        /// How.
        status: RunStatus,
        /// What came out, where it could be made.
        outputs: Option<Digest>,
        /// Why it failed.
        failure: Option<Failure>,
    },
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// With an answer that conforms to the task's type.
    Answered {
        /// The output.
        output: Digest,
        /// What it took.
        usage: Usage,
    },
    /// Without.
    Failed {
        /// Why.
        failure: Failure,
        /// What was answered all the same.
        answer: Option<Digest>,
        /// What that answer took, or the turns of an attempt that came to none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        usage: Option<Usage>,
    },
    /// It was broken off, because the run stopped or the driver died, or as a hedge whose slot
    /// another task wanted.
    Lost,
    /// It was broken off, because the other attempt at the task was answered first.
    Superseded,
}

/// What a call took, as the server reports it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt that the server read.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub answer_tokens: u64,
    /// Microseconds of loading, as reported.
    pub load_us: u64,
    /// Microseconds of reading the prompt.
    pub prompt_us: u64,
    /// Microseconds of writing the answer.
    pub answer_us: u64,
    /// Microseconds from sending to the first token, as seen from here.
    pub first_token_us: u64,
    /// Tokens that the prompt was expected to have.
    pub expected_prompt_tokens: u64,
    /// Whether a free text was cut at its greatest length.
    pub cut_by_length: bool,
}

/// What follows from the end of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Next {
    /// The task is over.
    Done,
    /// The task is tried again, not before this moment; the attempt counts.
    Retry {
        /// Not before.
        at: Time,
    },
    /// The task goes elsewhere; the attempt does not count.
    Move {
        /// Not before.
        at: Time,
    },
    /// The server has too much to do: the task waits, and nothing is counted.
    Wait {
        /// Not before.
        at: Time,
    },
    /// A fallback takes the place of its output.
    FallBack,
    /// The other attempt at the task goes on, and is the one that counts.
    GoesOn,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
