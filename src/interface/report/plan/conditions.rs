//! What conditions guard: the tasks that have one, and those that cannot do without their values.

use indexmap::IndexMap;

use crate::language::plan::{NeedKind, Plan, TaskId, Trigger};

/// The tasks behind one condition.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Guarded {
    /// Those that say it.
    pub(super) tasks: Vec<TaskId>,
    /// Those that are skipped with them, because they need a value that is not there then.
    pub(super) followers: Vec<TaskId>,
}

/// The conditions of a plan with what they guard, in the plan's order.
pub(super) fn conditions(plan: &Plan) -> IndexMap<&str, Guarded> {
    let mut conditions: IndexMap<&str, Guarded> = IndexMap::new();
    for (id, task) in plan.tasks() {
        if let Some(when) = &task.when {
            conditions.entry(when.trim()).or_default().tasks.push(id);
        }
    }
    for guarded in conditions.values_mut() {
        guarded.followers = followers(plan, &guarded.tasks);
    }
    conditions
}

/// Tasks that need the value of one of these, or the message of all that send it, directly or not.
fn followers(plan: &Plan, skipped: &[TaskId]) -> Vec<TaskId> {
    let mut gone = vec![false; plan.tasks.len()];
    for id in skipped {
        gone[id.index()] = true;
    }
    let mut found = Vec::new();
    loop {
        let before = found.len();
        for (id, task) in plan.tasks() {
            let mut values = task.needs.iter().filter(|need| need.kind == NeedKind::Value);
            let is_unsent = |on: &Trigger| on.senders.iter().all(|sender| gone[sender.index()]);
            let falls_away =
                values.any(|need| gone[need.task.index()]) || task.on_message.iter().any(is_unsent);
            if !gone[id.index()] && falls_away {
                gone[id.index()] = true;
                found.push(id);
            }
        }
        if found.len() == before {
            found.sort();
            return found;
        }
    }
}
