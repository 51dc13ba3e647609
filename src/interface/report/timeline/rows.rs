//! The tasks of a run by wave, as every form of a timeline shows them.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::TaskStatus;
use crate::insight::{Activity, Course, History, Statistics, TaskRecord};
use crate::language::plan::{Plan, Task, TaskId, WaveId};

/// A task in a timeline.
#[derive(Debug, Clone)]
pub(in crate::interface::report) struct Row<'a> {
    pub(in crate::interface::report) id: TaskId,
    /// Its name inside its pattern.
    pub(in crate::interface::report) name: &'a str,
    /// In how many used patterns it is.
    pub(in crate::interface::report) depth: usize,
    /// Whether it is on the critical path.
    pub(in crate::interface::report) is_critical: bool,
    /// Its course; none if it could not begin, or was skipped.
    pub(in crate::interface::report) course: Option<&'a Course>,
    /// What became of it, where that is not what was hoped for.
    pub(in crate::interface::report) remark: String,
}

/// The tasks of each root wave, in the plan's order.
pub(in crate::interface::report) fn rows<'a>(
    history: &'a History,
    statistics: &'a Statistics,
) -> Vec<(WaveId, Vec<Row<'a>>)> {
    let plan = history.plan();
    let critical: BTreeSet<TaskId> = statistics.critical_path.tasks.iter().copied().collect();
    let mut waves: BTreeMap<WaveId, Vec<Row<'a>>> = BTreeMap::new();
    for (id, task) in plan.tasks() {
        let was_skipped = history.task(id).status() == TaskStatus::Skipped;
        waves.entry(plan.root_wave(id)).or_default().push(Row {
            id,
            name: &task.name,
            depth: depth(plan, task),
            is_critical: critical.contains(&id),
            course: statistics.courses.get(id).filter(|_| !was_skipped),
            remark: remark(history, id),
        });
    }
    let in_order = plan.root().waves.iter();
    in_order.map(|wave| (*wave, waves.remove(wave).unwrap_or_default())).collect()
}

fn depth(plan: &Plan, task: &Task) -> usize {
    let caller = |scope| plan.scope(scope).caller;
    std::iter::successors(caller(task.scope), |id| caller(plan.task(*id).scope)).count()
}

fn remark(history: &History, id: TaskId) -> String {
    let task = history.task(id);
    match (task.status(), &task.skipped, &task.failure) {
        (TaskStatus::Succeeded, _, _) if task.fell_back => "fell back".to_owned(),
        (TaskStatus::Succeeded, ..) if task.reused.is_some() => "reused".to_owned(),
        (TaskStatus::Succeeded, ..) => hedged(history, task),
        (TaskStatus::Skipped, Some(reason), _) => {
            format!("skipped: {}", reason.describe(history.plan()))
        }
        (TaskStatus::Failed, _, Some(failure)) => format!("failed: {}", failure.class.as_str()),
        (status, ..) => status.as_str().to_owned(),
    }
}

/// Where a second attempt was made beside a slow one, if one was.
fn hedged(history: &History, task: &TaskRecord) -> String {
    let Some(hedge) = task.attempts.iter().rev().find(|attempt| attempt.hedge) else {
        return String::new();
    };
    let first = if hedge.answered() { ", which came first" } else { "" };
    format!("hedged on {}{first}", history.servers[hedge.server].name)
}

/// The sign of an activity on a terminal.
pub(super) fn sign(activity: Activity) -> char {
    match activity {
        Activity::Queue => '·',
        Activity::Limit => '-',
        Activity::Load => '▒',
        Activity::Work => '█',
        Activity::Retry => 'x',
        Activity::Person => '?',
        Activity::Other => ':',
    }
}
