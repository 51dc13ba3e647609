//! Which server does a task.

use std::collections::BTreeMap;
use std::time::Duration;

use super::experience::Experience;
use super::hands::Ongoing;
use super::lanes::{Lane, LaneId, Lanes};
use super::prefixes::PrefixMemory;
use super::resources::Allocation;
use super::servers::ServerHealth;
use super::settings::{Server, ServerId, Settings};
use super::time::Time;
use super::urgency::Turn;
use super::vocabulary::AttemptId;
use crate::language::document::Policy;
use crate::language::plan::TaskId;

/// The servers, what is known of their times, and the turn that `round_robin` is at.
#[derive(Debug, Default)]
pub(super) struct Servers {
    pub(super) health: Vec<ServerHealth>,
    pub(super) experience: Experience,
    /// What the servers' slots have read last.
    pub(super) prefixes: PrefixMemory,
    last_chosen: Option<ServerId>,
}

impl Servers {
    pub(super) fn new(count: usize) -> Servers {
        Servers {
            health: std::iter::repeat_with(ServerHealth::default).take(count).collect(),
            ..Servers::default()
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

    /// Whether a server could ever do the work of a lane, as far as is known.
    pub(super) fn suits(&self, id: ServerId, server: &Server, lane: &Lane) -> bool {
        self.get(id).has_model(&lane.model) != Some(false)
            && lane.requires.iter().all(|tag| server.tags.contains(tag))
    }

    /// Whether another server than this one could do the work of a lane now or later.
    pub(super) fn has_other(&self, settings: &Settings, lane: &Lane, not: ServerId) -> bool {
        settings.servers().any(|(id, server)| {
            id != not
                && self.get(id).is_usable()
                && self.get(id).allows(&lane.model)
                && self.suits(id, server, lane)
        })
    }

    pub(super) fn chosen(&mut self, id: ServerId) {
        self.last_chosen = Some(id);
    }
}

/// Servers that a lane is to have, which no other lane may use.
pub(super) type Claims = BTreeMap<ServerId, LaneId>;

/// The task of a lane that could have a server next.
pub(super) type Placement = (Turn, ServerId, LaneId);

/// The servers that a task does without.
#[derive(Debug, Default)]
pub(super) struct Shunned {
    /// The one that failed it last: taken only where there is no other.
    pub(super) failed: Option<ServerId>,
    /// Those whose window it does not fit, where it fits that of another: never taken.
    pub(super) too_small: Vec<ServerId>,
}

impl Shunned {
    fn is_nobody(&self) -> bool {
        self.failed.is_none() && self.too_small.is_empty()
    }
}

/// What a choice is made from.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'e> {
    pub(super) settings: &'e Settings,
    pub(super) servers: &'e Servers,
    pub(super) lanes: &'e Lanes,
    pub(super) calls: &'e BTreeMap<AttemptId, Ongoing>,
    pub(super) allocation: &'e Allocation,
    pub(super) now: Time,
}

impl<'e> View<'e> {
    pub(super) fn health(&self, id: ServerId) -> &'e ServerHealth {
        self.servers.get(id)
    }

    /// The servers that can do the work of a lane at the moment, free or not, and of which this run
    /// has a share.
    pub(super) fn serving(self, lane: &'e Lane) -> impl Iterator<Item = (ServerId, &'e Server)> {
        let can = move |id: ServerId, server: &Server| {
            self.health(id).is_usable()
                && self.health(id).allows(&lane.model)
                && self.servers.suits(id, server, lane)
        };
        let is_banned = move |id: ServerId| self.health(id).is_banned(&lane.model);
        // A server on which the model fails is better than none.
        let has_better = self.servers.health.iter().any(|health| health.distrust.has_bans())
            && self.settings.servers().any(|(id, server)| can(id, server) && !is_banned(id));
        self.settings
            .servers()
            .filter(move |(id, server)| can(*id, server) && !(has_better && is_banned(*id)))
    }

