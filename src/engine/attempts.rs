//! Attempts: begun, watched, ended, and what follows.

use std::time::Duration;

use super::clocks::Stage;
use super::conduct::Engine;
use super::experience::Took;
use super::failure::{Change, Failure, FailureClass, Remedy};
use super::fold_error::FoldError;
use super::hands::Ongoing;
use super::manifest::seed;
use super::moves::TaskStatus;
use super::servers::full_name;
use super::settings::{ServerId, pause};
use super::task_state::TaskState;
use super::time::Time;
use super::timers::Timer;
use super::vocabulary::{AttemptId, Call, Changes, Command, Fact, GoesOn, Next, Outcome};
use crate::language::digest::{Digest, FullHash};
use crate::language::plan::{Ask, RetryPolicy, TaskId, Work};

/// Besides two for every server, how often a task may move because servers fail it.
const SPARE_MOVES: u32 = 8;

/// An attempt that is to begin.
pub(super) struct Start {
    pub(super) task: TaskId,
    pub(super) server: ServerId,
    pub(super) request: Digest,
    /// About how many tokens the request has.
    pub(super) tokens: u64,
    /// Until when the task was to have a server.
    pub(super) queue_deadline: Option<Time>,
    /// Whether another attempt at the task goes on beside it.
    pub(super) hedge: bool,
}

impl Engine {
    /// The model that a task asks.
    pub(super) fn model_of(&self, ask: &Ask) -> String {
        ask.model.clone().unwrap_or_else(|| self.settings.default_model.clone())
    }

    /// Asks a server, unless its window is known to be too small.
    pub(super) fn start_attempt(
        &mut self,
        task: TaskId,
        server: ServerId,
        request: Digest,
    ) -> Result<(), FoldError> {
        let plan = self.plan();
        let Work::Ask(ask) = &plan.task(task).work else {
            return Ok(());
        };
        let tokens = self.take_prompt_tokens(task);
        let queue_deadline = self.hands.timers.take(Timer::Queue(task));
        if let Some(failure) = self.too_long_for(server, &self.model_of(ask), tokens) {
            return self.fail(task, failure, None);
        }
        self.begin_attempt(Start { task, server, request, tokens, queue_deadline, hedge: false })
    }

    /// Asks a server that can do it.
    pub(super) fn begin_attempt(&mut self, start: Start) -> Result<(), FoldError> {
        let Start { task, server, request, tokens, queue_deadline, hedge } = start;
        let plan = self.plan();
        let planned = plan.task(task);
        let Work::Ask(ask) = &planned.work else {
            return Ok(());
        };
        let model = self.model_of(ask);
        let state = self.state.task(task);
        let attempt = AttemptId { task, number: state.attempts + 1 };
        let changes = changes(state);
        let seed = seed(&self.settings, &planned.path, state.variation);
        let key = self.key_of(task, &request, server);
        let full = full_name(&model);
        let num_ctx = self.asked_window(&full);
        let window = self.window(server, &full);
        let health = self.hands.servers.get_mut(server);
        let is_cold = health.is_cold(&full);
        health.call_started(self.settings.server(server), &full);
        let prefix = self.hands.lanes.of(task).and_then(|lane| self.hands.lanes.get(lane).prefix);
        let prefixes = &mut self.hands.servers.prefixes;
        let place = (server, full.clone());
        if is_cold {
            prefixes.forget(server, &place.1);
        }
        let slots = self.settings.server(server).slots;
        let is_remembered = prefixes.begin(attempt, place, slots, prefix);
        let ongoing = Ongoing {
            server,
            model: full,
            since: self.now(),
            is_cold,
            estimate: planned.estimate.0,
            prefix,
            is_remembered,
            stage: Stage::of_start(is_cold),
            working_since: None,
            is_hedged: false,
            queue_deadline,
            key,
        };
        self.start_clocks(attempt, ongoing);
        let expected = self.expected_of(task, tokens);
        self.tell_passed(task, expected)?;
        self.record(Fact::AttemptStarted {
            attempt,
            server,
            model: model.clone(),
            request: request.clone(),
            tokens,
            expected,
            hedge,
        })?;
        let call = Call { attempt, server, model, request, seed, num_ctx, window, changes };
        self.command(Command::Call(call));
        Ok(())
    }

