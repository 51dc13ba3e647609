//! Who has got which posts.

use super::history::History;
use crate::engine::FilledPost;
use crate::language::plan::{ScopeId, TaskId};

/// The posts of the nearest pattern around a task that has some.
pub fn posts_around(history: &History, task: TaskId) -> Option<&[FilledPost]> {
    let plan = history.plan();
    let mut scope = plan.task(task).scope;
    loop {
        if let Some((_, posts)) = history.posts().get(&scope) {
            return Some(posts);
        }
        scope = plan.task(plan.scope(scope).caller?).scope;
    }
}

/// The address of the work for which posts were filled: that of the task that uses the pattern, or the name of the
/// whole.
pub fn work_of(history: &History, scope: ScopeId) -> &str {
    let plan = history.plan();
    plan.scope(scope).caller.map_or(plan.name.as_str(), |caller| &plan.task(caller).path)
}
