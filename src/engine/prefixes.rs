//! Long beginnings that prompts share: what an agent is told about itself comes first in each of its
//! prompts, and a slot that has read it last does not read it again (Ollama's prompt cache is by
//! slot, and holds the last prompt).

use std::collections::BTreeMap;
use std::time::Duration;

use super::lanes::Lane;
use super::placement::{Placement, View};
use super::settings::ServerId;
use super::vocabulary::AttemptId;
use crate::language::document::Policy;
use crate::language::plan::{Plan, PlanAgentId};
use crate::language::tokens::estimate_tokens;
use crate::organization::{Guidance, system_message};

/// Shorter beginnings are read in a moment; to send tasks by them would only divide the queues.
const LONG: u64 = 256;

/// A long beginning of prompts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Prefix {
    /// The agent whose prompts begin so.
    pub(super) agent: PlanAgentId,
    /// About how many tokens it has.
    pub(super) tokens: u64,
}

/// The long beginnings of the prompts of a plan's agents, in their order.
pub(super) fn prefixes(plan: &Plan, guidance: Option<&Guidance>) -> Vec<Option<Prefix>> {
    let prefix = |(place, agent): (u32, &crate::language::plan::PlanAgent)| {
        let team = plan.teams.get(agent.team as usize)?;
        let told = system_message(&agent.agent, team, guidance, &[]);
        let tokens = estimate_tokens(&told);
        (tokens >= LONG).then_some(Prefix { agent: PlanAgentId(place), tokens })
    };
    (0..).zip(&plan.agents).map(prefix).collect()
}

/// What the slots of servers have read last, as far as this run's calls tell.
#[derive(Debug, Default)]
pub(super) struct PrefixMemory {
    slots: BTreeMap<(ServerId, String), Vec<Slot>>,
    /// Calls so far.
    calls: u64,
}

#[derive(Debug, Default)]
struct Slot {
    prefix: Option<PlanAgentId>,
    attempt: Option<AttemptId>,
    /// When it was last taken, counted in calls.
    taken: u64,
}

impl PrefixMemory {
    /// Whether a free slot of a model has read a beginning last.
    pub(super) fn remembers(&self, server: ServerId, model: &str, prefix: Prefix) -> bool {
        let slots = self.slots.get(&(server, model.to_owned()));
        let mut slots = slots.into_iter().flatten();
        slots.any(|slot| slot.attempt.is_none() && slot.prefix == Some(prefix.agent))
    }

    /// A call takes a slot, by the rule of Ollama's runners: the one that remembers the beginning,
    /// else the one that was taken longest ago. Whether its beginning was remembered.
    pub(super) fn begin(
        &mut self,
        attempt: AttemptId,
        place: (ServerId, String),
        slots: u32,
        prefix: Option<Prefix>,
    ) -> bool {
        self.calls += 1;
        let known = self.slots.entry(place).or_default();
        let slots = slots.max(1) as usize;
        while known.len() < slots {
            known.push(Slot::default());
        }
        let agent = prefix.map(|prefix| prefix.agent);
        let free = known.iter_mut().filter(|slot| slot.attempt.is_none());
        let is_same = |slot: &Slot| agent.is_some() && slot.prefix == agent;
        let Some(slot) = free.min_by_key(|slot| (!is_same(slot), slot.taken)) else {
            return false;
        };
        let is_remembered = is_same(slot);
        *slot = Slot { prefix: agent, attempt: Some(attempt), taken: self.calls };
        is_remembered
    }

    /// A call is over; its slot remembers what it has read.
    pub(super) fn end(&mut self, attempt: AttemptId, server: ServerId, model: &str) {
        let slots = self.slots.get_mut(&(server, model.to_owned()));
        for slot in slots.into_iter().flatten() {
            if slot.attempt == Some(attempt) {
                slot.attempt = None;
            }
        }
    }

    /// A model is loaded anew: nothing is remembered.
    pub(super) fn forget(&mut self, server: ServerId, model: &str) {
        self.slots.remove(&(server, model.to_owned()));
    }

    /// A server was left: it may have been started anew.
    pub(super) fn forget_server(&mut self, server: ServerId) {
        self.slots.retain(|(id, _), _| *id != server);
    }
}

impl View<'_> {
    /// The placement to make first: a task whose beginning its server remembers goes before one
    /// that makes the server read another, if its way to the end is not shorter by more than the
    /// time that is saved.
    pub(super) fn unread_later(self, first: Placement, placements: &[Placement]) -> Placement {
        let ((rank, _), server, lane) = first;
        let lane = self.lanes.get(lane);
        let has_read = |lane: &Lane| {
            !self.health(server).is_cold(&lane.model)
                && lane.prefix.is_some_and(|prefix| {
                    self.servers.prefixes.remembers(server, &lane.model, prefix)
                })
        };
        if has_read(lane) {
            return first;
        }
        let experience = &self.servers.experience;
        let saves = |(turn, on, id): &&Placement| {
            let other = self.lanes.get(*id);
            let Some(prefix) = other.prefix.filter(|_| *on == server && has_read(other)) else {
                return false;
            };
            let behind = experience.paced(rank.way.0.saturating_sub(turn.0.way.0));
            other.model == lane.model
                && turn.0.priority == rank.priority
                && behind <= experience.reading(server, &other.model, prefix.tokens)
        };
        placements.iter().filter(saves).min().copied().unwrap_or(first)
    }

    /// How long a server reads the beginning of a lane's prompts: no time where a free slot
    /// remembers it, or nothing is known of the server's rate.
    pub(super) fn reading(self, server: ServerId, lane: &Lane) -> Duration {
        let Some(prefix) = lane.prefix else { return Duration::ZERO };
        let is_remembered = !self.health(server).is_cold(&lane.model)
            && self.servers.prefixes.remembers(server, &lane.model, prefix);
        if is_remembered || self.settings.policy != Policy::ModelAffinity {
            return Duration::ZERO;
        }
        self.servers.experience.reading(server, &lane.model, prefix.tokens)
    }
}
