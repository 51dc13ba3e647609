//! A request as it was understood: what it is about, and the cues in it.

use std::collections::BTreeSet;
use std::ops::Range;

use super::vocabulary::{CueKind, FoundPhrase, Meaning, Vocabulary};
use super::words::{Stems, Word};

/// What a text is about, as features that texts have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Features {
    /// The stems that say something.
    pub(super) words: Vec<String>,
    /// Two of them that stand beside each other.
    pub(super) pairs: Vec<String>,
    /// What they mean, by lines of synonyms.
    pub(super) meanings: Vec<String>,
}

impl Features {
    /// The features of a text.
    pub(super) fn of(vocabulary: &Vocabulary, stems: &mut Stems, text: &str) -> Features {
        let words = stems.words(text);
        Features::of_text(vocabulary, text, &words)
    }

    /// The features of a text with its words.
    pub(super) fn of_text(vocabulary: &Vocabulary, text: &str, words: &[Word]) -> Features {
        let phrases = vocabulary.phrases(text, words);
        Features::of_words(vocabulary, words, &phrases)
    }

    fn of_words(vocabulary: &Vocabulary, words: &[Word], phrases: &[FoundPhrase]) -> Features {
        let telling = words.iter().map(|word| &word.stem);
        let telling: Vec<String> =
            telling.filter(|stem| !vocabulary.is_empty_word(stem)).cloned().collect();
        let pairs = telling.windows(2).map(|pair| format!("{} {}", pair[0], pair[1]));
        let meanings = phrases.iter().filter_map(|phrase| match phrase.meaning {
            Meaning::Concept(line) => Some(line.to_string()),
            _ => None,
        });
        Features { pairs: pairs.collect(), meanings: meanings.collect(), words: telling }
    }

    /// Adds those of another text.
    pub(super) fn extend(&mut self, other: &Features) {
        self.words.extend_from_slice(&other.words);
        self.pairs.extend_from_slice(&other.pairs);
        self.meanings.extend_from_slice(&other.meanings);
    }
}

/// A cue in a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FoundCue {
    pub(super) kind: CueKind,
    pub(super) weight: f64,
    /// Its bytes in the request.
    pub(super) range: Range<usize>,
}

/// A request as it was understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub(super) features: Features,
    /// All of its words, without material that is quoted.
    pub(super) words: Vec<Word>,
    pub(super) cues: Vec<FoundCue>,
    /// The groups of people that it names: the number of each and its bytes where it is named first.
    pub(super) groups: Vec<(usize, Range<usize>)>,
    /// How many words it has, without material that is quoted.
    pub(super) length: usize,
    /// How many words it has that say something.
    pub(super) telling: usize,
}

/// A quotation of more words is material, and says nothing of what is to be done with it.
const LONGEST_NAME: usize = 6;

/// How many words before a cue are searched for what takes it back.
const DENIED_WITHIN: usize = 3;

impl Reading {
    /// Reads a request.
    pub(super) fn of(vocabulary: &Vocabulary, stems: &mut Stems, request: &str) -> Reading {
        let mut words = stems.words(request);
        for quoted in quotations(request) {
            let inside = |word: &Word| quoted.contains(&word.range.start);
            let count = words.iter().filter(|word| inside(word)).count();
            if count > LONGEST_NAME && count < words.len() {
                words.retain(|word| !inside(word));
            }
        }
        let phrases = vocabulary.phrases(request, &words);
        let features = Features::of_words(vocabulary, &words, &phrases);
        let bytes = |numbers: &Range<usize>| {
            words[numbers.start].range.start..words[numbers.end - 1].range.end
        };
        let is_denied = |numbers: &Range<usize>| {
            phrases.iter().any(|phrase| {
                phrase.meaning == Meaning::Denial
                    && phrase.words.end <= numbers.start
                    && phrase.words.end + DENIED_WITHIN > numbers.start
                    && !has_stop(
                        &request[words[phrase.words.end - 1].range.end
                            ..words[numbers.start].range.start],
                    )
            })
        };
        let mut cues: Vec<FoundCue> = Vec::new();
        let mut groups: Vec<(usize, Range<usize>)> = Vec::new();
        let mut known = BTreeSet::new();
        for phrase in &phrases {
            match phrase.meaning {
                Meaning::Cue(kind, weight) if !is_denied(&phrase.words) => {
                    cues.push(FoundCue { kind, weight, range: bytes(&phrase.words) });
                }
                Meaning::Group(group) if known.insert(group) => {
                    groups.push((group, bytes(&phrase.words)));
                }
                _ => {}
            }
        }
        without_contained(&mut cues);
        let (telling, length) = (features.words.len(), words.len());
        Reading { telling, length, features, words, cues, groups }
    }

    /// How much the cues of a kind count together. The same words count once.
    pub(super) fn weight(&self, request: &str, kind: CueKind) -> f64 {
        let mut known = BTreeSet::new();
        let of_kind = self.cues.iter().filter(|cue| cue.kind == kind);
        let first = of_kind.filter(|cue| known.insert(request[cue.range.clone()].to_lowercase()));
        first.fold(0.0, |sum, cue| sum + cue.weight)
    }
}

/// A sentence ends there, so that what is denied before it is not what comes after.
fn has_stop(between: &str) -> bool {
    between.contains(['.', '!', '?', ';', ':', ','])
}

/// Of cues of one kind that stand inside each other, the longest stays.
fn without_contained(cues: &mut Vec<FoundCue>) {
    let all = cues.clone();
    let mut number = 0;
    cues.retain(|cue| {
        let own = number;
        number += 1;
        !all.iter().enumerate().any(|(place, other)| {
            let is_wider = other.range.len() > cue.range.len()
                || (other.range.len() == cue.range.len() && place < own);
            other.kind == cue.kind
                && place != own
                && is_wider
                && other.range.start <= cue.range.start
                && cue.range.end <= other.range.end
        })
    });
}

/// What stands between quotation marks.
fn quotations(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut begin = None;
    for (at, letter) in text.char_indices() {
        match (begin, letter) {
            (None, '"' | '“' | '„' | '«') => begin = Some(at),
            // „German“ quotations end with the sign that begins English ones.
            (Some(start), '"' | '”' | '»' | '“') => {
                found.push(start..at);
                begin = None;
            }
            _ => {}
        }
    }
    found
}
