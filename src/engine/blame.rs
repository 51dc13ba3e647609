//! What is held against servers: which are left alone, which of their models, and until when.

use super::conduct::Engine;
use super::distrust::BAN;
use super::failure::{Blame, Failure, FailureClass};
use super::fold_error::FoldError;
use super::settings::{ServerId, pause};
use super::timers::Timer;
use super::vocabulary::{Fact, Observation};
use crate::language::digest::FullHash;

impl Engine {
    /// What a failure says about its server.
    pub(super) fn blame(
        &mut self,
        server: ServerId,
        model: &str,
        failure: &Failure,
    ) -> Result<(), FoldError> {
        let most = self.settings.breaker_failures;
        let health = self.hands.servers.get_mut(server);
        if failure.class == FailureClass::ModelMissing {
            health.lacks_model(model);
        }
        let leave = match failure.class.treatment().blame {
            Blame::Gone => health.is_in_use(),
            Blame::Counts => health.failed(most),
            Blame::None => false,
        };
        let failed_too_often =
            matches!(failure.class, FailureClass::Crashed | FailureClass::LoadFailed)
                && health.model_failed(model);
        if let Some(pause) = failure.retry_after {
            let until = self.now() + pause.0;
            self.hands.servers.get_mut(server).distrust.rest(until);
            self.forgive(server);
        }
        if leave {
            return self.leave_server(server, failure.message.clone());
        }
        if failed_too_often && self.another_may_have(server, model) {
            return self.leave_model(server, model, failure.message.clone());
        }
        Ok(())
    }

    /// Whether another server has a model, or may have it as far as is known.
    fn another_may_have(&self, server: ServerId, model: &str) -> bool {
        let mut others = self.settings.servers().filter(|(id, _)| *id != server);
        others.any(|(id, _)| self.hands.servers.get(id).has_model(model) != Some(false))
    }

    fn leave_model(
        &mut self,
        server: ServerId,
        model: &str,
        reason: String,
    ) -> Result<(), FoldError> {
        let until = self.now() + BAN;
        self.hands.servers.get_mut(server).distrust.ban(model, until);
        self.forgive(server);
        self.record(Fact::ModelLeft { server, model: model.to_owned(), reason, until })
    }

    /// Forgets what is no longer held against a server, and comes back when the next is over.
    pub(super) fn forgive(&mut self, server: ServerId) {
        let now = self.now();
        match self.hands.servers.get_mut(server).distrust.forgive(now) {
            Some(next) => self.hands.timers.set(Timer::Forgive(server), next),
            None => self.hands.timers.clear(Timer::Forgive(server)),
        }
    }

    fn leave_server(&mut self, server: ServerId, reason: String) -> Result<(), FoldError> {
        let name = &self.settings.server(server).name;
        let spread = FullHash::of(name.as_bytes()).number();
        let openings = self.hands.servers.get(server).openings();
        let until = self.now() + pause(self.settings.breaker_open, openings, spread);
        let known = !self.hands.servers.get(server).is_being_tried();
        self.hands.servers.get_mut(server).leave(until);
        self.forget_windows(server);
        self.hands.servers.prefixes.forget_server(server);
        self.hands.timers.clear(Timer::Observe(server));
        self.hands.timers.set(Timer::Breaker(server), until);
        if known { self.record(Fact::ServerLeft { server, reason, until }) } else { Ok(()) }
    }

    /// A server has been looked at, because it was left, because it is in use, or at the start.
    pub(super) fn observed(
        &mut self,
        server: ServerId,
        observation: &Observation,
    ) -> Result<(), FoldError> {
        if server.index() >= self.settings.servers.len() {
            return Ok(());
        }
        let most = self.settings.breaker_failures;
        let now = self.now();
        self.windows_seen(server, observation);
        self.residents_seen(server, observation);
        self.files_seen(server, observation)?;
        let health = self.hands.servers.get_mut(server);
        if health.seen(observation, most, &self.settings.digests) {
            self.hands.timers.clear(Timer::Breaker(server));
            if self.state.inputs.is_some() {
                self.record(Fact::ServerReturned { server })?;
            }
        }
        if let Observation::Down { reason } = observation {
            let health = self.hands.servers.get_mut(server);
            let begun = self.state.inputs.is_some();
            let leave = health.is_being_tried() || !begun || health.failed(most);
            if leave && health.open_until().is_none() {
                if begun {
                    return self.leave_server(server, reason.clone());
                }
                let until = now + self.settings.breaker_open.first;
                health.leave(until);
                self.hands.timers.set(Timer::Breaker(server), until);
            }
        }
        Ok(())
    }
}
