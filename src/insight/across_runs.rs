//! What many runs of one pattern or pipeline show: how often they succeed, how long they take, what
//! fails in them, and which tasks are slow.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use super::history::History;
use super::quantiles::Quantiles;
use super::records::Simulated;
use super::statistics::failures;
use crate::engine::{FailureClass, RunStatus};

/// So many slow tasks are named.
const NAMED: usize = 5;

/// Runs, taken in one by one.
#[derive(Debug, Clone, Default)]
pub struct AcrossRuns {
    names: BTreeMap<(String, bool), Tally>,
}

/// What the runs of one name show. Simulated runs are counted apart from others.
#[derive(Debug, Clone, PartialEq)]
pub struct RunsOfName {
    /// The name of the pattern or pipeline.
    pub name: String,
    /// Whether these are the runs in which simulated servers took part.
    pub simulated: bool,
    /// How many runs there are.
    pub runs: u32,
    /// Runs that succeeded.
    pub succeeded: u32,
    /// Runs that failed.
    pub failed: u32,
    /// Runs that somebody ended.
    pub cancelled: u32,
    /// From the beginning to the end without pauses, of those that succeeded.
    pub makespan: Option<Quantiles>,
    /// What failed in them, in most runs first.
    pub failures: Vec<(FailureClass, FailuresInRuns)>,
    /// The slowest tasks that ask a model, by their medians: the address, and how long the task took
    /// from its first call to its end.
    pub slowest: Vec<(String, Quantiles)>,
}

/// What failed for one reason in several runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FailuresInRuns {
    /// Runs in which something failed so, whether they succeeded or not.
    pub runs: u32,
    /// Tasks to which it happened, counted in each run.
    pub tasks: usize,
    /// Attempts that failed so.
    pub attempts: u32,
}

#[derive(Debug, Clone, Default)]
struct Tally {
    runs: u32,
    succeeded: u32,
    failed: u32,
    cancelled: u32,
    makespans: Vec<Duration>,
    failures: BTreeMap<FailureClass, FailuresInRuns>,
    tasks: BTreeMap<String, Vec<Duration>>,
}

impl AcrossRuns {
    /// Takes a run in.
    pub fn add(&mut self, history: &History) {
        let simulated = history.simulated() != Simulated::No;
        self.names.entry((history.plan().name.clone(), simulated)).or_default().add(history);
    }

    /// What they show, by name.
    pub fn names(self) -> Vec<RunsOfName> {
        self.names.into_iter().map(|((name, simulated), tally)| tally.of(name, simulated)).collect()
    }
}

impl Tally {
    fn add(&mut self, history: &History) {
        self.runs += 1;
        match history.status {
            RunStatus::Succeeded => {
                self.succeeded += 1;
                self.makespans.push(history.worked);
            }
            RunStatus::Failed => self.failed += 1,
            RunStatus::Cancelled => self.cancelled += 1,
            RunStatus::Running | RunStatus::Waiting | RunStatus::Interrupted => {}
        }
        for (class, failed) in failures(history) {
            let all = self.failures.entry(class).or_default();
            all.runs += 1;
            all.tasks += failed.tasks.len();
            all.attempts += failed.attempts;
        }
        for (id, task) in history.tasks() {
            if let (Some(first), Some(ended)) = (task.attempts.first(), task.ended) {
                let path = &history.plan().task(id).path;
                let took = ended.saturating_sub(first.started);
                match self.tasks.get_mut(path) {
                    Some(times) => times.push(took),
                    None => drop(self.tasks.insert(path.clone(), vec![took])),
                }
            }
        }
    }

    fn of(self, name: String, simulated: bool) -> RunsOfName {
        let mut failures: Vec<_> = self.failures.into_iter().collect();
        failures.sort_by_key(|(class, failed)| (Reverse((failed.runs, failed.tasks)), *class));
        let times = self.tasks.into_iter();
        let mut slowest: Vec<(String, Quantiles)> =
            times.filter_map(|(path, times)| Some((path, Quantiles::of(times)?))).collect();
        slowest.sort_by_key(|(_, times)| Reverse((times.p50, times.p95)));
        slowest.truncate(NAMED);
        RunsOfName {
            name,
            simulated,
            runs: self.runs,
            succeeded: self.succeeded,
            failed: self.failed,
            cancelled: self.cancelled,
            makespan: Quantiles::of(self.makespans),
            failures,
            slowest,
        }
    }
}

impl RunsOfName {
    /// Runs that are under way, wait, or were interrupted.
    pub fn unfinished(&self) -> u32 {
        self.runs - self.succeeded - self.failed - self.cancelled
    }

    /// The share of runs that succeeded among those that succeeded or failed; none where there are
    /// no such runs.
    pub fn success_rate(&self) -> Option<f64> {
        let ended = self.succeeded + self.failed;
        (ended > 0).then(|| f64::from(self.succeeded) / f64::from(ended))
    }
}
