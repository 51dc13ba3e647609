//! The servers as the engine sees them now: what they have, what they do, whether to leave them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::distrust::Distrust;
use super::settings::Server;
use super::sharing::Holding;
use super::time::Time;
use super::vocabulary::Observation;

/// What is known of a server at the moment. Not stored: a resumed run looks again.
#[derive(Debug)]
pub(super) struct ServerHealth {
    breaker: Breaker,
    /// Failures in a row.
    failures: u32,
    /// Times in a row that the breaker opened.
    openings: u32,
    /// The models it has; unknown before it was looked at.
    models: Option<BTreeSet<String>>,
    /// The models it has loaded, as far as is known from its answers and from looking.
    resident: BTreeSet<String>,
    /// A model that it is loading for tasks to come.
    warming: Option<String>,
    /// The most models that it was seen to have loaded at a time.
    most_resident: usize,
    /// When each model was last called, counted in calls.
    last_call: BTreeMap<String, u64>,
    /// Calls so far.
    called: u64,
    /// Calls under way, by model.
    calls: BTreeMap<String, u32>,
    /// What this run may use of it beside other runs.
    share: Holding,
    pub(super) distrust: Distrust,
}

impl Default for ServerHealth {
    fn default() -> ServerHealth {
        ServerHealth {
            breaker: Breaker::default(),
            failures: 0,
            openings: 0,
            models: None,
            resident: BTreeSet::new(),
            warming: None,
            most_resident: 0,
            last_call: BTreeMap::new(),
            called: 0,
            calls: BTreeMap::new(),
            share: Holding::Whole,
            distrust: Distrust::default(),
        }
    }
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Breaker {
    #[default]
    Closed,
    Open {
        until: Time,
    },
    /// Its time is over; it is being looked at.
    Trying,
}

impl ServerHealth {
    pub(super) fn is_usable(&self) -> bool {
        self.is_in_use() && !self.distrust.is_resting()
    }

    /// Whether it has not been left. It may want to be left alone all the same.
    pub(super) fn is_in_use(&self) -> bool {
        self.breaker == Breaker::Closed
    }

    /// Whether a model is left to other servers for now.
    pub(super) fn is_banned(&self, model: &str) -> bool {
        self.distrust.has_bans() && self.distrust.is_banned(&in_full(model))
    }

    /// Whether a model may be loaded for tasks to come.
    pub(super) fn may_be_warmed(&self, model: &str) -> bool {
        self.distrust.may_be_warmed(&in_full(model))
    }

    /// The runner of a model has died, or could not be started. Whether that is once too often.
    pub(super) fn model_failed(&mut self, model: &str) -> bool {
        let model = full_name(model);
        self.resident.remove(&model);
        self.distrust.model_failed(&model)
    }

    pub(super) fn open_until(&self) -> Option<Time> {
        match self.breaker {
            Breaker::Open { until } => Some(until),
            Breaker::Closed | Breaker::Trying => None,
        }
    }

    /// Whether the server has a model; `None` where that is not known.
    pub(super) fn has_model(&self, model: &str) -> Option<bool> {
        self.models.as_ref().map(|models| models.contains(&*in_full(model)))
    }

    pub(super) fn calls(&self) -> u32 {
        self.calls.values().sum()
    }

    /// Whether one more call of a model fits: a slot of the model is free, and no more models
    /// would be at work than the server takes.
    pub(super) fn has_slot(&self, server: &Server, model: &str) -> bool {
        let model = in_full(model);
        let slots = self.share.calls_of(&model, server.slots);
        match self.calls.get(&*model) {
            Some(calls) => *calls < slots,
            None => slots > 0 && self.calls.len() < server.max_models as usize,
        }
    }

    /// Whether this run may call a model there at all, besides runs that use the server as well.
    pub(super) fn allows(&self, model: &str) -> bool {
        self.share.allows(model)
    }

    /// Whether no other run uses it.
    pub(super) fn is_ours(&self) -> bool {
        self.share.is_whole()
    }

    /// Takes what this run may use of it; whether it had nothing before and has something now.
    pub(super) fn take_share(&mut self, share: Holding) -> bool {
        let regained = self.share.is_nothing() && !share.is_nothing();
        self.share = share;
        regained
    }

    /// What this run makes of it: calls by model, and a load for tasks to come as one.
    pub(super) fn in_use(&self) -> BTreeMap<String, u32> {
        let mut in_use = self.calls.clone();
        if let Some(model) = &self.warming {
            in_use.entry(model.clone()).or_insert(1);
        }
        in_use
    }

    /// The models that it has loaded, as far as is known.
    pub(super) fn loaded(&self) -> &BTreeSet<String> {
        &self.resident
    }

    /// Whether any call at all fits.
    pub(super) fn is_full(&self, server: &Server) -> bool {
        self.calls.len() >= server.max_models as usize
            && self.calls.values().all(|calls| *calls >= server.slots)
    }

    /// Whether a call may have to wait until the model is loaded. A model that is being loaded for
    /// another call is cold as well: two servers that load at the same time lose nothing.
    pub(super) fn is_cold(&self, model: &str) -> bool {
        !self.resident.contains(&*in_full(model))
    }

    /// Whether a model is loaded, or is being loaded for a call.
    pub(super) fn holds(&self, model: &str) -> bool {
        let model = in_full(model);
        self.resident.contains(&*model)
            || self.calls.contains_key(&*model)
            || self.warming.as_deref() == Some(&*model)
    }

