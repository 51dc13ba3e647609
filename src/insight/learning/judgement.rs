//! What follows from what was learned for a request: how far each pattern's score is shifted, and which pattern is not to
//! be recommended for it.

use std::time::Duration;

use super::experiences::{Experience, Experiences};
use crate::engine::Time;
use crate::insight::advisor::{Adjustment, Adjustments, Advisor, FARTHEST_SHIFT, PastRequest};
use crate::insight::interval::upper_bound;

/// So many runs of a pattern are looked at, the newest.
const MOST_RUNS: usize = 100;

/// After so long a run counts half: patterns, models and people change.
const HALF_LIFE: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// What is taken for granted before anything is known: so many runs, half of which went well. A single run then shifts
/// a score by a third of what is possible.
const PRIOR: f64 = 2.0;

/// From fewer runs for like requests nothing is withheld. Of as many, all must have gone wrong.
const FEWEST: f64 = 4.0;

/// What counts less than this as a run is not worth a word.
const LEAST: f64 = 0.2;

/// So many pieces of advice are named.
const NAMED: usize = 6;

/// A request about which something is to be learned.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// The library that it is compared with.
    pub advisor: &'a Advisor,
    /// The request.
    pub request: &'a str,
    /// When it is asked.
    pub now: Time,
    /// Which runs are of the same pattern as that of this name in the library: elsewhere another one may have it.
    pub counts: &'a dyn Fn(&Experience) -> bool,
}

/// Runs for requests like one, added up.
#[derive(Debug, Clone, Copy, Default)]
struct Evidence {
    /// How many there are; a run for a request that is half like it, or that is old, is a part of one.
    runs: f64,
    /// How many of them went well; a run may have gone well in part.
    well: f64,
}

impl Experiences {
    /// What was learned about patterns for a request, by their names.
    pub fn adjustments(&self, asking: &Asking<'_>) -> Adjustments {
        let mut adjustments = Adjustments::new();
        for (pattern, runs) in self.by_pattern() {
            let known: Vec<Known<'_>> = runs
                .into_iter()
                .rev()
                .filter(|run| (asking.counts)(run))
                .filter_map(Known::of)
                .take(MOST_RUNS)
                .collect();
            if let Some(adjustment) = judged(pattern, &known, asking) {
                adjustments.insert(pattern.to_owned(), adjustment);
            }
        }
        adjustments
    }
}

/// A run with what it says.
struct Known<'a> {
    run: &'a Experience,
    request: &'a str,
    worth: f64,
}

impl Known<'_> {
    fn of(run: &Experience) -> Option<Known<'_>> {
        let request = run.request.as_deref()?;
        Some(Known { run, request, worth: run.worth()? })
    }

    fn went_well(&self) -> bool {
        self.worth >= 0.5
    }
}

fn judged(pattern: &str, known: &[Known<'_>], asking: &Asking<'_>) -> Option<Adjustment> {
    let past: Vec<PastRequest<'_>> = known
        .iter()
        .map(|known| PastRequest { request: known.request, went_well: known.went_well() })
        .collect();
    let alike = asking.advisor.likeness(pattern, asking.request, &past);
    let mut evidence = Evidence::default();
    let mut like_ones = Vec::new();
    for (known, alike) in known.iter().zip(alike).filter(|(_, alike)| *alike > 0.0) {
        let weight = alike * freshness(asking.now.since(known.run.at));
        evidence.runs += weight;
        evidence.well += weight * known.worth;
        like_ones.push(known);
    }
    if evidence.runs < LEAST {
        return None;
    }
    let shift = FARTHEST_SHIFT * (2.0 * evidence.well - evidence.runs) / (evidence.runs + PRIOR);
    let reason = reason(&like_ones, shift);
    // That half of all such runs would go well is next to impossible.
    let speaks_against = evidence.runs >= FEWEST && upper_bound(evidence.well, evidence.runs) < 0.5;
    Some(match speaks_against {
        true => Adjustment::withholding(shift, reason),
        false => Adjustment::new(shift, reason),
    })
}

/// How much a run counts after some time, from 0 to 1.
fn freshness(age: Duration) -> f64 {
    0.5_f64.powf(age.as_secs_f64() / HALF_LIFE.as_secs_f64())
}

fn reason(like_ones: &[&Known<'_>], shift: f64) -> String {
    let is_told = |known: &&&Known<'_>| known.went_well() == (shift >= 0.0);
    let told: Vec<&&Known<'_>> = like_ones.iter().filter(is_told).collect();
    let how = if shift >= 0.0 { "well" } else { "wrong" };
    let mut names: Vec<&str> = Vec::new();
    for known in &told {
        let name = known.run.advice.as_deref().unwrap_or(&known.run.run);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    names.truncate(NAMED);
    let runs = if like_ones.len() == 1 { "run for a request" } else { "runs for requests" };
    let named = match names.is_empty() {
        true => String::new(),
        false => format!(": {}{more}", names.join(", ")),
    };
    format!("{} of {} {runs} like this one went {how}{named}", told.len(), like_ones.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_fade() {
        assert!((freshness(Duration::ZERO) - 1.0).abs() < 1e-9);
        assert!((freshness(HALF_LIFE) - 0.5).abs() < 1e-9);
        assert!((freshness(HALF_LIFE * 2) - 0.25).abs() < 1e-9);
    }
}
