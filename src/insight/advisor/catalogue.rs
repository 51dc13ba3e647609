//! The patterns of a library, and how well each fits a request.

use super::habits::{Habits, HabitsBuilder};
use super::likeness::Likeness;
use super::profile::Profile;
use super::ranking::Index;
use super::reading::Features;
use super::vocabulary::Vocabulary;
use super::words::Stems;
use crate::organization::Tier;

/// What a score is made of. Every part but `size`, `against` and `adjustment` is what request and pattern have in common, where 1 is
/// about as much as there is in the request, times its weight.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ScoreParts {
    /// Words of the request in all that the pattern says of itself.
    pub words: f64,
    /// Words that stand beside each other in both.
    pub pairs: f64,
    /// What the words mean, by the vocabulary's lines of synonyms.
    pub meanings: f64,
    /// Words in the sentences of the pattern that are nearest to the request.
    pub nearest: f64,
    /// Meanings in those sentences.
    pub nearest_meanings: f64,
    /// Who works on it and what is given, by their descriptions.
    pub surroundings: f64,
    /// How much the words of the request speak against the pattern's tier. It is taken away.
    pub size: f64,
    /// What the pattern says it is not for. It is taken away.
    pub against: f64,
    /// What experience adds or takes away.
    pub adjustment: f64,
}

impl ScoreParts {
    /// The score.
    pub fn total(&self) -> f64 {
        self.words
            + self.pairs
            + self.meanings
            + self.nearest
            + self.nearest_meanings
            + self.surroundings
            - self.size
            - self.against
            + self.adjustment
    }
}

/// The weights of the parts. They were found on labelled requests, each judged by examples of other authors only; they know of no
/// pattern.
const WORDS: f64 = 2.0;
const PAIRS: f64 = 0.45;
const MEANINGS: f64 = 0.7;
const NEAREST: f64 = 1.5;
const NEAREST_MEANINGS: f64 = 1.2;
const SURROUNDINGS: f64 = 0.1;
const AGAINST: f64 = 0.15;

/// How much a pattern is held back whose tier the words of the request speak against.
const SIZE: f64 = 0.23;

/// What a pattern says in a summary or a situation counts so often beside a request that it names.
const OWN_WORDS: usize = 3;

/// How much a request for a pattern counts as an example of the pattern's tier: the request itself may be of another.
const OF_PATTERNS: f64 = 0.5;

/// How much the nearest sentences of a pattern count, the nearest first.
const NEAR: [f64; 4] = [0.43, 0.26, 0.18, 0.13];

/// Whose sentence it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Pattern(usize),
    Example(Tier),
}

/// How near a request is to examples of each size.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Nearness {
    by_tier: [f64; 4],
}

impl Nearness {
    /// By words and by what they mean, which counts half.
    fn of_both(by_words: &Nearness, by_meanings: &Nearness) -> Nearness {
        let mut both = *by_words;
        for (sum, meanings) in both.by_tier.iter_mut().zip(by_meanings.by_tier) {
            *sum += 0.5 * meanings;
        }
        both
    }

    pub(super) fn of(&self, tier: Tier) -> f64 {
        self.by_tier[usize::from(tier.number()) - 1]
    }
}

/// The patterns, made ready for comparison.
pub(super) struct Catalogue {
    pub(super) profiles: Vec<Profile>,
    words: Index,
    pairs: Index,
    meanings: Index,
    surroundings: Index,
    pub(super) sentences: Sentences,
    against: Sentences,
    likeness: Likeness,
    /// How the sizes of requests show in their words.
    pub(super) habits: Habits,
}

/// Sentences with those to whom they belong.
pub(super) struct Sentences {
    pub(super) words: Index,
    pub(super) meanings: Index,
    owners: Vec<Owner>,
}

impl Sentences {
    fn new(sentences: &[(Owner, Features)]) -> Sentences {
        const LENGTH: f32 = 0.9;
        Sentences {
            words: Index::new(sentences.iter().map(|(_, one)| one.words.as_slice()), LENGTH),
            meanings: Index::new(sentences.iter().map(|(_, one)| one.meanings.as_slice()), LENGTH),
            owners: sentences.iter().map(|(owner, _)| *owner).collect(),
        }
    }

    /// For each pattern and each size how near the nearest sentences are.
    fn near(&self, shares: Vec<(usize, f64)>, patterns: usize) -> (Vec<f64>, Nearness) {
        let mut found: Vec<Vec<f64>> = vec![Vec::new(); patterns + Tier::ALL.len()];
        for (sentence, share) in shares {
            let place = match self.owners[sentence] {
                Owner::Pattern(number) => number,
                Owner::Example(tier) => patterns + usize::from(tier.number()) - 1,
            };
            found[place].push(share);
        }
        let mut near: Vec<f64> = found
            .into_iter()
            .map(|mut shares| {
                shares.sort_by(|a, b| b.total_cmp(a));
                shares.iter().zip(NEAR).fold(0.0, |sum, (share, weight)| sum + share * weight)
            })
            .collect();
        let of_sizes = near.split_off(patterns);
        let mut nearness = Nearness::default();
        nearness.by_tier.copy_from_slice(&of_sizes);
        (near, nearness)
    }
}

