//! Texts with a name and an id, and the line and column of each byte in them.

use std::sync::Arc;

use super::lines::{Lines, Position, floor_boundary};
use super::span::{SourceId, Span};

/// One text that was read: its id, the name to show for it, and its lines.
#[derive(Debug, Clone)]
pub struct Source {
    id: SourceId,
    name: String,
    text: Arc<str>,
    lines: Lines,
}

impl Source {
    /// A source outside any [`SourceMap`]; the caller vouches for the id.
    #[must_use]
    pub fn new(id: SourceId, name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let lines = Lines::new(&text);
        Self { id, name: name.into(), text, lines }
    }

    /// Its id, which every span in it carries.
    #[must_use]
    pub fn id(&self) -> SourceId {
        self.id
    }

    /// The path or title to show to people.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text exactly as it was read, a byte-order mark included.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text for those who keep it longer than the source.
    pub(super) fn shared_text(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// The line and column of a byte. Robust: an offset inside a character counts as that
    /// character, one in a line break as the end of its line, one past the end as the end.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        self.lines.position(&self.text, offset as usize)
    }

    /// How many lines there are; text that ends with a line break has an empty last line.
    #[must_use]
    pub fn line_count(&self) -> u32 {
        u32::try_from(self.lines.count()).unwrap_or(u32::MAX)
    }

    /// The bytes of a line (from 1) without its line break; past the last line the empty range
    /// at the end of the text.
    #[must_use]
    pub fn line_span(&self, line: u32) -> Span {
        let range = self.lines.range(&self.text, line.saturating_sub(1) as usize);
        Span::new(self.id, to_offset(range.start), to_offset(range.end))
    }

    /// The text of a line (from 1) without its line break and without a byte-order mark; empty
    /// past the last line.
    #[must_use]
    pub fn line_text(&self, line: u32) -> &str {
        self.span_text(self.line_span(line))
    }

    /// The text of a span, cut to what exists: ends inside a character move to its start. A span
    /// of another source has no text here.
    #[must_use]
    pub fn span_text(&self, span: Span) -> &str {
        if span.source != self.id {
            return "";
        }
        let start = floor_boundary(&self.text, span.start as usize);
        let end = floor_boundary(&self.text, span.end as usize);
        self.text.get(start..end).unwrap_or_default()
    }
}

/// All the sources of one invocation. Their ids count from 0 in the order of adding.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
}

impl SourceMap {
    /// A map without sources.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a text in under a name and gives it its id. Two texts may have the same name.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        let id = SourceId(to_offset(self.sources.len()));
        self.sources.push(Source::new(id, name, text));
        id
    }

    /// The source with this id; `None` for an id of another map.
    #[must_use]
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.0 as usize)
    }

    /// The sources in the order of their ids.
    pub fn iter(&self) -> std::slice::Iter<'_, Source> {
        self.sources.iter()
    }

    /// How many sources there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }
}

impl<'a> IntoIterator for &'a SourceMap {
    type Item = &'a Source;
    type IntoIter = std::slice::Iter<'a, Source>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// An offset as spans store it. What is parsed is at most
/// [`MAX_SOURCE_BYTES`](super::MAX_SOURCE_BYTES) long, so nothing is lost there.
pub(super) fn to_offset(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(u32, (u32, u32))]) {
        let source = Source::new(SourceId(0), "test.yaml", text);
        for &(offset, (line, column)) in expected {
            let found = source.position(offset);
            assert_eq!(found, Position { line, column }, "{offset} in {text:?}");
        }
    }

    #[test]
    fn counts_characters_and_not_bytes() {
        check("aé: ü\nx", &[(0, (1, 1)), (1, (1, 2)), (3, (1, 3)), (8, (2, 1))]);
        // Inside `é`, and past the end.
        check("aé", &[(2, (1, 2)), (3, (1, 3)), (99, (1, 3))]);
        check("", &[(0, (1, 1)), (5, (1, 1))]);
        check("a\n", &[(1, (1, 2)), (2, (2, 1)), (9, (2, 1))]);
    }

    #[test]
    fn takes_every_line_break_for_one() {
        let text = "a\r\nb\rc\nd";
        check(text, &[(1, (1, 2)), (2, (1, 2)), (3, (2, 1))]);
        check(text, &[(4, (2, 2)), (5, (3, 1)), (7, (4, 1))]);
        let source = Source::new(SourceId(0), "test.yaml", text);
        assert_eq!(source.line_count(), 4);
        let lines: Vec<_> = (0..7).map(|line| source.line_text(line)).collect();
        assert_eq!(lines, ["a", "a", "b", "c", "d", "", ""]);
    }

    #[test]
    fn gives_a_byte_order_mark_no_column() {
        let text = "\u{feff}ab\ncd";
        check(text, &[(0, (1, 1)), (2, (1, 1)), (3, (1, 1)), (4, (1, 2))]);
        check(text, &[(6, (2, 1))]);
        let source = Source::new(SourceId(0), "test.yaml", text);
        assert_eq!(source.line_text(1), "ab");
    }

    #[test]
    fn finds_columns_in_long_lines() {
        let text = "é".repeat(5000) + "\n" + &"x".repeat(3000);
        check(&text, &[(9998, (1, 5000)), (10_000, (1, 5001))]);
        check(&text, &[(10_001, (2, 1)), (12_345, (2, 2345))]);
    }

    #[test]
    fn cuts_spans_to_the_text() {
        let source = Source::new(SourceId(3), "test.yaml", "aéb");
        let text = |start, end| source.span_text(Span::new(SourceId(3), start, end));
        assert_eq!(text(0, 3), "aé");
        assert_eq!(text(0, 2), "a");
        assert_eq!(text(2, 99), "éb");
        assert_eq!(text(50, 99), "");
        assert_eq!(source.span_text(Span::new(SourceId(0), 0, 1)), "");
    }

    #[test]
    fn gives_ids_in_order() {
        let mut sources = SourceMap::new();
        assert!(sources.is_empty());
        let first = sources.add("a.yaml", "a: 1");
        let second = sources.add("b.yaml", String::from("b: 2"));
        assert_eq!((first, second), (SourceId(0), SourceId(1)));
        assert_eq!(sources.get(second).map(Source::name), Some("b.yaml"));
        assert!(sources.get(SourceId(2)).is_none());
        let names: Vec<_> = sources.iter().map(Source::name).collect();
        assert_eq!(names, ["a.yaml", "b.yaml"]);
    }
}
