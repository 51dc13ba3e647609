//! A run beside others on the same servers: what it needs, what it may use, and what is told of it.

use std::collections::BTreeMap;

use super::conduct::Engine;
use super::fold_error::FoldError;
use super::lanes::Lane;
use super::placement::View;
use super::servers::ServerHealth;
use super::settings::ServerId;
use super::sharing::{Needs, Share, Sharing, Want};
use super::vocabulary::{Command, Fact};

/// With whom servers are shared: as it is, and as the facts say.
#[derive(Debug, Default)]
pub(super) struct SharingTold {
    now: BTreeMap<ServerId, Sharing>,
    told: BTreeMap<ServerId, Sharing>,
}

impl Engine {
    /// Whether calls are under way, or tasks need a server: a run that waits for anything else needs
    /// none.
    pub fn needs_servers(&self) -> bool {
        !self.hands.calls.is_empty() || !self.hands.lanes.are_empty()
    }

    /// Whether a task waits that could be given to a server now.
    pub fn has_waiting_tasks(&self) -> bool {
        self.hands.lanes.have_waiting()
    }

    /// How many calls are under way.
    pub fn calls_under_way(&self) -> usize {
        self.hands.calls.len()
    }

    /// What the run makes of its servers, and would make of them.
    pub fn needs(&self) -> Needs {
        let servers = || self.settings.servers().map(|(id, _)| self.hands.servers.get(id));
        let in_use: Vec<BTreeMap<String, u32>> = servers().map(ServerHealth::in_use).collect();
        let mut wants = Vec::new();
        for ((id, _), health) in self.settings.servers().zip(servers()) {
            let mut calls: BTreeMap<&str, u32> = BTreeMap::new();
            for call in self.hands.calls.values().filter(|call| call.server == id) {
                *calls.entry(&call.model).or_default() += 1;
            }
            // What is asked of a server that was left in the meantime wants nothing more of it.
            let calls = calls.into_iter().filter(|_| health.is_usable());
            wants.extend(calls.map(|(model, calls)| Want {
                model: model.to_owned(),
                calls,
                servers: vec![id],
            }));
        }
        let mut lanes: Vec<&Lane> = self.hands.lanes.iter().map(|(_, lane)| lane).collect();
        lanes.retain(|lane| lane.backlog() > 0);
        lanes.sort_by_key(|lane| lane.first());
        for lane in lanes {
            self.wants_of(lane, &mut wants);
        }
        let loaded = servers().map(|health| health.loaded().clone()).collect();
        let load = wants
            .iter()
            .flat_map(|want| want.servers.iter().map(|id| (*id, &want.model)))
            .map(|(id, model)| self.hands.servers.experience.load(id, model))
            .max()
            .unwrap_or_default();
        Needs { wants, in_use, loaded, load }
    }

    /// What a lane wants: tasks that do without some of the servers apart from the others.
    fn wants_of(&self, lane: &Lane, wants: &mut Vec<Want>) {
        let servers = self.could_serve(lane);
        let mut apart: BTreeMap<Vec<ServerId>, u32> = BTreeMap::new();
        for turn in lane.waiting() {
            let shunned = self.shunned(turn.1);
            let mut fitting = servers.clone();
            fitting.retain(|id| !shunned.too_small.contains(id));
            if fitting.len() > 1 {
                fitting.retain(|id| Some(*id) != shunned.failed);
            }
            if fitting.len() < servers.len() {
                *apart.entry(fitting).or_default() += 1;
            }
        }
        let others = u32::try_from(lane.backlog()).unwrap_or(u32::MAX);
        let others = others.saturating_sub(apart.values().sum());
        let groups = apart.into_iter().chain((others > 0).then_some((servers, others)));
        wants.extend(
            groups.filter(|(servers, _)| !servers.is_empty()).map(|(servers, calls)| Want {
                model: lane.model.clone(),
                calls,
                servers,
            }),
        );
    }

    /// The servers that could do the work of a lane if they were all this run's.
    fn could_serve(&self, lane: &Lane) -> Vec<ServerId> {
        let View { settings, servers, .. } = self.view();
        let could = settings.servers().filter(|(id, server)| {
            servers.get(*id).is_usable() && servers.suits(*id, server, lane)
        });
        could.map(|(id, _)| id).collect()
    }

    /// Whether tasks wait for nothing but the turn of this run on a server that others use.
    pub(super) fn waits_for_other_runs(&self) -> bool {
        let view = self.view();
        view.lanes.iter().any(|(_, lane)| {
            let could = self.could_serve(lane);
            lane.has_waiting() && could.iter().any(|id| !view.health(*id).allows(&lane.model))
        })
    }

    /// Takes what it may use of each server. Of one that others had it is not known any more which
    /// models are loaded.
    pub(super) fn take_shares(&mut self, shares: Vec<Share>) {
        let ids: Vec<ServerId> = self.settings.servers().map(|(id, _)| id).collect();
        for (id, share) in ids.into_iter().zip(shares) {
            match share.sharing {
                Some(sharing) => drop(self.hands.sharing.now.insert(id, sharing)),
                None => drop(self.hands.sharing.now.remove(&id)),
            }
            let regained = self.hands.servers.get_mut(id).take_share(share.holding);
            if regained && self.state.inputs.is_some() {
                self.command(Command::Observe(id));
            }
        }
    }

    /// Records what has changed of sharing, once the run has begun.
    pub(super) fn tell_shares(&mut self) -> Result<(), FoldError> {
        let SharingTold { now, told } = &self.hands.sharing;
        if now == told || self.state.inputs.is_none() {
            return Ok(());
        }
        let mut facts = Vec::new();
        for (server, sharing) in now.iter().filter(|(id, sharing)| told.get(id) != Some(*sharing)) {
            let Sharing { slots, of, with } = sharing.clone();
            facts.push(Fact::ServerShared { server: *server, slots, of, with });
        }
        for server in told.keys().filter(|id| !now.contains_key(id)) {
            facts.push(Fact::ServerUnshared { server: *server });
        }
        self.hands.sharing.told = now.clone();
        facts.into_iter().try_for_each(|fact| self.record(fact))
    }
}
