//! Which requests run when on one server, as Ollama's scheduler (`server/sched.go`) decides it.
//!
//! There are two queues. The load queue takes requests whose model is not loaded, or has to be
//! loaded again; its head blocks all behind it until its model is there, and a request that
//! finds it full is refused at once. The slots of a loaded model have a queue of their own,
//! without limit. This file has the first; `lease.rs` has what follows.
//!
//! Nothing here runs by itself: whoever waits for a load sleeps for it in its own request, so
//! that a client that goes away aborts it; idle models expire when somebody looks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};

use crate::language::document::simulation::Fault;

use super::clock::Clock;
use super::keep_alive::KeepAlive;
use super::lease::Lease;
use super::models::Installed;
use super::options::LoadOptions;
use super::residents::{Head, Pending, State, Turn};

/// What bounds a server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Slots of each loaded model.
    pub(super) slots: u32,
    /// Requests that wait for a load, not counting the one that is being loaded for.
    pub(super) queue: usize,
    /// Models loaded at a time.
    pub(super) loaded_models: usize,
}

/// How loading goes. Where it goes wrong, no loaded model will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loading {
    /// It ends with a loaded model.
    Well,
    /// It ends without.
    Fails,
    /// It does not end.
    Stalls,
}

impl Loading {
    /// What a fault makes of it.
    pub(super) fn of(fault: Option<&Fault>) -> Loading {
        match fault {
            Some(Fault::LoadFailure) => Loading::Fails,
            Some(Fault::LoadStall) => Loading::Stalls,
            _ => Loading::Well,
        }
    }
}

/// What a request asks of the scheduler.
#[derive(Clone)]
pub(super) struct Call {
    /// The model.
    pub(super) model: Arc<Installed>,
    /// What it must be loaded with.
    pub(super) options: LoadOptions,
    /// How long it is to stay; as it was before if absent.
    pub(super) keep_alive: Option<KeepAlive>,
    /// How long loading takes, in simulated time.
    pub(super) load_time: Duration,
    /// How loading goes.
    pub(super) loading: Loading,
    /// Slots, where they are fewer than the server's.
    pub(super) most_slots: u32,
}

/// Why a request gets no model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// The load queue is full.
    Busy,
    /// The model cannot be loaded.
    LoadFailed,
}

/// How a request came to its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The model was there.
    Hot,
    /// The request waited in the load queue, and found the model loaded by another.
    Queued,
    /// The request had the model loaded.
    Loaded,
}

/// The scheduler of one server.
pub(super) struct Scheduler {
    limits: Limits,
    pub(super) clock: Arc<Clock>,
    state: Mutex<State>,
    /// Tells waiting writers that their pace has changed.
    pub(super) paces: Notify,
}

impl Scheduler {
    /// A scheduler with nothing loaded.
    pub(super) fn new(limits: Limits, clock: Arc<Clock>) -> Scheduler {
        Scheduler { limits, clock, state: Mutex::default(), paces: Notify::new() }
    }

