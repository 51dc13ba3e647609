//! Choices between several results: votes, samples, and what an agent decides.

use std::collections::BTreeMap;

use crate::language::document::{self, Strategy, Synthesis, Tie, Verb};
use crate::language::plan::choice::{Ballot, Pairs, Samples, TieBreak};
use crate::language::plan::iterate::{Body, Over};
use crate::language::plan::model::Work;

/// The temperature of samples whose author names none. Samples at 0 would be one answer; what a server does
/// of itself differs from model to model. It is that of the paper (arXiv 2203.11171).
const SAMPLE_TEMPERATURE: f64 = 0.7;

/// How the votes of a synthesis are counted.
pub(super) fn ballot(synthesis: &Synthesis) -> Ballot {
    Ballot {
        on: synthesis.on.clone(),
        weights: synthesis.weights.clone(),
        abstain: synthesis.abstain.clone(),
        quorum: synthesis.quorum,
        tie: synthesis.tie.unwrap_or_default(),
    }
}

/// For what an agent is asked in a choice, where one may be.
pub(super) fn judged(written: &document::Task) -> Option<Over> {
    let Verb::Synthesize(task) = &written.verb else { return None };
    let synthesis = &task.synthesize;
    let sources = Vec::new();
    match (synthesis.strategy, synthesis.tie) {
        (Strategy::BestOf, _) => Some(Over::Pairs(Pairs { sources })),
        (Strategy::Vote, Some(Tie::Agent)) => {
            Some(Over::TieBreak(TieBreak { sources, ballot: ballot(synthesis) }))
        }
        _ => None,
    }
}

/// How often the same is asked.
pub(super) fn samples(written: document::Samples) -> Samples {
    let document::Samples { count, parallel, stop, confidence, on, abstain, quorum, tie } = written;
    let ballot = Ballot { on, weights: BTreeMap::default(), abstain, quorum, tie: tie.into() };
    Samples { count, parallel, stop, confidence, ballot }
}

/// Gives samples a temperature where their author names none.
pub(super) fn spread(body: &mut Body) {
    if let Some(Work::Ask(ask)) = body.tasks.first_mut().map(|task| &mut task.work) {
        ask.options.temperature.get_or_insert(SAMPLE_TEMPERATURE);
    }
}
