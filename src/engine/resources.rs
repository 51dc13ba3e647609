//! What is limited besides the slots of servers, and what the call of each task takes of it: the
//! run's calls at a time, those of a model and for an agent, and the resources that tasks name.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;

use super::servers::full_name;
use super::settings::Settings;
use crate::language::plan::{Plan, Task, TaskId, Work};

/// Which resource: its place in [`Resources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResourceId(usize);

/// What is limited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limited {
    /// The calls of the run.
    Run,
    /// The calls of a model, by its full name.
    Model(String),
    /// The calls for all agents that are called so.
    Agents(String),
    /// The calls for one agent, by its team and its id.
    Agent {
        /// The team's name.
        team: String,
        /// The agent's id.
        agent: String,
    },
    /// A resource that tasks name.
    Named(String),
}

impl fmt::Display for Limited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limited::Run => f.write_str("max_parallel of the cluster"),
            Limited::Model(model) => write!(f, "the limit of the model `{model}`"),
            Limited::Agents(agent) => write!(f, "the limit of the agent `{agent}`"),
            Limited::Agent { team, agent } => write!(f, "max_parallel of `{agent}` in `{team}`"),
            Limited::Named(name) => write!(f, "the resource `{name}`"),
        }
    }
}

/// So many of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share {
    /// The resource.
    pub resource: ResourceId,
    /// How many; never more than there are.
    pub count: u32,
}

/// What is limited in a run, and what its tasks take of it.
#[derive(Debug, Clone)]
pub struct Resources {
    table: Table,
    of_task: Vec<Vec<Share>>,
}

impl Resources {
    /// The resources of a plan in its world. Whatever they are given, every task can have what it
    /// takes: of a resource that nobody limits there is one, and who takes more than there is takes
    /// all. Runs are refused before it comes to that.
    pub fn of(plan: &Plan, settings: &Settings) -> Resources {
        let mut resources = Resources { table: Table::default(), of_task: Vec::new() };
        resources.grow(plan, settings);
        resources
    }

    /// Knows the tasks that the plan has grown by.
    pub fn grow(&mut self, plan: &Plan, settings: &Settings) {
        for task in &plan.tasks[self.of_task.len()..] {
            let shares = self.table.shares(plan, settings, task);
            self.of_task.push(shares);
        }
    }

    /// Knows tasks anew that have not begun.
    fn know_again(&mut self, plan: &Plan, settings: &Settings, tasks: &[TaskId]) {
        for id in tasks {
            self.of_task[id.index()] = self.table.shares(plan, settings, plan.task(*id));
        }
    }

    /// Nothing is limited.
    #[cfg(test)]
    pub(super) fn none() -> Resources {
        Resources { table: Table::default(), of_task: Vec::new() }
    }

    /// What a task's call takes, in the order of resources; nothing where it asks no model.
    pub fn of_task(&self, task: TaskId) -> &[Share] {
        &self.of_task[task.index()]
    }

    /// What is limited.
    pub fn limited(&self, id: ResourceId) -> &Limited {
        &self.table.limited[id.0].0
    }

    /// How many there are.
    pub fn capacity(&self, id: ResourceId) -> u32 {
        self.table.limited[id.0].1
    }

    /// All resources that tasks take.
    pub fn ids(&self) -> impl Iterator<Item = ResourceId> {
        (0..self.table.limited.len()).map(ResourceId)
    }
}

#[derive(Debug, Clone, Default)]
struct Table {
    /// What is limited, and how many there are.
    limited: Vec<(Limited, u32)>,
    known: BTreeMap<Limited, ResourceId>,
}

impl Table {
    fn id(&mut self, limited: Limited, capacity: u32) -> ResourceId {
        let next = ResourceId(self.limited.len());
        let id = *self.known.entry(limited.clone()).or_insert(next);
        if id == next {
            self.limited.push((limited, capacity.max(NonZeroU32::MIN.get())));
        }
        id
    }

