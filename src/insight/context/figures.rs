//! The success metrics of seed 001, as far as facts know them.

use std::time::Duration;

use super::fact::TaskEnding;
use super::state::Context;

/// The success metrics of a context. A figure of nothing is absent.
#[derive(Debug, Clone, PartialEq)]
pub struct ContextFigures {
    /// Agents that were asked for a task that a run did: over all such tasks. Best 1 to 3.
    pub agents_per_task: Option<f64>,
    /// The share of calls beside which another one was under way. Best above 0.6.
    pub parallel_execution_rate: Option<f64>,
    /// From the question to the decision, as often longer as shorter. Best below 5 minutes.
    pub decision_time: Option<Duration>,
    /// From the beginning of a session to the first thing that was done in it, as often longer as
    /// shorter. Best below 2 minutes.
    pub context_switch_time: Option<Duration>,
    /// The share of the tasks that are over that ended well. Best above 0.95.
    pub task_success_rate: Option<f64>,
    /// The share of tasks that runs did that took more than one run. Best below 0.1.
    pub rework_rate: Option<f64>,
    /// The share of sessions that found all there was, and lost none of it. Best 1.
    pub context_continuity: Option<f64>,
}

impl ContextFigures {
    /// The figures of a context.
    pub fn of(context: &Context) -> ContextFigures {
        let ends = || context.runs.iter().filter_map(|run| run.end.as_ref());
        let by_runs = context.tasks.iter().filter(|task| !task.runs.is_empty());
        let by_runs: Vec<_> = by_runs.collect();
        let agents: usize = context.runs.iter().map(|run| run.spawned.len()).sum();
        let calls: u64 = ends().map(|end| end.figures.calls).sum();
        let beside: u64 = ends().map(|end| end.figures.calls_beside_others).sum();
        let ended = context.ended_tasks().count();
        let well = context.ended_tasks();
        let well = well.filter(|(_, end)| end.ending == TaskEnding::Succeeded).count();
        let reworked = by_runs.iter().filter(|task| task.runs.len() > 1).count();
        let decided = context.decisions.iter().filter_map(|decision| {
            let (_, made) = decision.made.as_ref()?;
            Some((*made)?.since(decision.asked?))
        });
        let switched = context
            .sessions
            .iter()
            .filter_map(|session| Some(session.first_act?.since(session.began)));
        let kept = context.sessions.iter().filter(|session| !session.lost).count();
        ContextFigures {
            agents_per_task: share(agents as u64, by_runs.len() as u64),
            parallel_execution_rate: share(beside, calls),
            decision_time: median(decided.collect()),
            context_switch_time: median(switched.collect()),
            task_success_rate: share(well as u64, ended as u64),
            rework_rate: share(reworked as u64, by_runs.len() as u64),
            context_continuity: share(kept as u64, context.sessions.len() as u64),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn median(mut durations: Vec<Duration>) -> Option<Duration> {
    durations.sort_unstable();
    durations.get(durations.len() / 2).copied()
}
