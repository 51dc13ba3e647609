//! Bringing an answer to the client at the planned times, whole or in chunks, and breaking it
//! off where a fault says so.
//!
//! Nothing is sent before the first token.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::StreamExt;
use futures_util::stream;

use crate::language::document::simulation::{ChatTemplate, Fault};

use super::clock::Moment;
use super::errors::{self, ApiError};
use super::lease::Lease;
use super::lines::{Done, Figures, Part, Writer};
use super::log::Outcome;
use super::reply::Reply;
use super::sender::{GARBAGE, Sender};
use super::visit::Visit;

/// When an answer is read and written.
pub(super) struct Plan {
    /// When it got its slot.
    pub(super) begun: Moment,
    /// How long reading the prompt takes, in simulated time.
    pub(super) reading: Duration,
    /// How long writing the answer takes alone, in simulated time.
    pub(super) writing: Duration,
    /// Whether other writers hold this one up.
    pub(super) contended: bool,
}

/// An answer on its way.
pub(super) struct Delivery {
    /// The request.
    pub(super) visit: Visit,
    /// Its slot; given back at the end.
    pub(super) lease: Lease,
    /// What turns parts into lines.
    pub(super) writer: Writer,
    /// The answer.
    pub(super) reply: Reply,
    /// What it took.
    pub(super) figures: Figures,
    /// When it is due.
    pub(super) plan: Plan,
    /// What goes wrong with it.
    pub(super) fault: Option<Fault>,
    /// Where the tool calls stand.
    pub(super) template: ChatTemplate,
}

impl Delivery {
    /// After how many tokens the answer breaks off; absent if it does not.
    pub(super) fn break_after(&self) -> Option<u32> {
        match self.fault {
            Some(
                Fault::Stall { after_tokens }
                | Fault::Disconnect { after_tokens }
                | Fault::Crash { after_tokens }
                | Fault::Unfinished { after_tokens },
            ) => Some(after_tokens.min(self.reply.tokens)),
            _ => None,
        }
    }

    /// Answers with one object.
    pub(super) async fn whole(self) -> Response {
        let mut sender = Sender::new(self);
        let end = sender.end();
        sender.reach(end).await;
        let delivery = &mut sender.delivery;
        let mut body = String::new();
        let (thinking, content) = delivery.reply.places(end);
        let part = Part {
            thinking: &delivery.reply.thinking[..thinking],
            content: &delivery.reply.content[..content],
            calls: &[],
            tokens: end,
        };
        match delivery.fault {
            Some(Fault::Stall { .. }) => delivery.visit.never().await,
            Some(Fault::Disconnect { .. }) => delivery.visit.hang_up().await,
            Some(Fault::Crash { .. }) => {
                delivery.lease.crash();
                let error = ApiError::internal(errors::RUNNER_DIED);
                return sender.delivery.visit.refuse(error);
            }
            Some(Fault::Unfinished { .. }) => {
                delivery.writer.object(&mut body, part, &Done::No);
                delivery.finish(Outcome::Broken);
            }
            _ => {
                let calls = &delivery.reply.tool_calls;
                let done = Done::Yes(delivery.reply.reason, &sender.figures);
                delivery.writer.object(&mut body, Part { calls, ..part }, &done);
                let outcome = if delivery.fault == Some(Fault::Garbage) {
                    body.insert_str(0, GARBAGE);
                    Outcome::Broken
                } else {
                    Outcome::Answered
                };
                delivery.finish(outcome);
            }
        }
        errors::respond(StatusCode::OK, body)
    }

    /// Answers with a stream of lines.
    pub(super) async fn stream(self) -> Response {
        if self.break_after() == Some(0) {
            return self.broken_at_once().await;
        }
        let mut sender = Sender::new(self);
        let first = sender.next().await.unwrap_or_default();
        let rest = stream::unfold(sender, |mut sender| async move {
            sender.next().await.map(|bytes| (bytes, sender))
        });
        let lines = stream::once(async { first }).chain(rest);
        ndjson(Body::from_stream(lines.map(Ok::<_, std::convert::Infallible>)))
    }

    /// A stream that breaks before its first token: there are no headers yet.
    async fn broken_at_once(self) -> Response {
        let mut sender = Sender::new(self);
        sender.reach(0).await;
        let mut delivery = sender.delivery;
        match delivery.fault {
            Some(Fault::Disconnect { .. }) => delivery.visit.hang_up().await,
            Some(Fault::Crash { .. }) => {
                delivery.lease.crash();
                let error = ApiError::internal(errors::RUNNER_DIED);
                delivery.visit.end(500, Outcome::Refused, None);
                error.before_stream()
            }
            Some(Fault::Unfinished { .. }) => {
                delivery.finish(Outcome::Broken);
                let nothing = stream::empty::<Result<Bytes, std::convert::Infallible>>();
                ndjson(Body::from_stream(nothing))
            }
            _ => delivery.visit.never().await,
        }
    }

    /// Gives the slot back and enters the end into the log.
    pub(super) fn finish(&mut self, outcome: Outcome) {
        self.lease.release();
        self.visit.end(200, outcome, Some(self.reply.tokens));
    }
}

/// An answer of lines.
pub(super) fn ndjson(body: Body) -> Response {
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response
}