    /// The driver says that an attempt is over. One that is not under way is none of ours.
    pub(super) fn attempt_ended(
        &mut self,
        attempt: AttemptId,
        outcome: Outcome,
    ) -> Result<(), FoldError> {
        match self.hands.end_call(attempt) {
            Some(ongoing) => self.end_attempt(attempt, ongoing, outcome),
            None => Ok(()),
        }
    }

    /// The attempts at a task of a run that is taken up again: their driver is gone.
    pub(super) fn lose_attempts(&mut self, task: TaskId) -> Result<(), FoldError> {
        let at = self.now();
        let under_way: Vec<AttemptId> =
            self.state.task(task).under_way().map(|(attempt, _)| attempt).collect();
        for attempt in under_way {
            self.lose_attempt(attempt, at)?;
        }
        self.hands.timers.set(Timer::Retry(task), at);
        Ok(())
    }

    /// A task that must not be done twice fails where its last attempt was cut off.
    pub(super) fn fail_if_unknown(&mut self, task: TaskId) -> Result<(), FoldError> {
        if !self.state.plan().task(task).is_once() || !self.state.task(task).was_lost {
            return Ok(());
        }
        self.hands.timers.clear(Timer::Retry(task));
        let message = "it was cut off, and nobody knows whether it was done; look before you have it \
                       done again with `partita retry`";
        self.fail(task, Failure::new(FailureClass::OutcomeUnknown, message), None)
    }

    /// An attempt was broken off. The other one goes on if there is one, and else the task is asked
    /// again, not before a moment.
    pub(super) fn lose_attempt(&mut self, attempt: AttemptId, at: Time) -> Result<(), FoldError> {
        let beside = self.state.task(attempt.task).beside(attempt);
        let next = if beside.is_some() { Next::GoesOn } else { Next::Move { at } };
        self.record(Fact::AttemptEnded { attempt, outcome: Outcome::Lost, next, key: None })
    }

    pub(super) fn end_attempt(
        &mut self,
        attempt: AttemptId,
        ongoing: Ongoing,
        outcome: Outcome,
    ) -> Result<(), FoldError> {
        self.stop_clocks(attempt);
        let Ongoing { server, model, since, estimate, queue_deadline, is_remembered, key, .. } =
            ongoing;
        let key = key.filter(|_| matches!(outcome, Outcome::Answered { .. }));
        let beside = self.state.task(attempt.task).beside(attempt);
        let next = match &outcome {
            Outcome::Answered { usage, .. } => {
                if let Some(slower) = beside {
                    self.supersede(slower)?;
                }
                self.hands.servers.get_mut(server).answered(&model);
                let took = Took {
                    whole: self.now().since(since),
                    load: Duration::from_micros(usage.load_us),
                    estimate,
                };
                let experience = &mut self.hands.servers.experience;
                experience.answered(server, &model, took);
                if !is_remembered {
                    let reading = Duration::from_micros(usage.prompt_us);
                    experience.has_read(server, &model, usage.prompt_tokens, reading);
                }
                Next::Done
            }
            Outcome::Lost | Outcome::Superseded if beside.is_some() => Next::GoesOn,
            Outcome::Lost | Outcome::Superseded => Next::Move { at: self.now() },
            Outcome::Failed { failure, .. } => {
                let failure = failure.clone();
                self.blame(server, &model, &failure)?;
                match beside {
                    Some(_) => Next::GoesOn,
                    None => self.next_attempt(attempt, server, &failure),
                }
            }
        };
        self.record(Fact::AttemptEnded { attempt, outcome, next, key })?;
        match next {
            Next::Retry { at } | Next::Move { at } => {
                self.hands.timers.set(Timer::Retry(attempt.task), at);
            }
            Next::Wait { at } => {
                self.hands.timers.set(Timer::Retry(attempt.task), at);
                // No server has taken the task: it still waits for one.
                if let Some(deadline) = queue_deadline {
                    self.hands.timers.set(Timer::Queue(attempt.task), deadline);
                }
            }
            Next::FallBack => self.fall_back_if(attempt.task, next),
            Next::Done | Next::GoesOn => {}
        }
        Ok(())
    }

