//! What a file of the corpus says about itself, in comments that begin with `#~`.

use std::fmt;
use std::fs;
use std::path::Path;

use partita::language::document::{Audience, Level, LintSettings};

/// The beginning of every comment that is meant for the test.
const MARK: &str = "#~";

/// One finding: where, what kind, and the text that is underlined.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) line: u32,
    pub(super) code: String,
    pub(super) text: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {:?}", self.line, self.code, self.text)
    }
}

/// What is to be found in a file, and how it is to be validated.
#[derive(Debug, Default)]
pub(super) struct Expectation {
    /// `#~ CODE "TEXT" …` on its line, or `#~ LINE: CODE "TEXT" …` anywhere; sorted. The texts are
    /// JSON strings.
    pub(super) places: Vec<Place>,
    /// `#~ with: FILE`: a file beside it that is validated together with it.
    pub(super) with: Vec<String>,
    /// `#~ sound`: others use it, and there is nothing wrong with it.
    pub(super) is_sound: bool,
    /// `#~ audience: WORD` and `#~ level: CODE=LEVEL`.
    pub(super) settings: LintSettings,
}

impl Expectation {
    pub(super) fn of_file(path: &Path) -> Expectation {
        let bytes = fs::read(path).expect("a file");
        let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
        let mut expectation = Expectation::default();
        for (line, number) in text.split(['\n', '\r']).zip(1..) {
            if let Some((_, said)) = line.split_once(MARK) {
                expectation
                    .add(number, said.trim())
                    .unwrap_or_else(|| panic!("{}:{number}: `{said}`", path.display()));
            }
        }
        expectation.places.sort();
        expectation
    }

    /// Takes in what one comment says; `None` where it cannot be read.
    fn add(&mut self, line: u32, said: &str) -> Option<()> {
        let Some((word, rest)) = said.split_once(": ") else {
            if said == "sound" {
                self.is_sound = true;
                return Some(());
            }
            return self.add_places(line, said);
        };
        match word {
            "with" => self.with.push(rest.to_owned()),
            "audience" => {
                let mut all = Audience::ALL.into_iter();
                self.settings.audience = all.find(|audience| audience.as_str() == rest)?;
            }
            "level" => {
                let (code, word) = rest.split_once('=')?;
                let level = Level::ALL.into_iter().find(|level| level.as_str() == word)?;
                self.settings.rules.insert(code.to_owned(), level);
            }
            _ => match word.parse() {
                Ok(number) => return self.add_places(number, rest),
                Err(_) => return self.add_places(line, said),
            },
        }
        Some(())
    }

    /// `CODE "TEXT"`, at least once.
    fn add_places(&mut self, line: u32, said: &str) -> Option<()> {
        let mut rest = said;
        loop {
            let (code, after) = rest.split_once(' ')?;
            let mut texts = serde_json::Deserializer::from_str(after).into_iter::<String>();
            let text = texts.next()?.ok()?;
            self.places.push(Place { line, code: code.to_owned(), text });
            rest = after[texts.byte_offset()..].trim_start();
            if rest.is_empty() {
                return Some(());
            }
        }
    }
}

/// The text with the same lines, without what is meant for the test.
pub(super) fn without_comments(text: &str) -> String {
    text.split_inclusive(['\n', '\r'])
        .map(|line| match line.split_once(MARK) {
            Some((before, comment)) => {
                let line_break = comment.trim_start_matches(|c| !matches!(c, '\n' | '\r'));
                format!("{}{line_break}", before.trim_end_matches(' '))
            }
            None => line.to_owned(),
        })
        .collect()
}
