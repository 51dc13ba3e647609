//! The one gate through which every start of a call goes, whatever its cause.

use super::conduct::Engine;
use super::failure::{Failure, FailureClass};
use super::fold_error::FoldError;
use super::lanes::{Lane, LaneId};
use super::placement::{Claims, Placement, Shunned, View};
use super::settings::ServerId;
use super::timers::Timer;
use super::urgency::Turn;
use super::vocabulary::Command;
use crate::language::digest::Digest;
use crate::language::document::Policy;
use crate::language::plan::{TaskId, Work};

/// Besides two for every slot, how many tasks are looked at before a server is free for them.
const SPARE_PREPARATIONS: usize = 16;

impl Engine {
    /// Has tasks looked at, of each lane as many as may soon be placed: prompts are large, and a
    /// condition is best evaluated late.
    pub(super) fn fill(&mut self) {
        let slots: u64 = self
            .settings
            .servers
            .iter()
            .map(|server| u64::from(server.slots) * u64::from(server.max_models))
            .sum();
        let slots = slots.min(u64::from(self.settings.max_parallel));
        let most =
            usize::try_from(slots).unwrap_or(usize::MAX).saturating_mul(2) + SPARE_PREPARATIONS;
        loop {
            let mut is_held = false;
            for task in self.hands.lanes.take_to_prepare(most) {
                if self.hold_unprepared(task) {
                    is_held = true;
                } else {
                    self.hands.preparing.insert(task);
                    self.command(Command::Prepare(task));
                }
            }
            // Others may be looked at in their places.
            if !is_held {
                return;
            }
        }
    }

    /// A task waits for a server.
    pub(super) fn enqueue(&mut self, task: TaskId, request: Digest) {
        let turn = self.turn(task);
        self.hands.lanes.enqueue(turn, request);
        self.begin_to_wait(task);
        if let Some(limit) = self.state.plan().task(task).limits.queue {
            let at = self.now() + limit.0;
            if !self.hands.timers.is_set(Timer::Queue(task)) {
                self.hands.timers.set(Timer::Queue(task), at);
            }
        }
    }

    /// A task whose pause is over waits for a server again.
    pub(super) fn requeue(&mut self, task: TaskId) {
        if self.is_backing_off(task)
            && let Some(request) = self.state.task(task).request.clone()
        {
            match self.state.plan().task(task).work {
                Work::Tool(_) => self.hands.tools.wait(task, request),
                _ => self.enqueue(task, request),
            }
        }
    }

    pub(super) fn queued_too_long(&mut self, task: TaskId) -> Result<(), FoldError> {
        let turn = self.turn(task);
        // A task that servers were too busy for waits as well, outside the queue.
        if self.hands.lanes.take(turn).is_none() && !self.is_backing_off(task) {
            return Ok(());
        }
        self.hands.timers.clear(Timer::Retry(task));
        let limit = self.state.plan().task(task).limits.queue.unwrap_or_default();
        let message = match &self.state.task(task).failure {
            Some(last) if last.class == FailureClass::Overloaded => {
                format!("no server took it in {limit}; the last one said: {}", last.message)
            }
            _ => format!("no server was free in {limit}"),
        };
        self.fail(task, Failure::new(FailureClass::QueueTimeout, message), None)
    }

