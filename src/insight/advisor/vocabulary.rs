//! A vocabulary made ready: phrases by their first stem, and what each of them means.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::words::{Stems, Word};
use crate::language::document::{Cue, Cues, ExampleRequests, VocabularyDocument};

/// What a phrase says about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CueKind {
    SeveralTeams,
    OneTeam,
    Gates,
    Parallel,
    Sequence,
    Damage,
    Executives,
    Large,
    Small,
}

/// What a phrase means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Meaning {
    /// Much the same as the other phrases of its line, which is this one.
    Concept(usize),
    /// A group of people.
    Group(usize),
    /// A cue, and how much it counts.
    Cue(CueKind, f64),
    /// The cue behind it does not hold.
    Denial,
}

/// A phrase that was found in a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FoundPhrase {
    pub(super) meaning: Meaning,
    /// Its words, by their numbers.
    pub(super) words: Range<usize>,
}

/// A phrase as it is looked for.
struct Phrase {
    stems: Vec<String>,
    /// Only where it is written in capitals.
    in_capitals: bool,
    meaning: Meaning,
}

/// What is known of a language.
pub(super) struct Vocabulary {
    pub(super) examples: ExampleRequests,
    /// Requests for patterns, by their names.
    pub(super) requests: BTreeMap<String, Vec<String>>,
    pub(super) groups: Vec<String>,
    stop_stems: BTreeSet<String>,
    phrases: BTreeMap<String, Vec<Phrase>>,
}

impl Vocabulary {
    /// Several documents as one: from the last one that replaces those before it.
    pub(super) fn new(documents: &[VocabularyDocument], stems: &mut Stems) -> Vocabulary {
        let first = documents.iter().rposition(|one| one.vocabulary.replaces).unwrap_or(0);
        let mut vocabulary = Vocabulary {
            examples: ExampleRequests::default(),
            requests: BTreeMap::new(),
            groups: Vec::new(),
            stop_stems: BTreeSet::new(),
            phrases: BTreeMap::new(),
        };
        let mut lines = 0;
        for document in &documents[first..] {
            vocabulary.add(document, &mut lines, stems);
        }
        vocabulary
    }

    fn add(&mut self, document: &VocabularyDocument, lines: &mut usize, stems: &mut Stems) {
        for word in &document.stop_words {
            self.stop_stems.extend(stems.stems(word));
        }
        for line in &document.synonyms {
            line.iter().for_each(|phrase| self.add_phrase(phrase, Meaning::Concept(*lines), stems));
            *lines += 1;
        }
        for (group, words) in &document.groups {
            let known = self.groups.iter().position(|known| known == group);
            let number = known.unwrap_or(self.groups.len());
            if known.is_none() {
                self.groups.push(group.clone());
            }
            words.iter().for_each(|phrase| self.add_phrase(phrase, Meaning::Group(number), stems));
        }
        for (kind, cues) in cues_by_kind(&document.cues) {
            for cue in cues {
                let meaning = Meaning::Cue(kind, cue.weight);
                cue.phrases.iter().for_each(|phrase| self.add_phrase(phrase, meaning, stems));
            }
        }
        for word in &document.denials {
            self.add_phrase(word, Meaning::Denial, stems);
        }
        let (all, more) = (&mut self.examples, &document.examples);
        all.direct.extend_from_slice(&more.direct);
        all.workflow.extend_from_slice(&more.workflow);
        all.project.extend_from_slice(&more.project);
        all.initiative.extend_from_slice(&more.initiative);
        for (pattern, requests) in &document.requests {
            self.requests.entry(pattern.clone()).or_default().extend_from_slice(requests);
        }
    }

    fn add_phrase(&mut self, written: &str, meaning: Meaning, stems: &mut Stems) {
        let stems = stems.stems(written);
        let Some(first) = stems.first().cloned() else { return };
        let in_capitals = is_in_capitals(written);
        self.phrases.entry(first).or_default().push(Phrase { stems, in_capitals, meaning });
    }

    /// Whether a stem says nothing of what a text is about.
    pub(super) fn is_empty_word(&self, stem: &str) -> bool {
        self.stop_stems.contains(stem) || stem.chars().all(char::is_numeric)
    }

    /// The phrases in the words of a text, in their order.
    pub(super) fn phrases(&self, text: &str, words: &[Word]) -> Vec<FoundPhrase> {
        let mut found = Vec::new();
        for (at, word) in words.iter().enumerate() {
            for phrase in self.phrases.get(&word.stem).into_iter().flatten() {
                let end = at + phrase.stems.len();
                let is_there = end <= words.len()
                    && words[at..end]
                        .iter()
                        .zip(&phrase.stems)
                        .all(|(word, stem)| word.stem == *stem)
                    && (!phrase.in_capitals || is_in_capitals(&text[word.range.clone()]));
                if is_there {
                    found.push(FoundPhrase { meaning: phrase.meaning, words: at..end });
                }
            }
        }
        found
    }
}

fn is_in_capitals(text: &str) -> bool {
    text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)
}

fn cues_by_kind(cues: &Cues) -> [(CueKind, &[Cue]); 9] {
    [
        (CueKind::SeveralTeams, &cues.several_teams),
        (CueKind::OneTeam, &cues.one_team),
        (CueKind::Gates, &cues.gates),
        (CueKind::Parallel, &cues.parallel),
        (CueKind::Sequence, &cues.sequence),
        (CueKind::Damage, &cues.damage),
        (CueKind::Executives, &cues.executives),
        (CueKind::Large, &cues.large),
        (CueKind::Small, &cues.small),
    ]
}
