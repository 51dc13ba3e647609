//! Where time was lost: on what, how much, and to which tasks.

use std::collections::BTreeSet;
use std::time::Duration;

use super::course::{Activity, Course, Courses};
use super::critical_path::CriticalPath;
use super::history::History;
use crate::engine::TaskStatus;
use crate::language::plan::{TaskId, Work};

/// So many tasks are named for each cause.
const NAMED: usize = 5;

/// Why time was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// No server was free.
    Queue,
    /// Others had taken what is limited.
    Limit,
    /// A model was loaded.
    Load,
    /// A wave waited for tasks that its own did not need.
    Barrier,
    /// Attempts came to nothing, with the pauses after them.
    Retry,
    /// A person had to decide.
    Person,
}

impl Cause {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Cause; 6] =
        [Cause::Queue, Cause::Limit, Cause::Load, Cause::Barrier, Cause::Retry, Cause::Person];

    /// The cause in machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Queue => "queue",
            Cause::Limit => "limit",
            Cause::Load => "load",
            Cause::Barrier => "barrier",
            Cause::Retry => "retry",
            Cause::Person => "person",
        }
    }

    /// What a task lost to it.
    fn cost(self, course: &Course) -> Duration {
        match self {
            Cause::Queue => course.spent_on(Activity::Queue),
            Cause::Limit => course.spent_on(Activity::Limit),
            Cause::Load => course.spent_on(Activity::Load),
            Cause::Barrier => course.held,
            Cause::Retry => course.spent_on(Activity::Retry),
            Cause::Person => course.spent_on(Activity::Person),
        }
    }
}

/// What was lost to a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Why.
    pub cause: Cause,
    /// How much of the run's time: what went on it on the critical path. For barriers, how much
    /// shorter the run would have been without any, each task taking what it took from the moment
    /// that it could begin, with its waiting for servers.
    pub critical: Duration,
    /// What all tasks lost to it, which may be at the same time.
    pub all: Duration,
    /// The tasks that lost most, those on the critical path first.
    pub tasks: Vec<TaskLoss>,
}

/// What a task lost to a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskLoss {
    /// Which task.
    pub task: TaskId,
    /// How much.
    pub time: Duration,
    /// Whether the task is on the critical path.
    pub is_critical: bool,
}

/// What was lost, for each cause that cost anything.
pub(super) fn losses(history: &History, courses: &Courses, path: &CriticalPath) -> Vec<Loss> {
    let on_path: BTreeSet<TaskId> = path.tasks.iter().copied().collect();
    let loss = |cause: Cause| {
        let mut tasks: Vec<TaskLoss> = courses
            .iter()
            .filter(|(id, _)| history.task(*id).status() != TaskStatus::Skipped)
            .map(|(task, course)| TaskLoss {
                task,
                time: cause.cost(course),
                is_critical: on_path.contains(&task),
            })
            .filter(|lost| !lost.time.is_zero())
            .collect();
        let all = tasks.iter().map(|lost| lost.time).sum();
        tasks.sort_by_key(|lost| (!lost.is_critical, std::cmp::Reverse(lost.time), lost.task));
        tasks.truncate(NAMED);
        let critical = match cause {
            Cause::Queue => path.spent_on(Activity::Queue),
            Cause::Limit => path.spent_on(Activity::Limit),
            Cause::Load => path.spent_on(Activity::Load),
            Cause::Barrier => barriers(history, courses),
            Cause::Retry => path.spent_on(Activity::Retry),
            Cause::Person => path.spent_on(Activity::Person),
        };
        Loss { cause, critical, all, tasks }
    };
    Cause::ALL.into_iter().map(loss).filter(|loss| !loss.all.is_zero()).collect()
}

fn barriers(history: &History, courses: &Courses) -> Duration {
    let plan = history.plan();
    let mut times = vec![Duration::ZERO; plan.tasks.len()];
    for (id, course) in courses.iter() {
        if !matches!(plan.task(id).work, Work::Call { .. }) {
            times[id.index()] = course.end.saturating_sub(course.ready);
        }
    }
    plan.cost_of_barriers(&times)
}
