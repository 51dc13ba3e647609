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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::vocabulary::Observation;
    use crate::language::document::ClusterSettings;

    const MODEL: &str = "llama3.1:8b";

    fn settings(policy: Policy, servers: &[(u32, f64, &[&str])]) -> Settings {
        let urls = (0..servers.len()).map(|number| format!("http://s{number}"));
        let mut settings = Settings::of_cluster(&ClusterSettings::of_urls(urls), MODEL.to_owned());
        settings.policy = policy;
        for (server, (slots, weight, tags)) in settings.servers.iter_mut().zip(servers) {
            server.slots = *slots;
            server.weight = *weight;
            server.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        }
        settings
    }

    fn seen(servers: &mut Servers, id: u32, models: &[&str], resident: &[&str]) {
        let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
        let (models, resident) = (names(models), names(resident));
        let observation = Observation::Up { models, resident, windows: Default::default() };
        servers.get_mut(ServerId(id)).seen(&observation, 3);
    }

    fn demand<'a>(requires: &'a [String], avoid: Option<u32>) -> Demand<'a> {
        Demand { model: MODEL, requires, avoid: avoid.map(ServerId) }
    }

    /// Places so many tasks, each of which keeps its slot; which server each got, or `None`.
    fn places(servers: &mut Servers, settings: &Settings, tasks: usize) -> Vec<Option<u32>> {
        (0..tasks)
            .map(|_| match servers.choose(settings, demand(&[], None)) {
                Placement::Here(id) => {
                    servers.get_mut(id).call_started(MODEL);
                    Some(id.0)
                }
                Placement::Later => None,
                Placement::Nowhere => panic!("a server has the model"),
            })
            .collect()
    }

    fn check(policy: Policy, servers: &[(u32, f64, &[&str])], expected: &[Option<u32>]) {
        let settings = settings(policy, servers);
        let found = places(&mut Servers::new(servers.len()), &settings, expected.len());
        assert_eq!(found, expected, "{policy:?}");
    }

    #[test]
    fn round_robin_takes_turns_among_those_that_are_free() {
        let servers: [(u32, f64, &[&str]); 3] = [(2, 1.0, &[]), (1, 1.0, &[]), (2, 1.0, &[])];
        let expected = [Some(0), Some(1), Some(2), Some(0), Some(2), None];
        check(Policy::RoundRobin, &servers, &expected);
    }

    #[test]
    fn load_aware_takes_the_smallest_share_by_weight() {
        let servers: [(u32, f64, &[&str]); 2] = [(4, 1.0, &[]), (1, 1.0, &[])];
        check(Policy::LoadAware, &servers, &[Some(0), Some(1), Some(0), Some(0), Some(0), None]);
        // Twice the weight gets twice the work.
        let servers: [(u32, f64, &[&str]); 2] = [(4, 1.0, &[]), (4, 2.0, &[])];
        let settings = settings(Policy::LoadAware, &servers);
        let found = places(&mut Servers::new(2), &settings, 6);
        assert_eq!(found.iter().filter(|place| **place == Some(1)).count(), 4, "{found:?}");
    }

    #[test]
    fn capability_takes_the_strongest_that_is_free() {
        let servers: [(u32, f64, &[&str]); 3] = [(1, 1.0, &[]), (2, 4.0, &[]), (1, 2.0, &[])];
        check(Policy::Capability, &servers, &[Some(1), Some(1), Some(2), Some(0), None]);
    }

    #[test]
    fn model_affinity_stays_where_the_model_is_until_half_is_taken() {
        let settings = settings(Policy::ModelAffinity, &[(4, 1.0, &[]), (4, 1.0, &[])]);
        let mut servers = Servers::new(2);
        seen(&mut servers, 0, &[MODEL], &[]);
        seen(&mut servers, 1, &[MODEL], &[MODEL]);
        let found = places(&mut servers, &settings, 4);
        assert_eq!(found, [Some(1), Some(1), Some(0), Some(1)]);
    }

    #[test]
    fn tags_models_and_what_failed_limit_the_choice() {
        let settings = settings(Policy::LoadAware, &[(1, 1.0, &["gpu"]), (1, 1.0, &[])]);
        let mut servers = Servers::new(2);
        let gpu = ["gpu".to_owned()];
        assert_eq!(servers.choose(&settings, demand(&gpu, None)), Placement::Here(ServerId(0)));
        assert_eq!(
            servers.choose(&settings, demand(&["tpu".to_owned()], None)),
            Placement::Nowhere
        );
        // What failed is avoided, unless there is nothing else.
        assert_eq!(servers.choose(&settings, demand(&[], Some(0))), Placement::Here(ServerId(1)));
        assert_eq!(servers.choose(&settings, demand(&gpu, Some(0))), Placement::Here(ServerId(0)));
        // A server without the model is none; one whose breaker is open is waited for.
        seen(&mut servers, 0, &["other:7b"], &[]);
        assert_eq!(servers.choose(&settings, demand(&gpu, None)), Placement::Nowhere);
        seen(&mut servers, 0, &[MODEL], &[]);
        servers.get_mut(ServerId(0)).leave(crate::engine::Time(1));
        assert_eq!(servers.choose(&settings, demand(&gpu, None)), Placement::Later);
    }
}
