//! What people were asked, and who took up what others could not do.

use serde_json::Value;

use super::messages::read;
use super::work::WorkHistory;
use crate::engine::content::Contents;
use crate::engine::{PERMISSION_OPTIONS, TaskStatus, Time};
use crate::insight::history::History;
use crate::language::document::LifecycleState;
use crate::language::plan::{Over, TaskId, Work};

/// A question to a person, or somebody else's decision about work that stood still.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The task.
    pub task: TaskId,
    /// The piece of work that it is about.
    pub item: Option<usize>,
    /// What is asked; empty where an agent decides.
    pub ask: String,
    /// What can be chosen.
    pub options: Vec<String>,
    /// When it was asked.
    pub asked: Option<Time>,
    /// Until when a person has time.
    pub deadline: Option<Time>,
    /// What was chosen; null while it is open.
    pub choice: Value,
    /// Who chose.
    pub by: Option<String>,
    /// Why, where that is known.
    pub reason: Option<String>,
    /// When it was decided.
    pub decided: Option<Time>,
    /// Whether it waits for a person now.
    pub waits: bool,
}

/// A task that others took up, after it had failed or taken too long.
#[derive(Debug, Clone, PartialEq)]
pub struct Climb {
    /// The task.
    pub task: TaskId,
    /// The piece of work that it belongs to.
    pub item: Option<usize>,
    /// How many took it up.
    pub levels: usize,
    /// Whether somebody did it in the end; nothing while it is open.
    pub resolved: Option<bool>,
    /// Why it was taken up.
    pub reason: Option<String>,
    /// When the first took it up.
    pub from: Option<Time>,
    /// When it was over.
    pub until: Option<Time>,
}

/// What people were asked and agents decided about work that stood still, in the plan's order.
pub(super) fn decisions(
    history: &History,
    work: &WorkHistory,
    contents: &dyn Contents,
) -> Vec<Decision> {
    let plan = history.plan();
    let decision = |(task, record): (TaskId, &crate::insight::TaskRecord)| {
        let asked = work.begun(task);
        let is_escalated = matches!(
            plan.task(task).lifecycle,
            Some(LifecycleState::Escalated | LifecycleState::Blocked)
        );
        let is_gate = matches!(plan.task(task).work, Work::Approve { .. });
        let is_agents = is_escalated && plan.task(task).asks_a_model() && asked.is_some();
        let was_asked = is_gate && (record.question.is_some() || record.decision.is_some());
        if !was_asked && !is_agents && record.permissions.is_empty() {
            return None;
        }
        let question = read(contents, record.question.as_ref());
        let output = read(contents, record.output.as_ref());
        let waits = record.status() == TaskStatus::Waiting;
        let options = match &plan.task(task).work {
            Work::Approve { options, .. } => options.clone(),
            _ if waits => PERMISSION_OPTIONS.map(str::to_owned).to_vec(),
            _ => Vec::new(),
        };
        let allowed =
            record.permissions.iter().filter_map(|asked| asked.decided.as_ref()).next_back();
        let agent = plan.agent_of(plan.task(task)).map(|agent| agent.agent.id.to_string());
        let (choice, by) = match (record.decision.as_deref(), allowed) {
            (Some((choice, by)), _) | (None, Some((choice, by, _))) => {
                (Value::from(choice.as_str()), Some(by.clone()))
            }
            (None, None) if record.status() == TaskStatus::Succeeded => (chosen(&output), agent),
            (None, None) => (Value::Null, None),
        };
        Some(Decision {
            task,
            item: work.of_task(history, task),
            ask: question["ask"].as_str().unwrap_or_default().trim().to_owned(),
            options,
            asked,
            deadline: record.deadline,
            decided: work.ended(task).filter(|_| !choice.is_null()),
            choice,
            by,
            reason: reason(&output),
            waits,
        })
    };
    history.tasks().filter_map(decision).collect()
}

/// Tasks that others took up, in the plan's order.
pub(super) fn climbs(history: &History, work: &WorkHistory) -> Vec<Climb> {
    let plan = history.plan();
    let climb = |(task, record): (TaskId, &crate::insight::TaskRecord)| {
        let Work::Iterate(iterate) = &plan.task(task).work else { return None };
        if !matches!(iterate.over, Over::Ladder(_)) {
            return None;
        }
        let rungs = history.inside(task);
        let levels = rungs.len().checked_sub(1).filter(|levels| *levels > 0)?;
        let first = |place: usize| rungs.get(place).and_then(|s| plan.scope(*s).tasks.first());
        let failure = first(0).and_then(|id| history.task(*id).failure.as_ref());
        Some(Climb {
            task,
            item: work.of_task(history, task),
            levels,
            resolved: record
                .status()
                .is_final()
                .then(|| record.status() == TaskStatus::Succeeded && !record.fell_back),
            reason: failure.map(ToString::to_string),
            from: first(1).and_then(|id| work.begun(*id)),
            until: work.ended(task),
        })
    };
    history.tasks().filter_map(climb).collect()
}

/// What an agent has chosen: the field that says so, else all that it said.
fn chosen(output: &Value) -> Value {
    let keys = ["decision", "choice", "action", "resolution"];
    let named = keys.iter().find_map(|key| output.get(key));
    named.unwrap_or(output).clone()
}

/// Why somebody decided or said something, where the output has that.
pub(super) fn reason(output: &Value) -> Option<String> {
    let keys = ["reason", "reasoning", "why", "rationale", "because"];
    let said = keys.iter().find_map(|key| output.get(key).and_then(Value::as_str));
    said.map(|said| said.trim().to_owned()).filter(|said| !said.is_empty())
}
