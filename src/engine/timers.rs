//! The table of deadlines. Nobody sleeps here: a driver asks for the next one and comes back.

use std::collections::{BTreeMap, BTreeSet};

use super::settings::ServerId;
use super::time::Time;
use super::vocabulary::AttemptId;
use crate::language::plan::TaskId;

/// What a deadline is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// A task may be tried again.
    Retry(TaskId),
    /// A task has waited too long for a server.
    Queue(TaskId),
    /// A task has waited so long for a server that it is more urgent.
    Patience(TaskId),
    /// Whoever is at a task that others may take up has had time enough.
    Rung(TaskId),
    /// A person has had time enough.
    Gate(TaskId),
    /// A task has waited long enough for news of runs.
    News(TaskId),
    /// An attempt's model should have been loaded.
    Load(AttemptId),
    /// An attempt should have begun to answer.
    FirstToken(AttemptId),
    /// An attempt should have gone on.
    Silence(AttemptId),
    /// An attempt should have ended.
    Total(AttemptId),
    /// A server that was left may be looked at again.
    Breaker(ServerId),
    /// A server may be asked again for what it was not asked for a while.
    Forgive(ServerId),
    /// A server in use is to be looked at.
    Observe(ServerId),
    /// No server has been there for too long.
    GiveUp,
    /// An attempt may have taken so long that a second one is worth its while.
    Hedge,
}

#[derive(Debug, Default)]
pub(super) struct Timers {
    by_time: BTreeSet<(Time, Timer)>,
    by_timer: BTreeMap<Timer, Time>,
}

impl Timers {
    /// Sets a deadline; an earlier setting of the same one is forgotten.
    pub(super) fn set(&mut self, timer: Timer, at: Time) {
        if let Some(before) = self.by_timer.insert(timer, at) {
            self.by_time.remove(&(before, timer));
        }
        self.by_time.insert((at, timer));
    }

    /// Forgets a deadline.
    pub(super) fn clear(&mut self, timer: Timer) {
        self.take(timer);
    }

    /// Forgets a deadline and gives it, if it was set.
    pub(super) fn take(&mut self, timer: Timer) -> Option<Time> {
        let at = self.by_timer.remove(&timer)?;
        self.by_time.remove(&(at, timer));
        Some(at)
    }

    pub(super) fn is_set(&self, timer: Timer) -> bool {
        self.by_timer.contains_key(&timer)
    }

    /// Takes the earliest deadline that has passed.
    pub(super) fn take_due(&mut self, now: Time) -> Option<Timer> {
        let (at, timer) = *self.by_time.first()?;
        if at > now {
            return None;
        }
        self.clear(timer);
        Some(timer)
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.by_time.first().map(|(at, _)| *at)
    }

    pub(super) fn forget_all(&mut self) {
        *self = Timers::default();
    }
}
