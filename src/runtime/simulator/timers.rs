//! Sleeps that keep to about a tenth of a millisecond.
//!
//! The runtime's own timers tick in whole milliseconds and round up: at a time scale of 0.01
//! each would add up to a tenth of a simulated second. One thread for each cluster, asleep
//! until the next deadline, does better and spins for none of it.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

use super::clock::{Epoch, Moment};

/// A sleeper's place in the table: by deadline, then in order of arrival.
type Place = (Moment, u64);

#[derive(Default)]
struct Table {
    sleepers: BTreeMap<Place, Waker>,
    arrivals: u64,
    stopped: bool,
}

/// The sleepers and what wakes the thread that minds them.
pub(super) struct Timers {
    table: Mutex<Table>,
    changed: Condvar,
}

impl Timers {
    /// Starts the thread.
    pub(super) fn start(epoch: Epoch) -> io::Result<Arc<Timers>> {
        let timers = Arc::new(Timers { table: Mutex::default(), changed: Condvar::new() });
        let minded = timers.clone();
        thread::Builder::new().name("simulated-time".into()).spawn(move || minded.mind(epoch))?;
        Ok(timers)
    }

    /// Ends the thread. Sleeps that are still under way never end.
    pub(super) fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_one();
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.lock().sleepers.len()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mind(&self, epoch: Epoch) {
        let mut table = self.lock();
        while !table.stopped {
            let Some((place, _)) = table.sleepers.first_key_value() else {
                table = self.changed.wait(table).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = place.0.since(epoch.now());
            if left.is_zero() {
                if let Some((_, waker)) = table.sleepers.pop_first() {
                    // Waking may poll at once on another thread, which locks the table.
                    drop(table);
                    waker.wake();
                    table = self.lock();
                }
            } else {
                table = self
                    .changed
                    .wait_timeout(table, left)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0;
            }
        }
    }
}

/// Ends when its moment has come.
pub(super) struct Sleep {
    timers: Arc<Timers>,
    epoch: Epoch,
    until: Moment,
    place: Option<Place>,
}

impl Sleep {
    pub(super) fn new(timers: &Arc<Timers>, epoch: Epoch, until: Moment) -> Sleep {
        Sleep { timers: timers.clone(), epoch, until, place: None }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.until <= self.epoch.now() {
            return Poll::Ready(());
        }
        let waker = context.waker().clone();
        let timers = self.timers.clone();
        let mut table = timers.lock();
        let place = match self.place {
            Some(place) => place,
            None => {
                table.arrivals += 1;
                (self.until, table.arrivals)
            }
        };
        table.sleepers.insert(place, waker);
        let first = table.sleepers.first_key_value().is_some_and(|(first, _)| *first == place);
        drop(table);
        self.place = Some(place);
        if first {
            timers.changed.notify_one();
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.timers.lock().sleepers.remove(&place);
        }
    }
}
