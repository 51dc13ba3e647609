//! The servers as the engine sees them now: what they have, what they do, whether to leave them.

use std::collections::{BTreeMap, BTreeSet};

use super::settings::Server;
use super::time::Time;
use super::vocabulary::Observation;

/// What is known of a server at the moment. Not stored: a resumed run looks again.
#[derive(Debug, Default)]
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
    /// Calls under way, by model.
    calls: BTreeMap<String, u32>,
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
        self.breaker == Breaker::Closed
    }

    pub(super) fn open_until(&self) -> Option<Time> {
        match self.breaker {
            Breaker::Open { until } => Some(until),
            Breaker::Closed | Breaker::Trying => None,
        }
    }

    /// Whether the server has a model; `None` where that is not known.
    pub(super) fn has_model(&self, model: &str) -> Option<bool> {
        self.models.as_ref().map(|models| models.contains(&full_name(model)))
    }

    pub(super) fn calls(&self) -> u32 {
        self.calls.values().sum()
    }

    /// Whether one more call of a model fits: a slot of the model is free, and no more models
    /// would be at work than the server takes.
    pub(super) fn has_slot(&self, server: &Server, model: &str) -> bool {
        let model = full_name(model);
        match self.calls.get(&model) {
            Some(calls) => *calls < server.slots,
            None => self.calls.len() < server.max_models as usize,
        }
    }

    /// Whether any call at all fits.
    pub(super) fn is_full(&self, server: &Server) -> bool {
        self.calls.len() >= server.max_models as usize
            && self.calls.values().all(|calls| *calls >= server.slots)
    }

    /// Whether a call may have to wait until the model is loaded. A model that is being loaded for
    /// another call is cold as well: two servers that load at the same time lose nothing.
    pub(super) fn is_cold(&self, model: &str) -> bool {
        !self.resident.contains(&full_name(model))
    }

    pub(super) fn call_started(&mut self, model: &str) {
        *self.calls.entry(full_name(model)).or_default() += 1;
    }

    pub(super) fn call_ended(&mut self, model: &str) {
        let model = full_name(model);
        if let Some(calls) = self.calls.get_mut(&model) {
            *calls -= 1;
            if *calls == 0 {
                self.calls.remove(&model);
            }
        }
    }

    pub(super) fn answered(&mut self, model: &str) {
        self.failures = 0;
        self.openings = 0;
        self.resident.insert(full_name(model));
    }

    pub(super) fn lacks_model(&mut self, model: &str) {
        self.models.get_or_insert_default().remove(&full_name(model));
    }

    /// Counts a failure; whether the breaker should open.
    pub(super) fn failed(&mut self, most: u32) -> bool {
        self.failures += 1;
        self.failures >= most && self.is_usable()
    }

    /// Opens the breaker until a moment; how often it has opened in a row before.
    pub(super) fn leave(&mut self, until: Time) {
        self.breaker = Breaker::Open { until };
        self.openings += 1;
        self.resident.clear();
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

    /// Takes in what was seen; whether the server has come back.
    pub(super) fn seen(&mut self, observation: &Observation, breaker_failures: u32) -> bool {
        let Observation::Up { models, resident, .. } = observation else {
            return false;
        };
        if let Some(models) = models {
            self.models = Some(models.iter().map(|name| full_name(name)).collect());
        }
        if let Some(resident) = resident {
            self.resident = resident.iter().map(|name| full_name(name)).collect();
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

/// A model's name as `/api/tags` has it: in small letters and with its tag.
pub fn full_name(model: &str) -> String {
    let name = model.to_lowercase();
    let has_tag = name.rsplit('/').next().is_some_and(|last| last.contains(':'));
    if has_tag { name } else { format!("{name}:latest") }
}
