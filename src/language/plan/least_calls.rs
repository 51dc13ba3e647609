//! The fewest calls of models with which everything can be done.

use std::collections::BTreeSet;

use serde_json::Value;

use super::iterate::{Body, Iterate, Over};
use super::model::{NeedKind, Plan, Scope, ScopeId, Task, TaskId, Wave, Work};
use crate::language::document::{OnFailure, Stop, StopSampling};

impl Plan {
    /// The fewest calls with which a run, or what a task uses, can come to its end with all that
    /// surely belongs to it: each task answered at the first attempt. Tasks that a condition may leave out
    /// count as none, and so do items of a list that only a run knows. Answers of earlier runs are no
    /// calls.
    pub fn least_calls(&self, inside: Option<TaskId>) -> u64 {
        let parts = Parts { scopes: &self.scopes, waves: &self.waves, tasks: &self.tasks };
        match inside {
            None => parts.of_scope(ScopeId::ROOT),
            Some(task) => parts.of_work(&self.task(task).work),
        }
    }
}

/// A plan, or the body of what is done several times.
#[derive(Clone, Copy)]
struct Parts<'p> {
    scopes: &'p [Scope],
    waves: &'p [Wave],
    tasks: &'p [Task],
}

impl<'p> Parts<'p> {
    fn of_body(body: &'p Body) -> Parts<'p> {
        Parts { scopes: &body.scopes, waves: &body.waves, tasks: &body.tasks }
    }

    fn of_scope(self, scope: ScopeId) -> u64 {
        let mut calls = 0;
        // What may be without an output: whoever needs that may be skipped.
        let mut unsure = BTreeSet::new();
        // What is needed stands in an earlier wave.
        for wave in &self.scopes[scope.index()].waves {
            for id in &self.waves[wave.index()].tasks {
                let task = &self.tasks[id.index()];
                let is_sure =
                    task.when.is_none() && has_what_it_needs(task, |id| !unsure.contains(&id));
                if is_sure {
                    calls += self.of_work(&task.work);
                }
                if !is_sure || matches!(task.on_failure, OnFailure::Continue) {
                    unsure.insert(*id);
                }
            }
        }
        calls
    }

    fn of_work(self, work: &Work) -> u64 {
        match work {
            Work::Ask(_) => 1,
            Work::Call { scope, .. } => self.of_scope(*scope),
            Work::Iterate(iterate) => of_iterations(iterate),
            Work::Combine(_)
            | Work::Check { .. }
            | Work::Approve { .. }
            | Work::Tool(_)
            | Work::Send(_) => 0,
        }
    }
}

fn of_iterations(iterate: &Iterate) -> u64 {
    if let Over::Expand(expand) = &iterate.over {
        let of_body = |body: &Body| Parts::of_body(body).of_scope(ScopeId::ROOT);
        let planning = std::iter::once(&iterate.body).take(expand.sure_plans());
        let around = planning.chain(&expand.synthesis).map(of_body);
        // A plan has one task at least.
        let planned = expand.entries.iter().map(of_body).min().unwrap_or_default();
        return around.fold(planned, u64::saturating_add);
    }
    let each = Parts::of_body(&iterate.body).of_scope(ScopeId::ROOT);
    each.saturating_mul(u64::try_from(fewest(iterate)).unwrap_or(u64::MAX))
}

/// How often something is done at least, where all goes well.
fn fewest(iterate: &Iterate) -> usize {
    match &iterate.over {
        Over::Items(items) => {
            let is_known = matches!(items.items, Value::Array(_) | Value::Object(_));
            let known = if is_known { iterate.expected_count() } else { 0 };
            match items.stop {
                Stop::WhenDecided => items.require.of(known).max(1).min(known),
                Stop::OnFailure | Stop::AtEnd => known,
            }
        }
        Over::Samples(samples) => match samples.stop {
            StopSampling::AtEnd => samples.count as usize,
            // With half of them alike, the others can at most come to a tie.
            StopSampling::WhenDecided => samples.count.div_ceil(2) as usize,
            StopSampling::Early => 1,
        },
        // Good enough the first time.
        Over::Rounds(_) | Over::Review(_) | Over::Expand(_) | Over::Ladder(_) => 1,
        // No tie, or only one result to choose from.
        Over::TieBreak(_) | Over::Pairs(_) => 0,
    }
}

fn has_what_it_needs(task: &Task, is_sure: impl Fn(TaskId) -> bool) -> bool {
    let mut values = task.needs.iter().filter(|need| need.kind == NeedKind::Value);
    let sources: Vec<TaskId> = task
        .needs
        .iter()
        .filter(|need| need.kind == NeedKind::Source)
        .map(|need| need.task)
        .collect();
    let mut triggers = task.on_message.iter();
    values.all(|need| is_sure(need.task))
        && triggers.all(|trigger| trigger.senders.iter().copied().any(&is_sure))
        && (sources.is_empty() || sources.into_iter().any(is_sure))
}
