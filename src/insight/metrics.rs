//! The figures of a run: how long it took, what parallel work gained, what each server did.

use std::collections::BTreeMap;
use std::time::Duration;

use super::history::History;
use super::records::{AttemptRecord, CallRecord};
use super::spans::{Span, covered, groups, peak};
use crate::engine::{Next, TaskStatus};

/// The figures of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Metrics {
    /// From the run's beginning to its end, without pauses.
    pub makespan: Duration,
    /// How much of that nothing was done but to wait for a person.
    pub waited: Duration,
    /// What the tasks that were answered took, one after the other.
    pub sequential: Duration,
    /// Tasks in all, those inside used patterns among them, without those that kept the result of
    /// an earlier run or reused its answer, and without those that undo others.
    pub tasks: u32,
    /// Tasks that kept the result of an earlier run. Nothing was done for them, and no other figure
    /// counts them.
    pub kept: u32,
    /// Tasks that reused an answer of an earlier run. No server was asked for them, and no other
    /// figure counts them.
    pub reused: u32,
    /// Tasks that succeeded.
    pub succeeded: u32,
    /// Tasks that failed.
    pub failed: u32,
    /// Tasks that were skipped.
    pub skipped: u32,
    /// Tasks that were broken off.
    pub cancelled: u32,
    /// Attempts that failed and were made again.
    pub retries: u32,
    /// Attempts that went elsewhere because a server was gone.
    pub failovers: u32,
    /// Attempts that met a server with too much to do, and waited.
    pub waits: u32,
    /// The most calls at one moment.
    pub peak_parallel: u32,
    /// Tokens of all prompts that were read.
    pub prompt_tokens: u64,
    /// Tokens of all answers.
    pub answer_tokens: u64,
    /// Figures by server, in the order of [`History::servers`].
    pub servers: Vec<ServerMetrics>,
}

/// The figures of a server.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServerMetrics {
    /// Calls.
    pub requests: u32,
    /// Calls that failed.
    pub failures: u32,
    /// Times a model was loaded; calls that waited for one load together count it once.
    pub model_loads: u32,
    /// Time in which it had at least one call.
    pub busy: Duration,
}

/// A hot model is found in milliseconds; whatever takes longer than this was a load.
const LOAD_MICROS: u64 = 150_000;

impl Metrics {
    /// The figures of a run as it stands.
    pub fn of(history: &History) -> Metrics {
        let mut metrics = Metrics {
            makespan: history.worked,
            waited: Duration::ZERO,
            sequential: Duration::ZERO,
            tasks: 0,
            kept: 0,
            reused: 0,
            succeeded: 0,
            failed: 0,
            skipped: 0,
            cancelled: 0,
            retries: 0,
            failovers: 0,
            waits: 0,
            peak_parallel: 0,
            prompt_tokens: 0,
            answer_tokens: 0,
            servers: vec![ServerMetrics::default(); history.servers.len()],
        };
        let mut spans: Vec<Vec<Span>> = vec![Vec::new(); history.servers.len()];
        let mut loads: BTreeMap<(usize, &str), Vec<Span>> = BTreeMap::new();
        for (id, task) in history.tasks() {
            if task.kept.is_some() {
                metrics.kept += 1;
                continue;
            }
            if task.reused.is_some() {
                metrics.reused += 1;
                continue;
            }
            // What undoes a task is no part of the work, but its calls are calls.
            if history.undoes(id).is_none() {
                metrics.count_task(task.status());
            }
            for call in &task.calls {
                metrics.count_call(call);
            }
            for attempt in &task.attempts {
                metrics.count(attempt);
                let end = attempt.ended.unwrap_or(history.worked);
                spans[attempt.server].push((attempt.started, end));
                if let Some(load) = load_of(attempt) {
                    loads.entry((attempt.server, &attempt.model)).or_default().push(load);
                }
            }
        }
        for ((server, _), waits) in &mut loads {
            metrics.servers[*server].model_loads += groups(waits);
        }
        for (figures, server) in metrics.servers.iter_mut().zip(&history.servers) {
            figures.model_loads += server.warmed;
        }
        metrics.peak_parallel = peak(spans.iter().flatten());
        let gates = history
            .tasks()
            .filter(|(_, task)| task.question.is_some() && task.permissions.is_empty());
        let gates = gates
            .filter_map(|(_, task)| Some((task.started?, task.ended.unwrap_or(history.worked))));
        let permissions = history.tasks().flat_map(|(_, task)| {
            let end = task.ended.unwrap_or(history.worked);
            let until = move |decided: &Option<(String, String, Duration)>| {
                decided.as_ref().map_or(end, |(_, _, at)| *at)
            };
            task.permissions.iter().map(move |asked| (asked.asked, until(&asked.decided)))
        });
        let mut at_work: Vec<Span> = spans.iter().flatten().copied().collect();
        let by_servers = covered(&mut at_work);
        at_work.extend(gates.chain(permissions));
        metrics.waited = covered(&mut at_work).saturating_sub(by_servers);
        for (server, spans) in metrics.servers.iter_mut().zip(&mut spans) {
            server.busy = covered(spans);
        }
        metrics
    }

