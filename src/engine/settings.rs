//! What a run is told about the world before it starts: its servers, how they are chosen, and
//! whether somebody can be asked.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::language::document::{
    Backoff, Budget, CallLimits, ClusterSettings, Hedge, HumanDuration, Policy,
};
use crate::language::plan::Plan;
use crate::organization::{Booking, EstimateFactor, Guidance};

/// Which server of a run: its place in [`Settings::servers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServerId(pub u32);

impl ServerId {
    /// The place in [`Settings::servers`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A server as the engine knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Server {
    /// Its name in reports.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// Calls of one model that it handles at a time.
    pub slots: u32,
    /// Models that work on it at a time.
    pub max_models: u32,
    /// What it can do.
    pub tags: Vec<String>,
    /// Its strength beside the others.
    pub weight: f64,
    /// Whether it invents its answers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulated: bool,
}

/// Whether somebody can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum People {
    /// Somebody sits at a terminal: gates wait for them.
    Present,
    /// Nobody does: gates take their default at once, and a gate without one pauses the run.
    Absent,
}

/// What a run is told about the world. It may change when a run is resumed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The servers; nothing is sent anywhere else.
    pub servers: Vec<Server>,
    /// How one is chosen.
    pub policy: Policy,
    /// The most calls at a time, over all servers.
    pub max_parallel: u32,
    /// The most calls at a time of models, for agents, and of named resources.
    #[serde(default, skip_serializing_if = "CallLimits::are_none")]
    pub limits: CallLimits,
    /// When a second attempt is begun beside one that takes unusually long, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hedge: Option<Hedge>,
    /// So many failures in a row open a server's breaker.
    pub breaker_failures: u32,
    /// The first and the longest time that a breaker stays open.
    pub breaker_open: Backoff,
    /// Between two looks at a server in use.
    pub observe_every: HumanDuration,
    /// How long a look may take.
    pub observe_timeout: HumanDuration,
    /// How long the run waits for any server to come back.
    pub give_up_after: HumanDuration,
    /// The model of tasks that name none.
    pub default_model: String,
    /// The windows that models were trained with, by full name, in tokens, as far as servers say.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub trained_windows: BTreeMap<String, u32>,
    /// The digests of models that are not the same on all servers, by full name: only servers with
    /// these are asked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub digests: BTreeMap<String, String>,
    /// How long models stay loaded after a call.
    pub keep_alive: Option<HumanDuration>,
    /// What every task's seed follows from; without it the servers choose.
    pub seed: Option<u64>,
    /// Whether answers of earlier runs are taken where they serve.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cache: bool,
    /// Budgets that take the place of those of the documents, by the addresses of the tasks that they
    /// bound; that of the run has none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub budgets: BTreeMap<String, Budget>,
    /// What earlier runs have shown of estimates, by domain, difficulty and who does it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub estimates: Vec<EstimateFactor>,
    /// What other runs had promised of people's time when this one began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promised: Vec<Booking>,
    /// What those who lead are told of the project in whose context the run takes place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub briefing: Option<String>,
    /// What those who lead are told of patterns and learnings, with the framework to decide by; nothing of it in
    /// runs that began before there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guidance: Option<Guidance>,
    /// Whether somebody can be asked.
    pub people: People,
}

impl Settings {
    /// The settings of a cluster, with names for servers that have none.
    pub fn of_cluster(cluster: &ClusterSettings, default_model: String) -> Settings {
        let servers = cluster.servers.iter().map(|entry| Server {
            name: entry.shown_name().to_owned(),
            url: entry.url.clone(),
            slots: entry.slots,
            max_models: entry.max_models,
            tags: entry.tags.clone(),
            weight: entry.weight,
            simulated: false,
        });
        Settings {
            servers: servers.collect(),
            policy: cluster.policy,
            max_parallel: cluster.max_parallel,
            limits: cluster.limits.clone(),
            hedge: cluster.hedge,
            breaker_failures: cluster.breaker.failures,
            breaker_open: cluster.breaker.open,
            observe_every: cluster.health.interval,
            observe_timeout: cluster.health.timeout,
            give_up_after: cluster.health.give_up_after,
            default_model,
            trained_windows: BTreeMap::new(),
            digests: BTreeMap::new(),
            keep_alive: cluster.keep_alive,
            seed: None,
            cache: false,
            budgets: BTreeMap::new(),
            estimates: Vec::new(),
            promised: Vec::new(),
            briefing: None,
            guidance: None,
            people: People::Absent,
        }
    }

    /// Lifts the budgets of a plan: for whoever wants to see all that it would do.
    pub fn lift_budgets(&mut self, plan: &Plan) {
        let of_tasks = plan.all_tasks().into_iter().filter(|task| task.budget.is_some());
        let addresses = of_tasks.map(|task| task.path.clone());
        let addresses = addresses.chain(plan.budget.map(|_| String::new()));
        self.budgets = addresses.map(|address| (address, Budget::default())).collect();
    }

    /// A server by its id.
    pub fn server(&self, id: ServerId) -> &Server {
        &self.servers[id.index()]
    }

    /// All servers with their ids.
    pub fn servers(&self) -> impl Iterator<Item = (ServerId, &Server)> {
        (0..).map(ServerId).zip(&self.servers)
    }
}

/// The pause before an attempt or a probe, doubling from the first to the longest. Up to a
/// quarter is taken off by `spread`, so that what failed together does not return together.
pub(crate) fn pause(backoff: Backoff, number: u32, spread: u64) -> Duration {
    let doublings = number.min(30);
    let full = backoff.first.saturating_mul(1 << doublings).min(backoff.longest);
    let thousandths = u32::try_from(spread % 250).unwrap_or(0);
    full.saturating_sub(full / 1000 * thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(5) };
        let pauses: Vec<u64> = (0..5).map(|n| pause(backoff, n, 0).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 5, 5]);
        assert!(pause(backoff, 40, 249) >= Duration::from_millis(3750));
    }
}
