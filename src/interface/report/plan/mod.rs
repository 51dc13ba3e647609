//! A plan: for people as a table of waves or as a picture, for machines as JSON.

mod conditions;
mod json;
mod placement;
mod staff;
mod table;
mod text;

use serde_json::Value;

use super::units::counted;
use crate::language::document::StopSampling;
use crate::language::plan::{
    CombineMethod, Expand, Iterate, MOST_CANDIDATES, MessageTemplate, Over, Pairs, Plan, Review,
    Rung, RungKind, Task, TaskId, Work,
};
use crate::organization::AgentId;

pub use json::plan_json;
pub use placement::{placement_json, placement_text};
pub use table::{TableLook, waves_text};
pub(super) use table::{critical_tasks, tasks_inside};
pub use text::plan_text;

/// How many levels of used patterns are shown with their tasks; deeper ones are closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Depth(pub usize);

impl Depth {
    /// Everything.
    pub const ALL: Depth = Depth(usize::MAX);

    /// What is left of it inside a used pattern; none where that pattern is closed.
    pub(super) fn inside(self) -> Option<Depth> {
        self.0.checked_sub(1).map(Depth)
    }
}

/// The model of a task, where it asks one: what documents name, else the given default.
fn model_of<'a>(task: &'a Task, default_model: Option<&'a str>) -> Option<&'a str> {
    match &task.work {
        Work::Ask(ask) => ask.model.as_deref().or(default_model),
        Work::Iterate(iterate) => model_of(iterate.task(), default_model),
        _ => None,
    }
}

/// Who or what does a task, in a few words.
pub(super) fn doer(plan: &Plan, task: &Task) -> String {
    match &task.work {
        Work::Ask(_) => {
            plan.agent_of(task).map(|agent| agent.agent.id.to_string()).unwrap_or_default()
        }
        Work::Call { scope, .. } => plan.scope(*scope).pattern.clone(),
        Work::Approve { options, .. } => format!("a person: {}", options.join(", ")),
        Work::Tool(tool) => tool.tool.clone(),
        Work::Check { conditions, .. } => match conditions.len() {
            1 => "a condition".to_owned(),
            count => format!("{count} conditions"),
        },
        Work::Combine(combine) => match &combine.method {
            CombineMethod::MergeAll => "all results".to_owned(),
            CombineMethod::UseFirstResult => "the first result".to_owned(),
            CombineMethod::Template(_) => "a template".to_owned(),
            CombineMethod::Vote(_) => format!("a vote of {}", combine.sources.len()),
        },
        Work::Send(send) => format!("{} to {}", send.kind.as_str(), addressees(send)),
        Work::Iterate(iterate) => {
            let inner = match &iterate.task().work {
                Work::Call { scope, .. } => {
                    iterate.body.scopes.get(scope.index()).map(|scope| scope.pattern.clone())
                }
                _ => None,
            };
            let inner = match &iterate.over {
                Over::Review(review) => review.reviewers.join(", "),
                _ => inner.unwrap_or_else(|| doer(plan, iterate.task())),
            };
            match &iterate.over {
                Over::Review(Review { revisions: 0, .. }) => inner,
                Over::Expand(expand) => format!("{inner} plans, {}", planned(expand)),
                _ => format!("{inner}, {}", times(plan, iterate)),
            }
        }
    }
}

/// Who takes a failed task up, in a few words.
fn rung_doer(plan: &Plan, rung: &Rung) -> String {
    let tasks = &rung.body.tasks;
    let asked = || tasks.iter().filter(|task| task.asks_a_model()).map(|task| doer(plan, task));
    match &rung.kind {
        RungKind::Model => {
            tasks.first().and_then(|task| model_of(task, None)).unwrap_or_default().to_owned()
        }
        RungKind::Agent => asked().next().unwrap_or_default(),
        RungKind::Peers => format!("a vote of {}", asked().collect::<Vec<_>>().join(" and ")),
        RungKind::Person { .. } => "a person".to_owned(),
    }
}

/// Whom a message is to, in a few words.
pub(super) fn addressees(send: &MessageTemplate) -> String {
    match send.to.as_slice() {
        _ if send.to_all => "all".to_owned(),
        [] => "nobody".to_owned(),
        agents => agents.iter().map(AgentId::as_str).collect::<Vec<_>>().join(", "),
    }
}

/// How often something is done, as far as is known before it begins.
fn times(plan: &Plan, iterate: &Iterate) -> String {
    match &iterate.over {
        Over::Items(items) => match &items.items {
            Value::Array(_) | Value::Object(_) => format!("{} times", iterate.expected_count()),
            _ => format!("for each {}, at most {}", items.name, items.max),
        },
        Over::Samples(samples) => match samples.stop {
            StopSampling::AtEnd => format!("{} samples", samples.count),
            _ => format!("at most {} samples", samples.count),
        },
        Over::TieBreak(tie_break) => format!("if a vote of {} is tied", tie_break.sources.len()),
        Over::Pairs(pairs) => {
            let is_list = |id: &TaskId| matches!(&plan.task(*id).work, Work::Iterate(it) if matches!(it.over, Over::Items(_)));
            match pairs.sources.iter().any(is_list) {
                true => format!("at most {} comparisons", Pairs::comparisons(MOST_CANDIDATES)),
                false => format!("{} comparisons", Pairs::comparisons(pairs.sources.len())),
            }
        }
        Over::Review(Review { revisions, .. }) => {
            format!("up to {}", counted(revisions + 1, "round", "rounds"))
        }
        Over::Rounds(rounds) => format!("up to {}", counted(rounds.max, "round", "rounds")),
        Over::Expand(expand) => planned(expand),
        Over::Ladder(ladder) => {
            let rungs: Vec<String> =
                ladder.rungs.iter().map(|rung| rung_doer(plan, rung)).collect();
            format!("if it fails: {}", rungs.join(", "))
        }
    }
}

/// How much may be planned, and how often.
fn planned(expand: &Expand) -> String {
    let tasks = counted(expand.planning.max_tasks, "task", "tasks");
    match expand.replans {
        0 => format!("up to {tasks}"),
        replans => format!("up to {tasks}, up to {}", counted(replans + 1, "time", "times")),
    }
}
