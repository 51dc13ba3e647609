//! Tasks that took longer than their authors allow (`sla`).

use std::time::Duration;

use super::course::Courses;
use super::history::History;
use crate::language::plan::TaskId;

/// How a task stands to the time that it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// The task.
    pub task: TaskId,
    /// The time that it may take.
    pub sla: Duration,
    /// The time from when it could begin to its end, or until now.
    pub took: Duration,
}

impl Promise {
    /// Whether it was not kept.
    pub fn is_broken(&self) -> bool {
        self.took > self.sla
    }
}

/// Those of all tasks that have one and could begin, in the plan's order.
pub fn promises(history: &History, courses: &Courses) -> Vec<Promise> {
    let plan = history.plan();
    let promise = |(task, course): (TaskId, &super::course::Course)| {
        let sla = plan.task(task).sla?.0;
        Some(Promise { task, sla, took: course.end.saturating_sub(course.ready) })
    };
    courses.iter().filter_map(promise).collect()
}