    /// The next task of a lane that can have a server, and the server; none where all have to wait.
    pub(super) fn next_of(
        self,
        id: LaneId,
        claims: &Claims,
        shunned: impl Fn(TaskId) -> Shunned,
    ) -> Option<(Turn, ServerId)> {
        let mut soon: Option<Soon> = None;
        for turn in self.lanes.get(id).waiting() {
            let shunned = shunned(turn.1);
            let estimate = self.lanes.estimate_of(turn.1);
            let Some(server) = self.choose(id, estimate, &shunned, claims) else {
                if shunned.is_nobody() {
                    // What one that takes any server cannot have, none behind it can.
                    return None;
                }
                continue;
            };
            if !shunned.is_nobody() || self.settings.policy != Policy::ModelAffinity {
                return Some((turn, server));
            }
            let soon = soon.get_or_insert_with(|| self.soon(id, server, claims));
            if !soon.takes(self.time_on(server, self.lanes.get(id), estimate), estimate) {
                return Some((turn, server));
            }
        }
        None
    }

    /// Chooses a server for a task of a lane; none where it has to wait. A task that shuns a server
    /// takes any other, claimed or not: two tasks could else wait for ever for what the other one
    /// has claimed.
    fn choose(
        self,
        id: LaneId,
        estimate: Duration,
        shunned: &Shunned,
        claims: &Claims,
    ) -> Option<ServerId> {
        let lane = self.lanes.get(id);
        let fitting =
            || self.serving(lane).filter(|(server, _)| !shunned.too_small.contains(server));
        let has_other = fitting().any(|(server, _)| Some(server) != shunned.failed);
        let failed = shunned.failed.filter(|_| has_other);
        let takes_any = failed.is_some() || !shunned.too_small.is_empty();
        let free: Vec<ServerId> = fitting()
            .filter(|(server, _)| Some(*server) != failed)
            .filter(|(server, settings)| self.health(*server).has_slot(settings, &lane.model))
            .filter(|(server, _)| takes_any || self.may_have(*server, id, claims))
            .map(|(server, _)| server)
            .collect();
        self.best(lane, estimate, &free)
    }

    /// The slots of servers that are faster than this one, or have read how the prompts of a lane
    /// begin, that are in use and that the lane may have next.
    fn soon(self, id: LaneId, than: ServerId, claims: &Claims) -> Soon {
        let lane = self.lanes.get(id);
        let own = self.pace(than, &lane.model);
        let reads = !self.reading(than, lane).is_zero();
        let has_read =
            |call: &Ongoing| reads && call.prefix.is_some() && call.prefix == lane.prefix;
        // There are few servers and many calls.
        let may_have = |server: ServerId| {
            self.health(server).is_usable()
                && claims.get(&server).is_none_or(|claimant| *claimant == id)
        };
        let paces = self.settings.servers().map(|(server, _)| {
            let pace = self.pace(server, &lane.model);
            (pace <= own && may_have(server)).then_some(pace)
        });
        let paces: Vec<Option<f64>> = paces.collect();
        if !reads && paces.iter().flatten().all(|pace| *pace >= own) {
            return Soon { slots: Vec::new() };
        }
        let slots = self.calls.values().filter_map(|call| {
            let pace = paces[call.server.index()]?;
            let is_faster = (pace < own || has_read(call)) && call.model == lane.model;
            is_faster.then(|| SoonFree { after: self.remaining(call), pace })
        });
        Soon { slots: slots.collect() }
    }

    /// Whether a lane may have a slot of a server: no other has claimed it, and where a model has to
    /// be loaded first, that is worth its time.
    fn may_have(&self, server: ServerId, lane: LaneId, claims: &Claims) -> bool {
        match claims.get(&server) {
            Some(claimant) => *claimant == lane,
            None => {
                self.settings.policy != Policy::ModelAffinity
                    || self.health(server).holds(&self.lanes.get(lane).model)
                    || self.is_worth_a_load(server, lane)
            }
        }
    }