    /// What a task's call takes, in the order of resources; nothing where it asks no model.
    fn shares(&mut self, plan: &Plan, settings: &Settings, task: &Task) -> Vec<Share> {
        let one_call = |resource| Share { resource, count: 1 };
        let Work::Ask(ask) = &task.work else { return Vec::new() };
        let mut shares = vec![one_call(self.id(Limited::Run, settings.max_parallel))];
        let model = full_name(ask.model.as_deref().unwrap_or(&settings.default_model));
        for (name, most) in &settings.limits.models {
            if full_name(name) == model {
                shares.push(one_call(self.id(Limited::Model(model.clone()), most.get())));
            }
        }
        if let Some(asked) = plan.agents.get(ask.agent.index()) {
            for (name, most) in &settings.limits.agents {
                if asked.agent.is_called(name) {
                    let limited = Limited::Agents(name.clone());
                    shares.push(one_call(self.id(limited, most.get())));
                }
            }
            if let Some(most) = asked.max_parallel {
                let team = plan.teams.get(asked.team as usize);
                let team = team.map(|team| team.name().to_owned()).unwrap_or_default();
                let agent = asked.agent.id.to_string();
                let limited = Limited::Agent { team, agent };
                shares.push(one_call(self.id(limited, most.get())));
            }
        }
        for (name, count) in &ask.takes.0 {
            let most = settings.limits.resources.get(name).map_or(1, |most| most.get());
            let resource = self.id(Limited::Named(name.clone()), most);
            shares.push(Share { resource, count: count.get().min(most) });
        }
        shares.sort();
        shares
    }
}

/// What is in use of each resource at the moment.
#[derive(Debug)]
pub(super) struct Allocation {
    resources: Resources,
    in_use: Vec<u32>,
}

impl Allocation {
    pub(super) fn new(resources: Resources) -> Allocation {
        Allocation { in_use: vec![0; resources.table.limited.len()], resources }
    }

    /// Knows the tasks that the plan has grown by.
    pub(super) fn grow(&mut self, plan: &Plan, settings: &Settings) {
        self.resources.grow(plan, settings);
        self.in_use.resize(self.resources.table.limited.len(), 0);
    }

    /// Knows tasks anew that have not begun.
    pub(super) fn know_again(&mut self, plan: &Plan, settings: &Settings, tasks: &[TaskId]) {
        self.resources.know_again(plan, settings, tasks);
        self.in_use.resize(self.resources.table.limited.len(), 0);
    }

    pub(super) fn resources(&self) -> &Resources {
        &self.resources
    }

    /// The resources of which there is not enough at the moment.
    pub(super) fn short_of<'s>(
        &'s self,
        shares: &'s [Share],
    ) -> impl Iterator<Item = ResourceId> + 's {
        let is_short = |share: &&Share| {
            let free = self.resources.capacity(share.resource) - self.in_use[share.resource.0];
            share.count > free
        };
        shares.iter().filter(is_short).map(|share| share.resource)
    }

    /// What a task's call takes.
    pub(super) fn of_task(&self, task: TaskId) -> &[Share] {
        self.resources.of_task(task)
    }

    /// Whether there is enough for a call with these shares, and for all that wait besides.
    pub(super) fn spares<'s>(
        &self,
        shares: &'s [Share],
        waiting: impl Iterator<Item = (u32, &'s [Share])>,
    ) -> bool {
        let mut wanted: BTreeMap<ResourceId, u32> = BTreeMap::new();
        for (calls, shares) in waiting.chain([(1, shares)]) {
            for share in shares {
                let sum = wanted.entry(share.resource).or_default();
                *sum = sum.saturating_add(share.count.saturating_mul(calls));
            }
        }
        let is_free = |share: &Share| {
            let free = self.resources.capacity(share.resource) - self.in_use[share.resource.0];
            wanted.get(&share.resource).is_none_or(|wanted| *wanted <= free)
        };
        shares.iter().all(is_free)
    }

    /// The most calls with these shares at a time.
    pub(super) fn most_at_a_time(&self, shares: &[Share]) -> u32 {
        let most = |share: &Share| self.resources.capacity(share.resource) / share.count.max(1);
        shares.iter().map(most).min().unwrap_or(u32::MAX)
    }

    /// A call takes all that its task takes; whoever starts it has asked whether it is there.
    pub(super) fn take(&mut self, task: TaskId) {
        for share in self.resources.of_task(task) {
            self.in_use[share.resource.0] += share.count;
        }
    }

    /// A call is over.
    pub(super) fn give_back(&mut self, task: TaskId) {
        for share in self.resources.of_task(task) {
            self.in_use[share.resource.0] -= share.count;
        }
    }
}
