//! One request on its way through a server: arrival, body, the faults it meets, and its end in
//! the log.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Request};
use axum::response::{IntoResponse, Response};

use crate::language::digest::FullHash;
use crate::language::document::simulation::Fault;

use super::clock::{self, Moment};
use super::connection::Hangup;
use super::errors::ApiError;
use super::faults::{self, Facts, Wanted};
use super::log::{Outcome, RequestRecord};
use super::server::Server;
use crate::runtime::headers;

/// A request under way. Dropped before its end, it counts as abandoned, or as broken where a
/// fault or the server's end is to blame.
pub(super) struct Visit {
    /// The server.
    pub(super) server: Arc<Server>,
    /// The task that the request names.
    pub(super) task: Option<String>,
    /// The body.
    pub(super) body: Bytes,
    hangup: Hangup,
    number: u64,
    notes: Notes,
    ended: bool,
}

/// What is known by the end.
#[derive(Default)]
struct Notes {
    is_work: bool,
    model: Option<String>,
    started: Option<Moment>,
    fault: Option<&'static str>,
    prompt_tokens: Option<u32>,
    body_hash: Option<FullHash>,
}

impl Visit {
    /// Enters the request into the log, waits until the server is up and its latency is over, and
    /// reads the body.
    pub(super) async fn open(
        server: Arc<Server>,
        request: Request<Body>,
    ) -> Result<Visit, Response> {
        let (parts, body) = request.into_parts();
        let task = parts
            .headers
            .get(headers::TASK)
            .and_then(|value: &HeaderValue| value.to_str().ok())
            .map(str::to_owned);
        let clock = &server.shared.clock;
        let number = server.shared.log.arrive(RequestRecord {
            number: 0,
            server: server.settings.name.clone(),
            path: parts.uri.path().to_owned(),
            task: task.clone(),
            model: None,
            arrived_ms: clock.now().milliseconds(),
            started_ms: None,
            ended_ms: None,
            status: None,
            outcome: Outcome::Running,
            fault: None,
            prompt_tokens: None,
            answer_tokens: None,
            body_hash: None,
        });
        let mut visit = Visit {
            server,
            task,
            body: Bytes::new(),
            hangup: parts.extensions.get::<Hangup>().cloned().unwrap_or_default(),
            number,
            notes: Notes::default(),
            ended: false,
        };
        visit.wait_for_startup().await;
        visit.wait(visit.server.settings.latency.0).await;
        match axum::body::to_bytes(body, usize::MAX).await {
            Ok(body) => visit.body = body,
            Err(_) => return Err(visit.refuse(ApiError::bad_request("unexpected EOF"))),
        }
        if !visit.body.is_empty() {
            visit.notes.body_hash = Some(FullHash::of(&visit.body));
        }
        Ok(visit)
    }

    /// Marks the request as one for a text, for vectors or for a load.
    pub(super) fn is_work(&mut self) {
        self.notes.is_work = true;
    }

    /// Notes the model, as the request spelled it.
    pub(super) fn asks_for(&mut self, model: &str) {
        self.notes.model = Some(model.to_owned());
    }

    /// Notes when it got a slot, and how long its prompt is.
    pub(super) fn starts(&mut self, begun: Moment, prompt_tokens: u32) {
        self.notes.started = Some(begun);
        self.notes.prompt_tokens = Some(prompt_tokens);
    }

    /// Counts the request where fault rules are about it; what goes wrong, if anything.
    pub(super) fn meet(
        &mut self,
        model: &str,
        wanted: Wanted,
        contains: &dyn Fn(&str) -> bool,
    ) -> Option<Fault> {
        let facts = Facts {
            task: self.task.as_deref(),
            server: &self.server.settings.name,
            model,
            contains,
        };
        let fault = self.server.shared.faults.meet(&facts, wanted)?.clone();
        self.notes.fault = Some(faults::kind(&fault));
        Some(fault)
    }

