//! A request for a text, from what was asked to the answer on its way.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;

use crate::language::digest::FullHash;
use crate::language::document::simulation::Fault;

use super::answer::Question;
use super::assignment::Assignment;
use super::delivery::{Delivery, Plan};
use super::dice::Dice;
use super::errors::ApiError;
use super::faults::{Facts, Wanted};
use super::json;
use super::lease::Lease;
use super::lines::{Figures, Shape, Writer};
use super::models::Installed;
use super::prompt::Kept;
use super::reply::Reply;
use super::scheduler::{Call, Loading, Refused, Way};
use super::server::Wish;
use super::visit::Visit;

/// What is reported as the load of a model that was there, as Ollama does.
const HOT: Duration = Duration::from_micros(1200);

/// A model that is held, and how long it took, in simulated time.
pub(super) struct Held {
    /// The hold.
    pub(super) lease: Lease,
    /// From the request's arrival until the model was there.
    pub(super) load: Duration,
}

impl Visit {
    /// Waits until a model is there.
    pub(super) async fn hold(&self, call: Call) -> Result<Held, ApiError> {
        let clock = &self.server.shared.clock;
        let arrived = clock.now();
        let load_time = call.load_time;
        let (lease, way) =
            self.server.scheduler.hold(call).await.map_err(|refused| match refused {
                Refused::Busy => ApiError::busy(),
                Refused::LoadFailed => ApiError::load_failed(),
            })?;
        let waited = clock.simulated(clock.now().since(arrived));
        let load = match way {
            Way::Hot => HOT,
            Way::Queued => waited.max(HOT),
            Way::Loaded => waited.max(load_time),
        };
        Ok(Held { lease, load })
    }
}

/// Answers an assignment.
pub(super) async fn perform(mut visit: Visit, assignment: Assignment) -> Response {
    let stream = assignment.stream;
    match prepare(&mut visit, assignment).await {
        Ok(prepared) => {
            let delivery = prepared.into_delivery(visit);
            if stream { delivery.stream().await } else { delivery.whole().await }
        }
        Err(error) => visit.refuse_as(error, stream),
    }
}

/// All that a delivery needs but the request.
struct Prepared {
    lease: Lease,
    writer: Writer,
    reply: Reply,
    figures: Figures,
    plan: Plan,
    fault: Option<Fault>,
    model: Arc<Installed>,
}

impl Prepared {
    fn into_delivery(self, visit: Visit) -> Delivery {
        Delivery {
            visit,
            lease: self.lease,
            writer: self.writer,
            reply: self.reply,
            figures: self.figures,
            plan: self.plan,
            fault: self.fault,
            template: self.model.spec.template,
        }
    }
}

async fn prepare(visit: &mut Visit, mut task: Assignment) -> Result<Prepared, ApiError> {
    let server = visit.server.clone();
    let model_key = task.model.name.key();
    let messages = std::mem::take(&mut task.messages);
    let contains = |text: &str| messages.iter().any(|message| message.content.contains(text));
    let fault = visit.meet(&model_key, Wanted::Text, &contains);
    let slow = visit.suffer(fault.as_ref()).await?;
    let wish = Wish {
        keep_alive: task.keep_alive,
        shift: task.shift,
        slow,
        loading: Loading::of(fault.as_ref()),
    };
    let call = server.call(&task.model, &task.options, wish);
    let window = call.options.window;
    let Held { mut lease, load } = visit.hold(call).await?;
    task.format.check(server.era)?;
    let after_tool = messages.last().is_some_and(|message| message.role == "tool");
    let rule = server.rule(&Facts {
        task: visit.task.as_deref(),
        server: &server.settings.name,
        model: &model_key,
        contains: &contains,
    });
    let mut kept = task.fit(messages, window, server.era.child_runner)?;
    if let Some(Fault::Truncate { kept_tokens }) = fault {
        kept.tokens = kept.tokens.min(kept_tokens);
    }
    let seat = lease.sit(&kept.text).await;
    visit.starts(seat.begun, kept.tokens);
    let question = Question {
        profile_seed: server.shared.seed,
        model: &model_key,
        template: task.model.spec.template,
        prompt: &kept,
        format: &task.format,
        seed: task.options.seed,
        tools: if after_tool { &[] } else { &task.tools.offered },
        thinks: task.thinks,
        rule,
    };
    let mut reply = question.answer(fault.as_ref());
    task.end_early(&mut reply, kept.tokens, window, fault.as_ref());
    let plan = task.plan(&kept, &seat, &reply, rule, server.factor(slow));
    Ok(Prepared {
        lease,
        figures: Figures {
            load,
            waited: seat.waited,
            prompt_tokens: kept.tokens,
            reading: plan.reading,
            tokens: reply.tokens,
            writing: plan.writing,
        },
        writer: Writer {
            shape: task.shape,
            model: json::string(&task.spelled),
            clock: server.shared.clock.clone(),
            context: (task.shape == Shape::Generate && !task.raw).then(|| context(&kept, &reply)),
            logprobs: task.logprobs,
        },
        reply,
        plan,
        fault,
        model: task.model,
    })
}

/// The tokens of an exchange as numbers: as many as there are, and always the same ones.
fn context(kept: &Kept, reply: &Reply) -> String {
    let parts = [kept.text.as_bytes(), reply.content.as_bytes()];
    let mut dice = Dice::from_hash(FullHash::of_parts(parts));
    let mut out = String::from("[");
    for place in 0..kept.tokens.saturating_add(reply.tokens) {
        let comma = if place > 0 { "," } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(out, "{comma}{}", dice.below(128_000));
    }
    out.push(']');
    out
}
