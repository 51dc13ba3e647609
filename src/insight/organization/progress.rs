//! How far work has come: the whole, its milestones, its domains.

use std::collections::BTreeMap;

use super::item::WorkItem;
use super::work::WorkHistory;
use crate::organization::WorkState;

/// How many pieces of work are done, and their minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Pieces that are completed.
    pub done: u32,
    /// Pieces that were cancelled: they are in no other figure.
    pub cancelled: u32,
    /// All others.
    pub all: u32,
    /// The minutes that completed pieces were expected to take.
    pub minutes_done: u32,
    /// The minutes of all.
    pub minutes: u32,
}

impl Progress {
    fn add(&mut self, item: &WorkItem) {
        let minutes = item.about.minutes;
        match item.state() {
            WorkState::Cancelled => {
                self.cancelled += 1;
                return;
            }
            WorkState::Completed => {
                self.done += 1;
                self.minutes_done = self.minutes_done.saturating_add(minutes);
            }
            _ => {}
        }
        self.all += 1;
        self.minutes = self.minutes.saturating_add(minutes);
    }
}

/// How far a run's work has come. Pieces that have others inside them are not counted beside those.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rollup {
    /// All of it.
    pub whole: Progress,
    /// By milestone; work of none is under an empty name.
    pub milestones: BTreeMap<String, Progress>,
    /// By domain; work of none is under an empty name.
    pub domains: BTreeMap<String, Progress>,
}

impl Rollup {
    /// Of all pieces of work of a run.
    pub fn of(work: &WorkHistory) -> Rollup {
        let mut rollup = Rollup::default();
        for (_, item) in work.pieces() {
            let name = |said: &Option<String>| said.clone().unwrap_or_default();
            rollup.whole.add(item);
            rollup.milestones.entry(name(&item.about.milestone)).or_default().add(item);
            rollup.domains.entry(name(&item.about.domain)).or_default().add(item);
        }
        rollup
    }
}
