//! A request for a text, from what was asked to the answer on its way.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;

use crate::language::document::simulation::{AnswerRule, ChatTemplate, Fault};

use super::answer::Question;
use super::clock::seconds;
use super::delivery::{Delivery, Plan};
use super::dice::Dice;
use super::errors::ApiError;
use super::faults::{Facts, Wanted};
use super::format::Format;
use super::json;
use super::keep_alive::KeepAlive;
use super::lease::{Lease, Seat};
use super::lines::{Figures, Shape, Writer};
use super::messages::{Message, Tools};
use super::models::Installed;
use super::options::Options;
use super::prompt::{Earlier, Kept, Overflow, Prompt};
use super::reply::Reply;
use super::scheduler::{Call, Refused, Way};
use super::server::Wish;
use super::visit::Visit;

/// What is reported as the load of a model that was there, as Ollama does.
const HOT: Duration = Duration::from_micros(1200);

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
            self.server
                .scheduler
                .hold(call)
                .await
                .map_err(|refused| match refused {
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
            if stream {
                delivery.stream().await
            } else {
                delivery.whole().await
            }
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
    let contains = |text: &str| {
        messages
            .iter()
            .any(|message| message.content.contains(text))
    };
    let fault = visit.meet(&model_key, Wanted::Text, &contains);
    let slow = visit.suffer(fault.as_ref()).await?;
    let wish = Wish {
        keep_alive: task.keep_alive,
        shift: task.shift,
        slow,
        fails: fault == Some(Fault::LoadFailure),
    };
    let call = server.call(&task.model, &task.options, wish);
    let window = call.options.window;
    let Held { mut lease, load } = visit.hold(call).await?;
    task.format.check(server.era)?;
    let after_tool = messages
        .last()
        .is_some_and(|message| message.role == "tool");
    let rule = server.rule(&Facts {
        task: visit.task.as_deref(),
        server: &server.settings.name,
        model: &model_key,
        contains: &contains,
    });
    let kept = task.fit(messages, window, server.era.child_runner)?;
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

impl Assignment {
    fn fit(
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
    fn end_early(&self, reply: &mut Reply, prompt: u32, window: u32, fault: Option<&Fault>) {
        reply.stop_at(&self.options.stop);
        let open = window.saturating_mul(WINDOWS_OF_ANSWER);
        let asked = self
            .options
            .num_predict
            .filter(|limit| *limit >= 0)
            .map_or(open, |limit| u32::try_from(limit).unwrap_or(open).min(open));
        let room = if self.shift {
            u32::MAX
        } else {
            window.saturating_sub(prompt)
        };
        reply.limit(asked.min(room));
        if let Some(Fault::CutByLength { after_tokens }) = fault {
            reply.cut(*after_tokens);
        }
    }

    /// When the prompt is read and the answer written. What the slot remembers of the prompt
    /// takes no time; a rule's duration takes the place of the rates.
    fn plan(
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

/// The tokens of an exchange as numbers: as many as there are, and always the same ones.
fn context(kept: &Kept, reply: &Reply) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(kept.text.as_bytes());
    hasher.update(reply.content.as_bytes());
    let mut dice = Dice::from_hash(&hasher.finalize());
    let mut out = String::from("[");
    for place in 0..kept.tokens.saturating_add(reply.tokens) {
        let comma = if place > 0 { "," } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(out, "{comma}{}", dice.below(128_000));
    }
    out.push(']');
    out
}
