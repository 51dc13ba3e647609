//! Which model is loaded where. Loading takes as long as many calls, and a server that is full
//! forgets another model over it: so a model has a server to itself until its work is done, and gets
//! a further one only where its work would otherwise take longer than the load.

use std::collections::BTreeSet;
use std::time::Duration;

use super::lanes::{Lane, LaneId};
use super::placement::{Claims, View};
use super::settings::ServerId;

impl<'e> View<'e> {
    /// The servers that lanes are to have whose model is loaded nowhere: the most urgent lane first,
    /// each the server on which its work is done first. A server that is still at work on something
    /// else takes no more of that. A lane whose tasks wait for something else claims nothing.
    pub(super) fn claims(self, unlimited: &BTreeSet<LaneId>) -> Claims {
        let mut claims = Claims::new();
        let mut unserved: Vec<(LaneId, &Lane)> = self
            .lanes
            .iter()
            .filter(|(id, lane)| self.could_use(*id, unlimited) && !self.is_served(lane))
            .collect();
        unserved.sort_by_key(|(_, lane)| lane.first());
        for (id, lane) in unserved {
            let is_loading_for_another =
                claims.values().any(|other| self.lanes.get(*other).model == lane.model);
            if is_loading_for_another {
                continue;
            }
            let free = self.serving(lane).filter(|(server, _)| !claims.contains_key(server));
            let done = free.filter_map(|(server, _)| {
                let delay = self.delay(server, lane)?;
                let load = self.servers.experience.load(server, &lane.model);
                Some((delay + load + self.work(server, lane, lane.estimate()), server))
            });
            if let Some((_, server)) = done.min() {
                claims.insert(server, id);
            }
        }
        claims
    }

    /// Whether a lane could use a server now, or has tasks that are looked at and may soon.
    fn could_use(self, id: LaneId, unlimited: &BTreeSet<LaneId>) -> bool {
        let lane = self.lanes.get(id);
        let is_held_back = lane.has_waiting() && !unlimited.contains(&id);
        lane.backlog() > 0
            && !is_held_back
            && self.allocation.short_of(&lane.takes).next().is_none()
    }

    /// Whether a further server for a lane is worth the time of a load: it takes longer until the
    /// servers that have the model can begin the last of what waits for it, and nobody misses what
    /// is forgotten over it.
    pub(super) fn is_worth_a_load(&self, server: ServerId, lane: LaneId) -> bool {
        let lane = self.lanes.get(lane);
        let settings = self.settings.server(server);
        let health = self.health(server);
        let is_free = health.has_room(settings)
            || health.next_to_go().is_some_and(|victim| !self.is_missed(server, victim));
        is_free
            && self
                .wait_for(lane)
                .is_none_or(|wait| wait > self.servers.experience.load(server, &lane.model))
    }

    /// Whether a server that can do the work of a lane has its model, or loads it.
    pub(super) fn is_served(self, lane: &Lane) -> bool {
        self.serving(lane).any(|(server, _)| self.health(server).holds(&lane.model))
    }

    /// How long the last of what waits in a lane waits for the servers that have its model; `None`
    /// where there is none.
    fn wait_for(self, lane: &Lane) -> Option<Duration> {
        let having =
            self.serving(lane).filter(|(server, _)| self.health(*server).holds(&lane.model));
        let (mut slots, mut work) = (0_u32, Duration::ZERO);
        for (server, settings) in having {
            slots += settings.slots.max(1);
            work = work.max(self.work(server, lane, lane.estimate()));
        }
        let under_way: Duration = self
            .calls
            .values()
            .filter(|call| call.model == lane.model)
            .map(|call| self.remaining(call))
            .sum();
        if self.allocation.most_at_a_time(&lane.takes) <= slots {
            // They may not ask more servers at a time, however many wait.
            return (slots > 0).then_some(Duration::ZERO);
        }
        let ahead = u32::try_from(self.backlog_like(lane).saturating_sub(1)).unwrap_or(u32::MAX);
        (slots > 0).then(|| (work.saturating_mul(ahead) + under_way) / slots)
    }