    /// Lets the faults act that need no model; how much slower the rest is to be, or the answer.
    pub(super) async fn suffer(&mut self, fault: Option<&Fault>) -> Result<f64, ApiError> {
        match fault {
            Some(Fault::Down { duration }) => {
                let clock = &self.server.shared.clock;
                let until = duration.map(|duration| clock.now() + clock.real(duration.0));
                self.server.port.go_down(until);
                self.never().await
            }
            Some(Fault::Silent) => self.never().await,
            Some(Fault::Overloaded) => Err(ApiError::busy()),
            Some(Fault::Status { status, message, retry_after }) => {
                let clock = &self.server.shared.clock;
                let pause = retry_after.map(|pause| clock.real(pause.0));
                Err(ApiError::simulated(*status, message.clone()).after(pause))
            }
            Some(Fault::Slow { factor }) => {
                let latency = self.server.settings.latency.0;
                self.wait(clock::times(latency, factor - 1.0)).await;
                Ok(*factor)
            }
            _ => Ok(1.0),
        }
    }

    async fn wait_for_startup(&self) {
        let startup = self.server.settings.startup.0;
        if !startup.is_zero() {
            let clock = &self.server.shared.clock;
            let up = self.server.port.opened() + clock.real(startup);
            clock.sleep_until(up).await;
        }
    }

    /// Waits for a simulated duration.
    pub(super) async fn wait(&self, simulated: Duration) {
        if !simulated.is_zero() {
            self.server.shared.clock.sleep(simulated).await;
        }
    }

    /// Waits until the client goes away, or the server.
    pub(super) async fn never<T>(&self) -> T {
        std::future::pending().await
    }

    /// Resets the connection, after what was written has been sent.
    pub(super) async fn hang_up<T>(&self) -> T {
        // The connection sends what it has as soon as there is nothing more for now.
        tokio::task::yield_now().await;
        self.hangup.reset();
        self.never().await
    }

    /// Ends with an error.
    pub(super) fn refuse(mut self, error: ApiError) -> Response {
        self.end(error.status.as_u16(), Outcome::Refused, None);
        error.into_response()
    }

    /// Ends with an error, in the form that it has where a stream was asked for.
    pub(super) fn refuse_as(mut self, error: ApiError, stream: bool) -> Response {
        self.end(error.status.as_u16(), Outcome::Refused, None);
        if stream { error.before_stream() } else { error.into_response() }
    }

    /// Ends with a whole answer.
    pub(super) fn answer(mut self, response: Response) -> Response {
        let status = response.status().as_u16();
        let outcome = if status < 400 { Outcome::Answered } else { Outcome::Refused };
        self.end(status, outcome, None);
        response
    }

    /// Ends with an answer that a fault has spoilt.
    pub(super) fn break_with(mut self, response: Response) -> Response {
        self.end(response.status().as_u16(), Outcome::Broken, None);
        response
    }

    /// Enters the end into the log.
    pub(super) fn end(&mut self, status: u16, outcome: Outcome, tokens: Option<u32>) {
        self.close(Some(status), outcome, tokens);
    }

    fn close(&mut self, status: Option<u16>, outcome: Outcome, tokens: Option<u32>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let shared = &self.server.shared;
        let ended = shared.clock.now().milliseconds();
        let notes = std::mem::take(&mut self.notes);
        let is_work = notes.is_work;
        shared.log.change(self.number, |record| {
            record.model = notes.model;
            record.started_ms = notes.started.map(Moment::milliseconds);
            record.ended_ms = Some(ended);
            record.status = status;
            record.outcome = outcome;
            record.fault = notes.fault;
            record.prompt_tokens = notes.prompt_tokens;
            record.answer_tokens = tokens;
            record.body_hash = notes.body_hash.map(|hash| hash.hex());
        });
        shared.log.count(self.server.place, is_work, outcome);
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let outcome = if self.notes.fault.is_some() || !self.server.port.is_open() {
            Outcome::Broken
        } else {
            Outcome::Abandoned
        };
        self.close(None, outcome, None);
    }
}
