//! What a run that is to begin is told of earlier runs: what estimates were worth, and what is promised.

use std::path::Path;

use serde_json::{Map, Value};

use super::runs::{each_open_run, newest_organizations};
use crate::engine::{Settings, Time};
use crate::insight::organization::{Organization, add_promises, observations};
use crate::interface::app::Failure;
use crate::language::plan::Plan;
use crate::organization::{Booking, Calibration, EstimateFactor, Ledger, Sizing, learned_points};

/// So many runs are looked at, the newest first: people and models change.
const MOST_RUNS: usize = 20;

/// From fewer pieces of work nothing is concluded.
const FEWEST_OBSERVATIONS: u64 = 5;

/// What a run that is to begin is told of earlier runs. What was rehearsed says nothing of what was not.
#[derive(Debug, Default)]
pub(in crate::interface::app) struct Experience {
    estimates: Vec<EstimateFactor>,
    promised: Vec<Booking>,
    /// What sized requests came to beside their sizes.
    points: Option<i32>,
}

impl Experience {
    /// What a plan's posts and those of its inputs need that are `learned`. Nothing is read where neither are there.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub(in crate::interface::app) fn of(
        (journal, plan): (&Path, &Plan),
        learned: &[String],
        is_simulated: bool,
        now: Time,
    ) -> Result<Experience, Failure> {
        let has_posts = plan.agents.iter().any(|agent| agent.is_seat);
        if !has_posts && learned.is_empty() {
            return Ok(Experience::default());
        }
        let all = newest_organizations(journal, MOST_RUNS, now)?;
        let runs: Vec<_> = all.of_kind(is_simulated).collect();
        let promised = if has_posts { promises(journal, plan, is_simulated)? } else { Vec::new() };
        let sizings: Vec<Sizing> = runs.iter().filter_map(|run| run.sizing).collect();
        Ok(Experience { estimates: factors(&runs), promised, points: learned_points(&sizings) })
    }

    /// Gives inputs their values, if earlier runs have shown any.
    pub(in crate::interface::app) fn teach(
        &self,
        inputs: &mut Map<String, Value>,
        learned: Vec<String>,
    ) {
        if let Some(points) = self.points {
            inputs.extend(learned.into_iter().map(|name| (name, Value::from(points))));
        }
    }

    /// Adds what concerns a plan's posts to the settings of its run.
    pub(in crate::interface::app) fn settle(self, settings: &mut Settings) {
        (settings.estimates, settings.promised) = (self.estimates, self.promised);
    }
}

/// The inputs that are `learned`, where nobody gave them a value.
pub fn learned_inputs(plan: &Plan, given: &Map<String, Value>) -> Vec<String> {
    let declared = plan.root().inputs.iter();
    let open =
        declared.filter(|(name, input)| input.learned.is_some() && !given.contains_key(*name));
    open.map(|(name, _)| name.clone()).collect()
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
    Ok(factors(&all.of_kind(is_simulated).collect::<Vec<_>>()))
}

fn factors(runs: &[&Organization]) -> Vec<EstimateFactor> {
    let mut calibration = Calibration::default();
    observations(runs).iter().for_each(|seen| calibration.observe(seen));
    let mut factors = calibration.factors();
    factors.retain(|factor| factor.observations >= FEWEST_OBSERVATIONS);
    factors
}

/// What runs that are not over have promised of the time of a plan's teams. A run that cannot be read has promised
/// nothing that anybody could know of.
fn promises(folder: &Path, plan: &Plan, is_simulated: bool) -> Result<Vec<Booking>, Failure> {
    let mut ledger = Ledger::default();
    each_open_run(folder, |record, history| {
        let Ok(history) = history else { return };
        for team in plan.teams.iter().filter(|_| record.simulated == is_simulated) {
            add_promises(&mut ledger, record.id.as_str(), &history, team.name());
        }
    })?;
    let is_of_plan = |booking: &&Booking| {
        !booking.days.is_empty() && plan.agents.iter().any(|agent| agent.agent.id == booking.agent)
    };
    Ok(ledger.bookings().filter(is_of_plan).cloned().collect())
}
