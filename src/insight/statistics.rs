//! The statistics of a run: how long calls waited and took, what failed, how fast servers and models
//! were, and where the run's time went.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::conflicts::Conflicts;
use super::course::{Activity, Courses, Stretch};
use super::critical_path::CriticalPath;
use super::hedging::Hedging;
use super::history::History;
use super::losses::{Loss, losses};
use super::metrics::Metrics;
use super::quantiles::Quantiles;
use super::records::AttemptRecord;
use super::reloads::{Reloads, reloads};
use super::spans::{Span, common, covered, covering};
use crate::engine::FailureClass;
use crate::language::plan::TaskId;

/// The statistics of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// How long calls waited, and what they took.
    pub latencies: Latencies,
    /// Calls that waited for limits.
    pub conflicts: Conflicts,
    /// What failed, by class.
    pub failures: BTreeMap<FailureClass, Failures>,
    /// Tokens of prompts that were read for answers of no use.
    pub prompt_tokens_in_vain: u64,
    /// Tokens of answers that were of no use: malformed, or cut. Journals of older versions do not
    /// tell them.
    pub answer_tokens_in_vain: u64,
    /// What each server did with each model, by the server's place in [`History::servers`].
    pub speeds: BTreeMap<(usize, String), Speed>,
    /// The share of tasks that succeeded among those that succeeded or failed.
    pub success_rate: Option<f64>,
    /// The share of tasks that were asked for again after a failure among those that asked a server.
    pub retry_rate: Option<f64>,
    /// Tasks that succeeded, in each minute in which not everything waited for a person.
    pub tasks_per_minute: f64,
    /// Models that servers loaded more often than is usual.
    pub reloads: Vec<Reloads>,
    /// The time in which a server had a call, of all servers together. It is the time of so many
    /// GPUs if each server has one.
    pub gpu_time: Duration,
    /// The time in which a task waited for a server while other runs used one.
    pub waited_beside_others: Duration,
    /// Second attempts beside those that took unusually long.
    pub hedging: Hedging,
    /// The course of each task.
    pub courses: Courses,
    /// The critical path as it was.
    pub critical_path: CriticalPath,
    /// Where time was lost.
    pub losses: Vec<Loss>,
}

/// How long calls waited, and what they took. The first is of all calls that were made or are
/// waited for, the others of those that were answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Latencies {
    /// Waiting for a server or a limit.
    pub queue: Option<Quantiles>,
    /// Waiting for the model, next to nothing where it was there.
    pub load: Option<Quantiles>,
    /// From sending to the first token.
    pub first_token: Option<Quantiles>,
    /// From sending to the last token.
    pub call: Option<Quantiles>,
}

/// What failed for one reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failures {
    /// Attempts that failed so.
    pub attempts: u32,
    /// Tasks to which it happened, whether they succeeded later or not.
    pub tasks: BTreeSet<TaskId>,
}

/// How fast a server was with a model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Speed {
    /// Calls.
    pub calls: u32,
    /// Calls that were answered.
    pub answered: u32,
    /// Tokens of the prompts that were read.
    pub prompt_tokens: u64,
    /// Tokens of the answers.
    pub answer_tokens: u64,
    /// Time in which it had at least one call.
    pub busy: Duration,
    /// Time of writing, all answered calls added up, as seen from here: from the first token to
    /// the last.
    pub writing: Duration,
}

impl Speed {
    fn count(&mut self, attempt: &AttemptRecord) {
        self.calls += 1;
        if let Some(usage) = attempt.usage {
            self.answered += 1;
            self.prompt_tokens += usage.prompt_tokens;
            self.answer_tokens += usage.answer_tokens;
            let first = attempt.first_token().unwrap_or_default();
            self.writing += attempt.took().saturating_sub(first);
        }
    }

    /// Tokens of answers in each second in which it had a call.
    pub fn throughput(&self) -> Option<f64> {
        per_second(self.answer_tokens, self.busy)
    }

