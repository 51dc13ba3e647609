//! The five questions that decide how much orchestration a request needs, and the words of the request on which
//! each answer rests.

use std::ops::Range;

use super::reading::Reading;
use super::vocabulary::{CueKind, Vocabulary};
use crate::organization::{KEY_QUESTIONS, Tier};

/// The five questions, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// How many teams coordinate.
    Teams,
    /// Whether there are formal approval gates.
    Gates,
    /// Whether parts are done at the same time.
    Parallel,
    /// What an error would cost.
    Impact,
    /// Whether executives look at it.
    Executives,
}

impl Question {
    /// All questions.
    pub const ALL: [Question; 5] = [
        Question::Teams,
        Question::Gates,
        Question::Parallel,
        Question::Impact,
        Question::Executives,
    ];

    /// The key in machine output.
    pub fn key(self) -> &'static str {
        match self {
            Question::Teams => "teams",
            Question::Gates => "approval_gates",
            Question::Parallel => "parallel",
            Question::Impact => "error_impact",
            Question::Executives => "executive_visibility",
        }
    }

    /// The question as it is asked.
    pub fn text(self) -> &'static str {
        let [teams, gates, parallel, impact, executives] = KEY_QUESTIONS;
        match self {
            Question::Teams => teams,
            Question::Gates => gates,
            Question::Parallel => parallel,
            Question::Impact => impact,
            Question::Executives => executives,
        }
    }
}

/// An answer to one of the questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The question.
    pub question: Question,
    /// The answer: `one`, a number or `many` for teams; `low`, `medium` or `high` for the impact; else `yes` or `no`.
    pub answer: String,
    /// Where the words stand on which it rests: bytes of the request, in their order. Empty where nothing was found.
    pub evidence: Vec<Range<usize>>,
}

/// So much weight of words for several teams means many, whoever they are.
const MANY: f64 = 2.5;

/// Of evidence no more is quoted: it is to be read at a glance.
const QUOTED: usize = 6;

/// Answers all five. `tier` decides nothing here but how a request is called in which no team is named.
pub(super) fn answers(
    request: &str,
    reading: &Reading,
    vocabulary: &Vocabulary,
    tier: Tier,
) -> Vec<Answer> {
    let weight = |kind| reading.weight(request, kind);
    let is_any = |kind| if weight(kind) > 0.0 { "yes" } else { "no" };
    let named = reading.groups.iter().filter(|(group, _)| *group < vocabulary.groups.len());
    let named: Vec<Range<usize>> = named.map(|(_, range)| range.clone()).collect();
    Question::ALL
        .into_iter()
        .map(|question| match question {
            Question::Teams => {
                let answer = match (named.len(), weight(CueKind::SeveralTeams)) {
                    (_, weight) if weight >= MANY => "many".to_owned(),
                    _ if tier <= Tier::Two && weight(CueKind::OneTeam) > 0.0 => "one".to_owned(),
                    (0 | 1, weight) if weight > 0.0 => "several".to_owned(),
                    (0 | 1, _) => "one".to_owned(),
                    (number, _) => number.to_string(),
                };
                let mut evidence = named.clone();
                evidence.extend(places(reading, &[CueKind::SeveralTeams, CueKind::OneTeam]));
                Answer { question, answer, evidence: shown(evidence) }
            }
            Question::Gates => of_kind(reading, question, CueKind::Gates, is_any(CueKind::Gates)),
            Question::Parallel => {
                of_kind(reading, question, CueKind::Parallel, is_any(CueKind::Parallel))
            }
            Question::Impact => {
                let answer = match weight(CueKind::Damage) {
                    weight if weight >= 4.0 => "high",
                    weight if weight >= 1.0 => "medium",
                    _ => "low",
                };
                of_kind(reading, question, CueKind::Damage, answer)
            }
            Question::Executives => {
                of_kind(reading, question, CueKind::Executives, is_any(CueKind::Executives))
            }
        })
        .collect()
}

fn of_kind(reading: &Reading, question: Question, kind: CueKind, answer: &str) -> Answer {
    Answer { question, answer: answer.to_owned(), evidence: shown(places(reading, &[kind])) }
}

fn places(reading: &Reading, kinds: &[CueKind]) -> Vec<Range<usize>> {
    let cues = reading.cues.iter().filter(|cue| kinds.contains(&cue.kind));
    cues.map(|cue| cue.range.clone()).collect()
}

/// The first of them in the order of the text, each once.
fn shown(mut places: Vec<Range<usize>>) -> Vec<Range<usize>> {
    places.sort_by_key(|place| (place.start, std::cmp::Reverse(place.end)));
    places.dedup_by(|later, earlier| later.start < earlier.end);
    places.truncate(QUOTED);
    places
}
