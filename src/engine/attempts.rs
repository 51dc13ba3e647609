//! Attempts: begun, watched, ended, and what follows.

use std::time::Duration;

use super::conduct::Engine;
use super::experience::Took;
use super::failure::{Blame, Failure, FailureClass, Remedy};
use super::hands::Ongoing;
use super::moves::TaskStatus;
use super::servers::full_name;
use super::settings::{ServerId, pause};
use super::state::FoldError;
use super::timers::Timer;
use super::vocabulary::{AttemptId, Call, Command, Fact, Next, Observation, Outcome};
use crate::language::digest::{Digest, FullHash};
use crate::language::plan::{Ask, TaskId, Work};

/// Besides two for every server, how often a task may move because servers fail it.
const SPARE_MOVES: u32 = 8;

impl Engine {
    /// The model that a task asks.
    pub(super) fn model_of(&self, ask: &Ask) -> String {
        ask.model.clone().unwrap_or_else(|| self.settings.default_model.clone())
    }

    pub(super) fn start_attempt(
        &mut self,
        task: TaskId,
        server: ServerId,
        request: Digest,
    ) -> Result<(), FoldError> {
        let plan = self.plan();
        let planned = plan.task(task);
        let Work::Ask(ask) = &planned.work else {
            return Ok(());
        };
        let model = self.model_of(ask);
        let state = self.state.task(task);
        let attempt = AttemptId { task, number: state.attempts + 1 };
        let rejected = state.rejected.clone();
        let complaint = state.failure.as_ref().map(|failure| failure.message.clone());
        let seed = self.settings.seed.map(|seed| {
            let text = format!("{seed}/{}/{}", planned.path, state.variation);
            // Seeds are sent as positive 31-bit numbers, which every runner takes.
            u32::try_from(FullHash::of(text.as_bytes()).number() >> 33).unwrap_or_default()
        });
        let health = self.hands.servers.get_mut(server);
        let cold = health.is_cold(&model);
        health.call_started(self.settings.server(server), &model);
        let now = self.now();
        let limits = planned.limits;
        let load = if cold { limits.load.0 } else { Duration::ZERO };
        self.hands.timers.clear(Timer::Queue(task));
        self.hands.timers.set(Timer::Total(attempt), now + limits.total.0);
        self.hands.timers.set(Timer::FirstToken(attempt), now + limits.first_token.0 + load);
        let ongoing = Ongoing {
            server,
            model: full_name(&model),
            since: now,
            is_cold: cold,
            estimate: planned.estimate.0,
        };
        self.hands.calls.insert(attempt, ongoing);
        self.record(Fact::AttemptStarted {
            attempt,
            server,
            model: model.clone(),
            request: request.clone(),
        })?;
        let repair = rejected.zip(complaint);
        self.command(Command::Call(Call { attempt, server, model, request, seed, repair }));
        Ok(())
    }

    /// A token has come: the first ends the wait for it, each puts the next silence off.
    pub(super) fn attempt_continued(&mut self, attempt: AttemptId) {
        if self.hands.calls.contains_key(&attempt) {
            let silence = self.state.plan().task(attempt.task).limits.silence.0;
            let at = self.now() + silence;
            self.hands.timers.clear(Timer::FirstToken(attempt));
            self.hands.timers.set(Timer::Silence(attempt), at);
        }
    }

    /// The driver says that an attempt is over. One that is not under way is none of ours.
    pub(super) fn attempt_ended(
        &mut self,
        attempt: AttemptId,
        outcome: Outcome,
    ) -> Result<(), FoldError> {
        match self.hands.calls.remove(&attempt) {
            Some(ongoing) => self.end_attempt(attempt, ongoing, outcome),
            None => Ok(()),
        }
    }

    pub(super) fn attempt_too_slow(
        &mut self,
        timer: Timer,
        attempt: AttemptId,
    ) -> Result<(), FoldError> {
        let Some(ongoing) = self.hands.calls.remove(&attempt) else {
            return Ok(());
        };
        let limits = self.state.plan().task(attempt.task).limits;
        let server = &self.settings.server(ongoing.server).name;
        let waited = self.now().since(ongoing.since).as_secs_f64();
        let (class, message) = match timer {
            Timer::FirstToken(_) => (
                FailureClass::FirstTokenTimeout,
                format!("no first token from {server} in {waited:.1} s"),
            ),
            Timer::Silence(_) => (
                FailureClass::Stalled,
                format!("{server} stopped in mid-answer for {}", limits.silence),
            ),
            _ => (
                FailureClass::TotalTimeout,
                format!("no whole answer from {server} in {}", limits.total),
            ),
        };
        self.command(Command::Abort(attempt));
        let failure = Failure::new(class, message);
        let outcome = Outcome::Failed { failure, answer: None, usage: None };
        self.end_attempt(attempt, ongoing, outcome)
    }

