//! The chunks of an answer: what is in each, when it is due, and how the last one ends it.
//!
//! A stream has at most fifty chunks, evenly spread over the tokens; the last object comes at the
//! planned end.

use std::time::Duration;

use axum::body::Bytes;

use crate::language::document::simulation::{ChatTemplate, Fault};

use super::clock::{Moment, times};
use super::delivery::Delivery;
use super::errors::{self, ApiError};
use super::lines::{Done, Figures, Part};
use super::log::Outcome;

const MOST_CHUNKS: u32 = 50;

/// Chunks that come thicker than this, in real time, are put together, down to `FEWEST_CHUNKS`.
const CHUNK_SPACING: Duration = Duration::from_millis(2);
const FEWEST_CHUNKS: u32 = 8;

/// What stands in place of a line of JSON.
pub(super) const GARBAGE: &str = "{\"model\": simulated garbage\n";

/// A delivery with what has been sent of it.
pub(super) struct Sender {
    /// The delivery.
    pub(super) delivery: Delivery,
    /// What it takes, as far as that is known.
    pub(super) figures: Figures,
    steps: Vec<u32>,
    /// The next step.
    next: usize,
    /// How far thinking and answer have been sent, in bytes, and tokens.
    sent: (usize, usize, u32),
    /// The work of the slots when this one began to write, where others hold it up.
    work_before: Option<f64>,
    over: bool,
}

impl Sender {
    /// The delivery, with nothing sent.
    pub(super) fn new(delivery: Delivery) -> Sender {
        let tokens = delivery.break_after().unwrap_or(delivery.reply.tokens);
        let clock = &delivery.visit.server.shared.clock;
        let writing = clock.real(delivery.plan.writing);
        Sender {
            figures: delivery.figures,
            steps: steps(tokens, writing),
            delivery,
            next: 0,
            sent: (0, 0, 0),
            work_before: None,
            over: false,
        }
    }

    /// The token after which the answer ends or breaks off.
    pub(super) fn end(&self) -> u32 {
        self.delivery.break_after().unwrap_or(self.delivery.reply.tokens)
    }

    /// How long the answer is written until a token is there.
    fn writing_until(&self, token: u32) -> Duration {
        let share = f64::from(token) / f64::from(self.delivery.reply.tokens.max(1));
        times(self.delivery.plan.writing, share)
    }

    /// When a token is there, if nobody holds the writing up.
    fn due(&self, token: u32) -> Moment {
        let plan = &self.delivery.plan;
        let clock = &self.delivery.visit.server.shared.clock;
        plan.begun + clock.real(plan.reading + self.writing_until(token))
    }

    /// Waits until a token is there.
    pub(super) async fn reach(&mut self, token: u32) {
        let clock = self.delivery.visit.server.shared.clock.clone();
        if !self.delivery.plan.contended {
            clock.sleep_until(self.due(token)).await;
            return;
        }
        let reading_ends = self.delivery.plan.begun + clock.real(self.delivery.plan.reading);
        let before = match self.work_before {
            Some(before) => before,
            None => {
                clock.sleep_until(reading_ends).await;
                *self.work_before.insert(self.delivery.lease.begin_writing())
            }
        };
        let work = self.writing_until(token).as_secs_f64();
        self.delivery.lease.write_until(before + work).await;
        if !clock.stands_still() {
            self.figures.writing = clock.simulated(clock.now().since(reading_ends));
        }
    }

