//! From text to words: lower case, one spelling, stems, and where each stands.

use std::collections::BTreeMap;
use std::ops::Range;

use rust_stemmers::{Algorithm, Stemmer};

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// What is left of it without its endings; of a number, its digits.
    pub(super) stem: String,
    /// Its bytes in the text.
    pub(super) range: Range<usize>,
}

/// Makes stems, and remembers those that it has made.
pub(super) struct Stems {
    stemmer: Stemmer,
    known: BTreeMap<String, String>,
}

/// Longer words are no words of a language: hashes, addresses, encoded data.
const LONGEST_WORD: usize = 40;

impl Stems {
    pub(super) fn new() -> Stems {
        Stems { stemmer: Stemmer::create(Algorithm::English), known: BTreeMap::new() }
    }

    /// The words of a text in their order.
    pub(super) fn words(&mut self, text: &str) -> Vec<Word> {
        let mut found = Vec::new();
        let mut begin = None;
        for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
            // An apostrophe inside a word belongs to it: "can't" is one word.
            let is_inside = matches!(letter, '\'' | '’')
                && begin.is_some()
                && text[at + letter.len_utf8()..].starts_with(char::is_alphabetic);
            match (begin, letter.is_alphanumeric() || is_inside) {
                (None, true) => begin = Some(at),
                (Some(start), false) => {
                    begin = None;
                    if at - start <= LONGEST_WORD {
                        found.push(Word { stem: self.stem(&text[start..at]), range: start..at });
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// The stems of a text in their order.
    pub(super) fn stems(&mut self, text: &str) -> Vec<String> {
        self.words(text).into_iter().map(|word| word.stem).collect()
    }

    fn stem(&mut self, written: &str) -> String {
        if let Some(stem) = self.known.get(written) {
            return stem.clone();
        }
        let lower = written.to_lowercase().replace('’', "'");
        let bare = lower.strip_suffix("'s").unwrap_or(&lower).replace('\'', "");
        let stem = self.stemmer.stem(&one_spelling(bare)).into_owned();
        self.known.insert(written.to_owned(), stem.clone());
        stem
    }
}

/// British endings as American ones, so that both have one stem.
fn one_spelling(word: String) -> String {
    const LONG_ENOUGH: usize = 6;
    if word.len() < LONG_ENOUGH || !word.is_ascii() {
        return word;
    }
    for (british, american) in [
        ("isation", "ization"),
        ("isations", "izations"),
        ("ise", "ize"),
        ("ises", "izes"),
        ("ised", "ized"),
        ("iser", "izer"),
        ("ising", "izing"),
        ("yse", "yze"),
        ("ysed", "yzed"),
        ("ysing", "yzing"),
        ("our", "or"),
        ("ours", "ors"),
        ("oured", "ored"),
        ("ouring", "oring"),
        ("tre", "ter"),
        ("tres", "ters"),
        ("ogue", "og"),
        ("ogues", "ogs"),
        ("amme", "am"),
        ("ammes", "ams"),
    ] {
        if let Some(front) = word.strip_suffix(british) {
            return format!("{front}{american}");
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(Stems::new().stems(text), expected, "{text}");
    }

    #[test]
    fn words_have_one_stem_in_all_their_forms() {
        check("Organising, organized: organisation!", &["organ", "organ", "organ"]);
        check("behaviour behavior", &["behavior", "behavior"]);
        check("the customer’s can't 3,112", &["the", "custom", "cant", "3", "112"]);
        check("Überprüfung für Kühe", &["überprüfung", "für", "kühe"]);
        check(&"x".repeat(100), &[]);
        check("go/no-go", &["go", "no", "go"]);
    }

    #[test]
    fn words_know_where_they_stand() {
        let text = "Är det så? Yes, sign-offs.";
        let words = Stems::new().words(text);
        let written: Vec<&str> = words.iter().map(|word| &text[word.range.clone()]).collect();
        assert_eq!(written, ["Är", "det", "så", "Yes", "sign", "offs"]);
    }
}
