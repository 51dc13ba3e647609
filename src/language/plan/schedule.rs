//! What a plan would take with enough servers: times of waves and tasks, the critical path, and
//! what the barriers cost.

use std::ops::Range;
use std::time::Duration;

use petgraph::algo::toposort;
use petgraph::graph::{DiGraph, NodeIndex};

use super::model::{Plan, ScopeId, Task, TaskId, WaveId, Work};

/// What a plan would take if every task took its estimate and no server was ever busy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// One task after the other.
    pub sequential: Duration,
    /// As the plan runs.
    pub parallel: Duration,
    /// As it would run if no wave waited for another.
    pub parallel_without_barriers: Duration,
    /// The tasks that decide how long it takes, in order. Tasks that use a pattern are not on it,
    /// the pattern's tasks are.
    pub critical_path: Vec<TaskId>,
    /// For each task, when it would start and end, counted from the start of the plan.
    pub times: Vec<Range<Duration>>,
    /// For each task, how long it takes from its start to the end of everything that waits for
    /// it: what is longest should start first.
    pub remaining: Vec<Duration>,
}

impl Plan {
    /// What the plan would take.
    pub fn forecast(&self) -> Forecast {
        let estimates = self.estimates();
        let with_barriers = Timing::of(self, &estimates, Barriers::Kept);
        let without = Timing::of(self, &estimates, Barriers::Ignored);
        Forecast {
            sequential: self.tasks.iter().map(one_after_the_other).sum(),
            parallel: with_barriers.end(),
            parallel_without_barriers: without.end(),
            critical_path: with_barriers.critical_path(self),
            times: with_barriers
                .begin
                .iter()
                .copied()
                .zip(with_barriers.end.iter().copied())
                .map(|(begin, end)| begin..end)
                .collect(),
            remaining: remaining(self),
        }
    }

    /// The waves whose barrier alone makes the plan longer, with how much: what would be won if
    /// only this wave said `barrier: false`.
    pub fn barrier_costs(&self) -> Vec<(WaveId, Duration)> {
        let estimates = self.estimates();
        let kept = Timing::of(self, &estimates, Barriers::Kept).end();
        let without = |id| Timing::of(self, &estimates, Barriers::Without(id)).end();
        let waves = (0..).map(WaveId).zip(&self.waves).filter(|(_, wave)| wave.barrier);
        waves
            .map(|(id, _)| (id, kept.saturating_sub(without(id))))
            .filter(|(_, cost)| !cost.is_zero())
            .collect()
    }

    /// How much longer the plan takes because waves wait for others, where each task takes what
    /// stands at its place in `times`. Tasks that use a pattern take what is inside them.
    pub fn cost_of_barriers(&self, times: &[Duration]) -> Duration {
        let kept = Timing::of(self, times, Barriers::Kept).end();
        kept.saturating_sub(Timing::of(self, times, Barriers::Ignored).end())
    }

    fn estimates(&self) -> Vec<Duration> {
        self.tasks.iter().map(|task| task.estimate.0).collect()
    }
}

/// How long a task is expected to take when nothing is done beside anything else.
fn one_after_the_other(task: &Task) -> Duration {
    match &task.work {
        Work::Iterate(iterate) => iterate.estimates().0,
        _ => task.estimate.0,
    }
}

/// The graph of needs over all scopes: an edge from what is needed to who needs it.
fn graph(plan: &Plan) -> DiGraph<TaskId, ()> {
    let mut graph = DiGraph::with_capacity(plan.tasks.len(), plan.tasks.len());
    for (id, _) in plan.tasks() {
        graph.add_node(id);
    }
    let node = |task: TaskId| NodeIndex::new(task.index());
    for (id, task) in plan.tasks() {
        for need in &task.needs {
            graph.add_edge(node(need.task), node(id), ());
        }
    }
    graph
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Barriers {
    Kept,
    Ignored,
    /// All but the barrier of this wave.
    Without(WaveId),
}

impl Barriers {
    fn hold(self, wave: WaveId) -> bool {
        match self {
            Barriers::Kept => true,
            Barriers::Ignored => false,
            Barriers::Without(other) => other != wave,
        }
    }
}

/// When each task would start and end, and after which one.
struct Timing<'t> {
    /// What each takes.
    times: &'t [Duration],
    begin: Vec<Duration>,
    end: Vec<Duration>,
    after: Vec<Option<TaskId>>,
}