    /// What choices are made from.
    pub(super) fn view(&self) -> View<'_> {
        View {
            settings: &self.settings,
            servers: &self.hands.servers,
            lanes: &self.hands.lanes,
            calls: &self.hands.calls,
            allocation: &self.hands.allocation,
            now: self.now(),
        }
    }

    /// Gives tasks to servers, in their turns, as far as there is room: each takes a slot and all
    /// that is limited at once, or waits and holds nothing.
    pub(super) fn place(&mut self) -> Result<(), FoldError> {
        self.fail_hopeless()?;
        loop {
            self.place_all()?;
            if !self.give_way()? {
                return Ok(());
            }
        }
    }

    fn place_all(&mut self) -> Result<(), FoldError> {
        while !self.hands.servers.all_full(&self.settings)
            && let Some((server, turn)) = self.next_placement()
        {
            if self.hold_back(turn) {
                continue;
            }
            self.hands.servers.chosen(server);
            if let Some(request) = self.hands.lanes.take(turn) {
                self.start_attempt(turn.1, server, request)?;
            }
        }
        Ok(())
    }

    /// The first task in its turn that a server can have, and the server.
    fn next_placement(&self) -> Option<(ServerId, Turn)> {
        let view = self.view();
        let unlimited = view.lanes.unlimited(view.allocation);
        if unlimited.is_empty() {
            return None;
        }
        let claims = match self.settings.policy {
            Policy::ModelAffinity => view.claims(&unlimited),
            Policy::RoundRobin | Policy::LoadAware | Policy::Capability => Claims::new(),
        };
        let shunned = |task: TaskId| self.shunned(task);
        let next = |id: &LaneId| {
            view.next_of(*id, &claims, shunned).map(|(turn, server)| (turn, server, *id))
        };
        let placements: Vec<Placement> = unlimited.iter().filter_map(next).collect();
        let first = placements.iter().min().copied()?;
        let (turn, server, _) = match self.settings.policy {
            Policy::ModelAffinity => view.unread_later(first, &placements),
            Policy::RoundRobin | Policy::LoadAware | Policy::Capability => first,
        };
        Some((server, turn))
    }

    pub(super) fn shunned(&self, task: TaskId) -> Shunned {
        let failed = self.state.task(task).avoid;
        Shunned { failed, too_small: self.too_small_for(task) }
    }

    /// Tasks that no server can do fail, instead of waiting for ever.
    fn fail_hopeless(&mut self) -> Result<(), FoldError> {
        let hands = &self.hands;
        let is_hopeless = |lane: &Lane| {
            lane.has_waiting()
                && !self.settings.servers().any(|(id, s)| hands.servers.suits(id, s, lane))
        };
        let hopeless: Vec<(Vec<Turn>, String)> = hands
            .lanes
            .iter()
            .filter(|(_, lane)| is_hopeless(lane))
            .map(|(_, lane)| (lane.waiting().collect(), nobody_has(lane)))
            .collect();
        for (turns, message) in hopeless {
            for turn in turns {
                // An earlier one may have failed and taken this one with it.
                if self.hands.lanes.take(turn).is_some() {
                    let failure = Failure::new(FailureClass::ModelMissing, message.clone());
                    self.fail(turn.1, failure, None)?;
                }
            }
        }
        Ok(())
    }

    /// Servers in use are looked at now and then; where none is there for tasks that wait, the
    /// run gives up after a while. Nothing is watched while nothing waits.
    pub(super) fn watch_servers(&mut self) {
        // A server that named a time will be there then.
        let rests = self.hands.servers.health.iter().any(|health| health.distrust.is_resting());
        let starving = self.hands.calls.is_empty()
            && self.hands.lanes.have_waiting()
            && !rests
            && !self.waits_for_other_runs();
        if starving && !self.hands.starving {
            let at = self.now() + self.settings.give_up_after.0;
            self.hands.timers.set(Timer::GiveUp, at);
        } else if !starving {
            self.hands.timers.clear(Timer::GiveUp);
        }
        self.hands.starving = starving;
        let at = self.now() + self.settings.observe_every.0;
        let ids: Vec<_> = self.settings.servers().map(|(id, _)| id).collect();
        for id in ids {
            let in_use = self.hands.servers.get(id).calls() > 0;
            let timer = Timer::Observe(id);
            match (in_use, self.hands.timers.is_set(timer)) {
                (true, false) => self.hands.timers.set(timer, at),
                (false, true) => self.hands.timers.clear(timer),
                _ => {}
            }
        }
    }
}

fn nobody_has(lane: &Lane) -> String {
    let Lane { model, requires, .. } = lane;
    if requires.is_empty() {
        format!("no server has the model `{model}`")
    } else {
        format!("no server with {} has the model `{model}`", requires.join(", "))
    }
}
