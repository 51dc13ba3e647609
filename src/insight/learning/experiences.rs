//! What is known of runs that followed advice, or about which somebody has said something: a fold over facts.

use std::collections::BTreeMap;
use std::time::Duration;

use super::fact::{LearningFact, RecordedLearningFact, Verdict, VerdictRecord};
use super::given::{EstimateRecord, GivenAdvice};
use super::outcome::RunOutcome;
use crate::engine::Time;

/// A run is late that takes so many times what was estimated (seed 000).
pub(super) const LATE: f64 = 1.5;

/// So much each trouble takes at most of the worth of a run that came to its end: with all three of them it is still worth
/// more than one that did not.
const TROUBLE: f64 = 0.15;

/// What is known of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Experience {
    /// The run.
    pub run: String,
    /// What was run.
    pub pattern: String,
    /// The advice that it follows, `A7`.
    pub advice: Option<String>,
    /// What was asked.
    pub request: Option<String>,
    /// The folder in which it was asked.
    pub folder: Option<String>,
    /// How long it was to take.
    pub estimate: Option<Duration>,
    /// What came of it, if it is over.
    pub outcome: Option<RunOutcome>,
    /// What people have said about it, in the order in which they did. The last counts.
    pub verdicts: Vec<VerdictRecord>,
    /// The run that it does again.
    pub does_again: Option<String>,
    /// The run by which it was done again.
    pub done_again_by: Option<String>,
    /// When something was heard of it last.
    pub at: Time,
    /// Whether somebody wants it to count no more.
    pub forgotten: bool,
}

/// That what was learned counts no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reset {
    /// When.
    pub at: Time,
    /// Only of this pattern.
    pub pattern: Option<String>,
    /// Only of this advice.
    pub advice: Option<String>,
    /// Who wanted it so.
    pub by: String,
}

/// All that is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Experiences {
    /// The advice that was given, in its order.
    pub advice: Vec<GivenAdvice>,
    /// The runs, in the order in which they were heard of first.
    pub runs: Vec<Experience>,
    /// What was to count no more, in order.
    pub resets: Vec<Reset>,
    /// Patterns that were proposed and taken, with the runs of which they were made.
    pub accepted: Vec<(String, Vec<String>)>,
}

impl Experiences {
    /// What facts say about advice.
    pub fn of(advice: Vec<GivenAdvice>, facts: &[RecordedLearningFact]) -> Experiences {
        let mut all = Experiences { advice, ..Experiences::default() };
        facts.iter().for_each(|recorded| all.apply(recorded));
        all
    }

    fn apply(&mut self, recorded: &RecordedLearningFact) {
        let at = recorded.at;
        match &recorded.fact {
            LearningFact::RunFollowed { run, advice, pattern, of } => {
                let given = self.advice.iter().find(|given| given.id == *advice).cloned();
                let experience = self.run(run, pattern, at);
                experience.advice = Some(advice.clone());
                experience.does_again.clone_from(of);
                if let Some(given) = given {
                    let is_recommended = given.said.pattern.as_ref() == Some(pattern);
                    let estimate = given.said.estimate.filter(|_| is_recommended);
                    experience.estimate = estimate.map(EstimateRecord::time);
                    experience.request = Some(given.request);
                    experience.folder = Some(given.folder);
                }
                let earlier =
                    of.as_ref().and_then(|of| self.runs.iter_mut().find(|one| one.run == *of));
                if let Some(earlier) = earlier {
                    earlier.done_again_by = Some(run.clone());
                }
            }
            LearningFact::RunEnded { run, pattern, outcome } => {
                let experience = self.run(run, pattern, at);
                experience.outcome = Some(outcome.clone());
                experience.heard(at);
            }
            LearningFact::VerdictGiven { run, verdict } => {
                if let Some(experience) = self.runs.iter_mut().find(|one| one.run == *run) {
                    experience.verdicts.push(verdict.clone());
                    experience.heard(at);
                }
            }
            LearningFact::Forgotten { pattern, advice, by } => {
                let is_meant = |one: &&mut Experience| {
                    pattern.as_ref().is_none_or(|pattern| *pattern == one.pattern)
                        && advice.as_ref().is_none_or(|advice| Some(advice) == one.advice.as_ref())
                };
                // Of a run that is not over there is nothing to forget yet.
                self.runs
                    .iter_mut()
                    .filter(is_meant)
                    .filter(|one| one.outcome.is_some())
                    .for_each(|one| one.forgotten = true);
                let (pattern, advice, by) = (pattern.clone(), advice.clone(), by.clone());
                self.resets.push(Reset { at, pattern, advice, by });
            }
            LearningFact::ProposalAccepted { pattern, runs, .. } => {
                self.accepted.push((pattern.clone(), runs.clone()));
            }
        }
    }

