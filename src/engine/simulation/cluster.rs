//! Virtual Ollama servers: slots, loads, speeds and faults after a profile, as far as they decide
//! when a call ends and how. They are simpler than the HTTP servers of `runtime/simulator`, which
//! show the wire protocol as well.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::answers::{Answers, Scripted, completed};
use super::course::{Course, Work};
use super::reading::ReadingSlots;
use crate::engine::content::Request;
use crate::engine::{AttemptId, Failure, FailureClass, ServerId, Time};
use crate::language::digest::FullHash;
use crate::language::document::HumanDuration;
use crate::language::document::simulation::{
    AnswerRule, ChatTemplate, Fault, Profile, RequestMatch, SimulatedModel, SimulatedServer,
};

/// Tokens that are kept at the front of a prompt that is cut.
const KEPT_IN_FRONT: u64 = 4;

/// A call as a virtual server sees it.
#[derive(Debug, Clone)]
pub(super) struct Incoming {
    pub(super) attempt: AttemptId,
    pub(super) server: ServerId,
    pub(super) task: String,
    pub(super) model: String,
    pub(super) request: Request,
    /// The window that is asked for, in tokens.
    pub(super) num_ctx: Option<u32>,
    /// The window as the engine knows it, in tokens.
    pub(super) window: Option<u32>,
}

/// What is seen of a virtual server.
#[derive(Debug)]
pub(super) struct Seen {
    /// The models it has.
    pub(super) models: Vec<String>,
    /// What tells them apart where servers have models of their own.
    pub(super) digests: BTreeMap<String, String>,
    /// The models it has loaded, and their windows, in tokens.
    pub(super) resident: BTreeMap<String, u32>,
}

#[derive(Debug)]
pub(super) struct VirtualCluster {
    profile: Profile,
    servers: Vec<VirtualServer>,
    /// How many requests each fault rule has seen.
    seen: Vec<u32>,
}

#[derive(Debug, Default)]
struct VirtualServer {
    down_until: Option<Time>,
    is_down_for_good: bool,
    /// Least lately used first.
    resident: VecDeque<Resident>,
    loading_until: Time,
    working: BTreeMap<String, BTreeSet<AttemptId>>,
    waiting: VecDeque<Incoming>,
    /// By model, as long as it is loaded.
    reading: BTreeMap<String, ReadingSlots>,
}

/// A model that is loaded, or on its way to be.
#[derive(Debug, Clone)]
struct Resident {
    name: String,
    loaded: Time,
    window: u32,
    /// Whether its runner has died: it is still listed, and the next call loads it again.
    is_dead: bool,
}

impl VirtualCluster {
    pub(super) fn new(profile: Profile) -> VirtualCluster {
        VirtualCluster {
            servers: profile.servers.iter().map(|_| VirtualServer::default()).collect(),
            seen: vec![0; profile.faults.len()],
            profile,
        }
    }

    /// Whether a server answers at a moment, and with which models.
    pub(super) fn look(&self, id: ServerId, now: Time) -> Result<Seen, String> {
        let server = &self.servers[id.index()];
        if server.is_down(now) {
            return Err("connection refused".to_owned());
        }
        let models = self.models(id).iter().map(|model| model.name.clone()).collect();
        let resident = server.resident.iter().filter(|model| model.loaded <= now);
        let resident = resident.map(|model| (model.name.clone(), model.window)).collect();
        let digest = |model: &SimulatedModel| (model.name.clone(), digest_of(model));
        let digests = self.models(id).iter().map(digest).collect();
        Ok(Seen { models, digests, resident })
    }

    /// The most calls of one model that a server works on at the moment.
    pub(super) fn most_working(&self, id: ServerId) -> usize {
        self.servers[id.index()].working.values().map(BTreeSet::len).max().unwrap_or(0)
    }

    fn models(&self, id: ServerId) -> &[SimulatedModel] {
        let own = self.profile.servers[id.index()].models.as_deref();
        own.unwrap_or(&self.profile.models)
    }

