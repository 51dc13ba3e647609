//! What earlier runs have shown of estimates, for a run that is to begin.

use std::path::Path;

use super::runs::newest_organizations;
use crate::engine::Time;
use crate::insight::organization::observations;
use crate::interface::app::Failure;
use crate::language::plan::Plan;
use crate::organization::{Calibration, EstimateFactor};

/// So many runs are looked at, the newest first: people and models change.
const MOST_RUNS: usize = 20;

/// From fewer pieces of work nothing is concluded.
const FEWEST_OBSERVATIONS: u64 = 5;

/// By how much estimates of work are wrong, as earlier runs have shown, where a plan has posts with hours. What was
/// rehearsed says nothing of what was not.
///
/// # Errors
/// When the journal cannot be read.
pub(in crate::interface::app) fn estimate_factors(
    journal: &Path,
    plan: &Plan,
    is_simulated: bool,
    now: Time,
) -> Result<Vec<EstimateFactor>, Failure> {
    if !plan.agents.iter().any(|agent| agent.is_seat) {
        return Ok(Vec::new());
    }
    let all = newest_organizations(journal, MOST_RUNS, now)?;
    let runs = all.runs.iter().filter(|run| run.simulated == is_simulated);
    let runs: Vec<_> = runs.map(|run| &run.organization).collect();
    let mut calibration = Calibration::default();
    observations(&runs).iter().for_each(|seen| calibration.observe(seen));
    let mut factors = calibration.factors();
    factors.retain(|factor| factor.observations >= FEWEST_OBSERVATIONS);
    Ok(factors)
}