    /// How many tasks wait for the same servers as those of a lane.
    fn backlog_like(self, lane: &Lane) -> usize {
        let alike = |other: &&Lane| other.model == lane.model && other.requires == lane.requires;
        self.lanes.iter().map(|(_, other)| other).filter(alike).map(Lane::backlog).sum()
    }

    /// How long it takes until a server can begin to load the model of a lane that has none; `None`
    /// where it has better things to do.
    fn delay(self, server: ServerId, lane: &Lane) -> Option<Duration> {
        let settings = self.settings.server(server);
        let health = self.health(server);
        if health.has_room(settings) {
            return Some(Duration::ZERO);
        }
        if let Some(victim) = health.next_to_go() {
            return self.may_displace(server, victim, lane).then_some(Duration::ZERO);
        }
        let ends = |model: &str| {
            let calls = self.calls.values().filter(|c| c.server == server && c.model == model);
            calls.map(|call| self.remaining(call)).max().unwrap_or_default()
        };
        let displaced = health.at_work().filter(|model| self.may_displace(server, model, lane));
        displaced.map(ends).min()
    }

    /// Whether a model may be forgotten for a lane whose model is loaded nowhere: nothing waits for
    /// it, another server has it, or all is done sooner if the lane goes first.
    fn may_displace(self, server: ServerId, model: &str, lane: &Lane) -> bool {
        !self.is_missed(server, model)
            || self.is_held_elsewhere(server, model)
            || self.goes_first(server, lane, model)
    }

    /// Whether a server besides this one has a model, or loads it.
    pub(super) fn is_held_elsewhere(self, server: ServerId, model: &str) -> bool {
        self.settings.servers().any(|(id, _)| {
            id != server && self.health(id).is_usable() && self.health(id).holds(model)
        })
    }

    /// Whether tasks wait that a server could do with a model.
    fn is_missed(self, server: ServerId, model: &str) -> bool {
        self.lanes_of(server, model).any(|lane| lane.backlog() > 0)
    }

    /// The lanes of a model whose work a server can do, and is to do for this run.
    fn lanes_of(self, server: ServerId, model: &str) -> impl Iterator<Item = &'e Lane> {
        let settings = self.settings.server(server);
        let is_allowed = self.health(server).allows(model);
        let lanes = self.lanes.iter().map(|(_, lane)| lane).filter(move |_| is_allowed);
        lanes.filter(move |lane| lane.model == model && self.servers.suits(server, settings, lane))
    }

    /// Whether all is done sooner if a lane has a server now and the model there again afterwards,
    /// with a load each, than if it waits until the work for that model is done.
    fn goes_first(self, server: ServerId, lane: &Lane, model: &str) -> bool {
        let loads = &self.servers.experience;
        let slots = self.settings.server(server).slots.max(1);
        let work = |lane: &Lane, waiting: usize| {
            let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
            self.work(server, lane, lane.estimate()).saturating_mul(waiting) / slots
        };
        let own_rest = work(lane, self.backlog_like(lane));
        let (mut their_rest, mut their_way) = (Duration::ZERO, Duration::ZERO);
        for other in self.lanes_of(server, model) {
            their_rest += work(other, other.backlog());
            their_way = their_way.max(self.way_of(other));
        }
        let (load, reload) = (loads.load(server, &lane.model), loads.load(server, model));
        let later = their_way.max(their_rest + load + self.way_of(lane));
        let now =
            (load + self.way_of(lane)).max(load + own_rest + reload + their_way.max(their_rest));
        now < later
    }

    /// How long the way from the most urgent task of a lane to the end of the run is.
    fn way_of(self, lane: &Lane) -> Duration {
        lane.first().map_or(Duration::ZERO, |(rank, _)| self.servers.experience.paced(rank.way.0))
    }
}
