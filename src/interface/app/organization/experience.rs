//! What a run that is to begin is told of earlier runs: what estimates were worth, and what is promised.

use std::path::Path;

use serde_json::{Map, Value};

use super::runs::newest_organizations;
use crate::engine::{Settings, Time};
use crate::insight::History;
use crate::insight::organization::{add_promises, observations};
use crate::interface::app::Failure;
use crate::language::plan::Plan;
use crate::organization::{Booking, Calibration, EstimateFactor, Ledger, Sizing, learned_points};
use crate::runtime::journal::Journal;

/// So many runs are looked at, the newest first: people and models change.
const MOST_RUNS: usize = 20;

/// From fewer pieces of work nothing is concluded.
const FEWEST_OBSERVATIONS: u64 = 5;

/// Adds to the settings of a run what earlier runs have shown of estimates and what runs that are not over have promised,
/// where its plan has posts. What was rehearsed says nothing of what was not.
///
/// # Errors
/// When the journal cannot be read.
pub(in crate::interface::app) fn learn_of_runs(
    settings: &mut Settings,
    (journal, plan): (&Path, &Plan),
    is_simulated: bool,
    now: Time,
) -> Result<(), Failure> {
    if plan.agents.iter().any(|agent| agent.is_seat) {
        settings.estimates = estimate_factors(journal, is_simulated, now)?;
        settings.promised = promises(journal, plan, is_simulated)?;
    }
    Ok(())
}

/// By how much estimates of work were wrong.
///
/// # Errors
/// When the journal cannot be read.
pub(super) fn estimate_factors(
    journal: &Path,
    is_simulated: bool,
    now: Time,
) -> Result<Vec<EstimateFactor>, Failure> {
    let all = newest_organizations(journal, MOST_RUNS, now)?;
    let runs = all.runs.iter().filter(|run| run.simulated == is_simulated);
    let runs: Vec<_> = runs.map(|run| &run.organization).collect();
    let mut calibration = Calibration::default();
    observations(&runs).iter().for_each(|seen| calibration.observe(seen));
    let mut factors = calibration.factors();
    factors.retain(|factor| factor.observations >= FEWEST_OBSERVATIONS);
    Ok(factors)
}

/// Gives inputs that are learned what earlier runs have shown, where nobody gave them a value.
///
/// # Errors
/// When the journal cannot be read.
pub fn learn_inputs(
    inputs: &mut Map<String, Value>,
    given: &Map<String, Value>,
    (journal, plan): (&Path, &Plan),
    is_simulated: bool,
    now: Time,
) -> Result<(), Failure> {
    let declared = plan.root().inputs.iter();
    let open: Vec<&String> = declared
        .filter(|(name, input)| input.learned.is_some() && !given.contains_key(*name))
        .map(|(name, _)| name)
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    let all = newest_organizations(journal, MOST_RUNS, now)?;
    let runs = all.runs.iter().filter(|run| run.simulated == is_simulated);
    let sizings: Vec<Sizing> = runs.filter_map(|run| run.organization.sizing).collect();
    if let Some(points) = learned_points(&sizings) {
        inputs.extend(open.into_iter().map(|name| (name.clone(), Value::from(points))));
    }
    Ok(())
}

/// What runs that are not over have promised of the time of a plan's teams. A run that cannot be read has promised
/// nothing that anybody could know of.
fn promises(folder: &Path, plan: &Plan, is_simulated: bool) -> Result<Vec<Booking>, Failure> {
    let mut ledger = Ledger::default();
    let Some(journal) = Journal::open_existing(folder)? else { return Ok(Vec::new()) };
    for record in journal.unfinished()? {
        if record.simulated != is_simulated {
            continue;
        }
        let history = journal.plan(&record).and_then(|plan| {
            let facts = journal.facts(&record.id)?;
            Ok(History::of_facts(plan, &facts))
        });
        let Ok(history) = history else { continue };
        for team in &plan.teams {
            add_promises(&mut ledger, record.id.as_str(), &history, team.name());
        }
    }
    let is_of_plan = |booking: &&Booking| {
        !booking.days.is_empty() && plan.agents.iter().any(|agent| agent.agent.id == booking.agent)
    };
    Ok(ledger.bookings().filter(is_of_plan).cloned().collect())
}
