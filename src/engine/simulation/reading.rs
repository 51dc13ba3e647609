//! What the slots of a loaded model remember of the prompts that they read: the next one is read
//! from where it differs, as Ollama's runners do.

use crate::engine::AttemptId;
use crate::engine::content::Request;

/// The slots of a model on a server.
#[derive(Debug)]
pub(super) struct ReadingSlots(Vec<ReadingSlot>);

#[derive(Debug, Default, Clone)]
struct ReadingSlot {
    prompt: String,
    attempt: Option<AttemptId>,
    /// When it was last taken, counted in calls.
    taken: u64,
}

impl ReadingSlots {
    pub(super) fn new(count: u32) -> ReadingSlots {
        ReadingSlots(vec![ReadingSlot::default(); count.max(1) as usize])
    }

    /// A call takes the free slot that remembers most of its prompt, of several the one that was
    /// taken longest ago. The share of the prompt that is read.
    pub(super) fn sit(&mut self, attempt: AttemptId, request: &Request) -> f64 {
        let prompt: String = request.messages.iter().map(|message| &*message.content).collect();
        let calls = self.0.iter().map(|slot| slot.taken).max().unwrap_or(0);
        let free = self.0.iter_mut().filter(|slot| slot.attempt.is_none());
        let rank = |slot: &&mut ReadingSlot| {
            (common(&slot.prompt, &prompt), std::cmp::Reverse(slot.taken))
        };
        let Some(slot) = free.max_by_key(rank) else { return 1.0 };
        let known = common(&slot.prompt, &prompt);
        let length = prompt.len().max(1);
        *slot = ReadingSlot { prompt, attempt: Some(attempt), taken: calls + 1 };
        #[expect(clippy::cast_precision_loss, reason = "prompts are far shorter than 2^52 bytes")]
        let share = (length - known.min(length)) as f64 / length as f64;
        share
    }

    /// A call is over; what it read is remembered.
    pub(super) fn leave(&mut self, attempt: AttemptId) {
        for slot in &mut self.0 {
            if slot.attempt == Some(attempt) {
                slot.attempt = None;
            }
        }
    }
}

/// How many bytes two texts begin with that are the same.
fn common(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count()
}
