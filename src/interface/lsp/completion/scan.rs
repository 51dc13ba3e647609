//! Reading lines one after the other: which collections are open, and where the cursor is in them.

use super::cursor::{Cursor, Slot, Step, is_word};
use super::flow::{self, FlowEnd};
use super::line::{dash, has_comment, split_key, without_properties};

/// A collection that is open at some line.
#[derive(Debug)]
struct Frame {
    /// The column where its keys or dashes stand.
    column: usize,
    step: Step,
}

/// Something that goes on over several lines.
#[derive(Debug)]
struct Pending {
    /// The column of the collection around it: a line that is not further in ends it.
    column: usize,
    /// What is written of it so far.
    text: String,
    is_block: bool,
}

impl Pending {
    /// Whether it has an end of its own, or an indentation.
    fn is_bracketed(&self) -> bool {
        self.is_block || self.text.starts_with(['[', '{', '"', '\''])
    }
}

/// The collections that are open, and what goes on from the line before.
#[derive(Debug, Default)]
pub(super) struct Scan {
    frames: Vec<Frame>,
    pending: Option<Pending>,
}

/// What a line says after its keys and dashes.
enum Rest<'l> {
    /// Nothing.
    Empty,
    /// A value behind a key.
    Value(&'l str),
    /// A value behind a dash, which may yet become a key.
    Item(&'l str),
    /// Text that has neither key nor dash before it.
    Bare(&'l str),
}

impl Scan {
    /// Reads a whole line.
    pub(super) fn line(&mut self, line: &str) {
        let content = line.trim_start_matches(' ');
        let column = line.len() - content.len();
        if content.trim().is_empty() {
            self.continue_with("\n");
            return;
        }
        if self.goes_on(column) {
            self.continue_with(&format!("\n{content}"));
            self.end_if_complete();
            return;
        }
        self.pending = None;
        if content.starts_with('#') {
            return;
        }
        if matches!(content.trim_end(), "---" | "...") {
            self.frames.clear();
            return;
        }
        if let Rest::Value(value) | Rest::Item(value) = self.read(column, content) {
            self.begin(value);
        }
    }

    fn goes_on(&self, column: usize) -> bool {
        self.pending.as_ref().is_some_and(|pending| column > pending.column)
    }

    fn continue_with(&mut self, text: &str) {
        if let Some(pending) = &mut self.pending {
            pending.text.push_str(text);
        }
    }

    /// Notes a value that goes on in the next lines.
    fn begin(&mut self, value: &str) {
        let column = self.frames.last().map_or(0, |frame| frame.column);
        let is_block = value.starts_with(['|', '>']);
        let text = if is_block { String::new() } else { value.to_owned() };
        self.pending = Some(Pending { column, text, is_block });
        self.end_if_complete();
    }

    /// Brackets and quotes that are closed end with their line; plain text may go on.
    fn end_if_complete(&mut self) {
        let is_complete = self.pending.as_ref().is_some_and(|pending| {
            !pending.is_block
                && pending.is_bracketed()
                && matches!(flow::read(&pending.text), FlowEnd::Closed)
        });
        if is_complete {
            self.pending = None;
        }
    }

    /// Follows the dashes and the key of a line; opens and closes collections on the way.
    fn read<'l>(&mut self, mut column: usize, mut content: &'l str) -> Rest<'l> {
        let mut is_behind = false;
        loop {
            if content.trim().is_empty() {
                return Rest::Empty;
            }
            if let Some(rest) = dash(content) {
                self.dash_at(column);
                let inner = rest.trim_start_matches(' ');
                column += content.len() - inner.len();
                content = inner;
                is_behind = true;
                continue;
            }
            let Some((key, rest)) = split_key(content) else {
                if is_behind {
                    return Rest::Item(without_properties(content));
                }
                self.close(column + 1);
                return Rest::Bare(content);
            };
            self.key_at(column, key);
            let value = without_properties(rest.trim_start());
            return if value.is_empty() || value.starts_with('#') {
                Rest::Empty
            } else {
                Rest::Value(value)
            };
        }
    }

    /// Closes what stands at this column or further in.
    fn close(&mut self, column: usize) {
        while self.frames.last().is_some_and(|frame| frame.column >= column) {
            self.frames.pop();
        }
    }

    fn dash_at(&mut self, column: usize) {
        self.close(column + 1);
        match self.frames.last_mut() {
            Some(Frame { column: own, step: Step::Item(index) }) if *own == column => *index += 1,
            // A list may stand in the column of its key.
            _ => self.frames.push(Frame { column, step: Step::Item(0) }),
        }
    }

    fn key_at(&mut self, column: usize, key: String) {
        self.close(column + 1);
        // A list in the column of its key ends with the next key.
        if matches!(self.frames.last(), Some(frame) if frame.column == column && matches!(frame.step, Step::Item(_)))
        {
            self.frames.pop();
        }
        match self.frames.last_mut() {
            Some(Frame { column: own, step }) if *own == column => *step = Step::Key(key),
            _ => self.frames.push(Frame { column, step: Step::Key(key) }),
        }
    }

    fn path(&self) -> Vec<Step> {
        self.frames.iter().map(|frame| frame.step.clone()).collect()
    }

    /// Reads the line with the cursor at its end.
    pub(super) fn cursor(mut self, line: &str) -> Cursor {
        let content = line.trim_start_matches(' ');
        let column = line.len() - content.len();
        let is_inside = self
            .pending
            .as_ref()
            .is_some_and(|pending| column > pending.column && pending.is_bracketed());
        if is_inside {
            self.continue_with(&format!("\n{content}"));
            let pending = self.pending.take();
            let (text, is_block) =
                pending.map(|pending| (pending.text, pending.is_block)).unwrap_or_default();
            return if is_block { self.value(&text) } else { self.written(&text) };
        }
        let continues = self.goes_on(column);
        let pending = self.pending.take();
        if has_comment(content) {
            return self.at(Slot::Nothing, "", false);
        }
        match self.read(column, content) {
            Rest::Value(value) if value.starts_with(['|', '>']) => {
                self.at(Slot::Nothing, "", false)
            }
            Rest::Item(word) if word.chars().all(is_word) => self.at(Slot::Open, word, false),
            Rest::Value(value) | Rest::Item(value) => self.written(value),
            Rest::Bare(text) if continues && !text.trim().chars().all(is_word) => {
                let before = pending.map(|pending| pending.text).unwrap_or_default();
                self.value(&format!("{before}\n{text}"))
            }
            Rest::Bare(word) => self.new_line(column, word),
            Rest::Empty if content.trim().is_empty() => self.new_line(column, ""),
            // Right behind a colon without a blank nothing can be written.
            Rest::Empty if content.ends_with(':') => self.at(Slot::Nothing, "", false),
            Rest::Empty => self.at(Slot::Open, "", false),
        }
    }

    /// A word alone in its line: a key of the mapping whose keys stand in its column, or the
    /// beginning of the value of the key above.
    fn new_line(mut self, column: usize, word: &str) -> Cursor {
        self.close(column + 1);
        if self.frames.last().is_some_and(|frame| frame.column == column) {
            // The list of a key in the same column is complete.
            if matches!(self.frames.last(), Some(Frame { step: Step::Item(_), .. })) {
                self.frames.pop();
            }
            self.frames.pop();
            return self.at(Slot::Key, word, false);
        }
        let slot = if self.frames.is_empty() { Slot::Key } else { Slot::Open };
        self.at(slot, word, false)
    }

    /// A value of which this much is written.
    fn written(mut self, text: &str) -> Cursor {
        if !text.starts_with(['[', '{']) {
            return self.value(text.trim_start_matches(['"', '\'']));
        }
        match flow::read(text) {
            FlowEnd::Closed => self.at(Slot::Nothing, "", false),
            FlowEnd::Key { path, word } => {
                self.extend(path);
                self.at(Slot::Key, &word, true)
            }
            FlowEnd::Value { path, text } => {
                self.extend(path);
                let mut cursor = self.value(&text);
                cursor.in_flow = true;
                cursor
            }
        }
    }

    fn extend(&mut self, path: Vec<Step>) {
        self.frames.extend(path.into_iter().map(|step| Frame { column: usize::MAX, step }));
    }

    fn value(self, text: &str) -> Cursor {
        let start = text
            .rfind(|character| !is_word(character))
            .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
        let word = text[start..].to_owned();
        let before = text[..start].to_owned();
        let mut cursor = self.at(Slot::Value { before }, "", false);
        cursor.word = word;
        cursor
    }

    fn at(self, slot: Slot, word: &str, in_flow: bool) -> Cursor {
        Cursor { path: self.path(), slot, word: word.trim().to_owned(), in_flow }
    }
}
