//! In which order tasks are served: the most urgent first, of those the ones with the longest way to
//! the end. Who waits long becomes more urgent, so that nobody waits for all that is.

use std::cmp::Reverse;
use std::time::Duration;

use super::conduct::Engine;
use super::timers::Timer;
use crate::language::document::Priority;
use crate::language::plan::TaskId;

/// How long a task waits for a server until it is one step more urgent.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// What decides a task's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    /// How urgent it is.
    pub(super) priority: Reverse<Priority>,
    /// How long the way from it to the end of the run is.
    pub(super) way: Reverse<Duration>,
}

/// A task in the order in which tasks are served: by rank, then as written.
pub(super) type Turn = (Rank, TaskId);

impl Engine {
    /// Knows how urgent the tasks are that are not known yet.
    pub(super) fn know_urgencies(&mut self) {
        let known = self.urgencies.len();
        self.state.plan().add_urgencies(&mut self.urgencies);
        let first = self.urgencies.first().copied();
        let others = self.urgencies[known..].iter().copied();
        let differs = others.clone().any(|urgency| Some(urgency) != first);
        if differs || self.hands.most_urgent.is_some() {
            let before = self.hands.most_urgent.or(first);
            self.hands.most_urgent = others.chain(before).max();
        }
    }

    /// The turn of a task.
    pub(super) fn turn(&self, task: TaskId) -> Turn {
        let own = self.urgencies[task.index()];
        let priority = Reverse(self.hands.aged.get(&task).copied().unwrap_or(own));
        (Rank { priority, way: Reverse(self.remaining[task.index()]) }, task)
    }

    /// A task begins to wait for a server. Where all are equally urgent, time changes nothing.
    pub(super) fn begin_to_wait(&mut self, task: TaskId) {
        let Rank { priority: Reverse(priority), .. } = self.turn(task).0;
        let is_behind = self.hands.most_urgent.is_some_and(|most| priority < most);
        if is_behind && !self.hands.timers.is_set(Timer::Patience(task)) {
            let at = self.now() + PATIENCE;
            self.hands.timers.set(Timer::Patience(task), at);
        }
    }

    /// A task has waited long: if it still does, it is one step more urgent.
    pub(super) fn has_waited(&mut self, task: TaskId) {
        let before = self.turn(task);
        let Some(raised) = before.0.priority.0.raised() else { return };
        if !self.hands.lanes.has(before) && !self.hands.held.has(before) {
            return;
        }
        self.hands.aged.insert(task, raised);
        let after = self.turn(task);
        self.hands.lanes.change_turn(before, after);
        self.hands.held.change_turn(before, after);
        self.begin_to_wait(task);
    }
}
