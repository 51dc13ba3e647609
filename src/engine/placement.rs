//! Which server does a task.

use super::servers::ServerHealth;
use super::settings::{ServerId, Settings};
use crate::language::document::Policy;

/// What a task asks of its server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Demand<'a> {
    pub(super) model: &'a str,
    /// Tags that the server must have.
    pub(super) requires: &'a [String],
    /// The server that failed it last: taken only where there is no other.
    pub(super) avoid: Option<ServerId>,
}

/// What can be said of a task's chances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placement {
    /// It goes here.
    Here(ServerId),
    /// It must wait: for a slot, or for a server to come back.
    Later,
    /// No server has what it needs.
    Nowhere,
}

/// The servers and the turn that `round_robin` is at.
#[derive(Debug, Default)]
pub(super) struct Servers {
    pub(super) health: Vec<ServerHealth>,
    last_chosen: Option<ServerId>,
}

impl Servers {
    pub(super) fn new(count: usize) -> Servers {
        Servers {
            health: std::iter::repeat_with(ServerHealth::default).take(count).collect(),
            last_chosen: None,
        }
    }

    pub(super) fn get(&self, id: ServerId) -> &ServerHealth {
        &self.health[id.index()]
    }

    pub(super) fn get_mut(&mut self, id: ServerId) -> &mut ServerHealth {
        &mut self.health[id.index()]
    }

    /// Whether no usable server has room for any call.
    pub(super) fn all_full(&self, settings: &Settings) -> bool {
        settings.servers().all(|(id, server)| {
            let health = self.get(id);
            !health.is_usable() || health.is_full(server)
        })
    }

    /// Whether another server than this one could take the task now or later.
    pub(super) fn has_other(&self, settings: &Settings, demand: Demand<'_>, not: ServerId) -> bool {
        settings.servers().any(|(id, server)| {
            let health = self.get(id);
            id != not
                && health.is_usable()
                && health.has_model(demand.model) != Some(false)
                && has_tags(&server.tags, demand.requires)
        })
    }

    /// Chooses a server.
    pub(super) fn choose(&mut self, settings: &Settings, demand: Demand<'_>) -> Placement {
        let mut possible = false;
        let mut free: Vec<ServerId> = Vec::new();
        let mut avoided_only = true;
        for (id, server) in settings.servers() {
            let health = self.get(id);
            if health.has_model(demand.model) == Some(false)
                || !has_tags(&server.tags, demand.requires)
            {
                continue;
            }
            possible = true;
            if !health.is_usable() {
                continue;
            }
            if Some(id) != demand.avoid {
                avoided_only = false;
            }
            if health.has_slot(server, demand.model) {
                free.push(id);
            }
        }
        if !possible {
            return Placement::Nowhere;
        }
        if !avoided_only {
            free.retain(|id| Some(*id) != demand.avoid);
        }
        match self.best(settings, demand.model, &free) {
            Some(id) => {
                self.last_chosen = Some(id);
                Placement::Here(id)
            }
            None => Placement::Later,
        }
    }

    fn best(&self, settings: &Settings, model: &str, free: &[ServerId]) -> Option<ServerId> {
        let load = |id: ServerId| self.load(settings, id);
        let least = |score: &dyn Fn(ServerId) -> f64| {
            free.iter().copied().min_by(|a, b| {
                let calls = |id: ServerId| self.get(id).calls();
                score(*a)
                    .total_cmp(&score(*b))
                    .then_with(|| calls(*a).cmp(&calls(*b)))
                    .then_with(|| a.cmp(b))
            })
        };
        match settings.policy {
            Policy::RoundRobin => {
                let behind = free.iter().copied().find(|id| Some(*id) > self.last_chosen);
                behind.or_else(|| free.first().copied())
            }
            Policy::LoadAware => least(&load),
            Policy::Capability => {
                let strongest = free
                    .iter()
                    .map(|id| settings.server(*id).weight)
                    .max_by(f64::total_cmp)
                    .unwrap_or_default();
                least(&|id| {
                    let weaker = settings.server(id).weight < strongest;
                    load(id) + if weaker { 1000.0 } else { 0.0 }
                })
            }
            Policy::ModelAffinity => least(&|id| {
                // A load costs as much as half the server's slots being taken, so that work goes
                // where the model is until that server is half full, and then spreads.
                let cold = self.get(id).is_cold(model);
                load(id) + if cold { 0.5 } else { 0.0 }
            }),
        }
    }

    /// The share of a server's slots in use, less for a strong server.
    fn load(&self, settings: &Settings, id: ServerId) -> f64 {
        let server = settings.server(id);
        f64::from(self.get(id).calls()) / f64::from(server.slots.max(1)) / server.weight
    }
}

fn has_tags(tags: &[String], required: &[String]) -> bool {
    required.iter().all(|tag| tags.contains(tag))
}
