//! What is going on at the moment: not stored, and empty again when a run is taken up.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::clocks::Stage;
use super::lanes::Lanes;
use super::placement::Servers;
use super::prefixes::Prefix;
use super::resources::{Allocation, Resources};
use super::reuse::Search;
use super::settings::{ServerId, Settings};
use super::shares::SharingTold;
use super::spending::Held;
use super::time::Time;
use super::timers::Timers;
use super::tool_tasks::ToolCalls;
use super::vocabulary::{AttemptId, Command, DecidedAhead};
use crate::language::digest::Digest;
use crate::language::document::Priority;
use crate::language::plan::{Plan, ScopeId, TaskId};

#[derive(Debug)]
pub(super) struct Hands {
    /// Tasks that need a server and have none yet.
    pub(super) lanes: Lanes,
    /// The most urgent that any task is, where tasks differ in that.
    pub(super) most_urgent: Option<Priority>,
    /// How urgent tasks have become that have waited long.
    pub(super) aged: BTreeMap<TaskId, Priority>,
    /// Tasks that a budget holds back.
    pub(super) held: Held,
    /// Tasks that the driver is looking at.
    pub(super) preparing: BTreeSet<TaskId>,
    /// Tasks whose answers are looked for among those of earlier runs; they are being looked at.
    pub(super) searches: BTreeMap<TaskId, Search>,
    /// The files that servers last said their models to be, of the models that the run asks.
    pub(super) files: BTreeMap<ServerId, BTreeMap<String, String>>,
    /// About how many tokens prepared prompts have.
    pub(super) prompt_tokens: BTreeMap<TaskId, u64>,
    /// The windows that servers have loaded models with for calls of this run, by full name, in
    /// tokens; none until they have said it.
    pub(super) windows: BTreeMap<(ServerId, String), Option<u32>>,
    /// Decisions at gates that have not been opened yet, by their addresses.
    pub(super) decided_ahead: BTreeMap<String, DecidedAhead>,
    /// Scopes of which it is being found out what there is to do for those who get their posts.
    pub(super) staffing: BTreeSet<ScopeId>,
    /// Scopes whose outputs are being made.
    pub(super) concluding: BTreeSet<ScopeId>,
    /// Attempts under way.
    pub(super) calls: BTreeMap<AttemptId, Ongoing>,
    /// Tools that tasks call.
    pub(super) tools: ToolCalls,
    /// What those take of what is limited.
    pub(super) allocation: Allocation,
    pub(super) servers: Servers,
    pub(super) timers: Timers,
    /// With whom each server is shared, and whether that is told.
    pub(super) sharing: SharingTold,
    /// Since when nothing could be placed although nothing is under way.
    pub(super) starving: bool,
    /// What the driver must do, in order.
    pub(super) commands: Vec<Command>,
    /// Whether the run has stopped, for now or for good.
    pub(super) stopped: bool,
}

/// An attempt under way.
#[derive(Debug, Clone)]
pub(super) struct Ongoing {
    pub(super) server: ServerId,
    /// The model's full name.
    pub(super) model: String,
    pub(super) since: Time,
    /// Whether the model had to be loaded for it, as far as was known.
    pub(super) is_cold: bool,
    /// How long the plan expects it to take.
    pub(super) estimate: Duration,
    /// How its prompt begins, where that is long.
    pub(super) prefix: Option<Prefix>,
    /// Whether the slot had read that before, as far as is known.
    pub(super) is_remembered: bool,
    /// What it waits for.
    pub(super) stage: Stage,
    /// Since when its model has been loaded, as far as is known.
    pub(super) working_since: Option<Time>,
    /// Whether a second attempt was begun beside it.
    pub(super) is_hedged: bool,
    /// Until when the task was to have a server.
    pub(super) queue_deadline: Option<Time>,
    /// The key under which other runs find its answer, if they may.
    pub(super) key: Option<Digest>,
}

impl Hands {
    pub(super) fn new(plan: &Plan, settings: &Settings) -> Hands {
        let resources = Resources::of(plan, settings);
        Hands {
            lanes: Lanes::new(plan, settings, &resources),
            most_urgent: None,
            aged: BTreeMap::new(),
            held: Held::default(),
            preparing: BTreeSet::new(),
            searches: BTreeMap::new(),
            files: BTreeMap::new(),
            prompt_tokens: BTreeMap::new(),
            windows: BTreeMap::new(),
            decided_ahead: BTreeMap::new(),
            staffing: BTreeSet::new(),
            concluding: BTreeSet::new(),
            calls: BTreeMap::new(),
            tools: ToolCalls::default(),
            allocation: Allocation::new(resources),
            servers: Servers::new(settings.servers.len()),
            timers: Timers::default(),
            sharing: SharingTold::default(),
            starving: false,
            commands: Vec::new(),
            stopped: false,
        }
    }

    /// Knows the tasks that the plan has grown by.
    pub(super) fn grow(&mut self, plan: &Plan, settings: &Settings) {
        self.allocation.grow(plan, settings);
        self.lanes.grow(plan, &settings.default_model, self.allocation.resources());
    }

    /// Knows tasks anew that have not begun, and are asked of others than was thought.
    pub(super) fn know_again(&mut self, plan: &Plan, settings: &Settings, tasks: &[TaskId]) {
        self.allocation.know_again(plan, settings, tasks);
        let resources = self.allocation.resources();
        self.lanes.know_again(plan, &settings.default_model, resources, tasks);
    }

    /// A call begins, and takes what is limited.
    pub(super) fn begin_call(&mut self, attempt: AttemptId, ongoing: Ongoing) {
        self.allocation.take(attempt.task);
        self.calls.insert(attempt, ongoing);
    }

    /// A call is over, and what it has taken is free again; none where it is not under way.
    pub(super) fn end_call(&mut self, attempt: AttemptId) -> Option<Ongoing> {
        let ongoing = self.calls.remove(&attempt)?;
        self.allocation.give_back(attempt.task);
        self.held.call_ended();
        self.servers.get_mut(ongoing.server).call_ended(&ongoing.model);
        self.servers.prefixes.end(attempt, ongoing.server, &ongoing.model);
        Some(ongoing)
    }
}
