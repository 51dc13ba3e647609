//! From a request to advice.

use super::adjustments::Adjustments;
use super::advice::{Advice, Alternative, Approach, Candidate, Coordination, Unadvisable};
use super::catalogue::{Catalogue, ScoreParts};
use super::profile::Profile;
use super::questions::answers;
use super::reading::{Features, Reading};
use super::size::{FITS_FROM, Sizing};
use super::vocabulary::{CueKind, Vocabulary};
use super::wording::{Decided, reasoning, warnings};
use super::words::Stems;
use crate::language::document::VocabularyDocument;
use crate::organization::Tier;

/// So many candidates are told.
const CANDIDATES: usize = 5;

/// Of a longer request only so many bytes are read: what it wants stands at its beginning, behind which comes material.
const READ_BYTES: usize = 20_000;

/// So many sentences of a request are looked at one by one.
const SENTENCES: usize = 10;

/// A part of fewer words says nothing of the size of the whole.
const LEAST_WORDS: usize = 3;

/// How far behind the best a pattern is that counts less by a factor of e.
const BEHIND: f64 = 0.25;

/// A sentence of fewer words that say something is like anything.
const LEAST_TELLING: usize = 2;

/// Below this share of known words the vocabulary is not that of the request.
const LEAST_KNOWN: f64 = 0.34;

/// The field of patterns that are made for no subject.
const COORDINATION: &str = "coordination";

/// What is known beside the request.
#[derive(Debug, Clone, Default)]
pub struct Circumstances {
    /// What experience says about patterns.
    pub adjustments: Adjustments,
    /// The size of the model that would be asked, in billions of parameters, if it is known.
    pub model_billions: Option<f64>,
}

/// A library made ready to be asked about requests.
pub struct Advisor {
    pub(super) vocabulary: Vocabulary,
    pub(super) catalogue: Catalogue,
}

impl Advisor {
    /// Of patterns, and of vocabularies: from the last one that replaces those before it.
    pub fn new(profiles: Vec<Profile>, vocabularies: &[VocabularyDocument]) -> Advisor {
        let mut stems = Stems::new();
        let vocabulary = Vocabulary::new(vocabularies, &mut stems);
        let catalogue = Catalogue::new(profiles, &vocabulary, &mut stems);
        Advisor { vocabulary, catalogue }
    }

