//! Computed waves: the levels of a graph of needs.

use std::collections::BTreeMap;

use super::check::Edge;

/// The tasks level by level: each task stands one level behind the last of those it needs. Inside
/// a level they keep the author's order. The edges have no circles.
pub(super) fn levels(tasks: usize, edges: &[Edge]) -> Vec<Vec<usize>> {
    let mut waiting: Vec<usize> = vec![0; tasks];
    let mut dependents: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for edge in edges {
        waiting[edge.task] += 1;
        dependents.entry(edge.needs).or_default().push(edge.task);
    }
    let mut levels = Vec::new();
    let mut ready: Vec<usize> = (0..tasks).filter(|task| waiting[*task] == 0).collect();
    while !ready.is_empty() {
        let mut next = Vec::new();
        for task in &ready {
            for dependent in dependents.get(task).into_iter().flatten() {
                waiting[*dependent] -= 1;
                if waiting[*dependent] == 0 {
                    next.push(*dependent);
                }
            }
        }
        next.sort_unstable();
        levels.push(std::mem::replace(&mut ready, next));
    }
    levels
}