    /// Whether one more model could be loaded without another being forgotten.
    pub(super) fn has_room(&self, server: &Server) -> bool {
        let loading: BTreeSet<&String> = self.calls.keys().chain(&self.warming).collect();
        let loading = loading.into_iter().filter(|model| !self.resident.contains(*model)).count();
        let most = self.most_resident.max(server.max_models as usize);
        self.resident.len() + loading < most
    }

    /// The model that is forgotten when there is no room: of those that do nothing, the one that
    /// was called longest ago.
    pub(super) fn next_to_go(&self) -> Option<&str> {
        let idle = self.resident.iter().filter(|model| !self.calls.contains_key(*model));
        idle.min_by_key(|model| self.last_call.get(*model)).map(String::as_str)
    }

    /// The models that are at work.
    pub(super) fn at_work(&self) -> impl Iterator<Item = &str> {
        self.calls.keys().map(String::as_str)
    }

    /// Whether it does nothing, and loads nothing for tasks to come.
    pub(super) fn is_idle(&self) -> bool {
        self.calls.is_empty() && self.warming.is_none()
    }

    /// Whether it loads a model for tasks to come.
    pub(super) fn is_warming(&self) -> bool {
        self.warming.is_some()
    }

    /// It begins to load a model for tasks to come, until it is looked at.
    pub(super) fn warming_started(&mut self, server: &Server, model: &str) {
        self.make_room(server, model);
        self.warming = Some(full_name(model));
    }

    /// Where the server has to forget a model for another, it does.
    fn make_room(&mut self, server: &Server, model: &str) {
        if !self.holds(model)
            && !self.has_room(server)
            && let Some(forgotten) = self.next_to_go().map(str::to_owned)
        {
            self.resident.remove(&forgotten);
        }
    }

    /// A call begins.
    pub(super) fn call_started(&mut self, server: &Server, model: &str) {
        self.make_room(server, model);
        let model = full_name(model);
        self.called += 1;
        self.last_call.insert(model.clone(), self.called);
        *self.calls.entry(model).or_default() += 1;
    }

    pub(super) fn call_ended(&mut self, model: &str) {
        let model = in_full(model);
        if let Some(calls) = self.calls.get_mut(&*model) {
            *calls -= 1;
            if *calls == 0 {
                self.calls.remove(&*model);
            }
        }
    }

    pub(super) fn answered(&mut self, model: &str) {
        self.failures = 0;
        self.openings = 0;
        let model = full_name(model);
        self.distrust.model_answered(&model);
        self.resident.insert(model);
    }

    pub(super) fn lacks_model(&mut self, model: &str) {
        self.models.get_or_insert_default().remove(&full_name(model));
    }

    /// Counts a failure; whether the breaker should open.
    pub(super) fn failed(&mut self, most: u32) -> bool {
        self.failures += 1;
        self.failures >= most && self.is_in_use()
    }

    /// Opens the breaker until a moment; how often it has opened in a row before.
    pub(super) fn leave(&mut self, until: Time) {
        self.breaker = Breaker::Open { until };
        self.openings += 1;
        self.resident.clear();
        self.distrust.left();
        self.warming = None;
    }

    pub(super) fn openings(&self) -> u32 {
        self.openings
    }

    pub(super) fn try_again(&mut self) {
        self.breaker = Breaker::Trying;
    }

    pub(super) fn is_being_tried(&self) -> bool {
        self.breaker == Breaker::Trying
    }

    /// Takes in what was seen, without models whose digests are not the wanted ones; whether the server has come back.
    pub(super) fn seen(
        &mut self,
        observation: &Observation,
        breaker_failures: u32,
        wanted: &BTreeMap<String, String>,
    ) -> bool {
        let warming = self.warming.take();
        let Observation::Up { models, resident, digests, .. } = observation else {
            return false;
        };
        if let Some(models) = models {
            // A model with another digest is another model.
            let is_wanted =
                |name: &&String| match (wanted.get(&full_name(name)), digests.get(*name)) {
                    (Some(wanted), Some(found)) => wanted == found,
                    _ => true,
                };
            self.models = Some(models.iter().filter(is_wanted).map(|n| full_name(n)).collect());
        }
        if let Some(resident) = resident {
            let listed = resident.iter().map(|name| full_name(name)).collect();
            self.resident = self.distrust.believed(listed);
            if let Some(model) = warming.filter(|model| !self.resident.contains(model)) {
                self.distrust.not_warmed(model);
            }
            self.most_resident = self.most_resident.max(self.resident.len());
        }
        let returned = self.breaker != Breaker::Closed;
        if returned {
            self.breaker = Breaker::Closed;
            // On probation: the next failure opens it again.
            self.failures = breaker_failures.saturating_sub(1);
        }
        returned
    }
}

/// A model's name in one way: in small letters and with its tag.
pub fn full_name(model: &str) -> String {
    in_full(model).into_owned()
}

/// The same to look something up: each choice of a server does so often, and nearly every name is in
/// full already.
pub(super) fn in_full(model: &str) -> Cow<'_, str> {
    let is_small = model.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    match (is_small, has_tag(model)) {
        (true, true) => Cow::Borrowed(model),
        (true, false) => Cow::Owned(with_tag(model)),
        (false, _) => Cow::Owned(with_tag(&model.to_lowercase())),
    }
}

/// A model's name with its tag, which is `latest` where none is given.
pub fn with_tag(model: &str) -> String {
    if has_tag(model) { model.to_owned() } else { [model, ":latest"].concat() }
}

/// Whether there is a colon behind the last slash; one in front of it is a port's.
fn has_tag(model: &str) -> bool {
    model.bytes().rev().take_while(|byte| *byte != b'/').any(|byte| byte == b':')
}