    /// Takes a call in. It may have to wait for a slot: then it has no course yet.
    pub(super) fn arrive(
        &mut self,
        call: Incoming,
        now: Time,
        answers: &dyn Answers,
    ) -> Option<Course> {
        let settings = &self.profile.servers[call.server.index()];
        let slots = settings.slots as usize;
        if self.servers[call.server.index()].is_down(now) {
            let message = format!("{} cannot be reached: connection refused", settings.name);
            return Some(Course::fails(now, FailureClass::Connection, message));
        }
        let knows = self.models(call.server).iter().any(|model| model.name == call.model);
        if !knows {
            let message = format!("model '{}' not found", call.model);
            return Some(Course::fails(now, FailureClass::ModelMissing, message));
        }
        let server = &mut self.servers[call.server.index()];
        if server.working.get(&call.model).map_or(0, BTreeSet::len) >= slots {
            server.waiting.push_back(call);
            return None;
        }
        Some(self.work(&call, now, answers))
    }

    /// A call is over or was broken off: its slot goes to the next that waits for it.
    pub(super) fn leave(
        &mut self,
        attempt: AttemptId,
        server: ServerId,
        now: Time,
        answers: &dyn Answers,
    ) -> Option<(AttemptId, Course)> {
        let state = &mut self.servers[server.index()];
        state.waiting.retain(|call| call.attempt != attempt);
        let model = state
            .working
            .iter_mut()
            .find_map(|(model, attempts)| attempts.remove(&attempt).then(|| model.clone()))?;
        if let Some(slots) = state.reading.get_mut(&model) {
            slots.leave(attempt);
        }
        state.working.retain(|_, attempts| !attempts.is_empty());
        let next = state.waiting.iter().position(|call| call.model == model)?;
        let call = state.waiting.remove(next)?;
        Some((call.attempt, self.work(&call, now, answers)))
    }

    fn work(&mut self, call: &Incoming, now: Time, answers: &dyn Answers) -> Course {
        let scripted = answers.scripted(&call.task, call.attempt.number);
        // Rules of the profile count the request whatever is scripted.
        let due = self.fault(call);
        let fault = match &scripted {
            Some(Scripted::Fault(fault)) => Some(fault.clone()),
            _ => due,
        };
        let settings = self.profile.servers[call.server.index()].clone();
        if let Some(course) = self.fails_at_once(call, fault.as_ref(), now) {
            return course;
        }
        let model = self.models(call.server).iter().find(|model| model.name == call.model);
        let model = model.cloned().unwrap_or_default();
        let window = call.num_ctx.unwrap_or(settings.context_length).min(model.context_length);
        let prompt_tokens = match read_tokens(call, &settings, &model, window) {
            Ok(tokens) => tokens,
            Err(failure) => return Course { first_token: None, end: Some((now, Err(failure))) },
        };
        let rule =
            self.profile.answers.iter().find(|rule| matches(&rule.matches, call, &settings.name));
        let answer = answer_text(scripted, rule, call, answers);
        let tokens = rule
            .and_then(|rule| rule.tokens)
            .map_or_else(|| crate::language::tokens::estimate_tokens(&answer), u64::from);
        let given = rule.and_then(|rule| rule.duration);
        let factor = match &fault {
            Some(Fault::Slow { factor }) => *factor,
            _ => 1.0,
        } / settings.speed;
        let whole = seconds(call.request.expected_tokens(), model.prefill_tokens_per_second);
        let writing = seconds(tokens, model.tokens_per_second);
        let rate = settings.load_gigabytes_per_second / factor;
        let load = self.load(call.server, &model, window, rate, now);
        let server = &mut self.servers[call.server.index()];
        let slots = server.reading.entry(model.name.clone());
        let slots = slots.or_insert_with(|| ReadingSlots::new(settings.slots));
        let prompt = whole * slots.sit(call.attempt, &call.request);
        let (prompt, writing) = match given {
            // A given duration is the whole time at work; a tenth of it goes by before the first
            // token.
            Some(duration) => (duration.0.as_secs_f64() * 0.1, duration.0.as_secs_f64() * 0.9),
            None => (prompt, writing),
        };
        let begin = now + scaled(settings.latency.0.as_secs_f64() * factor, &self.profile) + load;
        let first_token = begin + scaled(prompt * factor, &self.profile);
        let end = first_token + scaled(writing * factor, &self.profile);
        let server = &mut self.servers[call.server.index()];
        server.working.entry(call.model.clone()).or_default().insert(call.attempt);
        if let Some(Fault::Crash { .. }) = fault {
            let crashed = server.resident.iter_mut().find(|known| known.name == call.model);
            crashed.into_iter().for_each(|known| known.is_dead = true);
        }
        let work = Work {
            call,
            server: &settings.name,
            first_token,
            end,
            answer,
            tokens,
            prompt_tokens,
            load,
            reading: first_token.since(begin),
        };
        work.course(fault.as_ref())
    }

