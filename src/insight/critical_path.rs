//! The critical path as it was: the chain of tasks, each released by the one before, that ended
//! last; and on what its time went.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::course::{Activity, Course, Courses, Release};
use super::history::History;
use crate::engine::TaskStatus;
use crate::language::plan::TaskId;

/// The critical path of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CriticalPath {
    /// Its tasks in order, without those that were skipped. Tasks that use a pattern are not on it,
    /// the pattern's tasks are.
    pub tasks: Vec<TaskId>,
    /// On what the run's time went. All together they are the time at work, to the microsecond.
    pub spent: BTreeMap<Activity, Duration>,
}

impl CriticalPath {
    /// The critical path of a run as it stands.
    pub fn of(history: &History, courses: &Courses) -> CriticalPath {
        let mut walk = Walk {
            at: history.worked,
            path: CriticalPath { tasks: Vec::new(), spent: BTreeMap::new() },
        };
        let ends = Ends::of(history, courses);
        let mut next = ends.run;
        let mut seen: BTreeSet<TaskId> = next.into_iter().collect();
        while let Some(id) = next {
            let Some(course) = courses.get(id) else { break };
            walk.step(course);
            if history.task(id).status() != TaskStatus::Skipped {
                walk.path.tasks.push(id);
            }
            let released = before(courses, course);
            let last = released.map(|task| ends.last_inside(history, task, walk.at));
            // Whatever took no time could lead back to itself.
            next = last.filter(|last| seen.insert(*last));
        }
        walk.back_to(Duration::ZERO, Activity::Other);
        walk.path.tasks.reverse();
        walk.path
    }

    /// The time that went on something.
    pub fn spent_on(&self, activity: Activity) -> Duration {
        self.spent.get(&activity).copied().unwrap_or_default()
    }
}

/// The task that released a task, or the pattern around it.
fn before(courses: &Courses, course: &Course) -> Option<TaskId> {
    let mut release = course.release;
    loop {
        match release {
            Release::Beginning => return None,
            Release::Need(task) | Release::Barrier(task) | Release::Undo(task) => {
                return Some(task);
            }
            Release::Pattern(caller) => release = courses.get(caller)?.release,
        }
    }
}

/// The way back from the end.
struct Walk {
    at: Duration,
    path: CriticalPath,
}

impl Walk {
    fn step(&mut self, course: &Course) {
        self.back_to(course.end, Activity::Other);
        for stretch in course.stretches.iter().rev() {
            self.back_to(stretch.from, stretch.activity);
        }
        self.back_to(course.ready, Activity::Other);
    }

    fn back_to(&mut self, moment: Duration, activity: Activity) {
        let spent = self.at.saturating_sub(moment);
        if !spent.is_zero() {
            *self.path.spent.entry(activity).or_default() += spent;
            self.at = moment;
        }
    }
}

/// The tasks that end the run and its patterns.
struct Ends {
    run: Option<TaskId>,
    /// By scope.
    scopes: Vec<Option<TaskId>>,
}

impl Ends {
    fn of(history: &History, courses: &Courses) -> Ends {
        let plan = history.plan();
        let mut scopes: Vec<Option<TaskId>> = vec![None; plan.scopes.len()];
        let rank = |id: TaskId, course: &Course| {
            // Of those that ended at one moment, what was broken off or skipped ended because of
            // the others.
            let how = match history.task(id).status() {
                TaskStatus::Skipped => 0,
                TaskStatus::Cancelled => 1,
                _ => 2,
            };
            (course.end, how)
        };
        for (id, course) in courses.iter() {
            let last = &mut scopes[plan.task(id).scope.index()];
            let best = last.and_then(|best| Some(rank(best, courses.get(best)?)));
            if best.is_none_or(|best| rank(id, course) >= best) {
                *last = Some(id);
            }
        }
        let mut ends = Ends { run: None, scopes };
        ends.run = ends.scopes[0].map(|task| ends.last_inside(history, task, history.worked));
        // A run ends when everything is undone.
        let end = |task: TaskId| history.task(task).ended.unwrap_or(history.worked);
        let last = history.compensations().iter().map(|one| one.undo).max_by_key(|undo| end(*undo));
        ends.run = ends.run.into_iter().chain(last).max_by_key(|task| end(*task));
        ends
    }

    /// The last task of the scopes inside a task, and of what has undone some of them until a moment.
    fn last_of_scopes(&self, history: &History, task: TaskId, until: Duration) -> Option<TaskId> {
        let inside = history.inside(task);
        let last = inside.iter().filter_map(|scope| self.scopes[scope.index()]);
        // A pattern that fails ends when what was done at any depth of it is undone.
        let is_inside =
            |undone: TaskId| inside.iter().any(|s| history.plan().is_within(undone, *s));
        let end = |task: TaskId| history.task(task).ended.unwrap_or(history.worked);
        let undone = history.compensations().iter().filter(|one| is_inside(one.task));
        let undone = undone.map(|one| one.undo).filter(|undo| end(*undo) <= until);
        // What is still under way comes behind everything that has ended.
        last.chain(undone).max_by_key(|last| end(*last))
    }

    /// The task that ends a task: itself, or the last one inside a pattern that it uses.
    fn last_inside(&self, history: &History, task: TaskId, until: Duration) -> TaskId {
        let mut last = task;
        while let Some(inside) = self.last_of_scopes(history, last, until) {
            last = inside;
        }
        last
    }
}
