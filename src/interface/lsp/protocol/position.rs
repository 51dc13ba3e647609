//! Places as editors count them: lines from 0, and in a line the units of an encoding.

use lsp_types::{Position, PositionEncodingKind, Range};

use crate::language::source::{Source, Span};

/// The units in which places in a line are counted. UTF-16 unless both sides say otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::interface::lsp) enum Encoding {
    /// Bytes of UTF-8.
    Utf8,
    /// Units of UTF-16.
    #[default]
    Utf16,
}

impl Encoding {
    /// The one that costs nothing, if the client offers it; else what every client knows.
    pub(in crate::interface::lsp) fn choose(offered: &[PositionEncodingKind]) -> Encoding {
        if offered.contains(&PositionEncodingKind::UTF8) { Encoding::Utf8 } else { Encoding::Utf16 }
    }

    /// Its name in the protocol.
    pub(in crate::interface::lsp) fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    fn units(self, character: char) -> usize {
        match self {
            Encoding::Utf8 => character.len_utf8(),
            Encoding::Utf16 => character.len_utf16(),
        }
    }

    /// The place of a byte.
    pub(in crate::interface::lsp) fn position(self, source: &Source, offset: u32) -> Position {
        let line = source.position(offset).line;
        let span = source.line_span(line);
        let before = source.span_text(Span::new(span.source, span.start, offset.min(span.end)));
        let units: usize = before.chars().map(|character| self.units(character)).sum();
        Position::new(line - 1, u32::try_from(units).unwrap_or(u32::MAX))
    }

    /// The place of a span.
    pub(in crate::interface::lsp) fn range(self, source: &Source, span: Span) -> Range {
        Range::new(self.position(source, span.start), self.position(source, span.end))
    }

    /// The byte at a place: one inside a character is the character's first, one behind a line
    /// its last, one behind the text the text's end.
    pub(in crate::interface::lsp) fn offset(self, source: &Source, position: Position) -> u32 {
        let line = source.line_span(position.line.saturating_add(1));
        let wanted = position.character as usize;
        let mut units = 0;
        for (at, character) in source.span_text(line).char_indices() {
            units += self.units(character);
            if units > wanted {
                return line.start + u32::try_from(at).unwrap_or(0);
            }
        }
        line.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::source::SourceId;

    /// The byte, and where it is in each encoding: line, units of UTF-8, UTF-16.
    fn check(text: &str, offset: u32, line: u32, units: [u32; 2]) {
        let source = Source::new(SourceId(0), "test.yaml", text);
        let encodings = [Encoding::Utf8, Encoding::Utf16];
        for (encoding, units) in encodings.into_iter().zip(units) {
            let position = Position::new(line, units);
            assert_eq!(encoding.position(&source, offset), position, "{text:?} {encoding:?}");
            assert_eq!(encoding.offset(&source, position), offset, "{text:?} {encoding:?}");
        }
    }

    #[test]
    fn every_encoding_counts_in_its_own_units() {
        check("a: é\nb: 😀c", 0, 0, [0, 0]);
        check("a: é\nb: 😀c", 5, 0, [5, 4]);
        check("a: é\nb: 😀c", 13, 1, [7, 5]);
        check("a\r\nb\r\n", 3, 1, [0, 0]);
        check("a\r\nb\r\n", 6, 2, [0, 0]);
    }

    #[test]
    fn places_that_do_not_exist_are_brought_back() {
        let source = Source::new(SourceId(0), "test.yaml", "ab\n😀\n");
        let offset = |line, units| Encoding::Utf16.offset(&source, Position::new(line, units));
        assert_eq!(offset(0, 99), 2);
        assert_eq!(offset(1, 1), 3);
        assert_eq!(offset(9, 0), 8);
        assert_eq!(offset(u32::MAX, u32::MAX), 8);
    }
}
