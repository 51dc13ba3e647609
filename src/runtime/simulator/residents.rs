//! The state of a scheduler: what is loaded, who waits for a load, and what has been done.

use std::collections::{BTreeMap, VecDeque};

use tokio::sync::oneshot;

use super::clock::{Clock, Moment};
use super::keep_alive::KeepAlive;
use super::runner::Runner;
use super::scheduler::{Call, Loading};
use super::usage::Usage;

/// All that changes.
#[derive(Default)]
pub(super) struct State {
    /// The loaded models, by their names' keys.
    pub(super) runners: BTreeMap<String, Runner>,
    /// What the server has done.
    pub(super) usage: Usage,
    /// Requests that wait for a load, in order of arrival.
    pub(super) queue: VecDeque<Pending>,
    /// The request that the queue is busy with.
    pub(super) head: Option<Head>,
    /// How many requests were ever queued.
    pub(super) tickets: u64,
    uses: u64,
}

/// A request in the load queue.
pub(super) struct Pending {
    /// Its number.
    pub(super) ticket: u64,
    /// What it asks for.
    pub(super) call: Call,
    /// Where it is told its turn.
    pub(super) turn: oneshot::Sender<Turn>,
}

/// What a request in the queue is told, once.
pub(super) enum Turn {
    /// Load the model.
    Load,
    /// The model is there.
    Granted,
}

/// The request that the queue is busy with.
pub(super) enum Head {
    /// It waits until a model in its way is idle.
    Waiting { pending: Pending, victim: String },
    /// It loads its model.
    Loading { ticket: u64 },
}

impl State {
    /// Lets a request in if its model is loaded as it needs it.
    pub(super) fn admit(&mut self, key: &str, call: &Call) -> bool {
        let Some(runner) = self.runners.get_mut(key) else {
            return false;
        };
        if call.loading != Loading::Well || runner.crashed || !runner.options.serve(&call.options) {
            return false;
        }
        runner.in_flight += 1;
        if let Some(keep_alive) = call.keep_alive {
            runner.keep_alive = keep_alive;
        }
        true
    }

    /// Numbers the uses of slots, so that the one longest unused can be told.
    pub(super) fn next_use(&mut self) -> u64 {
        self.uses += 1;
        self.uses
    }

    /// Puts a loaded model in place, held by the request that loaded it.
    pub(super) fn start(&mut self, key: &str, call: &Call, slots: u32) {
        let mut runner = Runner::new(
            call.model.clone(),
            call.options.clone(),
            call.keep_alive.unwrap_or(KeepAlive::DEFAULT),
            slots.min(call.most_slots).max(1),
        );
        runner.in_flight = 1;
        self.runners.insert(key.to_owned(), runner);
    }

    /// Unloads a model, if it is loaded.
    pub(super) fn unload(&mut self, key: &str) {
        if self.runners.remove(key).is_some() {
            self.usage.unloads += 1;
        }
    }

    /// The model that makes room: of the idle ones the one with the shortest time to stay, then
    /// by name; if none is idle, of all.
    pub(super) fn victim(&self) -> Option<String> {
        self.runners
            .iter()
            .min_by_key(|(_, runner)| (runner.in_flight > 0, runner.keep_alive))
            .map(|(key, _)| key.clone())
    }

    /// A request has let go of its model.
    pub(super) fn leave(&mut self, key: &str, now: Moment, clock: &Clock) {
        let Some(runner) = self.runners.get_mut(key) else {
            return;
        };
        runner.in_flight = runner.in_flight.saturating_sub(1);
        if runner.in_flight > 0 {
            return;
        }
        match runner.keep_alive {
            keep_alive if keep_alive.is_zero() => {
                self.runners.remove(key);
            }
            KeepAlive::For(duration) if !clock.stands_still() => {
                runner.expires = Some(now + clock.real(duration));
            }
            KeepAlive::For(_) | KeepAlive::Forever => runner.expires = None,
        }
    }
}
