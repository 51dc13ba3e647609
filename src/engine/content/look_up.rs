//! Which of the answers that are kept serves a task.

use super::store::{Contents, KeptAnswer};
use crate::engine::vocabulary::Found;
use crate::language::digest::Digest;
use crate::language::plan::{Plan, TaskId};

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
        (answer.path == path || plan.find(&answer.path).is_none())
            && contents.read(&answer.output).is_ok()
    };
    keys.iter().find_map(|key| {
        let answer = contents.answers(key, path).into_iter().find(serves)?;
        let KeptAnswer { run, there, output, .. } = answer;
        Some(Found { key: key.clone(), run, there, output })
    })
}
