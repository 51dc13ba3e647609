//! The three vocabularies: what may happen (inputs), what the driver must do (commands), and what
//! has happened (facts).

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::fork::Fork;
use super::manifest::Manifest;
use super::settings::{ServerId, Settings};
use super::sharing::Share;
use super::time::Time;
use crate::language::digest::Digest;
use crate::language::plan::{Plan, ScopeId, TaskId};

/// One attempt at a task. Numbers count from 1 and never repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AttemptId {
    /// The task.
    pub task: TaskId,
    /// Which attempt.
    pub number: u32,
}

/// Something that may happen. Late, double and unknown ones change nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A new run begins with these inputs, or a stored one is taken up again.
    Begin(Beginning),
    /// A task has been looked at: [`Command::Prepare`] or [`Command::FallBack`] is done.
    Prepared {
        /// The task.
        task: TaskId,
        /// What it came to.
        preparation: Preparation,
    },
    /// Kept answers have been looked through: [`Command::LookUp`] is done.
    LookedUp {
        /// The task.
        task: TaskId,
        /// The answer that serves it, if any does.
        found: Option<Found>,
    },
    /// A scope's outputs have been made: [`Command::Conclude`] is done.
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
    pub decisions: Vec<Decision>,
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
    /// It is done; no server was needed.
    Done {
        /// The output.
        output: Digest,
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
        /// What that answer took.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        usage: Option<Usage>,
    },
    /// It was broken off, because the run stopped or the driver died.
    Lost,
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

/// Something the driver must do once the facts of its step are stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Look at a task: its condition, its prompt or whatever it needs. Answer with
    /// [`Input::Prepared`].
    Prepare(TaskId),
    /// Make the value that takes the place of a failed task's output. Answer with
    /// [`Input::Prepared`].
    FallBack(TaskId),
    /// Look for an answer of an earlier run, under the first of these keys that has one. Answer with
    /// [`Input::LookedUp`].
    LookUp {
        /// The task.
        task: TaskId,
        /// The keys.
        keys: Vec<Digest>,
    },
    /// Make the outputs of a scope whose tasks have all ended. Answer with [`Input::Concluded`].
    Conclude(ScopeId),
    /// Ask a server. Answer with [`Input::AttemptEnded`], before it with
    /// [`Input::AttemptBegan`] and now and then [`Input::AttemptContinued`].
    Call(Call),
    /// Break an attempt off; its server must notice. No answer is expected.
    Abort(AttemptId),
    /// Look at a server. Answer with [`Input::Observed`].
    Observe(ServerId),
    /// Load a model that later tasks ask, then look at the server, whatever came of it. Answer with
    /// [`Input::Observed`].
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
    /// Ask a person. Answer with [`Input::Decided`].
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
    /// There is nothing more to do.
    Stop(RunStatus),
}

impl Command {
    /// Whether it needs nothing but the plan and contents, and changes nothing in the world.
    pub(super) fn is_local(&self) -> bool {
        matches!(
            self,
            Command::Prepare(_)
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
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
}

/// Why a task was skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SkipReason {
    /// Its condition was false.
    Condition,
    /// It needs the output of a task that has none.
    NeedWithoutOutput {
        /// That task.
        task: TaskId,
    },
}

impl SkipReason {
    /// The reason in words, such as ``"`market` has no output"``.
    pub fn describe(self, plan: &Plan) -> String {
        match self {
            SkipReason::Condition => "its condition is false".to_owned(),
            SkipReason::NeedWithoutOutput { task } => {
                format!("`{}` has no output", plan.task(task).path)
            }
        }
    }
}

/// Why a run stopped for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// It was told to.
    Interrupted,
    /// A gate waits and nobody is there.
    WaitingForPerson,
    /// No server could be reached for too long.
    NoServer,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// It is at work, or its driver died.
    Running,
    /// It waits for a person, and nobody is there.
    Waiting,
    /// It was stopped and can be resumed.
    Interrupted,
    /// It is over and has succeeded.
    Succeeded,
    /// It is over and has failed.
    Failed,
    /// It is over because somebody wanted it to be.
    Cancelled,
}

impl RunStatus {
    /// The status in machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            RunStatus::Running => "running",
            RunStatus::Waiting => "waiting",
            RunStatus::Interrupted => "interrupted",
            RunStatus::Succeeded => "succeeded",
            RunStatus::Failed => "failed",
            RunStatus::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, RunStatus::Succeeded | RunStatus::Failed | RunStatus::Cancelled)
    }
}

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
