//! The one gate through which every start of a call goes, whatever its cause.

use super::conduct::Engine;
use super::failure::{Failure, FailureClass};
use super::placement::{Demand, Placement};
use super::state::FoldError;
use super::timers::Timer;
use super::vocabulary::Command;
use crate::language::digest::Digest;
use crate::language::plan::{TaskId, Work};

/// Besides two for every slot, how many tasks are looked at before a server is free for them.
const SPARE_PREPARATIONS: usize = 16;

impl Engine {
    /// Has tasks looked at, as many as may soon be placed: prompts are large, and a condition is
    /// best evaluated late.
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
        while self.hands.preparing.len() + self.hands.queue.len() < most {
            let Some((_, task)) = self.hands.ready.pop_first() else {
                return;
            };
            self.hands.preparing.insert(task);
            self.command(Command::Prepare(task));
        }
    }

    /// A task waits for a server.
    pub(super) fn enqueue(&mut self, task: TaskId, request: Digest) {
        let turn = self.turn(task);
        self.hands.queue.insert(turn, request);
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
            self.enqueue(task, request);
        }
    }

    pub(super) fn queued_too_long(&mut self, task: TaskId) -> Result<(), FoldError> {
        let turn = self.turn(task);
        // A task that servers were too busy for waits as well, outside the queue.
        if self.hands.queue.remove(&turn).is_none() && !self.is_backing_off(task) {
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

    /// Gives tasks to servers, in their turns, as far as there is room.
    pub(super) fn place(&mut self) -> Result<(), FoldError> {
        let plan = self.plan();
        let waiting: Vec<_> = self.hands.queue.keys().copied().collect();
        for turn in waiting {
            let most = usize::try_from(self.settings.max_parallel).unwrap_or(usize::MAX);
            if self.hands.calls.len() >= most || self.hands.servers.all_full(&self.settings) {
                break;
            }
            let (_, task) = turn;
            let planned = plan.task(task);
            let Work::Ask(ask) = &planned.work else {
                continue;
            };
            if !self.hands.queue.contains_key(&turn) {
                // An earlier one has failed and taken this one with it.
                continue;
            }
            let model = self.model_of(ask);
            let requires = plan.agent_of(planned).map_or(&[][..], |agent| &agent.requires);
            let avoid = self.state.task(task).avoid;
            let demand = Demand { model: &model, requires, avoid };
            match self.hands.servers.choose(&self.settings, demand) {
                Placement::Here(server) => {
                    if let Some(request) = self.hands.queue.remove(&turn) {
                        self.start_attempt(task, server, request)?;
                    }
                }
                Placement::Later => {}
                Placement::Nowhere => {
                    self.hands.queue.remove(&turn);
                    let message = if requires.is_empty() {
                        format!("no server has the model `{model}`")
                    } else {
                        format!("no server with {} has the model `{model}`", requires.join(", "))
                    };
                    self.fail(task, Failure::new(FailureClass::ModelMissing, message), None)?;
                }
            }
        }
        Ok(())
    }

    /// Servers in use are looked at now and then; where none is there for tasks that wait, the
    /// run gives up after a while. Nothing is watched while nothing waits.
    pub(super) fn watch_servers(&mut self) {
        let starving = self.hands.calls.is_empty() && !self.hands.queue.is_empty();
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
