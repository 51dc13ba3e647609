//! Where in a document somebody types, told from the text alone: indentation, dashes, brackets and
//! quotes before the cursor. The tree is of no use here, since what is being typed breaks it.

use super::scan::Scan;

/// One step from the root of a document to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Into a mapping.
    Key(String),
    /// Into a list: which item, from 0.
    Item(usize),
}

impl Step {
    /// The key; `*` for an item.
    pub(super) fn name(&self) -> &str {
        match self {
            Step::Key(key) => key,
            Step::Item(_) => "*",
        }
    }
}

/// What can be written at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Slot {
    /// A key of the mapping at the path.
    Key,
    /// The value at the path, or the first key of a mapping there.
    Open,
    /// The value at the path, of which this much is written before the word at the cursor.
    Value { before: String },
    /// Nothing: a comment.
    Nothing,
}

/// Where the cursor is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The value or mapping that is being written.
    pub(super) path: Vec<Step>,
    /// What can be written there.
    pub(super) slot: Slot,
    /// The letters of the word before the cursor.
    pub(super) word: String,
    /// Whether it stands in `[…]` or `{…}`.
    pub(super) in_flow: bool,
}

/// Letters of a word: what the editor replaces when a completion is taken.
pub(super) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || "_-".contains(character)
}

impl Cursor {
    /// Reads the text before the cursor.
    pub(super) fn of(before: &str) -> Cursor {
        let mut scan = Scan::default();
        let mut lines = before.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        let last = lines.next_back().unwrap_or_default();
        for line in lines {
            scan.line(line);
        }
        scan.cursor(last)
    }
}
