//! Tasks that need a server, by what they ask of it: tasks of a lane can do for each other, so that
//! whoever looks for work looks at lanes, of which there are few.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::prefixes::{Prefix, prefixes};
use super::resources::{Allocation, ResourceId, Resources, Share};
use super::servers::full_name;
use super::settings::Settings;
use super::urgency::Turn;
use crate::language::digest::Digest;
use crate::language::plan::{Plan, TaskId, Work};

/// Which lane: its place in [`Lanes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LaneId(usize);

/// Tasks that ask the same model of servers with the same tags, take the same of what is limited, and
/// begin their prompts in the same way, where that is long.
#[derive(Debug)]
pub(super) struct Lane {
    /// The model's full name.
    pub(super) model: String,
    /// Tags that a server must have.
    pub(super) requires: Vec<String>,
    /// What each of its calls takes.
    pub(super) takes: Vec<Share>,
    /// How its prompts begin, where that is long and the same for all.
    pub(super) prefix: Option<Prefix>,
    /// How long its tasks are estimated to take, all together, and how many they are.
    estimates: (Duration, u32),
    /// Tasks that may start; they are looked at when their turn comes.
    ready: BTreeSet<Turn>,
    /// Tasks that the driver is looking at.
    preparing: BTreeSet<TaskId>,
    /// Tasks that wait for a server, with what it will be asked.
    queue: BTreeMap<Turn, Digest>,
}

#[derive(Debug, Default)]
pub(super) struct Lanes {
    lanes: Vec<Lane>,
    known: BTreeMap<Kind, LaneId>,
    /// How the prompts of each agent begin, where that is long.
    prefixes: Vec<Option<Prefix>>,
    /// The lane of every task that asks a model, and how long it is estimated to take.
    of_task: Vec<Option<(LaneId, Duration)>>,
}

impl Lane {
    /// How long its tasks are estimated to take, on the whole.
    pub(super) fn estimate(&self) -> Duration {
        let (all, tasks) = self.estimates;
        all / tasks.max(1)
    }

    /// Tasks that wait for a server, and those that soon will.
    pub(super) fn backlog(&self) -> usize {
        self.ready.len() + self.preparing.len() + self.queue.len()
    }

    /// Whether a task could be given to a server now.
    pub(super) fn has_waiting(&self) -> bool {
        !self.queue.is_empty()
    }

    /// The tasks that could be given to a server now, in their turns.
    pub(super) fn waiting(&self) -> impl Iterator<Item = Turn> {
        self.queue.keys().copied()
    }

    /// The turn of the most urgent task, looked at or not.
    pub(super) fn first(&self) -> Option<Turn> {
        let queued = self.queue.first_key_value().map(|(turn, _)| *turn);
        [queued, self.ready.first().copied()].into_iter().flatten().min()
    }
}

/// What a task asks of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Demand {
    /// The model.
    pub(super) model: String,
    /// Tags that the server must have.
    pub(super) requires: Vec<String>,
    /// What its call takes of what is limited.
    pub(super) takes: Vec<Share>,
    /// How its prompt begins, where that is long.
    pub(super) prefix: Option<Prefix>,
    /// How long the task is estimated to take.
    pub(super) estimate: Duration,
}

/// What the tasks of a lane have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    model: String,
    requires: Vec<String>,
    takes: Vec<Share>,
    prefix: Option<Prefix>,
}

impl Lanes {
    pub(super) fn new(plan: &Plan, settings: &Settings, resources: &Resources) -> Lanes {
        let prefixes = prefixes(plan, settings.guidance.as_ref());
        let mut lanes = Lanes { prefixes, ..Lanes::default() };
        lanes.grow(plan, &settings.default_model, resources);
        lanes
    }

    /// Knows the tasks that the plan has grown by.
    pub(super) fn grow(&mut self, plan: &Plan, default_model: &str, resources: &Resources) {
        for (id, _) in plan.tasks().skip(self.of_task.len()) {
            let demand = self.demand(plan, id, default_model, resources);
            self.add(demand);
        }
    }

    /// Knows tasks anew that have not begun.
    pub(super) fn know_again(
        &mut self,
        plan: &Plan,
        default_model: &str,
        resources: &Resources,
        tasks: &[TaskId],
    ) {
        for id in tasks {
            if let Some((lane, estimate)) = self.of_task[id.index()].take() {
                let (all, tasks) = &mut self.lanes[lane.0].estimates;
                *all = all.saturating_sub(estimate);
                *tasks = tasks.saturating_sub(1);
            }
            let demand = self.demand(plan, *id, default_model, resources);
            self.of_task[id.index()] = demand.map(|demand| self.lane(demand));
        }
    }

    fn demand(
        &self,
        plan: &Plan,
        id: TaskId,
        default_model: &str,
        resources: &Resources,
    ) -> Option<Demand> {
        let task = plan.task(id);
        let Work::Ask(ask) = &task.work else { return None };
        Some(Demand {
            model: ask.model.as_deref().unwrap_or(default_model).to_owned(),
            requires: plan.agent_of(task).map_or(&[][..], |agent| &agent.requires).to_vec(),
            takes: resources.of_task(id).to_vec(),
            prefix: self.prefixes.get(ask.agent.index()).copied().flatten(),
            estimate: task.estimate.0,
        })
    }

    /// The lanes of tasks by what each asks; those that ask no server are in none.
    #[cfg(test)]
    pub(super) fn of_demands(demands: impl IntoIterator<Item = Option<Demand>>) -> Lanes {
        let mut lanes = Lanes::default();
        demands.into_iter().for_each(|demand| lanes.add(demand));
        lanes
    }

