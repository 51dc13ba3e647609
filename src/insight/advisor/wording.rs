//! The advice in sentences: how it came about, what speaks against it, why nothing cheaper.

use std::ops::Range;

use super::adjustments::Adjustment;
use super::advice::Approach;
use super::catalogue::ScoreParts;
use super::profile::Profile;
use super::questions::{Answer, Question};
use super::reading::Reading;
use super::vocabulary::CueKind;

/// What was decided, with all that it rests on.
pub(super) struct Decided<'a> {
    pub(super) request: &'a str,
    pub(super) reading: &'a Reading,
    pub(super) approach: Approach,
    pub(super) answers: &'a [Answer],
    pub(super) first: Option<(&'a Profile, &'a ScoreParts)>,
    /// What comes first and is withheld, with the reason.
    pub(super) withheld: Option<(&'a String, &'a Adjustment)>,
    pub(super) pattern: Option<&'a str>,
    pub(super) direct: f64,
    pub(super) fit: f64,
    pub(super) is_known: bool,
    pub(super) is_cut: bool,
    pub(super) model_billions: Option<f64>,
}

/// Up to this size role pipelines lost against one call in the evaluation of agency-orchestrator (three of four tasks at 8 billion
/// parameters).
const WEAK_BILLIONS: f64 = 9.0;

impl Decided<'_> {
    fn answer(&self, question: Question) -> Option<&Answer> {
        self.answers.iter().find(|answer| answer.question == question)
    }

    fn is(&self, question: Question, word: &str) -> bool {
        self.answer(question).is_some_and(|answer| answer.answer == word)
    }

    /// Why a cheaper approach was rejected.
    pub(super) fn why_not(&self, cheaper: Approach) -> String {
        let mut reasons = Vec::new();
        let mut because = |question, reason: &str| {
            let evidence =
                self.answer(question).map(|answer| quoted(self.request, &answer.evidence));
            match evidence.filter(|quoted| !quoted.is_empty()) {
                Some(quoted) => reasons.push(format!("{reason} ({quoted})")),
                None => reasons.push(reason.to_owned()),
            }
        };
        if !self.is(Question::Teams, "one") {
            because(Question::Teams, "several groups of people take part");
        }
        if self.is(Question::Gates, "yes") {
            because(Question::Gates, "somebody has to agree");
        }
        if self.is(Question::Executives, "yes") && cheaper != Approach::Direct {
            because(Question::Executives, "those who lead look at it");
        }
        if self.is(Question::Impact, "high") {
            because(Question::Impact, "an error would do harm");
        }
        if let Some(pattern) = self.pattern {
            reasons.push(format!("`{pattern}` is made for such requests"));
        }
        if reasons.is_empty() {
            reasons.push("the request has more parts than that".to_owned());
        }
        reasons.join("; ")
    }
}

/// How the advice came about.
pub(super) fn reasoning(decided: &Decided<'_>) -> Vec<String> {
    let mut sentences = Vec::new();
    if decided.approach == Approach::Direct && decided.pattern.is_none() {
        let small = quoted_cues(decided, CueKind::Small);
        sentences.push(match small.is_empty() {
            true => "It reads like requests that one agent answers at once.".to_owned(),
            false => format!("It reads like requests that one agent answers at once ({small})."),
        });
        sentences.push("Every agent beyond the first would cost more than it adds.".to_owned());
        return sentences;
    }
    for answer in decided.answers {
        let quoted = quoted(decided.request, &answer.evidence);
        if !quoted.is_empty() {
            let question = answer.question.text();
            sentences.push(format!("{question} {}: {quoted}.", capital(&answer.answer)));
        }
    }
    if let Some((withheld, adjustment)) = decided.withheld {
        sentences.push(format!(
            "`{withheld}` is nearest and is not recommended here: {}.",
            adjustment.reason()
        ));
    }
    match (decided.pattern, decided.first) {
        (Some(pattern), Some((profile, parts))) => {
            let strongest = strongest(parts);
            sentences.push(format!("`{pattern}` comes first, above all because of {strongest}."));
            if let Some(tier) = profile.tier
                && tier != decided.approach.tier()
            {
                let (own, found) = (tier.number(), decided.approach.tier().number());
                sentences.push(format!(
                    "The pattern is made for tier {own}; the request reads like tier {found}."
                ));
            }
        }
        (None, Some((profile, _))) => sentences.push(format!(
            "No pattern is made for it: the nearest, `{}`, has too little in common with it.",
            profile.name
        )),
        _ => sentences.push("No pattern has anything in common with it.".to_owned()),
    }
    sentences
}

/// What speaks against a team, or against the advice.
pub(super) fn warnings(decided: &Decided<'_>) -> Vec<String> {
    let mut found = Vec::new();
    if decided.is_cut {
        found.push(
            "only the beginning of the request was read; put the material into an input".to_owned(),
        );
    }
    if !decided.is_known {
        found.push(
            "most words of the request are in no pattern and no vocabulary; is it in another language? A `vocabulary:` \
             document of it can be added"
                .to_owned(),
        );
    }
    if decided.approach == Approach::Direct {
        return found;
    }
    if let Some(billions) = decided.model_billions
        && billions <= WEAK_BILLIONS
    {
        found.push(format!(
            "a model of {billions} billion parameters: teams of models of that size were worse than one call in three of four \
             tasks; try one call with a gate first, and `partita compare` the two"
        ));
    }
    let weight = |kind| decided.reading.weight(decided.request, kind);
    const CLEARLY: f64 = 2.0;
    if weight(CueKind::Sequence) >= CLEARLY && weight(CueKind::Parallel) <= 0.0 {
        let quoted = quoted_cues(decided, CueKind::Sequence);
        found.push(format!(
            "each part waits for the one before ({quoted}): on sequential work teams were up to 70% worse than one agent \
             (arXiv 2512.08296); one agent with a review may do"
        ));
    }
    const UNSURE: f64 = 0.25;
    if decided.pattern.is_none() && decided.direct > UNSURE {
        found.push("it may be small enough for one agent; ask one first".to_owned());
    } else if decided.pattern.is_some() && decided.fit < 0.6 {
        found.push("another pattern is nearly as near; read the candidates".to_owned());
    }
    found
}

fn strongest(parts: &ScoreParts) -> &'static str {
    let named = [
        (parts.words + parts.pairs, "the words that it shares with the request"),
        (parts.nearest + parts.nearest_meanings, "sentences of it that are like the request"),
        (parts.meanings, "words of it that mean the same"),
    ];
    let strongest = named.into_iter().max_by(|a, b| a.0.total_cmp(&b.0));
    strongest.map_or("its words", |(_, name)| name)
}

fn quoted_cues(decided: &Decided<'_>, kind: CueKind) -> String {
    const QUOTED: usize = 4;
    let cues = decided.reading.cues.iter().filter(|cue| cue.kind == kind);
    let places: Vec<Range<usize>> = cues.take(QUOTED).map(|cue| cue.range.clone()).collect();
    quoted(decided.request, &places)
}

/// Words of the request in quotation marks.
fn quoted(request: &str, places: &[Range<usize>]) -> String {
    let words = places.iter().map(|place| {
        format!("“{}”", request[place.clone()].split_whitespace().collect::<Vec<_>>().join(" "))
    });
    words.collect::<Vec<_>>().join(", ")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
