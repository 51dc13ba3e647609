//! How alike requests are for which one pattern was run: whether they are of one kind.
//!
//! Requests for a pattern have much in common by being requests for that pattern. What tells their kinds apart are words
//! that are rare in the library, that the pattern's own sentences do not have, and that requests which went well do not
//! share with requests which went wrong. Whatever two requests of a kind do not have in common by themselves, they may have in common with a third.

use std::collections::{BTreeMap, BTreeSet};

use super::advising::{Advisor, beginning};
use super::reading::Features;
use super::words::Stems;

/// A request for which a pattern was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastRequest<'a> {
    /// The request.
    pub request: &'a str,
    /// Whether the run went well.
    pub went_well: bool,
}

/// How much a meaning counts beside a word: a line of synonyms is wider than a kind.
const MEANING: f64 = 0.5;

/// A likeness that is less is chance.
const LEAST: f64 = 0.05;

/// A request of which none of those before is more like it than this is of another kind.
const OTHER_KIND: f64 = 0.2;

/// One of which some is at least so like it is of a kind that there was before.
const OF_A_KIND: f64 = 0.3;

/// How much of its own likeness a request hands on to those that are like it.
const HANDED_ON: f64 = 0.6;

/// From this likeness on requests are wholly alike.
const WHOLLY: f64 = 0.18;

/// Less of it counts nothing.
const LEAST_WEIGHT: f64 = 0.4;

/// How fast a word loses its worth the more of the pattern's own sentences have it.
const OWN_WORDS_FADE: i32 = 4;

/// A pattern that says little of itself may be said to have so many sentences more.
const FEW_SENTENCES: usize = 3;

/// What tells a request from others, as a vector of length 1.
type Telling = BTreeMap<String, f64>;

impl Advisor {
    /// How alike a request is to each of those for which a pattern was run, from 0 (another kind) to 1.
    ///
    /// The constants were found on requests of several kinds for each of three patterns (`tests/fixtures/requests/kinds.yaml`);
    /// none of them knows a pattern or a word.
    pub fn likeness(&self, pattern: &str, request: &str, past: &[PastRequest<'_>]) -> Vec<f64> {
        let mut stems = Stems::new();
        let mut features = |text: &str| {
            let features = Features::of(&self.vocabulary, &mut stems, beginning(text));
            let words = features.words.into_iter();
            // Words and meanings have one name space: no stem begins with a sign.
            let meanings = features.meanings.into_iter().map(|line| format!("#{line}"));
            words.chain(meanings).collect::<BTreeSet<String>>()
        };
        let own: Vec<_> = self.own_sentences(pattern).iter().map(|text| features(text)).collect();
        let earlier: Vec<_> = past.iter().map(|one| features(one.request)).collect();
        let kinds = Kinds { advisor: self, own: &own, earlier: &earlier, past };
        let vectors: Vec<Telling> = earlier.iter().map(|one| kinds.telling(one)).collect();
        let asked = features(request);
        let telling = kinds.telling(&asked);
        // The same words are the same request, also where none of them tells it from others.
        let direct = earlier.iter().zip(&vectors).map(|(one, vector)| match *one == asked {
            true => 1.0,
            false => likeness(&telling, vector),
        });
        let direct: Vec<f64> = direct.collect();
        let nearest = direct.iter().copied().fold(0.0, f64::max);
        let of_a_kind = ((nearest - OTHER_KIND) / (OF_A_KIND - OTHER_KIND)).clamp(0.0, 1.0);
        if of_a_kind <= 0.0 {
            return vec![0.0; past.len()];
        }
        let mut all = direct.clone();
        for (from, alike) in direct.iter().enumerate().filter(|(_, alike)| **alike > 0.0) {
            let to = |to: usize| match from == to {
                true => 0.0,
                false => likeness(&vectors[from], &vectors[to]),
            };
            let others: Vec<f64> = (0..vectors.len()).map(to).collect();
            let sum: f64 = others.iter().sum();
            if sum > 0.0 {
                for (place, other) in others.iter().enumerate() {
                    all[place] += HANDED_ON * alike * other / sum;
                }
            }
        }
        let weight = |alike: f64| (alike / WHOLLY).min(1.0);
        let counts = |weight: f64| if weight < LEAST_WEIGHT { 0.0 } else { of_a_kind * weight };
        all.into_iter().map(weight).map(counts).collect()
    }

    /// What a pattern says of itself in sentences.
    fn own_sentences(&self, pattern: &str) -> Vec<&str> {
        let profile = self.catalogue.profiles.iter().find(|profile| profile.name == pattern);
        let Some(profile) = profile else { return Vec::new() };
        let sentences = profile.requests.iter().chain(&profile.when_to_use);
        sentences.chain([&profile.summary]).map(String::as_str).collect()
    }
}

/// What kinds are told apart by.
struct Kinds<'a> {
    advisor: &'a Advisor,
    own: &'a [BTreeSet<String>],
    earlier: &'a [BTreeSet<String>],
    past: &'a [PastRequest<'a>],
}

impl Kinds<'_> {
    fn telling(&self, features: &BTreeSet<String>) -> Telling {
        let weighed = features.iter().map(|feature| (feature.clone(), self.weight(feature)));
        let mut vector: Telling = weighed.filter(|(_, weight)| *weight > 0.0).collect();
        let length = vector.values().map(|weight| weight * weight).sum::<f64>().sqrt();
        vector.values_mut().for_each(|weight| *weight /= length);
        vector
    }

    /// How much a feature says about the kind of a request.
    #[expect(clippy::cast_precision_loss, reason = "numbers of requests are far below 2^52")]
    fn weight(&self, feature: &str) -> f64 {
        let sentences = &self.advisor.catalogue.sentences;
        let rarity = match feature.strip_prefix('#') {
            Some(meaning) => MEANING * sentences.meanings.rarity(meaning),
            None => sentences.words.rarity(feature),
        };
        let have_it =
            |texts: &[BTreeSet<String>]| texts.iter().filter(|t| t.contains(feature)).count();
        let of_pattern = have_it(self.own) as f64 / (self.own.len() + FEW_SENTENCES) as f64;
        let (mut well, mut wrong) = (0.0_f64, 0.0_f64);
        for (one, past) in self.earlier.iter().zip(self.past) {
            if one.contains(feature) {
                *(if past.went_well { &mut well } else { &mut wrong }) += 1.0;
            }
        }
        // What went well and what went wrong have in common does not tell them apart.
        const DOUBT: f64 = 0.25;
        let one_sided = ((well - wrong).abs() + DOUBT) / (well + wrong + DOUBT);
        rarity * (1.0 - of_pattern).powi(OWN_WORDS_FADE) * one_sided
    }
}

/// The cosine of two vectors of length 1.
fn likeness(one: &Telling, other: &Telling) -> f64 {
    let common = one.iter().filter_map(|(feature, weight)| Some(weight * other.get(feature)?));
    let sum: f64 = common.sum();
    if sum < LEAST { 0.0 } else { sum }
}