impl<'t> Timing<'t> {
    fn of(plan: &Plan, times: &'t [Duration], barriers: Barriers) -> Timing<'t> {
        let count = plan.tasks.len();
        let mut timing = Timing {
            times,
            begin: vec![Duration::ZERO; count],
            end: vec![Duration::ZERO; count],
            after: vec![None; count],
        };
        timing.scope(plan, ScopeId::ROOT, (Duration::ZERO, None), barriers);
        timing
    }

    fn end(&self) -> Duration {
        self.end.iter().copied().max().unwrap_or_default()
    }

    /// Times the tasks of a scope that starts after `begin`, and gives the scope's end with the
    /// task that ends it.
    fn scope(
        &mut self,
        plan: &Plan,
        scope: ScopeId,
        begin: (Duration, Option<TaskId>),
        barriers: Barriers,
    ) -> (Duration, Option<TaskId>) {
        let mut open = begin;
        let mut latest = begin;
        for id in &plan.scope(scope).waves {
            let wave = plan.wave(*id);
            if wave.barrier && barriers.hold(*id) {
                open = latest;
            }
            for id in in_order(plan, &wave.tasks) {
                let task = plan.task(id);
                let start = task
                    .needs
                    .iter()
                    .map(|need| {
                        (self.end[need.task.index()], Some(self.last_inside(plan, need.task)))
                    })
                    .fold(open, later);
                self.begin[id.index()] = start.0;
                let end = match &task.work {
                    Work::Call { scope, .. } => self.scope(plan, *scope, start, barriers),
                    _ => {
                        self.after[id.index()] = start.1;
                        (start.0 + self.times[id.index()], Some(id))
                    }
                };
                if matches!(task.work, Work::Call { .. }) {
                    self.after[id.index()] = end.1;
                }
                self.end[id.index()] = end.0;
                latest = later(latest, end);
            }
        }
        latest
    }

    /// The task that ends a task: itself, or the last one inside a pattern that it uses.
    fn last_inside(&self, plan: &Plan, id: TaskId) -> TaskId {
        match &plan.task(id).work {
            Work::Call { .. } => self.after[id.index()].unwrap_or(id),
            _ => id,
        }
    }

    fn critical_path(&self, plan: &Plan) -> Vec<TaskId> {
        let work = plan.tasks().filter(|(_, task)| !matches!(task.work, Work::Call { .. }));
        let last = work.map(|(id, _)| id).fold(None, |last: Option<TaskId>, id| match last {
            Some(last) if self.end[last.index()] >= self.end[id.index()] => Some(last),
            _ => Some(id),
        });
        let mut path = Vec::new();
        let mut next = last;
        while let Some(id) = next {
            path.push(id);
            next = self.after[id.index()];
        }
        path.reverse();
        path
    }
}

/// The later of two moments; the first where they are equal.
fn later(
    first: (Duration, Option<TaskId>),
    second: (Duration, Option<TaskId>),
) -> (Duration, Option<TaskId>) {
    if second.0 > first.0 { second } else { first }
}

/// The tasks of a wave so that each comes after what it needs of the same wave: computed waves
/// have none such, waves without a barrier may.
fn in_order(plan: &Plan, tasks: &[TaskId]) -> Vec<TaskId> {
    let inside = |id: TaskId| tasks.binary_search(&id).is_ok();
    let independent =
        tasks.iter().all(|id| !plan.task(*id).needs.iter().any(|need| inside(need.task)));
    if independent {
        return tasks.to_vec();
    }
    let order = toposort(&graph(plan), None).unwrap_or_default();
    order.into_iter().map(|node| TaskId(node.index() as u32)).filter(|id| inside(*id)).collect()
}

/// For each task its estimate and the longest chain of those that need it. A task inside a
/// pattern counts what waits for the pattern as well.
fn remaining(plan: &Plan) -> Vec<Duration> {
    let graph = graph(plan);
    let mut remaining = vec![Duration::ZERO; plan.tasks.len()];
    let order = toposort(&graph, None).unwrap_or_default();
    // Callers first, so that what waits for a pattern is known to the tasks inside it.
    let depth = |id: TaskId| {
        std::iter::successors(plan.scope(plan.task(id).scope).caller, |caller| {
            plan.scope(plan.task(*caller).scope).caller
        })
        .count()
    };
    let mut backwards: Vec<TaskId> =
        order.into_iter().rev().map(|node| TaskId(node.index() as u32)).collect();
    backwards.sort_by_key(|id| depth(*id));
    for id in backwards {
        let task = plan.task(id);
        let waiting = graph
            .neighbors(NodeIndex::new(id.index()))
            .map(|node| remaining[node.index()])
            .max()
            .unwrap_or_default();
        let outside = plan.scope(task.scope).caller.map(|caller| remaining[caller.index()]);
        remaining[id.index()] = task.estimate.0 + waiting.max(outside.unwrap_or_default());
    }
    remaining
}
