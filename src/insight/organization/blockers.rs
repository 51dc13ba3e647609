//! What a piece of work waits for.

use super::work::WorkHistory;
use crate::engine::TaskStatus;
use crate::insight::history::History;
use crate::language::plan::TaskId;
use crate::organization::WorkState;

/// What keeps a piece of work from going on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blocker {
    /// A person has to decide.
    Person(TaskId),
    /// Another task, of another piece of work perhaps, has to end first.
    Task(TaskId),
    /// A wave before it is not over: this task of it has not ended.
    Wave(TaskId),
    /// It is one of a list of which so many are done at a time.
    Turn,
    /// A task of it failed, and is tried again.
    Retry(TaskId),
    /// It is in a state in which it stands still, for this reason.
    Standstill(String),
}

impl WorkHistory {
    /// What keeps a piece of work from going on; nothing where somebody works on it, or it is over.
    pub fn blockers(&self, history: &History, place: usize) -> Vec<Blocker> {
        let Some(item) = self.items.get(place) else { return Vec::new() };
        if item.state().is_final() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for task in self.tasks_of(history, place) {
            match history.task(task).status() {
                TaskStatus::Waiting => found.push(Blocker::Person(task)),
                TaskStatus::BackingOff => found.push(Blocker::Retry(task)),
                _ => {}
            }
        }
        if let (WorkState::Blocked | WorkState::Escalated, Some(last)) =
            (item.state(), item.moves.last())
        {
            found.push(Blocker::Standstill(last.reason.clone()));
        }
        let Some(caller) = item.caller else {
            if item.scope.is_none() {
                found.push(Blocker::Turn);
            }
            return found;
        };
        if history.task(caller).status() == TaskStatus::Pending {
            found.extend(not_ready(history, caller));
        }
        found
    }
}

/// What a task that has not begun waits for: of it, or of the nearest around it that waits.
fn not_ready(history: &History, task: TaskId) -> Vec<Blocker> {
    let plan = history.plan();
    let is_over = |id: &TaskId| history.task(*id).status().is_final();
    for id in std::iter::once(task).chain(plan.around(task)) {
        let needs = plan.task(id).needs.iter().map(|need| need.task);
        let senders = plan.task(id).on_message.iter().flat_map(|trigger| trigger.senders.clone());
        let open: Vec<TaskId> = needs.chain(senders).filter(|need| !is_over(need)).collect();
        if !open.is_empty() {
            return open.into_iter().map(Blocker::Task).collect();
        }
        let wave = plan.task(id).wave;
        let scope = plan.scope(plan.task(id).scope);
        if plan.wave(wave).barrier {
            let before = scope.waves.iter().take_while(|other| **other != wave);
            let before = before.flat_map(|other| &plan.wave(*other).tasks);
            let open: Vec<Blocker> =
                before.filter(|other| !is_over(other)).map(|other| Blocker::Wave(*other)).collect();
            if !open.is_empty() {
                return open;
            }
        }
    }
    Vec::new()
}
