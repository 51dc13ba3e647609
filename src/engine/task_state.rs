//! How one task stands: the part of the fold that knows nothing of other tasks.

use std::collections::BTreeSet;

use super::failure::{Failure, FailureClass};
use super::fork::{Ending, Kept};
use super::moves::TaskStatus;
use super::settings::ServerId;
use super::time::Time;
use super::vocabulary::{AttemptId, Awaiting, Next, Outcome, SkipReason};
use crate::language::digest::Digest;

/// How a task stands. A run has one for each task: what few of them have is boxed.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskState {
    /// Its status.
    pub status: TaskStatus,
    /// What still keeps it from starting: needs that have not ended, and its wave.
    pub(super) blockers: u32,
    /// The number of the last attempt.
    pub attempts: u32,
    /// Attempts that count against its retries.
    pub counted: u32,
    /// Attempts that did not, because a server was at fault.
    pub moves: u32,
    /// Attempts in a row that met a server with too much to do.
    pub waits: u32,
    /// The classes of the failures behind which it was tried again.
    pub retried: BTreeSet<FailureClass>,
    /// The attempt that is running, and where.
    pub running: Option<(AttemptId, ServerId)>,
    /// The second attempt that runs beside it, and where.
    pub hedge: Option<Box<(AttemptId, ServerId)>>,
    /// The call of its tool that is under way.
    pub calling: Option<AttemptId>,
    /// The server that failed it last, to be avoided.
    pub avoid: Option<ServerId>,
    /// What a server is asked, or a tool given.
    pub request: Option<Digest>,
    /// About how many tokens that has; 0 where it is not known.
    pub prompt_tokens: u64,
    /// When it may be tried again.
    pub retry_at: Option<Time>,
    /// The run whose answer became its output, where it asked nobody itself.
    pub reused_from: Option<String>,
    /// Whether its last attempt was cut off.
    pub was_lost: bool,
    /// Whether a tool was called in an attempt at it.
    pub used_tools: bool,
    /// Its output.
    pub output: Option<Digest>,
    /// Why it failed, or why its last attempt did.
    pub failure: Option<Box<Failure>>,
    /// The last answer that was rejected, and why.
    pub rejected: Option<Box<(Digest, Failure)>>,
    /// Attempts whose answers were rejected: each of the next ones has another seed.
    pub variation: u32,
    /// Why it was skipped.
    pub skipped: Option<SkipReason>,
    /// The question to a person, and until when it stands.
    pub gate: Option<Box<(Digest, Option<Time>)>>,
    /// A person's choice, and whose it is.
    pub decision: Option<Box<(String, String)>>,
    /// The tool about which a person was asked, until it is used or refused.
    pub permission: Option<Box<ToolPermission>>,
    /// The runs that it waits for, or has waited for, until it has used what it heard.
    pub awaited: Option<Box<AwaitedRuns>>,
    /// The votes from which its output follows.
    pub votes: Option<Box<Digest>>,
}

/// A tool about which a person was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolPermission {
    /// What had been said until then.
    pub talk: Digest,
    /// What the person chose, and whose choice it is.
    pub decision: Option<(String, String)>,
}

/// Runs that a task waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwaitedRuns {
    /// The attempt that was over when it wanted to know.
    pub attempt: AttemptId,
    /// Which runs, and what had been said.
    pub awaiting: Awaiting,
    /// Whether there was news.
    pub heard: bool,
}

impl TaskState {
    /// A task of which nothing has happened, kept from starting by so many blockers.
    pub(super) fn new(blockers: u32) -> TaskState {
        TaskState {
            status: TaskStatus::Pending,
            blockers,
            attempts: 0,
            counted: 0,
            moves: 0,
            waits: 0,
            retried: BTreeSet::new(),
            running: None,
            hedge: None,
            calling: None,
            avoid: None,
            request: None,
            prompt_tokens: 0,
            retry_at: None,
            reused_from: None,
            was_lost: false,
            used_tools: false,
            output: None,
            failure: None,
            rejected: None,
            variation: 0,
            skipped: None,
            gate: None,
            decision: None,
            permission: None,
            awaited: None,
            votes: None,
        }
    }

