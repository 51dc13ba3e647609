//! What chat and generate ask for, and what follows from it: the prompt that is kept, where the
//! answer ends, and how long both take.

use std::sync::Arc;

use crate::language::document::simulation::{AnswerRule, ChatTemplate, Fault};

use super::clock::seconds;
use super::delivery::Plan;
use super::errors::ApiError;
use super::format::Format;
use super::keep_alive::KeepAlive;
use super::lease::Seat;
use super::lines::Shape;
use super::messages::{Message, Tools};
use super::models::Installed;
use super::options::Options;
use super::prompt::{Earlier, Kept, Overflow, Prompt};
use super::reply::Reply;

/// Where `num_predict` sets no limit, this many windows do.
const WINDOWS_OF_ANSWER: u32 = 10;

/// Tokens kept at the front of a prompt that is cut, unless `num_keep` says otherwise.
const NUM_KEEP: i64 = 4;

/// What chat and generate ask for.
pub(super) struct Assignment {
    /// Which of them.
    pub(super) shape: Shape,
    /// The model.
    pub(super) model: Arc<Installed>,
    /// The model's name, as the request spelled it.
    pub(super) spelled: String,
    /// What the model reads.
    pub(super) messages: Vec<Message>,
    /// What it has read and written before.
    pub(super) earlier: Earlier,
    /// Whether the text goes to the model as it is.
    pub(super) raw: bool,
    /// What the model may call.
    pub(super) tools: Tools,
    /// The shape of the answer.
    pub(super) format: Format,
    /// Options.
    pub(super) options: Options,
    /// How long the model is to stay.
    pub(super) keep_alive: Option<KeepAlive>,
    /// Whether the answer comes in lines.
    pub(super) stream: bool,
    /// Whether the model thinks first.
    pub(super) thinks: bool,
    /// Whether too long a prompt may be cut.
    pub(super) truncate: bool,
    /// Whether a full window makes room.
    pub(super) shift: bool,
    /// How many tokens to name beside each one, if probabilities are asked for.
    pub(super) logprobs: Option<u32>,
}

impl Assignment {
    /// The prompt that the model reads, cut to its window where that may be.
    pub(super) fn fit(
        &mut self,
        messages: Vec<Message>,
        window: u32,
        child_runner: bool,
    ) -> Result<Kept, ApiError> {
        let num_keep = self.options.num_keep.unwrap_or(NUM_KEEP);
        let prompt = Prompt {
            tools: std::mem::take(&mut self.tools.text),
            messages,
            earlier: std::mem::take(&mut self.earlier),
            raw: self.raw,
        };
        prompt.fit(&Overflow {
            window,
            truncate: self.truncate,
            shift: self.shift,
            // Negative keeps all that fits.
            num_keep: u32::try_from(num_keep).unwrap_or(window),
            template: match self.shape {
                Shape::Chat => self.model.spec.template,
                Shape::Generate => ChatTemplate::Go,
            },
            child_runner,
        })
    }

    /// Ends the answer at a stop text or a limit.
    pub(super) fn end_early(
        &self,
        reply: &mut Reply,
        prompt: u32,
        window: u32,
        fault: Option<&Fault>,
    ) {
        reply.stop_at(&self.options.stop);
        let open = window.saturating_mul(WINDOWS_OF_ANSWER);
        let asked = self
            .options
            .num_predict
            .filter(|limit| *limit >= 0)
            .map_or(open, |limit| u32::try_from(limit).unwrap_or(open).min(open));
        let room = if self.shift { u32::MAX } else { window.saturating_sub(prompt) };
        reply.limit(asked.min(room));
        if let Some(Fault::CutByLength { after_tokens }) = fault {
            reply.cut(*after_tokens);
        }
    }

    /// When the prompt is read and the answer written. What the slot remembers of the prompt
    /// takes no time; a rule's duration takes the place of the rates.
    pub(super) fn plan(
        &self,
        kept: &Kept,
        seat: &Seat,
        reply: &Reply,
        rule: Option<&AnswerRule>,
        factor: f64,
    ) -> Plan {
        let spec = &self.model.spec;
        let reading = f64::from(seat.unread(kept)) / spec.prefill_tokens_per_second;
        let writing = f64::from(reply.tokens) / spec.tokens_per_second;
        let given = rule.and_then(|rule| rule.duration);
        let whole = given.map_or(reading + writing, |duration| duration.0.as_secs_f64());
        let share = reading / (reading + writing);
        Plan {
            begun: seat.begun,
            reading: seconds(whole * share * factor),
            writing: seconds(whole * (1.0 - share) * factor),
            contended: spec.contention > 0.0 && given.is_none(),
        }
    }
}

impl Seat {
    /// Tokens of a prompt that the slot does not remember: always one at least.
    fn unread(&self, kept: &Kept) -> u32 {
        let length = kept.text.len().max(1) as u128;
        let known = u128::from(kept.tokens) * self.remembered as u128 / length;
        let known = u32::try_from(known).unwrap_or(kept.tokens);
        kept.tokens.saturating_sub(known).max(1)
    }
}
