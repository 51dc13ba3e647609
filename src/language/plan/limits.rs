//! Whether all that tasks take of a cluster's resources is there.

use super::model::Plan;
use crate::language::document::CallLimits;

/// A task that could never start: it takes more of a resource than there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable {
    /// The task's address.
    pub task: String,
    /// The resource.
    pub resource: String,
    /// How many the task takes.
    pub takes: u32,
    /// How many there are; none where the cluster does not have the resource.
    pub most: Option<u32>,
}

impl Plan {
    /// The first task that could never start within limits, if there is one. Every other task can
    /// have what it takes as soon as nothing else is under way.
    pub fn never_starts(&self, limits: &CallLimits) -> Option<Unavailable> {
        self.asks().find_map(|(task, ask)| {
            ask.takes.0.iter().find_map(|(name, count)| {
                let most = limits.resources.get(name).map(|most| most.get());
                let is_there = most.is_some_and(|most| count.get() <= most);
                (!is_there).then(|| Unavailable {
                    task: task.path.clone(),
                    resource: name.clone(),
                    takes: count.get(),
                    most,
                })
            })
        })
    }
}
