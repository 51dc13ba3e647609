//! What every picture of a plan shows: waves with tasks in them, needs between tasks of one scope,
//! used patterns opened or closed.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use crate::interface::report::plan::{Depth, critical_tasks, doer, tasks_inside};
use crate::interface::report::units::{counted, roughly};
use crate::interface::report::width::one_line;
use crate::language::plan::{Forecast, NeedKind, Over, Plan, Purpose, ScopeId, Task, TaskId, Work};

/// A plan, or a used pattern that is shown with its tasks.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) waves: Vec<DrawnWave>,
    pub(super) edges: Vec<Edge>,
}

/// A wave and its tasks.
#[derive(Debug)]
pub(super) struct DrawnWave {
    /// Its number and name.
    pub(super) title: String,
    /// When it is expected to start and to end.
    pub(super) times: Range<Duration>,
    /// Whether it waits for all waves before it.
    pub(super) barrier: bool,
    pub(super) nodes: Vec<Node>,
}

/// A task.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) id: TaskId,
    pub(super) name: String,
    /// Its address in the plan.
    pub(super) path: String,
    /// Who or what does it.
    pub(super) doer: String,
    pub(super) condition: Option<String>,
    /// How long it is expected to take.
    pub(super) estimate: Duration,
    pub(super) shape: Shape,
    /// Whether it is on the critical path, itself or with a task inside it.
    pub(super) critical: Importance,
    /// The tasks of the pattern that it uses.
    pub(super) inside: Option<Outline>,
}

/// What kind of work a task is, which decides its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Work,
    Synthesis,
    Check,
    Approval,
    Pattern,
    Tool,
    Message,
}

/// Whether something decides how long the plan takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Importance {
    Usual,
    Critical,
}

/// A need, from what is needed to who needs it.
#[derive(Debug)]
pub(super) struct Edge {
    pub(super) from: TaskId,
    pub(super) to: TaskId,
    pub(super) kind: NeedKind,
    pub(super) critical: Importance,
}

impl Node {
    /// Who or what does it, and for how long.
    pub(super) fn second_line(&self) -> String {
        match self.estimate.is_zero() {
            true => self.doer.clone(),
            false => format!("{}, {}", self.doer, roughly(self.estimate)),
        }
    }
}

/// What a picture shows, with so many levels of used patterns opened.
pub(super) fn outline(plan: &Plan, depth: Depth) -> Outline {
    let forecast = plan.forecast();
    let critical = critical_tasks(plan, &forecast);
    let steps = critical_steps(plan, &forecast);
    Drawing { plan, forecast, critical, steps }.scope(ScopeId::ROOT, depth)
}

/// What a picture is about, in a sentence.
pub(super) fn description(plan: &Plan) -> String {
    let forecast = plan.forecast();
    let path: Vec<&str> =
        forecast.critical_path.iter().map(|id| plan.task(*id).path.as_str()).collect();
    format!(
        "{} in {}, drawn from left to right. Critical path: {}.",
        counted(plan.tasks.len(), "task", "tasks"),
        counted(plan.root().waves.len(), "wave", "waves"),
        path.join(", ")
    )
}

struct Drawing<'p> {
    plan: &'p Plan,
    forecast: Forecast,
    critical: BTreeSet<TaskId>,
    steps: BTreeSet<(TaskId, TaskId)>,
}

impl Drawing<'_> {
    fn scope(&self, scope: ScopeId, depth: Depth) -> Outline {
        let plan = self.plan;
        let scope = plan.scope(scope);
        let waves = (1..).zip(&scope.waves).map(|(number, wave)| {
            let wave = plan.wave(*wave);
            let times = wave.tasks.iter().map(|id| &self.forecast.times[id.index()]);
            let begin = times.clone().map(|times| times.start).min().unwrap_or_default();
            let end = times.map(|times| times.end).max().unwrap_or_default();
            DrawnWave {
                title: format!("{number} {}", wave.name),
                times: begin..end,
                barrier: wave.barrier && number > 1,
                nodes: wave.tasks.iter().map(|id| self.node(*id, depth)).collect(),
            }
        });
        let edges = scope.tasks.iter().flat_map(|to| {
            plan.task(*to).needs.iter().map(|need| Edge {
                from: need.task,
                to: *to,
                kind: need.kind,
                critical: importance(self.steps.contains(&(need.task, *to))),
            })
        });
        Outline { waves: waves.collect(), edges: edges.collect() }
    }

    fn node(&self, id: TaskId, depth: Depth) -> Node {
        let plan = self.plan;
        let task = plan.task(id);
        let times = &self.forecast.times[id.index()];
        let inside = match (&task.work, depth.inside()) {
            (Work::Call { scope, .. }, Some(depth)) => Some(self.scope(*scope, depth)),
            _ => None,
        };
        let doer = match &task.work {
            Work::Call { scope, .. } if inside.is_none() => format!(
                "{}, {}",
                doer(plan, task),
                counted(tasks_inside(plan, *scope), "task", "tasks")
            ),
            _ => doer(plan, task),
        };
        Node {
            id,
            name: task.name.clone(),
            path: task.path.clone(),
            doer,
            condition: task.when.as_deref().map(one_line),
            estimate: times.end.saturating_sub(times.start),
            shape: shape(task),
            critical: importance(self.critical.contains(&id)),
            inside,
        }
    }
}

fn importance(is_critical: bool) -> Importance {
    match is_critical {
        true => Importance::Critical,
        false => Importance::Usual,
    }
}

fn shape(task: &Task) -> Shape {
    match &task.work {
        Work::Ask(ask)
            if matches!(ask.purpose, Purpose::Task | Purpose::Plan | Purpose::Planned) =>
        {
            Shape::Work
        }
        Work::Ask(_) | Work::Combine(_) => Shape::Synthesis,
        Work::Check { .. } => Shape::Check,
        Work::Approve { .. } => Shape::Approval,
        Work::Call { .. } => Shape::Pattern,
        Work::Tool(_) => Shape::Tool,
        Work::Send(_) => Shape::Message,
        Work::Iterate(iterate) => match iterate.over {
            Over::Review(_) => Shape::Check,
            Over::Expand(_) => Shape::Pattern,
            _ => shape(iterate.task()),
        },
    }
}

/// The steps of the critical path as pairs of tasks of one scope: a step from inside a used
/// pattern to a task outside is one from the task that uses the pattern.
fn critical_steps(plan: &Plan, forecast: &Forecast) -> BTreeSet<(TaskId, TaskId)> {
    let outwards =
        |id: TaskId| std::iter::successors(Some(id), |id| plan.scope(plan.task(*id).scope).caller);
    let in_one_scope = |step: &[TaskId]| {
        outwards(step[0])
            .flat_map(|from| outwards(step[1]).map(move |to| (from, to)))
            .find(|(from, to)| plan.task(*from).scope == plan.task(*to).scope)
    };
    forecast.critical_path.windows(2).filter_map(in_one_scope).collect()
}
