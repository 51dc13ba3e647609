//! What a server has done: loads, unloads, and how long it was busy.

use std::time::Duration;

use super::clock::Moment;

/// Counts since the start or the last reset.
#[derive(Debug, Clone, Default)]
pub(super) struct Usage {
    /// Loads that were begun.
    pub(super) loads: u64,
    /// Loads that ended because their client went away.
    pub(super) aborted_loads: u64,
    /// Models unloaded to make room, or to be loaded otherwise.
    pub(super) unloads: u64,
    /// Slots that are busy now.
    pub(super) active: u32,
    /// The most that were busy at a time.
    pub(super) highest: u32,
    busy: Duration,
    busy_since: Option<Moment>,
}

impl Usage {
    /// A slot begins to work.
    pub(super) fn begin(&mut self, now: Moment) {
        if self.active == 0 {
            self.busy_since = Some(now);
        }
        self.active += 1;
        self.highest = self.highest.max(self.active);
    }

    /// A slot has ended its work.
    pub(super) fn end(&mut self, now: Moment) {
        self.active = self.active.saturating_sub(1);
        if self.active == 0
            && let Some(since) = self.busy_since.take()
        {
            self.busy += now.since(since);
        }
    }

    /// The real time in which at least one slot was busy.
    pub(super) fn busy(&self, now: Moment) -> Duration {
        self.busy + self.busy_since.map_or(Duration::ZERO, |since| now.since(since))
    }

    /// Forgets everything but what is under way.
    pub(super) fn reset(&mut self, now: Moment) {
        *self = Usage {
            active: self.active,
            highest: self.active,
            busy_since: (self.active > 0).then_some(now),
            ..Usage::default()
        };
    }
}