    /// What is to be done about a request.
    ///
    /// # Errors
    /// When it says nothing.
    pub fn advise(
        &self,
        request: &str,
        circumstances: &Circumstances,
    ) -> Result<Advice, Unadvisable> {
        if request.trim().is_empty() {
            return Err(Unadvisable::Empty);
        }
        let whole = request;
        let request = beginning(request);
        let reading = Reading::of(&self.vocabulary, &mut Stems::new(), request);
        if reading.telling == 0 {
            return Err(Unadvisable::SaysNothing);
        }
        let leaning = self.catalogue.habits.leaning(&reading.words).for_each_tier();
        let (mut scores, nearness) = self.catalogue.scores(&reading.features, &leaning);
        for (profile, score) in self.catalogue.profiles.iter().zip(&mut scores) {
            let adjustment = circumstances.adjustments.get(&profile.name);
            score.adjustment = adjustment.map_or(0.0, super::Adjustment::shift);
        }
        let order = self.order(&scores);
        let is_withheld = |found: usize| self.is_withheld(found, circumstances);
        let open: Vec<usize> = order.iter().copied().filter(|found| !is_withheld(*found)).collect();
        let profile_at = |found: &usize| &self.catalogue.profiles[*found];
        let first = open.first().map(profile_at);
        let near_small_sentence = self.near_small_sentence(request);
        let small_part = self.small_part(request);
        let tiers = tiers_of(&scores, &self.catalogue.profiles);
        let sizing_of = |order: &[usize]| {
            let score_at = |at: usize| order.get(at).map_or(0.0, |found| scores[*found].total());
            Sizing {
                leaning,
                small_part,
                tiers,
                length: reading.length,
                nearness: &nearness,
                near_small_sentence,
                scores: [score_at(0), score_at(1), score_at(2)],
                tier_of_first: order.first().map(profile_at).and_then(|profile| profile.tier),
            }
        };
        // A request is as large as it is, whatever is withheld.
        let sizing = sizing_of(&order);
        let known = self.catalogue.known_share(&reading.features);
        let (direct, fit) = (sizing.direct(), sizing_of(&open).fit());
        let is_known = known >= LEAST_KNOWN;
        let is_small = sizing.is_small();
        let fits = !is_small && is_known && fit >= FITS_FROM;
        let tier = if is_small { Tier::One } else { sizing.tier() };
        let pattern = first.filter(|_| fits).map(|profile| profile.name.clone());
        let approach = Approach::of(tier);
        let confidence = match (is_small, fits) {
            (true, _) => direct,
            (false, true) => fit * (1.0 - direct),
            (false, false) => (1.0 - fit) * (1.0 - direct),
        };
        let answers = answers(request, &reading, &self.vocabulary, tier);
        let coordination = coordination(request, &reading, tier);
        let decided = Decided {
            request,
            reading: &reading,
            approach,
            answers: &answers,
            first: first.zip(open.first().map(|found| &scores[*found])),
            withheld: order
                .first()
                .filter(|found| is_withheld(**found))
                .and_then(|found| circumstances.adjustments.get_key_value(&profile_at(found).name)),
            pattern: pattern.as_deref(),
            direct,
            fit,
            is_known,
            is_cut: request.len() < whole.len(),
            model_billions: circumstances.model_billions,
        };
        Ok(Advice {
            tier,
            approach,
            candidates: self.candidates(&order, &scores, circumstances),
            coordination,
            coordination_pattern: match (&pattern, is_small) {
                (None, false) => self.coordination_pattern(&open, &scores),
                _ => None,
            },
            alternative: self.alternative(&decided, &open, &scores),
            reasoning: reasoning(&decided),
            warnings: warnings(&decided),
            confidence: if is_known { confidence } else { confidence.min(LEAST_KNOWN) },
            pattern,
            answers,
        })
    }

    /// How much that of the request's sentences speaks for a small one which speaks most for it.
    fn small_part(&self, request: &str) -> f64 {
        sentences(request)
            .map(|sentence| Stems::new().words(sentence))
            .filter(|words| words.len() >= LEAST_WORDS)
            .map(|words| self.catalogue.habits.of_part(&words).for_small())
            .reduce(f64::max)
            .unwrap_or_default()
    }

    /// How near that of its sentences is to examples of small requests which is nearest.
    fn near_small_sentence(&self, request: &str) -> f64 {
        sentences(request)
            .map(|sentence| Features::of(&self.vocabulary, &mut Stems::new(), sentence))
            .filter(|features| features.words.len() >= LEAST_TELLING)
            .map(|features| self.catalogue.nearness(&features).of(Tier::One))
            .fold(0.0, f64::max)
    }

    /// Whether experience keeps a pattern from being recommended.
    fn is_withheld(&self, found: usize, circumstances: &Circumstances) -> bool {
        let adjustment = circumstances.adjustments.get(&self.catalogue.profiles[found].name);
        adjustment.is_some_and(super::Adjustment::withholds)
    }

    /// The patterns that came first.
    fn candidates(
        &self,
        order: &[usize],
        scores: &[ScoreParts],
        circumstances: &Circumstances,
    ) -> Vec<Candidate> {
        let candidates = order.iter().take(CANDIDATES).map(|found| {
            let profile = &self.catalogue.profiles[*found];
            let experience = circumstances.adjustments.get(&profile.name);
            Candidate {
                pattern: profile.name.clone(),
                score: scores[*found].total(),
                parts: scores[*found],
                experience: experience.map(|found| found.reason().to_owned()),
                withheld: self.is_withheld(*found, circumstances),
            }
        });
        candidates.collect()
    }

