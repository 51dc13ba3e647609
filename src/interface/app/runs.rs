//! What all runs of a journal show.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::insight::{AcrossRuns, History, RunsOfName};
use crate::language::digest::Digest;
use crate::language::plan::Plan;
use crate::runtime::journal::{Journal, JournalError, RunRecord};

/// What runs show.
pub struct RunsOverview {
    /// By name.
    pub names: Vec<RunsOfName>,
    /// Runs that could not be read, with the reason.
    pub unreadable: Vec<(String, String)>,
}

/// Reads runs one after the other; what cannot be read is left out and told.
pub fn overview(journal: &Journal, runs: &[RunRecord]) -> RunsOverview {
    let mut plans = BTreeMap::new();
    let mut across = AcrossRuns::default();
    let mut unreadable = Vec::new();
    for run in runs {
        match history(journal, run, &mut plans) {
            Ok(history) => across.add(&history),
            Err(error) => unreadable.push((run.id.to_string(), error.to_string())),
        }
    }
    RunsOverview { names: across.names(), unreadable }
}

fn history(
    journal: &Journal,
    run: &RunRecord,
    plans: &mut BTreeMap<Digest, Arc<Plan>>,
) -> Result<History, JournalError> {
    let plan = match plans.get(&run.plan) {
        Some(plan) => Arc::clone(plan),
        None => {
            let plan = journal.plan(run)?;
            plans.insert(run.plan.clone(), Arc::clone(&plan));
            plan
        }
    };
    Ok(History::of_facts(plan, &journal.facts(&run.id)?))
}