    /// Tokens in each second of one answer.
    pub fn pace(&self) -> Option<f64> {
        per_second(self.answer_tokens, self.writing)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of tokens is far below 2^52")]
fn per_second(count: u64, time: Duration) -> Option<f64> {
    (!time.is_zero()).then(|| count as f64 / time.as_secs_f64())
}

impl Statistics {
    /// The statistics of a run as it stands.
    pub fn of(history: &History, metrics: &Metrics) -> Statistics {
        let courses = Courses::of(history);
        let critical_path = CriticalPath::of(history, &courses);
        let losses = losses(history, &courses, &critical_path);
        let minutes = metrics.makespan.saturating_sub(metrics.waited).as_secs_f64() / 60.0;
        let succeeded = f64::from(metrics.succeeded);
        let attempts = || history.tasks().flat_map(|(_, task)| &task.attempts);
        let in_vain = || attempts().filter_map(|attempt| attempt.in_vain.as_deref());
        let latencies = latencies(history, &courses);
        let calls = latencies.queue.map_or(0, |queue| queue.count);
        Statistics {
            latencies,
            conflicts: Conflicts::of(history, &courses, calls),
            failures: failures(history),
            prompt_tokens_in_vain: in_vain().map(|usage| usage.prompt_tokens).sum(),
            answer_tokens_in_vain: in_vain().map(|usage| usage.answer_tokens).sum(),
            speeds: speeds(history),
            success_rate: share(metrics.succeeded, metrics.succeeded + metrics.failed),
            retry_rate: retry_rate(history),
            tasks_per_minute: if minutes > 0.0 { succeeded / minutes } else { 0.0 },
            reloads: reloads(history),
            gpu_time: metrics.servers.iter().map(|server| server.busy).sum(),
            waited_beside_others: waited_beside_others(history, &courses),
            hedging: Hedging::of(history),
            courses,
            critical_path,
            losses,
        }
    }

    /// The failures, those of most tasks first.
    pub fn failures_by_frequency(&self) -> Vec<(FailureClass, &Failures)> {
        let mut failures: Vec<_> = self.failures.iter().map(|(class, all)| (*class, all)).collect();
        failures.sort_by_key(|(class, all)| (std::cmp::Reverse(all.tasks.len()), *class));
        failures
    }
}

fn share(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

fn retry_rate(history: &History) -> Option<f64> {
    let (mut asked, mut again) = (0, 0);
    for (_, task) in history.tasks().filter(|(_, task)| !task.attempts.is_empty()) {
        let before_the_last = &task.attempts[..task.attempts.len() - 1];
        let was_asked_again =
            |attempt: &AttemptRecord| attempt.failure.is_some() && !attempt.stepped_aside();
        asked += 1;
        again += u32::from(before_the_last.iter().any(was_asked_again));
    }
    share(again, asked)
}

fn latencies(history: &History, courses: &Courses) -> Latencies {
    let attempts = || history.tasks().flat_map(|(_, task)| &task.attempts);
    let answered = |measured: fn(&AttemptRecord) -> Option<Duration>| {
        Quantiles::of(attempts().filter(|a| a.answered()).filter_map(measured).collect())
    };
    Latencies {
        queue: Quantiles::of(queues(history, courses)),
        load: answered(AttemptRecord::load),
        first_token: answered(AttemptRecord::first_token),
        call: answered(|attempt| Some(attempt.took())),
    }
}

/// How long each call waited for a server or a limit. A call that was made at once waited for no time, and
/// counts.
fn queues(history: &History, courses: &Courses) -> Vec<Duration> {
    let mut queues = Vec::new();
    for (id, course) in courses.iter() {
        let before = queues.len();
        queues.extend(course.waits().map(|wait| wait.iter().map(Stretch::took).sum::<Duration>()));
        let calls = history.task(id).attempts.iter().filter(|attempt| !attempt.hedge).count();
        let at_once = calls.saturating_sub(queues.len() - before);
        queues.extend(std::iter::repeat_n(Duration::ZERO, at_once));
    }
    queues
}

/// In how much of the time that is shared with other runs a task waited for a server.
fn waited_beside_others(history: &History, courses: &Courses) -> Duration {
    let shared = covering(history.shared());
    if shared.is_empty() {
        return Duration::ZERO;
    }
    let stretches = courses.iter().flat_map(|(_, course)| &course.stretches);
    let queues = stretches.filter(|stretch| stretch.activity == Activity::Queue);
    let waits = covering(queues.map(|stretch| (stretch.from, stretch.until)).collect());
    covered(&mut common(&waits, &shared))
}

/// What failed in a run, by class.
pub(super) fn failures(history: &History) -> BTreeMap<FailureClass, Failures> {
    let mut failures: BTreeMap<FailureClass, Failures> = BTreeMap::new();
    for (id, task) in history.tasks() {
        let of_attempts = task.attempts.iter().filter_map(|attempt| attempt.failure.as_ref());
        let of_calls = task.calls.iter().filter_map(|call| call.failure.as_ref());
        for failure in of_attempts.chain(of_calls) {
            let of_class = failures.entry(failure.class).or_default();
            of_class.attempts += 1;
            of_class.tasks.insert(id);
        }
        // A task can fail without an attempt.
        if let Some(failure) = &task.failure {
            failures.entry(failure.class).or_default().tasks.insert(id);
        }
    }
    failures
}

fn speeds(history: &History) -> BTreeMap<(usize, String), Speed> {
    let mut all: BTreeMap<(usize, &str), (Speed, Vec<Span>)> = BTreeMap::new();
    for attempt in history.tasks().flat_map(|(_, task)| &task.attempts) {
        let (speed, spans) = all.entry((attempt.server, &attempt.model)).or_default();
        spans.push((attempt.started, attempt.ended.unwrap_or(history.worked)));
        speed.count(attempt);
    }
    all.into_iter()
        .map(|((server, model), (speed, mut spans))| {
            ((server, model.to_owned()), Speed { busy: covered(&mut spans), ..speed })
        })
        .collect()
}
