//! Models of later tasks are loaded while the tasks before them come to their end, on servers that
//! have nothing else to do.

use super::conduct::Engine;
use super::fold_error::FoldError;
use super::lanes::{Lane, LaneId};
use super::moves::TaskStatus;
use super::placement::View;
use super::settings::ServerId;
use super::urgency::Turn;
use super::vocabulary::{Command, Fact};
use crate::language::document::Policy;
use crate::language::plan::{TaskId, Work};

impl Engine {
    /// Has a model loaded that later tasks ask, where a server is idle while others work. A run that
    /// waits for a person loads nothing: that may take days.
    pub(super) fn warm(&mut self) -> Result<(), FoldError> {
        let may_warm =
            self.settings.policy == Policy::ModelAffinity && !self.hands.calls.is_empty();
        while may_warm && let Some((server, task)) = self.next_to_warm() {
            let plan = self.plan();
            let planned = plan.task(task);
            let Work::Ask(ask) = &planned.work else { return Ok(()) };
            let (model, timeout) = (self.model_of(ask), planned.limits.load);
            let settings = self.settings.server(server);
            self.hands.servers.get_mut(server).warming_started(settings, &model);
            self.record(Fact::WarmingStarted { server, model: model.clone() })?;
            let num_ctx = self.asked_window(&model);
            self.command(Command::Warm { server, model, num_ctx, timeout: timeout.0 });
        }
        Ok(())
    }

    /// An idle server, and the first later task whose model no server has that it could load.
    fn next_to_warm(&self) -> Option<(ServerId, TaskId)> {
        let view = self.view();
        let unserved: Vec<LaneId> =
            view.lanes.iter().filter(|(_, lane)| !view.is_served(lane)).map(|(id, _)| id).collect();
        let is_idle = |server: &ServerId| {
            let health = view.health(*server);
            health.is_usable()
                && health.is_ours()
                && health.is_idle()
                && !view.has_work_for(*server)
        };
        let idle: Vec<ServerId> =
            view.settings.servers().map(|(id, _)| id).filter(is_idle).collect();
        if unserved.is_empty() || idle.is_empty() {
            return None;
        }
        let mut wanted: Vec<(Turn, &Lane)> = unserved
            .iter()
            .filter_map(|id| Some((self.first_later(|lane| lane == *id)?, view.lanes.get(*id))))
            .collect();
        wanted.sort_by_key(|(turn, _)| *turn);
        wanted.into_iter().find_map(|(turn, lane)| {
            let server = idle.iter().copied().find(|server| {
                self.hands.servers.suits(*server, view.settings.server(*server), lane)
                    && view.health(*server).may_be_warmed(&lane.model)
                    && self.may_forget(*server, turn)
            })?;
            Some((server, turn.1))
        })
    }

    /// Whether a server has room, or nobody asks sooner for what it would forget.
    fn may_forget(&self, server: ServerId, sooner: Turn) -> bool {
        let view = self.view();
        let health = view.health(server);
        if health.has_room(view.settings.server(server)) {
            return true;
        }
        let Some(victim) = health.next_to_go() else { return false };
        let asks = |lane: LaneId| view.lanes.get(lane).model == victim;
        view.is_held_elsewhere(server, victim)
            || self.first_later(asks).is_none_or(|turn| turn > sooner)
    }

    /// The first task in its turn that has not begun, of certain lanes.
    pub(super) fn first_later(&self, of: impl Fn(LaneId) -> bool) -> Option<Turn> {
        let tasks = self.state.plan().tasks().map(|(id, _)| id);
        let is_later = |task: &TaskId| {
            self.hands.lanes.of(*task).is_some_and(&of)
                && self.state.task(*task).status == TaskStatus::Pending
                && self.state.kept(*task).is_none()
        };
        tasks.filter(is_later).map(|task| self.turn(task)).min()
    }
}

impl View<'_> {
    /// Whether tasks wait that a server could do, now or when it is free.
    pub(super) fn has_work_for(self, server: ServerId) -> bool {
        let settings = self.settings.server(server);
        let mut lanes = self.lanes.iter().map(|(_, lane)| lane);
        lanes.any(|lane| lane.backlog() > 0 && self.servers.suits(server, settings, lane))
    }
}