impl Catalogue {
    /// Of patterns and the vocabulary's examples.
    pub(super) fn new(
        profiles: Vec<Profile>,
        vocabulary: &Vocabulary,
        stems: &mut Stems,
    ) -> Catalogue {
        let mut sentences = Vec::new();
        let mut against = Vec::new();
        let mut about = Vec::new();
        let mut around = Vec::new();
        let mut habits = HabitsBuilder::default();
        for (number, profile) in profiles.iter().enumerate() {
            let owner = Owner::Pattern(number);
            let mut all = Features::default();
            let more = vocabulary.requests.get(&profile.name).into_iter().flatten();
            for request in profile.requests.iter().chain(more) {
                let words = stems.words(request);
                if let Some(tier) = profile.tier {
                    habits.add(&words, tier, OF_PATTERNS);
                }
                let features = Features::of_text(vocabulary, request, &words);
                all.extend(&features);
                sentences.push((owner, features));
            }
            for own in profile.own_words() {
                let features = Features::of(vocabulary, stems, &own);
                (0..OWN_WORDS).for_each(|_| all.extend(&features));
            }
            for own in profile.when_to_use.iter().chain([&profile.summary]) {
                sentences.push((owner, Features::of(vocabulary, stems, own)));
            }
            about.push(all);
            against.extend(
                profile
                    .when_not_to_use
                    .iter()
                    .map(|one| (owner, Features::of(vocabulary, stems, one))),
            );
            around.push(Features::of(vocabulary, stems, &profile.surroundings.join(". ")));
        }
        let examples = &vocabulary.examples;
        let of_sizes =
            [&examples.direct, &examples.workflow, &examples.project, &examples.initiative];
        for (tier, requests) in Tier::ALL.into_iter().zip(of_sizes) {
            for request in requests {
                let words = stems.words(request);
                habits.add(&words, tier, 1.0);
                let features = Features::of_text(vocabulary, request, &words);
                sentences.push((Owner::Example(tier), features));
            }
        }
        let known = about.iter().chain(sentences.iter().map(|(_, one)| one));
        Catalogue {
            likeness: Likeness::of(known.flat_map(|features| &features.words)),
            words: Index::new(about.iter().map(|one| one.words.as_slice()), 1.0),
            pairs: Index::new(about.iter().map(|one| one.pairs.as_slice()), 1.0),
            meanings: Index::new(about.iter().map(|one| one.meanings.as_slice()), 0.75),
            surroundings: Index::new(around.iter().map(|one| one.words.as_slice()), 1.0),
            sentences: Sentences::new(&sentences),
            against: Sentences::new(&against),
            habits: habits.finish(),
            profiles,
        }
    }

    /// How much of the words is known here, from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "numbers of words are far below 2^52")]
    pub(super) fn known_share(&self, features: &Features) -> f64 {
        let known = features.words.iter().filter(|word| self.sentences.words.knows(word)).count();
        known as f64 / features.words.len().max(1) as f64
    }

    /// The score of each pattern, and how near the request is to examples of each size.
    pub(super) fn scores(
        &self,
        request: &Features,
        leaning: &[f64; 4],
    ) -> (Vec<ScoreParts>, Nearness) {
        let words = self.with_known_words(&request.words);
        let mut scores = vec![ScoreParts::default(); self.profiles.len()];
        let number = scores.len();
        for (pattern, share) in self.words.shares(&words) {
            scores[pattern].words = WORDS * share;
        }
        for (pattern, share) in self.pairs.shares(&request.pairs) {
            scores[pattern].pairs = PAIRS * share;
        }
        for (pattern, share) in self.meanings.shares(&request.meanings) {
            scores[pattern].meanings = MEANINGS * share;
        }
        for (pattern, share) in self.surroundings.shares(&words) {
            scores[pattern].surroundings = SURROUNDINGS * share;
        }
        let (near, by_words) = self.sentences.near(self.sentences.words.shares(&words), number);
        let shares = self.sentences.meanings.shares(&request.meanings);
        let (near_meanings, by_meanings) = self.sentences.near(shares, number);
        let most = leaning.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (against, _) = self.against.near(self.against.words.shares(&words), number);
        for (pattern, score) in scores.iter_mut().enumerate() {
            score.nearest = NEAREST * near[pattern];
            score.nearest_meanings = NEAREST_MEANINGS * near_meanings[pattern];
            score.against = AGAINST * against[pattern];
            let own =
                self.profiles[pattern].tier.map(|tier| leaning[usize::from(tier.number()) - 1]);
            score.size = own.map_or(0.0, |own| SIZE * (most - own));
        }
        (scores, Nearness::of_both(&by_words, &by_meanings))
    }

    /// How near one sentence of a request is to examples of each size.
    pub(super) fn nearness(&self, sentence: &Features) -> Nearness {
        let number = self.profiles.len();
        let words = self.with_known_words(&sentence.words);
        let (_, by_words) = self.sentences.near(self.sentences.words.shares(&words), number);
        let shares = self.sentences.meanings.shares(&sentence.meanings);
        let (_, by_meanings) = self.sentences.near(shares, number);
        Nearness::of_both(&by_words, &by_meanings)
    }

    /// The words, those that nothing here has replaced by those that they look like.
    fn with_known_words(&self, words: &[String]) -> Vec<String> {
        let known = |word: &String| self.words.knows(word) || self.sentences.words.knows(word);
        let replaced = words.iter().map(|word| match known(word) {
            true => word.clone(),
            false => self.likeness.nearest(word).map_or_else(|| word.clone(), str::to_owned),
        });
        replaced.collect()
    }
}