    /// The patterns that have something in common with the request, the best first.
    fn order(&self, scores: &[ScoreParts]) -> Vec<usize> {
        let mut order: Vec<usize> =
            (0..scores.len()).filter(|at| scores[*at].total() > 0.0).collect();
        order.sort_by(|a, b| {
            let by_score = scores[*b].total().total_cmp(&scores[*a].total());
            let name = |at: &usize| &self.catalogue.profiles[*at].name;
            by_score.then_with(|| name(a).cmp(name(b)))
        });
        order
    }

    /// The best of those patterns that are made for no subject.
    fn coordination_pattern(&self, order: &[usize], scores: &[ScoreParts]) -> Option<String> {
        let profiles = order.iter().map(|at| (&self.catalogue.profiles[*at], &scores[*at]));
        let mut of_none =
            profiles.filter(|(profile, _)| profile.category.as_deref() == Some(COORDINATION));
        of_none.next().map(|(profile, _)| profile.name.clone())
    }

    fn alternative(
        &self,
        decided: &Decided<'_>,
        order: &[usize],
        scores: &[ScoreParts],
    ) -> Option<Alternative> {
        let approach = match decided.approach {
            Approach::Direct => return None,
            Approach::Workflow => Approach::Direct,
            Approach::Project => Approach::Workflow,
            Approach::Initiative => Approach::Project,
        };
        // A pattern that is as good as out of the question is no alternative.
        const LEAST_SHARE: f64 = 0.5;
        let best = order.first().map_or(0.0, |at| scores[*at].total());
        let cheaper = order.iter().find(|at| {
            let profile = &self.catalogue.profiles[**at];
            profile.tier == Some(approach.tier())
                && decided.pattern != Some(profile.name.as_str())
                && scores[**at].total() >= LEAST_SHARE * best
        });
        let pattern = cheaper.filter(|_| approach != Approach::Direct);
        Some(Alternative {
            approach,
            pattern: pattern.map(|at| self.catalogue.profiles[*at].name.clone()),
            reason: decided.why_not(approach),
        })
    }
}

/// How much the patterns that fit best speak for each tier: the shares of those of the tier among all, where one that is behind
/// counts less by a factor of e for each [`BEHIND`].
fn tiers_of(scores: &[ScoreParts], profiles: &[Profile]) -> [f64; 4] {
    let best = scores.iter().map(ScoreParts::total).fold(0.0, f64::max);
    let mut shares = [0.0; 4];
    let mut all = 0.0;
    for (score, profile) in scores.iter().zip(profiles) {
        let share = ((score.total() - best) / BEHIND).exp();
        all += share;
        if let Some(tier) = profile.tier {
            shares[usize::from(tier.number()) - 1] += share;
        }
    }
    shares.map(|share| if all > 0.0 { share / all } else { 0.0 })
}

/// The sentences of a request, the first of them: what is wanted of one agent may stand in any, between what happened
/// and why.
fn sentences(request: &str) -> impl Iterator<Item = &str> {
    let ends = ['.', '!', '?', ';', ':', '\n'];
    request.split(ends).map(str::trim).filter(|sentence| !sentence.is_empty()).take(SENTENCES)
}

/// As much of a request as is read, cut between two letters.
pub(super) fn beginning(request: &str) -> &str {
    let mut end = request.len().min(READ_BYTES);
    while !request.is_char_boundary(end) {
        end -= 1;
    }
    &request[..end]
}

/// How people work together on a request of which no plan is known.
fn coordination(request: &str, reading: &Reading, tier: Tier) -> Coordination {
    let parallel = reading.weight(request, CueKind::Parallel);
    let sequence = reading.weight(request, CueKind::Sequence);
    match tier {
        Tier::One => Coordination::Single,
        Tier::Four => Coordination::Hierarchical,
        Tier::Two | Tier::Three if parallel > 0.0 && parallel >= sequence => Coordination::Parallel,
        Tier::Three if reading.groups.len() > 2 => Coordination::Parallel,
        Tier::Two | Tier::Three => Coordination::Sequential,
    }
}