    /// The attempt of a run that is taken up again: its driver is gone.
    pub(super) fn lose_attempt(&mut self, task: TaskId) -> Result<(), FoldError> {
        let Some((attempt, _)) = self.state.task(task).running else {
            return Ok(());
        };
        let at = self.now();
        self.hands.timers.set(Timer::Retry(task), at);
        let (outcome, next) = (Outcome::Lost, Next::Move { at });
        self.record(Fact::AttemptEnded { attempt, outcome, next })
    }

    fn end_attempt(
        &mut self,
        attempt: AttemptId,
        ongoing: Ongoing,
        outcome: Outcome,
    ) -> Result<(), FoldError> {
        for timer in [Timer::FirstToken(attempt), Timer::Silence(attempt), Timer::Total(attempt)] {
            self.hands.timers.clear(timer);
        }
        let Ongoing { server, model, since, estimate, .. } = ongoing;
        let health = self.hands.servers.get_mut(server);
        health.call_ended(&model);
        let next = match &outcome {
            Outcome::Answered { usage, .. } => {
                health.answered(&model);
                let took = Took {
                    whole: self.now().since(since),
                    load: Duration::from_micros(usage.load_us),
                    estimate,
                };
                self.hands.servers.experience.answered(server, &model, took);
                Next::Done
            }
            Outcome::Lost => Next::Move { at: self.now() },
            Outcome::Failed { failure, .. } => {
                let failure = failure.clone();
                self.blame(server, &model, &failure)?;
                self.next_attempt(attempt, server, failure.class)
            }
        };
        self.record(Fact::AttemptEnded { attempt, outcome, next })?;
        match next {
            Next::Retry { at } | Next::Move { at } => {
                self.hands.timers.set(Timer::Retry(attempt.task), at);
            }
            Next::FallBack => self.fall_back_if(attempt.task, next),
            Next::Done => {}
        }
        Ok(())
    }

    fn next_attempt(&self, attempt: AttemptId, server: ServerId, class: FailureClass) -> Next {
        let plan = self.state.plan();
        let task = plan.task(attempt.task);
        let state = self.state.task(attempt.task);
        let lane = self.hands.lanes.of(attempt.task).map(|lane| self.hands.lanes.get(lane));
        let elsewhere =
            lane.is_some_and(|lane| self.hands.servers.has_other(&self.settings, lane, server));
        let spread = FullHash::of(format!("{}/{}", task.path, attempt.number).as_bytes()).number();
        let after = |number: u32| self.now() + pause(task.retry.backoff, number, spread);
        let most_moves = 2 * u32::try_from(self.settings.servers.len()).unwrap_or(0) + SPARE_MOVES;
        let may_retry = state.counted + 1 < task.retry.max_attempts;
        match class.remedy() {
            Remedy::Move if state.moves < most_moves => {
                Next::Move { at: if elsewhere { self.now() } else { after(state.moves) } }
            }
            Remedy::Move | Remedy::RetryElsewhere if may_retry => {
                Next::Retry { at: if elsewhere { self.now() } else { after(state.counted) } }
            }
            Remedy::RetryOtherwise if may_retry => Next::Retry { at: self.now() },
            _ => self.after_failure(attempt.task),
        }
    }

    /// What a failure says about its server.
    fn blame(&mut self, server: ServerId, model: &str, failure: &Failure) -> Result<(), FoldError> {
        let most = self.settings.breaker_failures;
        let health = self.hands.servers.get_mut(server);
        if failure.class == FailureClass::ModelMissing {
            health.lacks_model(model);
        }
        let leave = match failure.class.blame() {
            Blame::Gone => health.is_usable(),
            Blame::Counts => health.failed(most),
            Blame::None => false,
        };
        if leave { self.leave_server(server, failure.message.clone()) } else { Ok(()) }
    }

    fn leave_server(&mut self, server: ServerId, reason: String) -> Result<(), FoldError> {
        let name = &self.settings.server(server).name;
        let spread = FullHash::of(name.as_bytes()).number();
        let openings = self.hands.servers.get(server).openings();
        let until = self.now() + pause(self.settings.breaker_open, openings, spread);
        let known = !self.hands.servers.get(server).is_being_tried();
        self.hands.servers.get_mut(server).leave(until);
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
        if self.hands.servers.get_mut(server).seen(observation, most) {
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

    /// Whether a task is waiting to be tried again.
    pub(super) fn is_backing_off(&self, task: TaskId) -> bool {
        self.state.task(task).status == TaskStatus::BackingOff
    }
}
