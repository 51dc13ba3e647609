//! Gates at which people decide, by their addresses, also those that a run may only come to have.

use super::cases::of_any_item;
use super::iterate::Over;
use super::ladder::RungKind;
use super::model::{Plan, Task, Work};
use crate::language::document::suggest::nearest;

/// A gate at which a person decides.
#[derive(Debug, Clone, Copy)]
pub struct Gate<'p> {
    /// What can be chosen; where there is nothing, the person writes what comes out.
    pub options: &'p [String],
    /// The rung of a failed task, if it is one.
    rung: Option<&'p RungKind>,
}

/// Why a decision is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoDecision<'g> {
    /// It is none of the options. The user's mistake.
    #[error("it is no option; the options are {}", .options.join(", "))]
    NoOption {
        /// The options.
        options: &'g [String],
        /// What was probably meant.
        near: Option<&'g str>,
    },
    /// What was written does not fit. The user's mistake.
    #[error("{0}")]
    Misfit(String),
}

impl<'p> Gate<'p> {
    /// One at which one of these is chosen.
    pub fn of_options(options: &'p [String]) -> Gate<'p> {
        Gate { options, rung: None }
    }

    /// Whether a person can decide so.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, decision: &str) -> Result<(), NoDecision<'p>> {
        if self.options.is_empty() {
            let said = self.rung.map_or(Ok(()), |rung| rung.said(decision).map(drop));
            return said.map_err(NoDecision::Misfit);
        }
        if self.options.iter().any(|option| option == decision) {
            return Ok(());
        }
        let near = nearest(decision, self.options.iter().map(String::as_str));
        Err(NoDecision::NoOption { options: self.options, near })
    }
}

impl Plan {
    /// The gate at an address.
    pub fn gate(&self, address: &str) -> Option<Gate<'_>> {
        // The rung of a failed task is known where the task is; what a run has grown by is not.
        gate_in(&self.tasks, &of_any_item(address), None)
            .or_else(|| gate_in(&self.tasks, address, None))
    }
}

fn gate_in<'p>(tasks: &'p [Task], address: &str, rung: Option<&'p RungKind>) -> Option<Gate<'p>> {
    tasks.iter().find_map(|task| match &task.work {
        Work::Approve { options, .. } if task.path == address => Some(Gate { options, rung }),
        Work::Iterate(iterate) => {
            let own = gate_in(&iterate.body.tasks, address, None);
            let others = || match &iterate.over {
                Over::Ladder(ladder) => ladder
                    .rungs
                    .iter()
                    .find_map(|rung| gate_in(&rung.body.tasks, address, Some(&rung.kind))),
                Over::Expand(expand) => {
                    expand.entries.iter().find_map(|body| gate_in(&body.tasks, address, None))
                }
                _ => None,
            };
            own.or_else(others)
        }
        _ => None,
    })
}