    fn run(&mut self, run: &str, pattern: &str, at: Time) -> &mut Experience {
        let known = self.runs.iter().position(|one| one.run == run);
        let place = known.unwrap_or(self.runs.len());
        if known.is_none() {
            self.runs.push(Experience {
                run: run.to_owned(),
                pattern: pattern.to_owned(),
                advice: None,
                request: None,
                folder: None,
                estimate: None,
                outcome: None,
                verdicts: Vec::new(),
                does_again: None,
                done_again_by: None,
                at,
                forgotten: false,
            });
        }
        &mut self.runs[place]
    }

    /// What is known of a run.
    pub fn of_run(&self, run: &str) -> Option<&Experience> {
        self.runs.iter().find(|one| one.run == run)
    }

    /// The patterns of which anything counts, with the runs that do, the oldest first.
    pub fn by_pattern(&self) -> BTreeMap<&str, Vec<&Experience>> {
        let mut patterns: BTreeMap<&str, Vec<&Experience>> = BTreeMap::new();
        for one in self.runs.iter().filter(|one| one.worth().is_some()) {
            patterns.entry(&one.pattern).or_default().push(one);
        }
        patterns.values_mut().for_each(|runs| runs.sort_by_key(|one| one.at));
        patterns
    }
}

impl Experience {
    /// What is heard after a reset counts again.
    fn heard(&mut self, at: Time) {
        self.at = at;
        self.forgotten = false;
    }

    /// What somebody has said last.
    pub fn verdict(&self) -> Option<&VerdictRecord> {
        self.verdicts.last()
    }

    /// How long it took beside what was estimated, if both are known.
    pub fn beside_estimate(&self) -> Option<f64> {
        let (estimate, outcome) = (self.estimate?, self.outcome.as_ref()?);
        let share = outcome.worked().as_secs_f64() / estimate.as_secs_f64();
        share.is_finite().then_some(share)
    }

    /// What it was worth, from 0 to 1, as far as anything is known of it that counts: what a person says, else whether it came to
    /// its end, less something for troubles on the way. Rehearsals, runs that somebody broke off and runs
    /// that were done again are worth nothing either way, unless a person says so.
    pub fn worth(&self) -> Option<f64> {
        if self.forgotten {
            return None;
        }
        if let Some(said) = self.verdict() {
            return Some(if said.verdict == Verdict::Good { 1.0 } else { 0.0 });
        }
        let outcome = self.outcome.as_ref()?;
        if outcome.simulated || self.done_again_by.is_some() {
            return None;
        }
        if outcome.has_failed() {
            return Some(0.0);
        }
        outcome.has_succeeded().then(|| 1.0 - TROUBLE * self.troubles(outcome))
    }

    /// Whether it went well, by what it was worth.
    pub fn went_well(&self) -> Option<bool> {
        self.worth().map(|worth| worth >= 0.5)
    }

    /// How much trouble there was on the way, from 0 to 3: delay, failures, and work that was done over.
    #[expect(clippy::cast_precision_loss, reason = "numbers of calls are far below 2^52")]
    fn troubles(&self, outcome: &RunOutcome) -> f64 {
        let calls = outcome.calls.max(1) as f64;
        let late = self.beside_estimate().is_some_and(|share| share > LATE);
        // Half of the calls in vain is as bad as it counts.
        let retries = (2.0 * outcome.retries as f64 / calls).min(1.0);
        let over = match self.does_again {
            Some(_) => 1.0,
            None => (2.0 * outcome.rounds_again as f64 / calls).min(1.0),
        };
        f64::from(u8::from(late)) + retries + over
    }
}
