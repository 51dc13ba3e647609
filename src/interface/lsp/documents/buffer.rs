//! A text that is open in the editor.

use std::sync::Arc;

use lsp_types::{TextDocumentContentChangeEvent, Uri};

use crate::interface::lsp::protocol::Encoding;
use crate::language::source::{Source, SourceId};

/// An open text, as the editor has it.
#[derive(Debug, Clone)]
pub(in crate::interface::lsp) struct Buffer {
    /// How the editor calls it, letter for letter.
    pub(in crate::interface::lsp) uri: Uri,
    /// Counts the changes.
    pub(in crate::interface::lsp) version: i32,
    /// The text.
    pub(in crate::interface::lsp) text: Arc<str>,
    /// Whether the editor says that it is a document of ours.
    pub(in crate::interface::lsp) is_ours: bool,
}

impl Buffer {
    /// Makes changes, each on the text that the one before has left.
    pub(in crate::interface::lsp) fn change(
        &mut self,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) {
        self.version = version;
        for change in changes {
            let Some(range) = change.range else {
                self.text = change.text.into();
                continue;
            };
            let source = Source::new(SourceId(0), "", Arc::clone(&self.text));
            let start = encoding.offset(&source, range.start) as usize;
            let end = (encoding.offset(&source, range.end) as usize).max(start);
            let text = format!("{}{}{}", &self.text[..start], change.text, &self.text[end..]);
            self.text = text.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use lsp_types::{Position, Range};

    use super::*;

    /// Lines and units of UTF-16 of start and end, and the new text.
    type Change<'t> = (u32, u32, u32, u32, &'t str);

    fn check(text: &str, changes: &[Change<'_>], expected: &str) {
        let uri = Uri::from_str("file:///a.yaml").unwrap();
        let mut buffer = Buffer { uri, version: 1, text: text.into(), is_ours: false };
        let changes =
            changes.iter().map(|(line, from, end_line, to, text)| TextDocumentContentChangeEvent {
                range: Some(Range::new(Position::new(*line, *from), Position::new(*end_line, *to))),
                range_length: None,
                text: (*text).to_owned(),
            });
        buffer.change(2, changes.collect(), Encoding::Utf16);
        assert_eq!((&*buffer.text, buffer.version), (expected, 2));
    }

    #[test]
    fn changes_are_made_one_after_the_other() {
        check("a: 1\nb: 2\n", &[(0, 3, 0, 4, "x"), (0, 4, 0, 4, "y")], "a: xy\nb: 2\n");
        check("a: 1\nb: 2\n", &[(0, 0, 1, 0, "")], "b: 2\n");
        check("😀é\n", &[(0, 2, 0, 3, "e")], "😀e\n");
    }

    #[test]
    fn places_outside_the_text_do_no_harm() {
        check("a\n", &[(9, 9, 9, 9, "b")], "a\nb");
        check("a\n", &[(0, 1, 0, 0, "b")], "ab\n");
    }
}
