//! Holding a loaded model, and one of its slots, for the length of a request.
//!
//! A lease that is dropped, for whatever reason, gives back what it holds: so a client that
//! goes away frees its slot at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::clock::{Moment, seconds};
use super::residents::State;
use super::scheduler::Scheduler;

/// A hold on a loaded model.
pub(super) struct Lease {
    scheduler: Arc<Scheduler>,
    key: String,
    slot: Option<usize>,
    writing: bool,
    released: bool,
}

/// A slot, as it was got.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seat {
    /// Bytes of the prompt that the slot remembered.
    pub(super) remembered: usize,
    /// When the slot was got.
    pub(super) begun: Moment,
    /// How long it was waited for, in simulated time.
    pub(super) waited: Duration,
}

impl Lease {
    pub(super) fn new(scheduler: &Arc<Scheduler>, key: String) -> Lease {
        Lease { scheduler: scheduler.clone(), key, slot: None, writing: false, released: false }
    }

    /// Waits for a slot and puts the prompt into it.
    pub(super) async fn sit(&mut self, prompt: &Arc<str>) -> Seat {
        let scheduler = self.scheduler.clone();
        let arrived = scheduler.clock.now();
        let taken = {
            let mut state = scheduler.state();
            match state.runners.get_mut(&self.key) {
                Some(runner) => runner.take_slot(prompt),
                // A model that is held is never unloaded.
                None => Ok(0),
            }
        };
        let mut waited = Duration::ZERO;
        let place = match taken {
            Ok(place) => place,
            Err(receiver) => {
                let mut queued = Queued { lease: self, receiver };
                let place = (&mut queued.receiver).await.unwrap_or_default();
                waited = scheduler.clock.simulated(scheduler.clock.now().since(arrived));
                place
            }
        };
        self.slot = Some(place);
        let mut state = scheduler.state();
        let begun = scheduler.clock.now();
        state.usage.begin(begun);
        let use_number = state.next_use();
        let remembered = state
            .runners
            .get_mut(&self.key)
            .map_or(0, |runner| runner.remember(place, prompt.clone(), use_number));
        Seat { remembered, begun, waited }
    }

    /// Gives the slot back and keeps the model.
    pub(super) fn stand_up(&mut self) {
        if self.slot.is_some() {
            let scheduler = self.scheduler.clone();
            self.give_slot_back(&mut scheduler.state());
        }
    }

    /// Gives everything back.
    pub(super) fn release(&mut self) {
        if std::mem::replace(&mut self.released, true) {
            return;
        }
        if self.writing {
            self.change_pace(false);
            self.scheduler.paces.notify_waiters();
        }
        let scheduler = self.scheduler.clone();
        let mut state = scheduler.state();
        self.give_slot_back(&mut state);
        let clock = &scheduler.clock;
        state.leave(&self.key, clock.now(), clock);
        scheduler.advance(&mut state);
    }

    /// The model's process has died: the next request has to load it again.
    pub(super) fn crash(&self) {
        if let Some(runner) = self.scheduler.state().runners.get_mut(&self.key) {
            runner.crashed = true;
        }
    }

    /// Begins to write beside others; the work done so far, for `write_until`.
    pub(super) fn begin_writing(&mut self) -> f64 {
        self.writing = true;
        let done = self.change_pace(true);
        self.scheduler.paces.notify_waiters();
        done
    }

    /// Waits until this slot has done the work, in seconds at the whole rate.
    pub(super) async fn write_until(&self, work: f64) {
        let clock = &self.scheduler.clock;
        loop {
            let changed = self.scheduler.paces.notified();
            let left = {
                let mut state = self.scheduler.state();
                let Some(runner) = state.runners.get_mut(&self.key) else {
                    return;
                };
                let done = runner.pace.done(clock.now(), |real| clock.simulated(real));
                (work - done) * runner.pace.slowdown()
            };
            // Half a nanosecond is nothing but rounding.
            if left < 5e-10 || clock.stands_still() {
                return;
            }
            tokio::select! {
                () = clock.sleep(seconds(left)) => {}
                () = changed => {}
            }
        }
    }

    fn change_pace(&self, more: bool) -> f64 {
        let clock = &self.scheduler.clock;
        let mut state = self.scheduler.state();
        let Some(runner) = state.runners.get_mut(&self.key) else {
            return 0.0;
        };
        let elapsed = |real| clock.simulated(real);
        runner.pace.change(more, clock.now(), elapsed);
        runner.pace.done(clock.now(), elapsed)
    }

    fn give_slot_back(&mut self, state: &mut State) {
        if let Some(place) = self.slot.take() {
            state.usage.end(self.scheduler.clock.now());
            if let Some(runner) = state.runners.get_mut(&self.key) {
                runner.give_back(place);
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.release();
    }
}

/// A wait for a slot. Dropped early, it gives on a slot that came too late.
struct Queued<'a> {
    lease: &'a Lease,
    receiver: oneshot::Receiver<usize>,
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.receiver.close();
        if let Ok(place) = self.receiver.try_recv() {
            let mut state = self.lease.scheduler.state();
            if let Some(runner) = state.runners.get_mut(&self.lease.key) {
                runner.give_back(place);
            }
        }
    }
}
