//! What a history holds: tasks with their attempts, servers, waves.

use std::time::Duration;

use crate::engine::{
    Failure, Next, RoundsEnd, SkipReason, TaskStatus, Time, ToolAnswer, ToolUse, Usage,
};
use crate::language::digest::Digest;
use crate::language::plan::TaskId;

/// What undid a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compensation {
    /// The task that was undone.
    pub task: TaskId,
    /// The task that undid it.
    pub undo: TaskId,
    /// When it was begun.
    pub began: Duration,
    /// The task whose end came before that.
    pub behind: Option<TaskId>,
}

/// How far a wave has come, everything inside its tasks counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WaveProgress {
    /// Tasks that have ended.
    pub ended: usize,
    /// Tasks in all.
    pub all: usize,
}

impl WaveProgress {
    /// Whether every task has ended.
    pub fn is_over(self) -> bool {
        self.ended == self.all
    }
}

/// A server of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerRecord {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// Whether it invents its answers.
    pub simulated: bool,
    /// How often it was left alone because it failed.
    pub left: u32,
    /// How often it loaded a model for tasks to come.
    pub warmed: u32,
}

/// How much of a run is invented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Simulated {
    /// Models gave every answer.
    No,
    /// Some answers were invented.
    Partly,
    /// No model was asked.
    Wholly,
}

/// What happened to a task. A history has one for each: what few of them have is boxed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TaskRecord {
    /// Its status; pending before anything happened.
    pub status: Option<TaskStatus>,
    /// Its attempts in order.
    pub attempts: Vec<AttemptRecord>,
    /// The calls of its tool in order, where it calls one.
    pub calls: Vec<CallRecord>,
    /// When it started: its first attempt, its question, its pattern, or its end where it took
    /// no time.
    pub started: Option<Duration>,
    /// When it ended.
    pub ended: Option<Duration>,
    /// Its output.
    pub output: Option<Digest>,
    /// Why it failed.
    pub failure: Option<Box<Failure>>,
    /// Whether a fallback took the place of its output.
    pub fell_back: bool,
    /// Why it was skipped.
    pub skipped: Option<SkipReason>,
    /// The question to a person.
    pub question: Option<Digest>,
    /// Until when the question stands.
    pub deadline: Option<Time>,
    /// A person's choice, and whose it is.
    pub decision: Option<Box<(String, String)>>,
    /// The tools about which persons were asked.
    pub permissions: Vec<PermissionRecord>,
    /// The votes from which its output follows.
    pub votes: Option<Box<Digest>>,
    /// Where its result comes from, if it was kept: nothing was done for it in this run.
    pub kept: Option<Box<KeptFrom>>,
    /// Where its output comes from, if it is an answer of an earlier run: no server was asked.
    pub reused: Option<Box<ReusedFrom>>,
    /// How its rounds ended, where it was done in rounds.
    pub rounds: Option<Box<RoundsRecord>>,
}

/// How the rounds of a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoundsRecord {
    /// How many there were.
    pub count: usize,
    /// Why there were no more, and which of them counts.
    pub end: RoundsEnd,
    /// So many of the last ones gave the very same: where there are two or more, work was repeated.
    pub alike: usize,
}

impl RoundsRecord {
    /// Of what came out of each round, in order.
    pub(super) fn of(outputs: &[Option<&Digest>], end: RoundsEnd) -> RoundsRecord {
        let last = outputs.last().copied().flatten();
        let alike = |output: &&Option<&Digest>| last.is_some() && **output == last;
        let alike = outputs.iter().rev().take_while(alike).count();
        RoundsRecord { count: outputs.len(), end, alike }
    }
}

/// Where a kept result comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFrom {
    /// The run in which the task was done.
    pub run: String,
    /// Whether a simulated server invented it.
    pub simulated: bool,
}

/// Where a reused answer comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReusedFrom {
    /// The run in which a server gave it.
    pub run: String,
    /// The address of the task there.
    pub task: String,
    /// The model that gave it, by its full name.
    pub model: String,
    /// Whether a simulated server invented it.
    pub simulated: bool,
}

