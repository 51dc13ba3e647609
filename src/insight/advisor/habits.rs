//! What requests of each size have in common, by naive Bayes (the multinomial model over what is in a text at all): how
//! often words, and words beside each other, stand in examples of that size. Words that say nothing of what a request is about
//! count here: "what is" and "each of them" say much of its size.

use std::collections::BTreeMap;

use super::words::Word;
use crate::organization::Tier;

/// What every feature has beside what was counted, so that none is impossible.
const BEFOREHAND: f64 = 0.3;

/// What stands in fewer examples is chance.
const FEWEST_EXAMPLES: u32 = 2;

/// What short texts lack in evidence, as so many features of which nothing is known.
const UNKNOWN_FEATURES: f64 = 4.0;

/// A word, or two that stand beside each other, by their numbers.
type Feature = (u32, u32);

/// Stands for no second word.
const ALONE: u32 = u32::MAX;

/// How the sizes of requests show in their words.
pub(super) struct Habits {
    numbers: BTreeMap<String, u32>,
    /// The logarithms of how likely each feature is in requests of each tier; sorted.
    features: Vec<(Feature, [f64; 4])>,
    /// The logarithms of how many examples each tier has among all.
    beforehand: [f64; 4],
}

/// How much the words of a text speak for each tier. What all have in common is taken away, and long texts do not
/// speak louder.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Leaning {
    sums: [f64; 4],
    features: usize,
}

/// Examples that are counted.
#[derive(Default)]
pub(super) struct HabitsBuilder {
    numbers: BTreeMap<String, u32>,
    counted: Vec<(Feature, usize, f64)>,
    examples: [f64; 4],
}

impl HabitsBuilder {
    /// Counts an example of a size, so much.
    pub(super) fn add(&mut self, words: &[Word], tier: Tier, weight: f64) {
        let numbers = &mut self.numbers;
        let numbers = words.iter().map(|word| {
            let next = u32::try_from(numbers.len()).unwrap_or(ALONE);
            match numbers.get(&word.stem) {
                Some(number) => *number,
                None => *numbers.entry(word.stem.clone()).or_insert(next),
            }
        });
        let numbers: Vec<u32> = numbers.collect();
        let place = place_of(tier);
        self.examples[place] += weight;
        self.counted.extend(features(&numbers).into_iter().map(|one| (one, place, weight)));
    }

    /// What the examples have in common.
    pub(super) fn finish(mut self) -> Habits {
        self.counted.sort_by_key(|(feature, place, _)| (*feature, *place));
        let mut features: Vec<(Feature, [f64; 4])> = Vec::new();
        let mut totals = [0.0; 4];
        for same in self.counted.chunk_by(|one, next| one.0 == next.0) {
            if same.len() < FEWEST_EXAMPLES as usize {
                continue;
            }
            let mut sums = [0.0; 4];
            same.iter().for_each(|(_, place, weight)| sums[*place] += weight);
            totals.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
            features.push((same[0].0, sums));
        }
        #[expect(clippy::cast_precision_loss, reason = "numbers of words are far below 2^52")]
        let room = BEFOREHAND * features.len() as f64;
        for (_, sums) in &mut features {
            for (sum, total) in sums.iter_mut().zip(totals) {
                *sum = ((*sum + BEFOREHAND) / (total + room)).ln();
            }
        }
        let all: f64 = self.examples.iter().sum::<f64>() + 4.0 * BEFOREHAND;
        let beforehand = self.examples.map(|examples| ((examples + BEFOREHAND) / all).ln());
        Habits { numbers: self.numbers, features, beforehand }
    }
}

impl Habits {
    /// What a whole request leans to.
    pub(super) fn leaning(&self, words: &[Word]) -> Leaning {
        let mut leaning = self.of_part(words);
        leaning.sums.iter_mut().zip(self.beforehand).for_each(|(sum, before)| *sum += before);
        leaning
    }

    /// What a part of a request leans to: its size says nothing of how many there are of each size.
    pub(super) fn of_part(&self, words: &[Word]) -> Leaning {
        let numbers = words.iter().map(|word| self.numbers.get(&word.stem).copied());
        let mut known: Vec<Feature> = Vec::new();
        let numbers: Vec<Option<u32>> = numbers.collect();
        known.extend(numbers.iter().flatten().map(|number| (*number, ALONE)));
        known.extend(numbers.windows(2).filter_map(|pair| Some((pair[0]?, pair[1]?))));
        known.sort_unstable();
        known.dedup();
        let mut leaning = Leaning::default();
        for feature in known {
            let Ok(place) = self.features.binary_search_by_key(&feature, |(known, _)| *known)
            else {
                continue;
            };
            let (_, logarithms) = self.features[place];
            leaning.sums.iter_mut().zip(logarithms).for_each(|(sum, one)| *sum += one);
            leaning.features += 1;
        }
        leaning
    }
}

impl Leaning {
    /// How much it speaks for each tier, beside the mean of all.
    pub(super) fn for_each_tier(self) -> [f64; 4] {
        let mean = self.sums.iter().sum::<f64>() / 4.0;
        self.sums.map(|sum| (sum - mean) / self.loudness())
    }

    /// How much it speaks for one answer of one agent, against all others together.
    pub(super) fn for_small(self) -> f64 {
        let others = &self.sums[1..];
        let most = others.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let together = most + others.iter().map(|sum| (sum - most).exp()).sum::<f64>().ln();
        (self.sums[0] - together) / self.loudness()
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of words are far below 2^52")]
    fn loudness(self) -> f64 {
        (self.features as f64 + UNKNOWN_FEATURES).sqrt()
    }
}

/// The words of a text and those that stand beside each other, each once.
fn features(numbers: &[u32]) -> Vec<Feature> {
    let alone = numbers.iter().map(|number| (*number, ALONE));
    let pairs = numbers.windows(2).map(|pair| (pair[0], pair[1]));
    let mut found: Vec<Feature> = alone.chain(pairs).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn place_of(tier: Tier) -> usize {
    usize::from(tier.number()) - 1
}

#[cfg(test)]
mod tests {
    use super::super::words::Stems;
    use super::*;

    #[test]
    fn what_is_like_examples_of_a_size_leans_to_it() {
        let mut stems = Stems::new();
        let mut builder = HabitsBuilder::default();
        for (text, tier) in [
            ("what is the capital of France", Tier::One),
            ("what is a good name for a cat", Tier::One),
            ("every department plans its part, and the board decides", Tier::Four),
            ("every department moves, and the board signs its part", Tier::Four),
        ] {
            builder.add(&stems.words(text), tier, 1.0);
        }
        let habits = builder.finish();
        let mut leaning = |text: &str| habits.leaning(&stems.words(text));
        assert!(leaning("what is the board").for_small() > 0.0);
        assert!(leaning("the board and every department").for_small() < 0.0);
        let [one, _, _, four] = leaning("the board and every department").for_each_tier();
        assert!(four > one);
        let nothing = leaning("Grüße");
        assert_eq!(nothing.features, 0);
        assert!(nothing.for_each_tier().iter().all(|one| one.is_finite()));
    }
}