    /// The next lines of the stream, when they are due; nothing after the end.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        let mut out = String::new();
        while out.is_empty() && !self.over {
            match self.steps.get(self.next).copied() {
                Some(token) => {
                    self.reach(token).await;
                    self.push_step(&mut out, token);
                    self.push_due_steps(&mut out);
                    if self.next == self.steps.len() && self.delivery.break_after().is_none() {
                        self.push_end(&mut out);
                    }
                }
                None => self.break_off(&mut out).await,
            }
        }
        (!out.is_empty()).then(|| out.into())
    }

    /// Steps that are due already go into the same chunk, so that a late one delays no other.
    fn push_due_steps(&mut self, out: &mut String) {
        let now = self.delivery.visit.server.shared.clock.now();
        while let Some(token) = self.steps.get(self.next).copied()
            && !self.delivery.plan.contended
            && self.due(token) <= now
        {
            self.push_step(out, token);
        }
    }

    fn push_step(&mut self, out: &mut String, token: u32) {
        self.next += 1;
        let delivery = &self.delivery;
        let (thinking, content) = delivery.reply.places(token);
        let (thinking_sent, content_sent, tokens_sent) = self.sent;
        let part = Part {
            thinking: &delivery.reply.thinking[thinking_sent..thinking],
            content: &delivery.reply.content[content_sent..content],
            calls: &[],
            tokens: token - tokens_sent,
        };
        // Thinking and answer never share a line.
        if !part.thinking.is_empty() {
            let part = Part { content: "", ..part };
            delivery.writer.line(out, part, &Done::No);
        }
        if !part.content.is_empty() {
            let part = Part { thinking: "", ..part };
            delivery.writer.line(out, part, &Done::No);
        }
        if delivery.fault == Some(Fault::Garbage) && self.next == self.steps.len().div_ceil(2) {
            out.push_str(GARBAGE);
        }
        self.sent = (thinking, content, token);
    }

    /// The last object; with it the slot is free, before the client knows.
    fn push_end(&mut self, out: &mut String) {
        let delivery = &mut self.delivery;
        let calls = delivery.reply.tool_calls.as_slice();
        let last = match delivery.template {
            ChatTemplate::Go if !calls.is_empty() => {
                let part = Part { calls, ..Part::default() };
                delivery.writer.line(out, part, &Done::No);
                Part::default()
            }
            _ => Part { calls, ..Part::default() },
        };
        let done = Done::Yes(delivery.reply.reason, &self.figures);
        delivery.writer.line(out, last, &done);
        delivery.finish(if delivery.fault == Some(Fault::Garbage) {
            Outcome::Broken
        } else {
            Outcome::Answered
        });
        self.over = true;
    }

    async fn break_off(&mut self, out: &mut String) {
        let delivery = &mut self.delivery;
        match delivery.fault {
            Some(Fault::Disconnect { .. }) => delivery.visit.hang_up().await,
            Some(Fault::Crash { .. }) => {
                delivery.lease.crash();
                out.push_str(&ApiError::internal(errors::RUNNER_DIED).body());
                out.push('\n');
                delivery.finish(Outcome::Broken);
                self.over = true;
            }
            Some(Fault::Unfinished { .. }) => {
                delivery.finish(Outcome::Broken);
                self.over = true;
            }
            _ => delivery.visit.never().await,
        }
    }
}

/// After which tokens chunks are sent: evenly, the last one at the end.
fn steps(tokens: u32, writing: Duration) -> Vec<u32> {
    let spaced = writing.as_nanos() / CHUNK_SPACING.as_nanos();
    let chunks =
        u32::try_from(spaced).unwrap_or(MOST_CHUNKS).clamp(FEWEST_CHUNKS, MOST_CHUNKS).min(tokens);
    (1..=chunks)
        .map(|chunk| {
            let token = u64::from(tokens) * u64::from(chunk) / u64::from(chunks.max(1));
            u32::try_from(token).unwrap_or(tokens)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_spread_evenly() {
        assert_eq!(steps(3, Duration::from_secs(1)), [1, 2, 3]);
        assert_eq!(steps(16, Duration::ZERO), [2, 4, 6, 8, 10, 12, 14, 16]);
        assert_eq!(steps(1000, Duration::from_secs(9)).len(), 50);
        assert_eq!(steps(1000, Duration::from_millis(40)).len(), 20);
        assert_eq!(steps(1001, Duration::from_millis(40)).last(), Some(&1001));
        assert!(steps(0, Duration::ZERO).is_empty());
    }
}