    fn count_task(&mut self, status: TaskStatus) {
        self.tasks += 1;
        match status {
            TaskStatus::Succeeded => self.succeeded += 1,
            TaskStatus::Failed => self.failed += 1,
            TaskStatus::Skipped => self.skipped += 1,
            TaskStatus::Cancelled => self.cancelled += 1,
            _ => {}
        }
    }

    fn count(&mut self, attempt: &AttemptRecord) {
        let server = &mut self.servers[attempt.server];
        server.requests += 1;
        if attempt.failure.is_some() {
            server.failures += 1;
            match attempt.next {
                Some(Next::Retry { .. }) => self.retries += 1,
                Some(Next::Move { .. }) => self.failovers += 1,
                Some(Next::Wait { .. }) => self.waits += 1,
                _ => {}
            }
        }
        if let Some(usage) = &attempt.paused {
            self.prompt_tokens += usage.prompt_tokens;
            self.answer_tokens += usage.answer_tokens;
            self.sequential += attempt.took();
        }
        if let Some(usage) = attempt.usage {
            self.prompt_tokens += usage.prompt_tokens;
            self.answer_tokens += usage.answer_tokens;
            self.sequential += attempt.took();
        }
    }

    /// Counts a call of the tool that a task calls: no server of models had a part in it.
    fn count_call(&mut self, call: &CallRecord) {
        match call.next {
            Some(Next::Retry { .. }) => self.retries += 1,
            Some(Next::Move { .. }) => self.failovers += 1,
            Some(Next::Done) if call.failure.is_none() => {
                let ended = call.ended.unwrap_or(call.tool.started);
                self.sequential += ended.saturating_sub(call.tool.started);
            }
            _ => {}
        }
    }

    /// How much faster the run was than one task after the other. The time in which everything
    /// waited for a person counts for neither.
    pub fn speedup(&self) -> f64 {
        ratio(self.sequential, self.makespan.saturating_sub(self.waited))
    }

    /// The most tasks at one moment over all tasks (4 at a time of 5 are 0.8).
    pub fn parallelism_factor(&self) -> f64 {
        if self.tasks == 0 { 0.0 } else { f64::from(self.peak_parallel) / f64::from(self.tasks) }
    }

    /// The share of the run in which a server worked.
    pub fn utilization(&self, server: &ServerMetrics) -> f64 {
        ratio(server.busy, self.makespan).min(1.0)
    }
}

/// The time in which an attempt waited for its model to be loaded.
pub(super) fn load_of(attempt: &AttemptRecord) -> Option<Span> {
    attempt.usage.filter(|usage| usage.load_us >= LOAD_MICROS)?;
    Some((attempt.started, attempt.started + attempt.load()?))
}

fn ratio(part: Duration, whole: Duration) -> f64 {
    if whole.is_zero() { 0.0 } else { part.as_secs_f64() / whole.as_secs_f64() }
}