    /// The state as it is now: what has expired is gone.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        state
            .runners
            .retain(|_, runner| runner.in_flight > 0 || runner.expires.is_none_or(|at| at > now));
        state
    }

    /// Waits until the model is loaded as asked, and holds it.
    pub(super) async fn hold(self: &Arc<Self>, call: Call) -> Result<(Lease, Way), Refused> {
        let key = call.model.name.key();
        let mut ticket = {
            let mut state = self.state();
            if state.admit(&key, &call) {
                return Ok((Lease::new(self, key), Way::Hot));
            }
            if state.head.is_some() && state.queue.len() >= self.limits.queue {
                return Err(Refused::Busy);
            }
            state.tickets += 1;
            let (turn, told) = oneshot::channel();
            let ticket = Ticket {
                scheduler: self,
                number: state.tickets,
                key: key.clone(),
                told,
                over: false,
            };
            state.queue.push_back(Pending { ticket: ticket.number, call: call.clone(), turn });
            self.advance(&mut state);
            ticket
        };
        let turn = (&mut ticket.told).await;
        if let Ok(Turn::Load) = turn {
            if call.loading == Loading::Stalls {
                std::future::pending::<()>().await;
            }
            self.clock.sleep(call.load_time).await;
            let mut state = self.state();
            ticket.over = true;
            state.head = None;
            if call.loading == Loading::Well {
                state.start(&key, &call, self.limits.slots);
            }
            self.advance(&mut state);
        }
        ticket.over = true;
        drop(ticket);
        // The sender is dropped unsent only if the scheduler goes with it.
        match turn {
            Ok(Turn::Load) if call.loading == Loading::Well => {
                Ok((Lease::new(self, key), Way::Loaded))
            }
            Ok(Turn::Granted) => Ok((Lease::new(self, key), Way::Queued)),
            Ok(Turn::Load) | Err(_) => Err(Refused::LoadFailed),
        }
    }

    /// Unloads a model: at once if idle, else as soon as it is.
    pub(super) fn expire(&self, model: &Installed) {
        let mut state = self.state();
        let key = model.name.key();
        if let Some(runner) = state.runners.get_mut(&key) {
            runner.keep_alive = KeepAlive::For(Duration::ZERO);
            if runner.in_flight == 0 {
                state.runners.remove(&key);
            }
        }
        self.advance(&mut state);
    }

    /// Unloads what is idle, forgets all prompts and what has been counted.
    pub(super) fn reset(&self) {
        let mut state = self.state();
        state.runners.retain(|_, runner| {
            runner.forget();
            runner.in_flight > 0
        });
        state.usage.reset(self.clock.now());
        self.advance(&mut state);
    }

    /// Takes the load queue as far as it goes.
    pub(super) fn advance(&self, state: &mut State) {
        loop {
            let pending = match state.head.take() {
                Some(head @ Head::Loading { .. }) => {
                    state.head = Some(head);
                    return;
                }
                Some(Head::Waiting { pending, victim }) => {
                    let still_there = state.runners.get(&victim);
                    if still_there.is_some_and(|runner| runner.in_flight > 0) {
                        state.head = Some(Head::Waiting { pending, victim });
                        return;
                    }
                    state.unload(&victim);
                    pending
                }
                None => match state.queue.pop_front() {
                    Some(pending) => pending,
                    None => return,
                },
            };
            // A client that has gone away is dropped when it is reached.
            if !pending.turn.is_closed() {
                self.decide(state, pending);
            }
        }
    }

    /// Finds what the head of the queue can do next.
    fn decide(&self, state: &mut State, pending: Pending) {
        let key = pending.call.model.name.key();
        if state.admit(&key, &pending.call) {
            if pending.turn.send(Turn::Granted).is_err() {
                state.leave(&key, self.clock.now(), &self.clock);
            }
            return;
        }
        let in_the_way = if state.runners.contains_key(&key) {
            Some(key)
        } else if state.runners.len() >= self.limits.loaded_models {
            state.victim()
        } else {
            None
        };
        if let Some(victim) = in_the_way {
            state.head = Some(Head::Waiting { pending, victim });
            return;
        }
        let ticket = pending.ticket;
        if pending.turn.send(Turn::Load).is_ok() {
            state.usage.loads += 1;
            state.head = Some(Head::Loading { ticket });
        }
    }
}

/// A place in the load queue. Dropped early, it lets the queue go on: a load under way is
/// aborted, a model already granted is let go.
struct Ticket<'a> {
    scheduler: &'a Scheduler,
    number: u64,
    key: String,
    told: oneshot::Receiver<Turn>,
    over: bool,
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let mut state = self.scheduler.state();
        self.told.close();
        if let Ok(Turn::Granted) = self.told.try_recv() {
            let clock = &self.scheduler.clock;
            state.leave(&self.key, clock.now(), clock);
        }
        match &state.head {
            Some(Head::Loading { ticket }) if *ticket == self.number => {
                state.head = None;
                state.usage.aborted_loads += 1;
            }
            Some(Head::Waiting { pending, .. }) if pending.ticket == self.number => {
                state.head = None;
            }
            _ => {}
        }
        self.scheduler.advance(&mut state);
    }
}