/// One attempt at a task.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptRecord {
    /// Its number, from 1.
    pub number: u32,
    /// The server: a place in [`History::servers`].
    pub server: usize,
    /// The model.
    pub model: String,
    /// What was asked.
    pub request: Digest,
    /// When it began.
    pub started: Duration,
    /// When it ended.
    pub ended: Option<Duration>,
    /// What it took, where it was answered.
    pub usage: Option<Usage>,
    /// What it took, where there was an answer that was of no use.
    pub in_vain: Option<Box<Usage>>,
    /// Why it failed.
    pub failure: Option<Box<Failure>>,
    /// What followed.
    pub next: Option<Next>,
    /// Before when the next attempt was not to be made, where one was to follow.
    pub again_from: Option<Duration>,
    /// Whether it was broken off.
    pub lost: bool,
    /// Whether it was begun beside another one that took unusually long.
    pub hedge: bool,
    /// Whether it was broken off because the other one beside it was answered first.
    pub superseded: bool,
    /// What it took, where it was over when a person was asked about a tool, or when its model wanted to know what
    /// becomes of runs.
    pub paused: Option<Box<Usage>>,
    /// The runs for which its task waited then.
    pub awaits: Option<Box<AwaitRecord>>,
    /// Whether its model calls no tools, and went on without those that all who lead are offered.
    pub tools_left_out: bool,
    /// The tools that its model called.
    pub tools: Vec<ToolRecord>,
}

/// Runs for which a task waited that had started them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwaitRecord {
    /// The runs.
    pub runs: Vec<String>,
    /// When there was news of them, or it had waited long enough.
    pub heard: Option<Duration>,
}

/// A tool about which a person was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct PermissionRecord {
    /// The tool.
    pub tool: String,
    /// Its arguments.
    pub arguments: Digest,
    /// When the person was asked.
    pub asked: Duration,
    /// What was chosen, by whom, and when; absent where it is not decided.
    pub decided: Option<(String, String, Duration)>,
}

/// A call of the tool that a task calls.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRecord {
    /// The tool, and what came of it.
    pub tool: ToolRecord,
    /// When it was over.
    pub ended: Option<Duration>,
    /// Why it failed.
    pub failure: Option<Box<Failure>>,
    /// What followed.
    pub next: Option<Next>,
}

/// A tool that a model, or a task, called.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolRecord {
    /// What it called.
    pub called: ToolUse,
    /// When.
    pub started: Duration,
    /// What came of it; absent where nobody knows.
    pub answer: Option<ToolAnswer>,
}

impl AttemptRecord {
    /// One that has just begun.
    pub(super) fn begun(
        number: u32,
        server: usize,
        model: String,
        request: Digest,
        started: Duration,
    ) -> AttemptRecord {
        AttemptRecord {
            number,
            server,
            model,
            request,
            started,
            ended: None,
            usage: None,
            in_vain: None,
            failure: None,
            next: None,
            again_from: None,
            lost: false,
            hedge: false,
            superseded: false,
            paused: None,
            awaits: None,
            tools_left_out: false,
            tools: Vec::new(),
        }
    }

    /// How long it took.
    pub fn took(&self) -> Duration {
        self.ended.map(|ended| ended.saturating_sub(self.started)).unwrap_or_default()
    }

    /// How long its first token took, as seen from here, where it was answered.
    pub fn first_token(&self) -> Option<Duration> {
        let micros = self.usage?.first_token_us;
        (micros > 0).then(|| Duration::from_micros(micros).min(self.took()))
    }

    /// How long it waited for its model to be loaded, where it was answered. A server tells this
    /// by a clock of its own, which is another one where it is simulated: what it tells of the
    /// time before the first token takes no more than that time did, each part its share.
    pub fn load(&self) -> Option<Duration> {
        let usage = self.usage?;
        let seen = self.first_token().unwrap_or_else(|| self.took());
        let load = Duration::from_micros(usage.load_us);
        let told = load + Duration::from_micros(usage.prompt_us);
        if told <= seen {
            return Some(load);
        }
        Some(seen.mul_f64(load.as_secs_f64() / told.as_secs_f64()))
    }

    /// Whether another attempt beside it went on when it ended: nothing followed from its end.
    pub fn stepped_aside(&self) -> bool {
        self.next == Some(Next::GoesOn)
    }

    /// Whether its answer became the task's output.
    pub fn answered(&self) -> bool {
        self.usage.is_some()
    }
}

impl TaskRecord {
    /// Most tasks have one attempt; room for four would take most of a history's memory.
    pub(super) fn add_attempt(&mut self, attempt: AttemptRecord) {
        if self.attempts.is_empty() {
            self.attempts.reserve_exact(1);
        }
        self.attempts.push(attempt);
    }

    /// One of its attempts, to be gone on with.
    pub(super) fn attempt_mut(&mut self, number: u32) -> Option<&mut AttemptRecord> {
        self.attempts.iter_mut().rev().find(|attempt| attempt.number == number)
    }

    /// The last attempt from whose end something followed, or will.
    pub fn deciding_attempt(&self) -> Option<&AttemptRecord> {
        self.attempts.iter().rev().find(|attempt| !attempt.stepped_aside())
    }

    /// How often it was tried: how often a server was asked, or its tool called.
    pub fn tries(&self) -> usize {
        self.attempts.len() + self.calls.len()
    }

    /// Its status.
    pub fn status(&self) -> TaskStatus {
        self.status.unwrap_or(TaskStatus::Pending)
    }
}
