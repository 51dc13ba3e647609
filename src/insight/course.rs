//! The course of each task: when it could begin, what held it until then, and on what its time
//! went.

use std::time::Duration;

use super::history::History;
use super::records::{AttemptRecord, TaskRecord};
use super::shortages::Shortages;
use super::spans::covering;
use crate::engine::{FailureClass, TaskStatus};
use crate::language::plan::{ScopeId, TaskId, Work};

/// On what time goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Activity {
    /// Waiting for a server that is free.
    Queue,
    /// Waiting for a limit: others had taken what the call takes.
    Limit,
    /// Waiting for a model to be loaded.
    Load,
    /// A model reads and answers.
    Work,
    /// An attempt that came to nothing, or the pause after it.
    Retry,
    /// Waiting for a person.
    Person,
    /// Everything else: preparing, checks, fallbacks, outputs.
    Other,
}

impl Activity {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Activity; 7] = [
        Activity::Work,
        Activity::Queue,
        Activity::Limit,
        Activity::Load,
        Activity::Retry,
        Activity::Person,
        Activity::Other,
    ];

    /// The activity in machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            Activity::Queue => "queue",
            Activity::Limit => "limit",
            Activity::Load => "load",
            Activity::Work => "work",
            Activity::Retry => "retry",
            Activity::Person => "person",
            Activity::Other => "other",
        }
    }
}

/// A part of a task's course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// On what it went.
    pub activity: Activity,
    /// When it began.
    pub from: Duration,
    /// When it ended; the moment of the last fact if it has not.
    pub until: Duration,
}

impl Stretch {
    /// How long it was.
    pub fn took(&self) -> Duration {
        self.until.saturating_sub(self.from)
    }
}

/// What came last of all that a task waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// Nothing: it could begin with the run.
    Beginning,
    /// A task that it needs had ended.
    Need(TaskId),
    /// The last task of the waves before had ended, which it does not need.
    Barrier(TaskId),
    /// The pattern that it is inside of was opened by this task.
    Pattern(TaskId),
    /// It undoes another one; this task had ended, and there was something to undo.
    Undo(TaskId),
}

/// The course of a task that could begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// When it could begin: what it needs was there, and its wave was open.
    pub ready: Duration,
    /// What came last.
    pub release: Release,
    /// How much earlier it could have begun had no wave waited for another, its needs being met
    /// when they were.
    pub held: Duration,
    /// When it ended; the moment of the last fact if it has not.
    pub end: Duration,
    /// On what the time from `ready` to `end` went, in order and without gaps. Of a task that
    /// uses a pattern only what is before and behind the pattern.
    pub stretches: Vec<Stretch>,
}

impl Course {
    /// The times in which it waited for a server or a limit, each as the stretches that it is of.
    pub fn waits(&self) -> impl Iterator<Item = &[Stretch]> {
        let is_wait = |s: &Stretch| matches!(s.activity, Activity::Queue | Activity::Limit);
        let runs = self.stretches.chunk_by(move |one, next| is_wait(one) && is_wait(next));
        runs.filter(move |run| run.first().is_some_and(is_wait))
    }

    /// The time that went on something.
    pub fn spent_on(&self, activity: Activity) -> Duration {
        self.stretches.iter().filter(|s| s.activity == activity).map(Stretch::took).sum()
    }
}

/// The courses of all tasks of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Courses(Vec<Option<Course>>);

impl Courses {
    /// The courses of a run as it stands.
    pub fn of(history: &History) -> Courses {
        let plan = history.plan();
        let mut courses = vec![None; plan.tasks.len()];
        let shortages = Shortages::of(history, history.settings());
        let view = View { history, shortages: &shortages };
        for place in 0..plan.scopes.len() {
            let scope = ScopeId(u32::try_from(place).unwrap_or(u32::MAX));
            if let Some(begin) = beginning(history, scope) {
                of_scope(view, scope, begin, &mut courses);
            }
        }
        Courses(courses)
    }

    /// The course of a task; none if it could not begin.
    pub fn get(&self, task: TaskId) -> Option<&Course> {
        self.0[task.index()].as_ref()
    }

    /// All there are.
    pub fn iter(&self) -> impl Iterator<Item = (TaskId, &Course)> {
        (0..).map(TaskId).zip(&self.0).filter_map(|(id, course)| Some((id, course.as_ref()?)))
    }
}

/// What courses are made of.
#[derive(Clone, Copy)]
struct View<'h> {
    history: &'h History,
    shortages: &'h Shortages,
}

/// A moment with what made it.
type Moment = (Duration, Release);

/// When a scope was opened, and by what.
fn beginning(history: &History, scope: ScopeId) -> Option<Moment> {
    if let Some((began, Some(before))) = history.iteration(scope) {
        return Some((began, Release::Need(before)));
    }
    if let Some(compensation) = history.compensation(scope) {
        let behind = compensation.behind.unwrap_or(compensation.task);
        return Some((compensation.began, Release::Undo(behind)));
    }
    match history.plan().scope(scope).caller {
        None => Some((Duration::ZERO, Release::Beginning)),
        Some(caller) => {
            history.task(caller).started.map(|started| (started, Release::Pattern(caller)))
        }
    }
}

fn of_scope(view: View<'_>, scope: ScopeId, begin: Moment, courses: &mut [Option<Course>]) {
    let history = view.history;
    let plan = history.plan();
    let mut opened = begin;
    // What ended last in the waves so far; none as soon as something has not ended.
    let mut latest = Some(begin);
    for wave in &plan.scope(scope).waves {
        let wave = plan.wave(*wave);
        if wave.barrier {
            let Some(moment) = latest else { return };
            opened = moment;
        }
        for id in &wave.tasks {
            courses[id.index()] = course(view, *id, begin, opened);
            latest = latest.and_then(|latest| {
                let ended = history.task(*id).ended?;
                Some(later(latest, (ended, Release::Barrier(*id))))
            });
        }
    }
}

