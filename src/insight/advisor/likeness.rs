//! Words that look alike: what is misspelt or written together differently still finds its word.

use std::collections::{BTreeMap, BTreeSet};

/// Stems by the groups of three letters in them.
pub(super) struct Likeness {
    stems: Vec<(String, usize)>,
    by_letters: BTreeMap<[char; 3], Vec<usize>>,
}

/// How many of the groups two words must share (Dice's coefficient).
const LEAST: f64 = 0.62;

/// Shorter words resemble too many others.
const SHORTEST: usize = 5;

impl Likeness {
    /// Of known stems.
    pub(super) fn of<'s>(known: impl Iterator<Item = &'s String>) -> Likeness {
        let mut likeness = Likeness { stems: Vec::new(), by_letters: BTreeMap::new() };
        for stem in known.collect::<BTreeSet<_>>() {
            let groups = letters(stem);
            for group in &groups {
                likeness.by_letters.entry(*group).or_default().push(likeness.stems.len());
            }
            likeness.stems.push((stem.clone(), groups.len()));
        }
        likeness
    }

    /// The known stem that an unknown one resembles most.
    #[expect(clippy::cast_precision_loss, reason = "words have few letters")]
    pub(super) fn nearest(&self, unknown: &str) -> Option<&str> {
        if unknown.chars().count() < SHORTEST {
            return None;
        }
        let groups = letters(unknown);
        let mut common: BTreeMap<usize, usize> = BTreeMap::new();
        for group in &groups {
            for stem in self.by_letters.get(group).into_iter().flatten() {
                *common.entry(*stem).or_insert(0) += 1;
            }
        }
        let shares = common.into_iter().map(|(stem, shared)| {
            (2.0 * shared as f64 / (groups.len() + self.stems[stem].1) as f64, stem)
        });
        let best = shares.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))?;
        (best.0 >= LEAST).then(|| self.stems[best.1].0.as_str())
    }
}

fn letters(word: &str) -> BTreeSet<[char; 3]> {
    let padded: Vec<char> = [' '].into_iter().chain(word.chars()).chain([' ']).collect();
    padded.windows(3).map(|three| [three[0], three[1], three[2]]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_words_find_theirs() {
        let known = ["campaign", "invoic", "migrat", "candid"].map(str::to_owned);
        let likeness = Likeness::of(known.iter());
        assert_eq!(likeness.nearest("campain"), Some("campaign"));
        assert_eq!(likeness.nearest("migrrat"), Some("migrat"));
        assert_eq!(likeness.nearest("weather"), None);
        assert_eq!(likeness.nearest("invo"), None);
    }
}