    fn next_attempt(&self, attempt: AttemptId, server: ServerId, failure: &Failure) -> Next {
        let class = failure.class;
        let plan = self.state.plan();
        let task = plan.task(attempt.task);
        let state = self.state.task(attempt.task);
        // It may have been done, as far as anybody knows.
        if task.is_once() && (!class.is_turned_away() || state.used_tools) {
            return self.after_failure(attempt.task);
        }
        let lane = self.hands.lanes.of(attempt.task).map(|lane| self.hands.lanes.get(lane));
        let elsewhere =
            lane.is_some_and(|lane| self.hands.servers.has_other(&self.settings, lane, server));
        let spread = FullHash::of(format!("{}/{}", task.path, attempt.number).as_bytes()).number();
        let asked = failure.retry_after.map_or(Duration::ZERO, |pause| pause.0);
        let after = |number: u32| self.now() + pause(task.retry.backoff, number, spread).max(asked);
        let elsewhere_or_after = |number: u32| if elsewhere { self.now() } else { after(number) };
        let servers = u32::try_from(self.settings.servers.len()).unwrap_or(0);
        let may_retry = state.counted + 1 < task.retry.max_attempts;
        let is_chosen = is_chosen(&task.retry, class);
        let treatment = class.treatment();
        match treatment.remedy {
            // Each of the others is asked at once, and after that none of them.
            Remedy::Wait if elsewhere && state.waits + 1 < servers => Next::Wait { at: self.now() },
            Remedy::Wait => Next::Wait { at: after(state.waits) },
            Remedy::Move if state.moves < 2 * servers + SPARE_MOVES => {
                Next::Move { at: elsewhere_or_after(state.moves) }
            }
            Remedy::Elsewhere if state.moves < servers => {
                Next::Move { at: elsewhere_or_after(state.moves) }
            }
            Remedy::RetryOnce if state.retried.contains(&class) => self.after_failure(attempt.task),
            Remedy::Retry | Remedy::RetryOnce if !is_chosen => self.after_failure(attempt.task),
            Remedy::Move | Remedy::Retry | Remedy::RetryOnce if may_retry => {
                let at_once = treatment.change != Change::Server;
                let at = if at_once { self.now() } else { elsewhere_or_after(state.counted) };
                Next::Retry { at }
            }
            _ => self.after_failure(attempt.task),
        }
    }

    /// Whether a task is waiting to be tried again.
    pub(super) fn is_backing_off(&self, task: TaskId) -> bool {
        self.state.task(task).status == TaskStatus::BackingOff
    }
}

/// Whether a task is to be tried again behind a class of failure.
fn is_chosen(retry: &RetryPolicy, class: FailureClass) -> bool {
    let Some(classes) = &retry.classes else {
        return true;
    };
    classes.iter().any(|chosen| FailureClass::from(*chosen) == class)
}

/// What the next attempt at a task does otherwise than those that failed.
fn changes(state: &TaskState) -> Changes {
    let repair = state.rejected.as_deref().and_then(|(answer, failure)| {
        let is_shown = failure.class.treatment().change == Change::Question;
        is_shown.then(|| (answer.clone(), failure.message.clone()))
    });
    Changes {
        repair,
        variation: state.variation,
        doublings: u32::from(state.retried.contains(&FailureClass::CutByLength)),
        goes_on: goes_on(state),
    }
}

/// The talk that goes on, if a person has decided about a tool, or there is news of runs.
fn goes_on(state: &TaskState) -> Option<GoesOn> {
    if let Some(awaited) = state.awaited.as_deref().filter(|awaited| awaited.heard) {
        return Some(GoesOn::Heard { talk: awaited.awaiting.talk.clone() });
    }
    let permission = state.permission.as_deref()?;
    let (choice, by) = permission.decision.clone()?;
    Some(GoesOn::Decided { talk: permission.talk.clone(), choice, by })
}