    /// Loads the model if it is not there; loads of one server come one after the other.
    fn load(
        &mut self,
        id: ServerId,
        model: &SimulatedModel,
        window: u32,
        rate: f64,
        now: Time,
    ) -> Duration {
        let most = self.profile.servers[id.index()].max_loaded_models as usize;
        let took = scaled(0.25 + model.size_gigabytes / rate.max(0.001), &self.profile);
        let server = &mut self.servers[id.index()];
        if let Some(place) = server.resident.iter().position(|known| known.name == model.name)
            && let Some(known) = server.resident.remove(place)
            && !known.is_dead
        {
            let load = known.loaded.since(now);
            server.resident.push_back(known);
            return load;
        }
        while server.resident.len() >= most {
            server.resident.pop_front();
        }
        let is_there = |name: &String| server.resident.iter().any(|known| known.name == *name);
        server.reading.retain(|name, _| is_there(name));
        let loaded = server.loading_until.max(now) + took;
        server.loading_until = loaded;
        server.resident.push_back(Resident {
            name: model.name.clone(),
            loaded,
            window,
            is_dead: false,
        });
        loaded.since(now)
    }

    /// Loads a model that nothing asks yet; when it is there.
    pub(super) fn warm(
        &mut self,
        id: ServerId,
        model: &str,
        num_ctx: Option<u32>,
        now: Time,
    ) -> Time {
        let settings = &self.profile.servers[id.index()];
        let rate = settings.load_gigabytes_per_second * settings.speed;
        let asked = num_ctx.unwrap_or(settings.context_length);
        let known = self.models(id).iter().find(|known| known.name == model).cloned();
        match known.filter(|_| !self.servers[id.index()].is_down(now)) {
            Some(model) => {
                let window = asked.min(model.context_length);
                now + self.load(id, &model, window, rate, now)
            }
            None => now,
        }
    }

    /// The first fault rule that is due; every rule that fits counts the request.
    fn fault(&mut self, call: &Incoming) -> Option<Fault> {
        let server = &self.profile.servers[call.server.index()].name;
        let mut due = None;
        for (rule, seen) in self.profile.faults.iter().zip(&mut self.seen) {
            if !matches(&rule.matches, call, server) {
                continue;
            }
            *seen += 1;
            let number = *seen;
            let last = rule.times.map_or(u32::MAX, |times| rule.after.saturating_add(times));
            if due.is_none() && number > rule.after && number <= last {
                due = Some(rule.fault.clone());
            }
        }
        due
    }

