//! Which of the answers that are kept serves a task.

use super::store::{Contents, KeptAnswer};
use crate::engine::vocabulary::Found;
use crate::language::digest::Digest;
use crate::language::plan::{Plan, TaskId, Work};

/// The answer that serves a task, under the first of some keys that has one. The task's own comes
/// first, and that of another task only where the plan has no such task: tasks that ask the same on
/// purpose, to weigh several answers, would else all get one. An answer that cannot be read any more
/// is none.
pub(super) fn look_up(
    plan: &Plan,
    task: TaskId,
    keys: &[Digest],
    contents: &dyn Contents,
) -> Option<Found> {
    let path = plan.task(task).path.as_str();
    let serves = |answer: &KeptAnswer| {
        (answer.path == path || !has(plan, &answer.path)) && contents.read(&answer.output).is_ok()
    };
    keys.iter().find_map(|key| {
        let answer = contents.answers(key, path).into_iter().find(serves)?;
        let KeptAnswer { run, there, output, .. } = answer;
        Some(Found { key: key.clone(), run, there, output })
    })
}

/// Whether a plan has a task of an address, or will when what it does several times has begun.
fn has(plan: &Plan, path: &str) -> bool {
    let several = path.split_once('[').and_then(|(several, _)| plan.find(several));
    let is_iterated = |id: TaskId| matches!(plan.task(id).work, Work::Iterate(_));
    several.is_some_and(is_iterated) || plan.find(path).is_some()
}