    /// Whether templates can read what came out of it.
    pub fn has_output(&self) -> bool {
        self.output.is_some() || self.decision.is_some()
    }

    /// Takes over how it ended in an earlier run.
    pub(super) fn keep(&mut self, kept: &Kept) -> TaskStatus {
        self.votes = kept.votes.clone().map(Box::new);
        match kept.ending.clone() {
            Ending::Succeeded { output, failure } => {
                self.output = Some(output);
                self.failure = failure.map(Box::new);
            }
            Ending::Decided { choice, by } => self.decision = Some(Box::new((choice, by))),
            Ending::Failed { failure, output } => {
                self.failure = Some(Box::new(failure));
                self.output = output;
            }
            Ending::Skipped { reason } => self.skipped = Some(reason),
            Ending::Cancelled => {}
        }
        kept.ending.status()
    }

    /// The attempts that are under way, the hedge last.
    pub fn under_way(&self) -> impl Iterator<Item = (AttemptId, ServerId)> {
        self.running.into_iter().chain(self.hedge.as_deref().copied())
    }

    /// The other one of two attempts under way.
    pub(super) fn beside(&self, attempt: AttemptId) -> Option<AttemptId> {
        self.under_way().map(|(other, _)| other).find(|other| *other != attempt)
    }

    /// One of its two attempts is over, and the other one goes on in its place.
    fn step_aside(&mut self, attempt: AttemptId) -> TaskStatus {
        let hedge = self.hedge.take();
        if self.running.is_some_and(|(running, _)| running == attempt) {
            self.running = hedge.map(|hedge| *hedge);
        }
        TaskStatus::Running
    }

    /// An attempt began that has no other beside it.
    pub(super) fn attempt_started(&mut self, attempt: AttemptId, server: ServerId) -> TaskStatus {
        self.attempts = attempt.number;
        self.running = Some((attempt, server));
        self.retry_at = None;
        self.was_lost = false;
        TaskStatus::Running
    }

    /// Takes in how an attempt that is under way ended, and gives the status that follows.
    pub(super) fn attempt_ended(
        &mut self,
        attempt: AttemptId,
        outcome: &Outcome,
        next: Next,
    ) -> TaskStatus {
        if next == Next::GoesOn {
            return self.step_aside(attempt);
        }
        let server = self.running.take().map(|(_, server)| server);
        self.calling = None;
        match outcome {
            Outcome::Answered { output, .. } => {
                self.output = Some(output.clone());
                self.failure = None;
                return TaskStatus::Succeeded;
            }
            Outcome::Failed { failure, answer, .. } => {
                self.failure = Some(Box::new(failure.clone()));
                self.avoid = server;
                if answer.is_some() {
                    self.variation += 1;
                }
                // Who has not answered has made nothing of what was wrong: it is said again.
                if let Some(answer) = answer {
                    self.rejected = Some(Box::new((answer.clone(), failure.clone())));
                }
            }
            Outcome::Lost | Outcome::Superseded => {}
        }
        self.was_lost = *outcome == Outcome::Lost;
        let waits = self.waits;
        self.waits = 0;
        match next {
            Next::Done => TaskStatus::Failed,
            Next::FallBack => TaskStatus::FallingBack,
            Next::Retry { at } => {
                self.counted += 1;
                self.retried.extend(self.failure.as_ref().map(|failure| failure.class));
                self.retry_at = Some(at);
                TaskStatus::BackingOff
            }
            Next::Wait { at } => {
                self.waits = waits + 1;
                self.retry_at = Some(at);
                TaskStatus::BackingOff
            }
            Next::Move { at } => {
                if !matches!(outcome, Outcome::Lost) {
                    self.moves += 1;
                }
                self.retry_at = Some(at);
                TaskStatus::BackingOff
            }
            Next::GoesOn => TaskStatus::Running,
        }
    }
}