    fn fails_at_once(
        &mut self,
        call: &Incoming,
        fault: Option<&Fault>,
        now: Time,
    ) -> Option<Course> {
        let name = &self.profile.servers[call.server.index()].name;
        let fails =
            |class, message: &str| Some(Course::fails(now, class, format!("{name}: {message}")));
        match fault? {
            Fault::Down { duration } => {
                let until = duration.map(|d| now + scaled(d.0.as_secs_f64(), &self.profile));
                let course = fails(FailureClass::Connection, "connection refused");
                let server = &mut self.servers[call.server.index()];
                server.down_until = until;
                server.is_down_for_good = until.is_none();
                course
            }
            Fault::Silent => Some(Course { first_token: None, end: None }),
            Fault::Overloaded => fails(FailureClass::Overloaded, "server busy"),
            Fault::Status { status, message, retry_after } => {
                let text = message.as_deref().unwrap_or("an error");
                let pause = retry_after
                    .map(|pause| HumanDuration(scaled(pause.0.as_secs_f64(), &self.profile)));
                let failure = Failure::new(class_of(*status), format!("{name}: {text}"));
                Some(Course { first_token: None, end: Some((now, Err(failure.after(pause)))) })
            }
            Fault::LoadFailure => fails(FailureClass::LoadFailed, "the model cannot be loaded"),
            Fault::LoadStall => {
                let resident = &mut self.servers[call.server.index()].resident;
                resident.retain(|model| model.name != call.model);
                Some(Course { first_token: None, end: None })
            }
            _ => None,
        }
    }
}

impl VirtualServer {
    fn is_down(&self, now: Time) -> bool {
        self.is_down_for_good || self.down_until.is_some_and(|until| now < until)
    }
}

/// What an error status means by itself; the client of real servers reads their texts as well.
fn class_of(status: u16) -> FailureClass {
    match status {
        401 | 403 => FailureClass::Unauthorized,
        404 => FailureClass::ModelMissing,
        429 | 503 => FailureClass::Overloaded,
        499 => FailureClass::Cancelled,
        501 => FailureClass::Unsupported,
        500.. => FailureClass::ServerError,
        _ => FailureClass::BadRequest,
    }
}

/// How many tokens of a prompt are read: all that fit the window, or what is left of a prompt
/// that is cut.
fn read_tokens(
    call: &Incoming,
    server: &SimulatedServer,
    model: &SimulatedModel,
    window: u32,
) -> Result<u64, Failure> {
    let expected = call.request.expected_tokens();
    let room = u64::from(window);
    if expected <= room {
        return Ok(expected);
    }
    if model.template == ChatTemplate::Native {
        let message = format!("{}: {expected} tokens exceed the window of {window}", server.name);
        return Err(Failure::new(FailureClass::ContextTooLong, message));
    }
    Ok(KEPT_IN_FRONT + room.saturating_sub(KEPT_IN_FRONT) / 2 + 1)
}

fn answer_text(
    scripted: Option<Scripted>,
    rule: Option<&AnswerRule>,
    call: &Incoming,
    answers: &dyn Answers,
) -> String {
    match (scripted, rule) {
        (Some(Scripted::Text(text)), _) => text,
        (Some(Scripted::Part(part)), _) => match &call.request.format {
            // What hangs together in a plan is said by whoever says anything of it.
            Some(schema) if call.request.planning.is_none() => {
                completed(schema, &part, &call.task).to_string()
            }
            _ => part.to_string(),
        },
        (_, Some(AnswerRule { text: Some(text), .. })) => text.clone(),
        (_, Some(AnswerRule { json: Some(json), .. })) => json.to_string(),
        _ => answers.answer(&call.task, &call.request),
    }
}

fn matches(wanted: &RequestMatch, call: &Incoming, server: &str) -> bool {
    let fits = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|w| w == found);
    let says = |text: &String| call.request.messages.iter().any(|m| m.content.contains(text));
    fits(&wanted.task, &call.task)
        && fits(&wanted.server, server)
        && fits(&wanted.model, &call.model)
        && wanted.contains.as_ref().is_none_or(says)
}

fn seconds(tokens: u64, rate: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of tokens are small")]
    let tokens = tokens as f64;
    tokens / rate.max(0.001)
}

fn scaled(simulated_seconds: f64, profile: &Profile) -> Duration {
    Duration::from_secs_f64((simulated_seconds * profile.time_scale).max(0.0))
}

/// What tells a model on a virtual server apart from another of its name.
pub fn digest_of(model: &SimulatedModel) -> String {
    FullHash::of(format!("{model:?}").as_bytes()).hex()
}