    fn best(&self, lane: &Lane, estimate: Duration, free: &[ServerId]) -> Option<ServerId> {
        let least = |score: &dyn Fn(ServerId) -> f64| {
            free.iter().copied().min_by(|a, b| {
                let calls = |id: ServerId| self.health(id).calls();
                score(*a)
                    .total_cmp(&score(*b))
                    .then_with(|| calls(*a).cmp(&calls(*b)))
                    .then_with(|| a.cmp(b))
            })
        };
        match self.settings.policy {
            Policy::RoundRobin => {
                let last = self.servers.last_chosen;
                let behind = free.iter().copied().find(|id| Some(*id) > last);
                behind.or_else(|| free.first().copied())
            }
            Policy::LoadAware => least(&|id| self.load_share(id)),
            Policy::Capability => {
                let strongest = free
                    .iter()
                    .map(|id| self.settings.server(*id).weight)
                    .max_by(f64::total_cmp)
                    .unwrap_or_default();
                least(&|id| {
                    let weaker = self.settings.server(id).weight < strongest;
                    self.load_share(id) + if weaker { 1000.0 } else { 0.0 }
                })
            }
            Policy::ModelAffinity => least(&|id| self.time_on(id, lane, estimate).as_secs_f64()),
        }
    }

    /// How long a call is expected to take: calls beside it make it slower, and a model that is not
    /// there has to be loaded. One that is being loaded for another call is as good as not there:
    /// two servers that load at the same time lose nothing.
    pub(super) fn time_on(&self, id: ServerId, lane: &Lane, estimate: Duration) -> Duration {
        let work = self.work(id, lane, estimate);
        let load = if self.health(id).is_cold(&lane.model) {
            self.servers.experience.load(id, &lane.model)
        } else {
            Duration::ZERO
        };
        load + self.reading(id, lane) + work + work.mul_f64(self.share(id))
    }

    /// How long a server works on a call of a lane that was estimated at this.
    pub(super) fn work(&self, id: ServerId, lane: &Lane, estimate: Duration) -> Duration {
        estimate.mul_f64(self.pace(id, &lane.model))
    }

    /// How long a server works on calls of a model, over what was estimated.
    fn pace(&self, id: ServerId, model: &str) -> f64 {
        let weight = self.settings.server(id).weight.max(0.001);
        self.servers.experience.pace(id, model).unwrap_or(1.0 / weight)
    }

    /// How long a call will go on.
    pub(super) fn remaining(&self, call: &Ongoing) -> Duration {
        let work = call.estimate.mul_f64(self.pace(call.server, &call.model));
        let load = if call.is_cold {
            self.servers.experience.load(call.server, &call.model)
        } else {
            Duration::ZERO
        };
        let elapsed = self.now.since(call.since);
        // A call that takes longer than usual is, as far as one knows, in its middle.
        (load + work).checked_sub(elapsed).unwrap_or(work / 2)
    }

    /// The share of a server's slots in use.
    fn share(&self, id: ServerId) -> f64 {
        let slots = self.settings.server(id).slots.max(1);
        f64::from(self.health(id).calls()) / f64::from(slots)
    }

    /// The share of a server's slots in use, less for a strong server.
    fn load_share(&self, id: ServerId) -> f64 {
        self.share(id) / self.settings.server(id).weight
    }
}

/// Slots that are in use, on servers that are worth waiting for.
struct Soon {
    slots: Vec<SoonFree>,
}

#[derive(Debug, Clone, Copy)]
struct SoonFree {
    /// When it is free again.
    after: Duration,
    /// How long its server works, over what was estimated.
    pace: f64,
}

impl Soon {
    /// Whether a task ends sooner on one of these slots than in the given time; then it gets the
    /// slot, and those behind it must do with what is left.
    fn takes(&mut self, time: Duration, estimate: Duration) -> bool {
        let end = |slot: &SoonFree| slot.after + estimate.mul_f64(slot.pace);
        let Some(first) = self.slots.iter_mut().min_by_key(|slot| end(slot)) else { return false };
        let is_sooner = end(first) < time;
        if is_sooner {
            first.after = end(first);
        }
        is_sooner
    }
}

#[cfg(test)]
#[path = "placement_tests.rs"]
mod tests;
