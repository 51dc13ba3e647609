//! Pieces of work that are listed and have not begun: the plan has not grown by them yet.

use std::collections::BTreeMap;

use super::item::{About, WorkItem};
use crate::engine::Time;
use crate::insight::history::History;
use crate::language::plan::{Body, ScopeId, TaskId, Work};

/// Those that wait for their turn in a list, in its order.
pub(super) fn not_begun(
    history: &History,
    around: &[Option<usize>],
    listed: &BTreeMap<TaskId, Vec<Time>>,
    began: Time,
) -> Vec<WorkItem> {
    let plan = history.plan();
    let mut found = Vec::new();
    for (task, times) in listed {
        let Work::Iterate(iterate) = &plan.task(*task).work else { continue };
        // What is left of a list whose task has ended is not done any more.
        if history.task(*task).status().is_final() || history.status.is_final() {
            continue;
        }
        let outer = around.get(plan.task(*task).scope.index()).copied().flatten();
        let begun = history.inside(*task).len();
        for (place, one) in history.listed(*task).iter().enumerate().skip(begun) {
            let parts = iterate.parts().zip(iterate.bodies());
            let Some((_, body)) = parts.into_iter().find(|(part, _)| *part == one.part) else {
                continue;
            };
            let this = format!("{}[{}]", plan.task(*task).path, one.key);
            let listed = times.get(place).copied().unwrap_or(began);
            found.extend(addresses(body, &this, outer.is_some()).into_iter().map(|address| {
                WorkItem {
                    scope: None,
                    caller: None,
                    part_of: outer,
                    about: About { title: Some(address.clone()), ..About::default() },
                    address,
                    posts: Vec::new(),
                    author: None,
                    listed,
                    moves: Vec::new(),
                    until: listed,
                }
            }));
        }
    }
    found
}

/// The addresses of the pieces of work of a body.
fn addresses(body: &Body, this: &str, is_inside: bool) -> Vec<String> {
    let Some(first) = body.tasks.first() else { return Vec::new() };
    let mut is_around = vec![is_inside; body.scopes.len()];
    let mut found = Vec::new();
    for (place, scope) in body.scopes.iter().enumerate() {
        let outer = scope.caller.and_then(|caller| body.tasks.get(caller.index()));
        let is_inside = outer.map_or(is_inside, |outer| is_within(&is_around, outer.scope));
        let tasks = scope.tasks.iter().filter_map(|task| body.tasks.get(task.index()));
        let has_states = tasks.into_iter().any(|task| task.lifecycle.is_some());
        let is_piece = has_states && (!is_inside || !scope.staff.is_empty());
        is_around[place] = is_inside || is_piece;
        if is_piece {
            let rest = outer.and_then(|outer| outer.path.strip_prefix(first.path.as_str()));
            found.push(format!("{this}{}", rest.unwrap_or_default()));
        }
    }
    found
}

fn is_within(is_around: &[bool], scope: ScopeId) -> bool {
    is_around.get(scope.index()).copied().unwrap_or(false)
}
