//! How much texts have in common, by BM25: rare words count more than frequent ones, the first more than its
//! repetitions, and long texts have no advantage. Here alone is the library `bm25` known.

use std::collections::{BTreeMap, BTreeSet};

use bm25::{Embedder, EmbedderBuilder, TokenEmbedder, Tokenizer};

/// How fast repetitions of a word lose their worth (Robertson and Zaragoza, 2009, use 1.2 to 2).
const SATURATION: f32 = 1.6;

/// Separates the features of a text, none of which has it in it.
const SEPARATOR: char = '\u{1f}';

/// Features that are there already, so that nothing remains to be found out about words.
#[derive(Debug, Clone, Copy, Default)]
struct Separated;

impl Tokenizer for Separated {
    fn tokenize(&self, joined: &str) -> Vec<String> {
        joined.split(SEPARATOR).filter(|one| !one.is_empty()).map(str::to_owned).collect()
    }
}

/// Texts with which a request is compared. The library weighs what is in each text; which texts have a feature is kept
/// here, since its own search goes through every word of every text for each word of a request.
pub(super) struct Index {
    /// For each feature the texts that have it, with its weight there.
    texts_with: BTreeMap<u64, Vec<(usize, f32)>>,
    texts: usize,
}

impl Index {
    /// An index of texts, each as its features. `length` says how much longer texts are held back, from 0 to 1.
    pub(super) fn new<'t>(texts: impl Iterator<Item = &'t [String]>, length: f32) -> Index {
        let texts: Vec<&[String]> = texts.collect();
        #[expect(clippy::cast_precision_loss, reason = "numbers of words are far below 2^24")]
        let average =
            texts.iter().map(|text| text.len()).sum::<usize>() as f32 / texts.len().max(1) as f32;
        let builder = EmbedderBuilder::<u64, Separated>::with_avgdl(average.max(1.0));
        let embedder: Embedder<u64, Separated> = builder.k1(SATURATION).b(length).build();
        let mut texts_with: BTreeMap<u64, Vec<(usize, f32)>> = BTreeMap::new();
        for (number, text) in texts.iter().enumerate() {
            for found in embedder.embed(&joined(text.iter())).iter() {
                let with_it = texts_with.entry(found.index).or_default();
                // A feature that a text repeats stands in its weights as often, each time with the same weight.
                if with_it.last().is_none_or(|(last, _)| *last != number) {
                    with_it.push((number, found.value));
                }
            }
        }
        Index { texts_with, texts: texts.len() }
    }

    /// What each text has in common with a request: 1 is about as much as there is in the request. Texts
    /// with nothing in common are left out.
    pub(super) fn shares(&self, request: &[String]) -> Vec<(usize, f64)> {
        let once: BTreeSet<&String> = request.iter().collect();
        let all: f64 = once.iter().map(|feature| self.rarity(feature)).sum();
        let mut sums = vec![0.0; self.texts];
        for feature in once {
            let rarity = self.rarity(feature);
            for (text, weight) in self.with_it(feature) {
                sums[*text] += rarity * f64::from(*weight);
            }
        }
        let found = sums.into_iter().enumerate().filter(|(_, sum)| *sum > 0.0);
        found.map(|(text, sum)| (text, sum / all)).collect()
    }

    /// Whether any text has a feature.
    pub(super) fn knows(&self, feature: &str) -> bool {
        !self.with_it(feature).is_empty()
    }

    fn with_it(&self, feature: &str) -> &[(usize, f32)] {
        self.texts_with.get(&u64::embed(feature)).map_or(&[], Vec::as_slice)
    }

    /// How rare a feature is, as BM25 has it.
    #[expect(clippy::cast_precision_loss, reason = "numbers of texts are far below 2^52")]
    pub(super) fn rarity(&self, feature: &str) -> f64 {
        let with_it = self.with_it(feature).len() as f64;
        (1.0 + (self.texts as f64 - with_it + 0.5) / (with_it + 0.5)).ln()
    }
}

fn joined<'f>(features: impl Iterator<Item = &'f String>) -> String {
    let mut text = String::new();
    for feature in features {
        text.push_str(feature);
        text.push(SEPARATOR);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn rare_words_count_more_and_length_counts_nothing() {
        let texts = [
            features("plan a launch"),
            features("plan a trip"),
            features("plan a trip and plan a trip"),
        ];
        let index = Index::new(texts.iter().map(Vec::as_slice), 1.0);
        let share = |request: &str, text: usize| {
            let shares = index.shares(&features(request));
            shares.into_iter().find(|(number, _)| *number == text).map_or(0.0, |(_, share)| share)
        };
        assert!(share("plan launch", 0) > share("plan launch", 1));
        assert!((share("trip", 1) - share("trip", 2)).abs() < 0.2);
        assert!(index.shares(&features("nothing here")).is_empty());
        assert!(index.shares(&[]).is_empty());
        assert!(index.knows("trip") && !index.knows("voyage"));
    }
}
