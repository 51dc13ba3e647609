//! A loaded model: its slots, what it remembers, and who waits for it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::clock::Moment;
use super::keep_alive::KeepAlive;
use super::models::Installed;
use super::options::LoadOptions;

/// The share of a prompt that a slot must remember to be preferred for it (llama.cpp's default).
const SIMILAR: usize = 10;

/// One loaded model.
pub(super) struct Runner {
    /// The model.
    pub(super) model: Arc<Installed>,
    /// What it was loaded with.
    pub(super) options: LoadOptions,
    /// How long it stays when idle.
    pub(super) keep_alive: KeepAlive,
    /// Requests that hold it, in a slot or waiting for one.
    pub(super) in_flight: u32,
    /// When it goes, while it is idle; never if absent.
    pub(super) expires: Option<Moment>,
    /// Whether its process has died: it is still listed, and the next request loads it again.
    pub(super) crashed: bool,
    /// What the writing slots have done.
    pub(super) pace: Pace,
    slots: Vec<Slot>,
    /// Requests that wait for a slot, in order of arrival.
    waiting: VecDeque<oneshot::Sender<usize>>,
}

#[derive(Clone, Default)]
struct Slot {
    busy: bool,
    prompt: Option<Arc<str>>,
    used: u64,
}

impl Runner {
    /// A runner that has just been started with so many slots.
    pub(super) fn new(
        model: Arc<Installed>,
        options: LoadOptions,
        keep_alive: KeepAlive,
        slots: u32,
    ) -> Runner {
        Runner {
            pace: Pace::new(model.spec.contention),
            model,
            options,
            keep_alive,
            in_flight: 0,
            expires: None,
            crashed: false,
            slots: vec![Slot::default(); slots as usize],
            waiting: VecDeque::new(),
        }
    }

    /// A free slot, the one that remembers most of the prompt, else the one longest unused; or
    /// a place in the queue.
    pub(super) fn take_slot(&mut self, prompt: &str) -> Result<usize, oneshot::Receiver<usize>> {
        let free = || self.slots.iter().enumerate().filter(|(_, slot)| !slot.busy);
        let similar = free()
            .map(|(place, slot)| (common_prefix(slot.prompt.as_deref(), prompt), place))
            .filter(|(common, _)| *common * SIMILAR > prompt.len())
            .max_by_key(|(common, place)| (*common, usize::MAX - place));
        let chosen = similar
            .map(|(_, place)| place)
            .or_else(|| free().min_by_key(|(_, slot)| slot.used).map(|(place, _)| place));
        match chosen {
            Some(place) => {
                self.slots[place].busy = true;
                Ok(place)
            }
            None => {
                let (send, receive) = oneshot::channel();
                self.waiting.push_back(send);
                Err(receive)
            }
        }
    }

    /// Puts a prompt into a slot that was taken; how many of its bytes the slot remembered.
    pub(super) fn remember(&mut self, place: usize, prompt: Arc<str>, use_number: u64) -> usize {
        let Some(slot) = self.slots.get_mut(place) else {
            return 0;
        };
        let common = common_prefix(slot.prompt.as_deref(), &prompt);
        slot.prompt = Some(prompt);
        slot.used = use_number;
        common
    }

    /// Gives a slot back, or on to the next who waits.
    pub(super) fn give_back(&mut self, place: usize) {
        while let Some(next) = self.waiting.pop_front() {
            if next.send(place).is_ok() {
                return;
            }
        }
        if let Some(slot) = self.slots.get_mut(place) {
            slot.busy = false;
        }
    }

    /// Forgets all prompts.
    pub(super) fn forget(&mut self) {
        for slot in &mut self.slots {
            slot.prompt = None;
        }
    }
}

/// How many bytes at the front are the same.
fn common_prefix(remembered: Option<&str>, prompt: &str) -> usize {
    const BLOCK: usize = 64;
    let (one, two) = (remembered.unwrap_or_default().as_bytes(), prompt.as_bytes());
    let blocks = one
        .chunks_exact(BLOCK)
        .zip(two.chunks_exact(BLOCK))
        .take_while(|(one, two)| one == two)
        .count()
        * BLOCK;
    let tail = one[blocks..].iter().zip(&two[blocks..]);
    blocks + tail.take_while(|(one, two)| one == two).count()
}

/// How fast slots that write at the same time get on: with n of them each has 1 / (1 + c × (n − 1))
/// of the whole rate, where c is the model's contention.
pub(super) struct Pace {
    contention: f64,
    writers: u32,
    /// What one slot that writes all the time would have done, in seconds at the whole rate.
    done: f64,
    updated: Option<Moment>,
}

impl Pace {
    fn new(contention: f64) -> Pace {
        Pace { contention, writers: 0, done: 0.0, updated: None }
    }

    /// The work done until now, in seconds at the whole rate; `elapsed` turns real time into
    /// simulated time.
    pub(super) fn done(&mut self, now: Moment, elapsed: impl Fn(Duration) -> Duration) -> f64 {
        if let Some(updated) = self.updated {
            self.done += elapsed(now.since(updated)).as_secs_f64() / self.slowdown();
        }
        self.updated = Some(now);
        self.done
    }

    /// One writer more or less, from now on.
    pub(super) fn change(
        &mut self,
        more: bool,
        now: Moment,
        elapsed: impl Fn(Duration) -> Duration,
    ) {
        self.done(now, elapsed);
        self.writers = if more { self.writers + 1 } else { self.writers.saturating_sub(1) };
    }

    /// By how much the writers of now hold each other up.
    pub(super) fn slowdown(&self) -> f64 {
        1.0 + self.contention * f64::from(self.writers.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_counted_in_bytes() {
        let long = "x".repeat(200);
        assert_eq!(common_prefix(None, "abc"), 0);
        assert_eq!(common_prefix(Some("abd"), "abc"), 2);
        assert_eq!(common_prefix(Some(&long), &format!("{long}y")), 200);
        assert_eq!(common_prefix(Some(&long), &format!("{}y", &long[..130])), 130);
    }
}
