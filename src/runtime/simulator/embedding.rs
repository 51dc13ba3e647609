//! Making vectors of texts: one after the other, each in a slot of its own turn.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;

use crate::language::document::simulation::{Capability, Fault};

use super::clock::seconds;
use super::errors::{self, ApiError};
use super::faults::{Facts, Wanted};
use super::keep_alive::KeepAlive;
use super::lease::Lease;
use super::models::Installed;
use super::options::Options;
use super::prompt;
use super::scheduler::Loading;
use super::server::Wish;
use super::vectors;
use super::visit::Visit;
use super::work::Held;

/// What is to be made into vectors.
pub(super) struct Inputs {
    /// The model.
    pub(super) model: Arc<Installed>,
    /// The model's name, as the request spelled it.
    pub(super) spelled: String,
    /// The texts.
    pub(super) texts: Vec<String>,
    /// Whether too long a text may be cut.
    pub(super) truncate: bool,
    /// How long the vectors are to be; 0 leaves them as they are.
    pub(super) length: usize,
    /// How long the model is to stay.
    pub(super) keep_alive: Option<KeepAlive>,
    /// Options.
    pub(super) options: Options,
}

/// The vectors, and what they took in simulated time.
pub(super) struct Embedded {
    /// One for each text.
    pub(super) vectors: Vec<Vec<f32>>,
    /// Tokens of all texts.
    pub(super) tokens: u32,
    /// From the request's arrival until the model was there.
    pub(super) load: Duration,
    /// From there to the end.
    pub(super) working: Duration,
    /// What went wrong with the answer.
    pub(super) fault: Option<Fault>,
}

impl Inputs {
    /// Makes the vectors. Without texts the model is only loaded.
    pub(super) async fn embed(&self, visit: &mut Visit) -> Result<Embedded, ApiError> {
        let server = visit.server.clone();
        let wanted = if self.texts.is_empty() { Wanted::Load } else { Wanted::Vectors };
        let contains = |text: &str| self.texts.iter().any(|input| input.contains(text));
        let fault = visit.meet(&self.model.name.key(), wanted, &contains);
        let slow = visit.suffer(fault.as_ref()).await?;
        let wish = Wish {
            keep_alive: self.keep_alive,
            shift: true,
            slow,
            loading: Loading::of(fault.as_ref()),
        };
        let rule = server.rule(&Facts {
            task: visit.task.as_deref(),
            server: &server.settings.name,
            model: &self.model.name.key(),
            contains: &contains,
        });
        let given = rule.and_then(|rule| rule.duration);
        let call = server.call(&self.model, &self.options, wish);
        let window = call.options.window;
        let Held { mut lease, load } = visit.hold(call).await?;
        if !self.model.can(Capability::Embedding) && server.era.child_runner {
            return Err(ApiError::new(
                StatusCode::NOT_IMPLEMENTED,
                "This server does not support embeddings. Start it with `--embeddings`",
            ));
        }
        let mut embedded =
            Embedded { vectors: Vec::new(), tokens: 0, load, working: Duration::ZERO, fault };
        #[expect(clippy::cast_precision_loss, reason = "a request has few texts")]
        let count = self.texts.len() as f64;
        for text in &self.texts {
            let (text, tokens) = self.fit(text, window, server.era.child_runner)?;
            let seat = lease.sit(&text.into()).await;
            embedded.tokens = embedded.tokens.saturating_add(tokens);
            visit.starts(seat.begun, embedded.tokens);
            let alone = match given {
                Some(duration) => duration.0.as_secs_f64() / count,
                None => f64::from(tokens) / self.model.spec.prefill_tokens_per_second,
            };
            let reading = seconds(alone * server.factor(slow));
            let clock = &server.shared.clock;
            clock.sleep_until(seat.begun + clock.real(reading)).await;
            embedded.working += seat.waited + reading;
            suffer_midway(visit, &lease, embedded.fault.as_ref()).await?;
            embedded.vectors.push(vectors::vector(text, self.model.vector_length(), self.length));
            lease.stand_up();
        }
        if embedded.fault == Some(Fault::Empty) {
            embedded.vectors.clear();
        }
        Ok(embedded)
    }

    fn fit<'a>(
        &self,
        text: &'a str,
        window: u32,
        child_runner: bool,
    ) -> Result<(&'a str, u32), ApiError> {
        let tokens = prompt::count(text).max(1);
        if tokens <= window {
            return Ok((text, tokens));
        }
        if !self.truncate {
            return Err(ApiError::bad_request(if child_runner {
                "the input length exceeds the context length"
            } else {
                "input exceeds maximum context length"
            }));
        }
        let characters = window as usize * prompt::CHARACTERS;
        let end = text.char_indices().nth(characters);
        Ok((&text[..end.map_or(text.len(), |(place, _)| place)], window))
    }
}

/// The faults of streams, where there is none: they take the whole answer.
async fn suffer_midway(
    visit: &Visit,
    lease: &Lease,
    fault: Option<&Fault>,
) -> Result<(), ApiError> {
    match fault {
        Some(Fault::Stall { .. }) => visit.never().await,
        Some(Fault::Disconnect { .. }) => visit.hang_up().await,
        Some(Fault::Crash { .. }) => {
            lease.crash();
            // Failures of the runner come back as 400 here.
            Err(ApiError::bad_request(errors::RUNNER_DIED))
        }
        _ => Ok(()),
    }
}