fn later(first: Moment, second: Moment) -> Moment {
    if second.0 > first.0 { second } else { first }
}

/// The course of a task in a scope that began at `begin` and a wave that was opened at `opened`.
fn course(view: View<'_>, id: TaskId, begin: Moment, opened: Moment) -> Option<Course> {
    let history = view.history;
    let plan = history.plan();
    let task = history.task(id);
    if task.status() == TaskStatus::Pending && !may_begin(history, plan.task(id).scope) {
        return None;
    }
    let mut needed = begin;
    for need in &plan.task(id).needs {
        let ended = history.task(need.task).ended?;
        // Of a need and a barrier that ended at the same moment, the need is the better reason.
        if ended >= needed.0 {
            needed = (ended, Release::Need(need.task));
        }
    }
    let end = task.ended.unwrap_or(history.worked);
    let (ready, release) = later(needed, opened);
    // A task can be broken off, or be skipped, before its wave is opened.
    let ready = ready.min(task.started.unwrap_or(end)).min(end);
    Some(Course {
        ready,
        release,
        held: ready.saturating_sub(needed.0),
        end,
        stretches: stretches(view, id, ready, end),
    })
}

/// Whether tasks of a scope that have not begun still may.
fn may_begin(history: &History, scope: ScopeId) -> bool {
    match history.plan().scope(scope).caller {
        None => !history.status.is_final(),
        Some(caller) => history.task(caller).status() == TaskStatus::Open,
    }
}

/// Stretches one behind the other.
struct Chain<'h> {
    shortages: &'h Shortages,
    task: TaskId,
    at: Duration,
    stretches: Vec<Stretch>,
}

impl Chain<'_> {
    fn until(&mut self, until: Duration, activity: Activity) {
        if until > self.at {
            self.stretches.push(Stretch { activity, from: self.at, until });
            self.at = until;
        }
    }

    /// Waiting for a server, and as long as there was not enough of what is limited, for that.
    fn wait_until(&mut self, until: Duration) {
        let short = self.shortages.of_task(self.task, self.at, until);
        for (from, until) in covering(short.map(|(_, span)| span).collect()) {
            self.until(from, Activity::Queue);
            self.until(until, Activity::Limit);
        }
        self.until(until, Activity::Queue);
    }
}

fn stretches(view: View<'_>, id: TaskId, ready: Duration, end: Duration) -> Vec<Stretch> {
    let View { history, shortages } = view;
    let task = history.task(id);
    let mut chain = Chain { shortages, task: id, at: ready, stretches: Vec::new() };
    match &history.plan().task(id).work {
        Work::Ask(_) => asked(task, end, &mut chain),
        Work::Approve { .. } if task.question.is_some() => {
            chain.until(task.started.unwrap_or(end), Activity::Other);
            chain.until(end, Activity::Person);
        }
        Work::Call { .. } | Work::Iterate(_) => {
            chain.until(task.started.unwrap_or(end), Activity::Other);
            return chain.stretches;
        }
        Work::Tool(_) => {
            // It waits for its turn among the tools that are called, or until its server has started.
            chain.until(task.started.unwrap_or(end), Activity::Queue);
            chain.until(end, Activity::Work);
        }
        Work::Combine(_) | Work::Check { .. } | Work::Approve { .. } | Work::Send(_) => {}
    }
    chain.until(end, Activity::Other);
    chain.stretches
}

fn asked(task: &TaskRecord, end: Duration, chain: &mut Chain<'_>) {
    for (place, attempt) in task.attempts.iter().enumerate() {
        let ended = attempt.ended.unwrap_or(end);
        let mut later = task.attempts[place + 1..].iter();
        if attempt.stepped_aside() {
            // A hedge took its place, and what it did until then came to nothing. If it was the hedge
            // itself, the task was at work all the same.
            if let Some(hedge) = later.next().filter(|next| next.hedge && !attempt.hedge) {
                chain.wait_until(attempt.started);
                chain.until(hedge.started, Activity::Retry);
            }
            continue;
        }
        chain.wait_until(attempt.started);
        if came_to_nothing(attempt) {
            let again = attempt.again_from.unwrap_or(ended);
            let next = later.find(|next| next.started >= ended).map_or(end, |next| next.started);
            chain.until(ended, Activity::Retry);
            chain.until(again.min(next), Activity::Retry);
        } else {
            chain.until(attempt.started + attempt.load().unwrap_or_default(), Activity::Load);
            chain.until(ended, Activity::Work);
        }
        if let Some(asked) = task.permissions.iter().find(|asked| asked.asked == ended)
            && attempt.paused.is_some()
        {
            let decided = asked.decided.as_ref().map_or(end, |(_, _, at)| *at);
            chain.until(decided, Activity::Person);
        }
        if let Some(awaits) = attempt.awaits.as_deref() {
            chain.until(awaits.heard.unwrap_or(end), Activity::Other);
        }
    }
    // Whoever was not done in time may have waited until then.
    let too_long = |failure: &crate::engine::Failure| {
        matches!(failure.class, FailureClass::QueueTimeout | FailureClass::Overdue)
    };
    let waited = match task.status() {
        TaskStatus::Pending | TaskStatus::BackingOff | TaskStatus::Cancelled => true,
        _ => task.failure.as_deref().is_some_and(too_long),
    };
    if waited {
        chain.wait_until(end);
    }
}

fn came_to_nothing(attempt: &AttemptRecord) -> bool {
    attempt.failure.is_some() || attempt.lost
}
