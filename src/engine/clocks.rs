//! The clocks of an attempt: loading, the first token, silence, the whole.
//!
//! One of the first three runs at a time, and which one is the attempt's stage. A model that is
//! being loaded is waited for: asking again would begin the load anew. What a server says of its
//! loaded models decides when the load is over; the first token does in any case.

use std::collections::BTreeSet;

use super::conduct::Engine;
use super::failure::{Failure, FailureClass};
use super::fold_error::FoldError;
use super::hands::Ongoing;
use super::servers::full_name;
use super::settings::ServerId;
use super::timers::Timer;
use super::vocabulary::{AttemptId, Command, Observation, Outcome};

/// What an attempt waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// That the model is loaded, as far as is known.
    Load(Sight),
    /// The first token; the model is loaded.
    FirstToken,
    /// More tokens.
    Tokens,
    /// That a tool is done; it has a time of its own.
    Tool,
}

/// Whether a server has said that it lacks a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// It has been looked at since the attempt began, and the model was not loaded.
    Seen,
    /// It has not, or does not say.
    Supposed,
}

impl Stage {
    pub(super) fn is_load(self) -> bool {
        matches!(self, Stage::Load(_))
    }

    /// The stage of an attempt that begins.
    pub(super) fn of_start(is_cold: bool) -> Stage {
        if is_cold { Stage::Load(Sight::Supposed) } else { Stage::FirstToken }
    }
}

impl Engine {
    /// An attempt is under way: its clocks run.
    pub(super) fn start_clocks(&mut self, attempt: AttemptId, ongoing: Ongoing) {
        let total = self.state.plan().task(attempt.task).limits.total.0;
        let stage = ongoing.stage;
        self.hands.timers.set(Timer::Total(attempt), ongoing.since + total);
        self.hands.begin_call(attempt, ongoing);
        self.enter(attempt, stage);
    }

    /// Stops all clocks of an attempt.
    pub(super) fn stop_clocks(&mut self, attempt: AttemptId) {
        for timer in [
            Timer::Load(attempt),
            Timer::FirstToken(attempt),
            Timer::Silence(attempt),
            Timer::Total(attempt),
        ] {
            self.hands.timers.clear(timer);
        }
    }

    /// A token has come: the first ends the wait for it, each puts the next silence off.
    pub(super) fn attempt_continued(&mut self, attempt: AttemptId) {
        let Some(call) = self.hands.calls.get(&attempt) else {
            return;
        };
        if call.stage != Stage::Tokens {
            let (server, model) = (call.server, call.model.clone());
            if self.loaded_as_asked(server, &model) {
                // Now the server can say with which window it has loaded the model.
                self.command(Command::Observe(server));
            }
        }
        self.enter(attempt, Stage::Tokens);
    }

    /// Goes over to a stage, and starts its clock from now.
    pub(super) fn enter(&mut self, attempt: AttemptId, stage: Stage) {
        let limits = self.state.plan().task(attempt.task).limits;
        let clock = match stage {
            Stage::Load(_) => Some((Timer::Load(attempt), limits.load)),
            Stage::FirstToken => Some((Timer::FirstToken(attempt), limits.first_token)),
            Stage::Tokens => Some((Timer::Silence(attempt), limits.silence)),
            Stage::Tool => None,
        };
        for other in [Timer::Load(attempt), Timer::FirstToken(attempt), Timer::Silence(attempt)] {
            self.hands.timers.clear(other);
        }
        if let Some((timer, limit)) = clock {
            self.hands.timers.set(timer, self.now() + limit.0);
        }
        let now = self.now();
        if let Some(ongoing) = self.hands.calls.get_mut(&attempt) {
            ongoing.stage = stage;
            ongoing.working_since = match stage {
                Stage::Load(_) => None,
                Stage::FirstToken | Stage::Tokens | Stage::Tool => {
                    ongoing.working_since.or(Some(now))
                }
            };
        }
    }

    /// A server has said which models it has loaded: attempts that wait for a load go on to wait
    /// for their first token, and those whose model is not there after all wait for its load.
    pub(super) fn residents_seen(&mut self, server: ServerId, observation: &Observation) {
        let Observation::Up { resident: Some(resident), .. } = observation else {
            return;
        };
        let listed: BTreeSet<String> = resident.iter().map(|name| full_name(name)).collect();
        let resident = self.hands.servers.get_mut(server).distrust.believed(listed);
        let waiting = self.hands.calls.iter().filter(|(_, call)| call.server == server);
        let changed: Vec<(AttemptId, Stage)> = waiting
            .filter_map(|(attempt, call)| {
                let is_resident = resident.contains(&full_name(&call.model));
                let stage = match call.stage {
                    Stage::Load(_) if is_resident => Stage::FirstToken,
                    Stage::FirstToken if !is_resident => Stage::Load(Sight::Seen),
                    _ => return None,
                };
                Some((*attempt, stage))
            })
            .collect();
        for (attempt, stage) in changed {
            self.enter(attempt, stage);
        }
        for call in self.hands.calls.values_mut() {
            if call.server == server && call.stage == Stage::Load(Sight::Supposed) {
                call.stage = Stage::Load(Sight::Seen);
            }
        }
    }

    /// A clock of an attempt has run out.
    pub(super) fn attempt_too_slow(
        &mut self,
        timer: Timer,
        attempt: AttemptId,
    ) -> Result<(), FoldError> {
        let Some(ongoing) = self.hands.calls.get(&attempt) else {
            return self.tool_too_slow(attempt);
        };
        if timer == Timer::Load(attempt) && ongoing.stage == Stage::Load(Sight::Supposed) {
            // The server does not say what it loads: the model may well be there.
            self.enter(attempt, Stage::FirstToken);
            return Ok(());
        }
        let failure = self.too_slow(timer, attempt, ongoing);
        let Some(ongoing) = self.hands.end_call(attempt) else {
            return Ok(());
        };
        self.command(Command::Abort(attempt));
        let outcome = Outcome::Failed { failure, answer: None, usage: None };
        self.end_attempt(attempt, ongoing, outcome)
    }

    fn too_slow(&self, timer: Timer, attempt: AttemptId, ongoing: &Ongoing) -> Failure {
        let limits = self.state.plan().task(attempt.task).limits;
        let server = &self.settings.server(ongoing.server).name;
        let model = &ongoing.model;
        let waited = self.now().since(ongoing.since).as_secs_f64();
        match timer {
            Timer::Load(_) => Failure::new(
                FailureClass::LoadTimeout,
                format!(
                    "{server} has not loaded {model} in {waited:.1} s; allow more with `timeout: \
                     {{ load: … }}`, or see why the server loads slowly"
                ),
            ),
            Timer::FirstToken(_) => Failure::new(
                FailureClass::FirstTokenTimeout,
                format!("no first token from {server} in {waited:.1} s"),
            ),
            Timer::Silence(_) => Failure::new(
                FailureClass::Stalled,
                format!("{server} stopped in mid-answer for {}", limits.silence),
            ),
            _ => Failure::new(
                FailureClass::TotalTimeout,
                format!("no whole answer from {server} in {}", limits.total),
            ),
        }
    }
}
