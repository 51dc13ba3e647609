//! One simulated server: what it is, what it has, and what all servers of a cluster share.

use std::sync::Arc;
use std::time::Duration;

use crate::language::document::simulation::{
    AnswerRule, Capability, Profile, SimulatedModel, SimulatedServer,
};

use super::blobs::Blobs;
use super::clock::{self, Clock};
use super::faults::{Facts, FaultBook, Matcher};
use super::keep_alive::KeepAlive;
use super::listener::Port;
use super::log::Log;
use super::models::{Catalogue, Installed};
use super::names::ModelName;
use super::options::{Options, WindowLimits};
use super::scheduler::{Call, Limits, Loading, Scheduler};
use super::statistics::ServerStatistics;

/// What the servers of a cluster have in common.
pub(super) struct Shared {
    /// Time.
    pub(super) clock: Arc<Clock>,
    /// What decides invented answers.
    pub(super) seed: u64,
    /// The answer rules, in order.
    pub(super) answers: Vec<(Matcher, AnswerRule)>,
    /// The fault rules and their counts.
    pub(super) faults: FaultBook,
    /// All requests.
    pub(super) log: Log,
    /// All models that some server has: what there is to be pulled.
    pub(super) library: Catalogue,
}

/// How a request wants its model held.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    /// How long the model is to stay.
    pub(super) keep_alive: Option<KeepAlive>,
    /// Whether a full window makes room.
    pub(super) shift: bool,
    /// How much slower a fault makes the load.
    pub(super) slow: f64,
    /// What a fault makes of the load.
    pub(super) loading: Loading,
}

/// Which of Ollama's behaviours a version has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Era {
    /// A process of its own for each model (0.30 and later).
    pub(super) child_runner: bool,
    /// Models that can think do so unless told otherwise (0.12.4 and later).
    pub(super) thinks_unasked: bool,
}

impl Era {
    /// The era of a version; one that is no version number is taken for the newest.
    pub(super) fn of(version: &str) -> Era {
        let mut numbers = version.split(['.', '-', '+']).map_while(|part| part.parse::<u32>().ok());
        let read = numbers
            .next()
            .map(|major| (major, numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)));
        Era {
            child_runner: read.is_none_or(|version| version >= (0, 30, 0)),
            thinks_unasked: read.is_none_or(|version| version >= (0, 12, 4)),
        }
    }
}

/// One simulated server.
pub(super) struct Server {
    /// Its place in the profile.
    pub(super) place: usize,
    /// What the profile says about it.
    pub(super) settings: SimulatedServer,
    /// Its behaviour, by version.
    pub(super) era: Era,
    /// Its models.
    pub(super) catalogue: Catalogue,
    /// The parts of models that it was given.
    pub(super) blobs: Blobs,
    /// What runs when.
    pub(super) scheduler: Arc<Scheduler>,
    /// Where it listens.
    pub(super) port: Arc<Port>,
    /// What it shares with the others.
    pub(super) shared: Arc<Shared>,
}

impl Server {
    /// Puts a server together; its port is open already.
    pub(super) fn new(
        place: usize,
        profile: &Profile,
        models: &[(ModelName, SimulatedModel)],
        port: Port,
        shared: &Arc<Shared>,
    ) -> Server {
        let settings = profile.servers[place].clone();
        let limits = Limits {
            slots: settings.slots,
            queue: settings.queue as usize,
            loaded_models: settings.max_loaded_models as usize,
        };
        Server {
            place,
            era: Era::of(&settings.version),
            catalogue: Catalogue::new(models),
            blobs: Blobs::default(),
            scheduler: Arc::new(Scheduler::new(limits, shared.clock.clone())),
            port: Arc::new(port),
            shared: shared.clone(),
            settings,
        }
    }

    /// By what a duration of work is multiplied here, where a fault makes it slower by `slow`.
    pub(super) fn factor(&self, slow: f64) -> f64 {
        slow / self.settings.speed
    }

    /// How long loading a model takes: a quarter of a second, and the time to read its file.
    fn load_time(&self, model: &Installed, slow: f64) -> Duration {
        let reading = model.spec.size_gigabytes / self.settings.load_gigabytes_per_second;
        clock::seconds((0.25 + reading) * self.factor(slow))
    }

    /// What a request for a model asks of the scheduler.
    pub(super) fn call(&self, model: &Arc<Installed>, options: &Options, wish: Wish) -> Call {
        let limits = WindowLimits {
            default: self.settings.context_length,
            trained: model.spec.context_length,
            least: model.least_window(),
        };
        // Models that only make vectors have one slot.
        let most_slots = if model.can(Capability::Completion) { u32::MAX } else { 1 };
        Call {
            model: model.clone(),
            options: options.load(limits, wish.shift),
            keep_alive: wish.keep_alive,
            load_time: self.load_time(model, wish.slow),
            loading: wish.loading,
            most_slots,
        }
    }

    /// The first answer rule about such a request.
    pub(super) fn rule(&self, facts: &Facts<'_>) -> Option<&AnswerRule> {
        let mut rules = self.shared.answers.iter();
        rules.find(|(matcher, _)| matcher.fits(facts)).map(|(_, rule)| rule)
    }

    /// What this server has done.
    pub(super) fn statistics(&self) -> ServerStatistics {
        let tally = self.shared.log.tally(self.place);
        let now = self.shared.clock.now();
        let state = self.scheduler.state();
        ServerStatistics {
            server: self.settings.name.clone(),
            requests: tally.work,
            failures: tally.failures,
            abandoned: tally.abandoned,
            other_requests: tally.others,
            model_loads: state.usage.loads,
            aborted_loads: state.usage.aborted_loads,
            unloads: state.usage.unloads,
            busy_ms: state.usage.busy(now).as_secs_f64() * 1000.0,
            active_slots: state.usage.active,
            highest_concurrency: state.usage.highest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_eras() {
        for (version, child_runner, thinks_unasked) in [
            ("0.33.1", true, true),
            ("0.30.0-rc1", true, true),
            ("0.12.11", false, true),
            ("0.12.3", false, false),
            ("0.5", false, false),
            ("1.0", true, true),
            ("main", true, true),
        ] {
            let era = Era { child_runner, thinks_unasked };
            assert_eq!(Era::of(version), era, "{version}");
        }
    }
}