    /// Knows the next task by what it asks.
    fn add(&mut self, demand: Option<Demand>) {
        let lane = demand.map(|demand| self.lane(demand));
        self.of_task.push(lane);
    }

    /// The lane of a task, and how long it is estimated to take.
    fn lane(&mut self, demand: Demand) -> (LaneId, Duration) {
        let Demand { model, requires, takes, prefix, estimate } = demand;
        let kind = Kind { model: full_name(&model), requires, takes, prefix };
        let id = match self.known.get(&kind) {
            Some(id) => *id,
            None => {
                let id = self.open(kind.clone());
                self.known.insert(kind, id);
                id
            }
        };
        let (all, tasks) = &mut self.lanes[id.0].estimates;
        *all += estimate;
        *tasks += 1;
        (id, estimate)
    }

    fn open(&mut self, kind: Kind) -> LaneId {
        let Kind { model, requires, takes, prefix } = kind;
        self.lanes.push(Lane {
            model,
            requires,
            takes,
            prefix,
            estimates: (Duration::ZERO, 0),
            ready: BTreeSet::new(),
            preparing: BTreeSet::new(),
            queue: BTreeMap::new(),
        });
        LaneId(self.lanes.len() - 1)
    }

    pub(super) fn get(&self, id: LaneId) -> &Lane {
        &self.lanes[id.0]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (LaneId, &Lane)> {
        self.lanes.iter().enumerate().map(|(place, lane)| (LaneId(place), lane))
    }

    pub(super) fn of(&self, task: TaskId) -> Option<LaneId> {
        self.of_task[task.index()].map(|(lane, _)| lane)
    }

    /// How long a task that asks a model is estimated to take.
    pub(super) fn estimate_of(&self, task: TaskId) -> Duration {
        self.of_task[task.index()].map(|(_, estimate)| estimate).unwrap_or_default()
    }

    /// Whether no task is in any lane.
    pub(super) fn are_empty(&self) -> bool {
        self.lanes.iter().all(|lane| lane.backlog() == 0)
    }

    /// Whether a task waits that could be given to a server now.
    pub(super) fn have_waiting(&self) -> bool {
        self.lanes.iter().any(Lane::has_waiting)
    }

    /// The lanes of which a task could be given to a server as far as limits go. Whoever comes later
    /// takes nothing of which an earlier one has not enough: it could else wait for ever.
    pub(super) fn unlimited(&self, allocation: &Allocation) -> BTreeSet<LaneId> {
        let waiting = self.iter().filter_map(|(id, lane)| {
            let (first, _) = lane.queue.first_key_value()?;
            Some((*first, id, &lane.takes))
        });
        let mut waiting: Vec<_> = waiting.collect();
        waiting.sort();
        let mut short: BTreeSet<ResourceId> = BTreeSet::new();
        let mut free = BTreeSet::new();
        for (_, id, takes) in waiting {
            let before = short.len();
            let is_held_back = takes.iter().any(|share| short.contains(&share.resource));
            short.extend(allocation.short_of(takes));
            if !is_held_back && short.len() == before {
                free.insert(id);
            }
        }
        free
    }

    /// A task may start.
    pub(super) fn add_ready(&mut self, turn: Turn) {
        if let Some(lane) = self.lane_of(turn.1) {
            lane.ready.insert(turn);
        }
    }

    /// Tasks that are to be looked at, so that in no lane more than so many have been.
    pub(super) fn take_to_prepare(&mut self, most: usize) -> Vec<TaskId> {
        let mut taken = Vec::new();
        for lane in &mut self.lanes {
            while lane.preparing.len() + lane.queue.len() < most
                && let Some((_, task)) = lane.ready.pop_first()
            {
                lane.preparing.insert(task);
                taken.push(task);
            }
        }
        taken
    }

    /// A task has been looked at, whatever came of it.
    pub(super) fn prepared(&mut self, task: TaskId) {
        if let Some(lane) = self.lane_of(task) {
            lane.preparing.remove(&task);
        }
    }

    /// A task waits for a server.
    pub(super) fn enqueue(&mut self, turn: Turn, request: Digest) {
        if let Some(lane) = self.lane_of(turn.1) {
            lane.queue.insert(turn, request);
        }
    }

    /// Takes a task that waits for a server out; what it would be asked.
    pub(super) fn take(&mut self, turn: Turn) -> Option<Digest> {
        self.lane_of(turn.1)?.queue.remove(&turn)
    }

    /// Whether a task needs a server and has none.
    pub(super) fn has(&self, turn: Turn) -> bool {
        self.of(turn.1).is_some_and(|lane| {
            let Lane { ready, preparing, queue, .. } = self.get(lane);
            ready.contains(&turn) || preparing.contains(&turn.1) || queue.contains_key(&turn)
        })
    }

    /// A task has another turn.
    pub(super) fn change_turn(&mut self, before: Turn, after: Turn) {
        if let Some(lane) = self.lane_of(before.1) {
            if lane.ready.remove(&before) {
                lane.ready.insert(after);
            }
            if let Some(request) = lane.queue.remove(&before) {
                lane.queue.insert(after, request);
            }
        }
    }

    /// Takes a task out, wherever it is.
    pub(super) fn remove(&mut self, turn: Turn) {
        if let Some(lane) = self.lane_of(turn.1) {
            lane.ready.remove(&turn);
            lane.queue.remove(&turn);
            lane.preparing.remove(&turn.1);
        }
    }

    fn lane_of(&mut self, task: TaskId) -> Option<&mut Lane> {
        let (LaneId(place), _) = self.of_task.get(task.index()).copied().flatten()?;
        self.lanes.get_mut(place)
    }
}
