//! miette's view of our sources: exact line numbers, no scanning from the start, and no control
//! characters on anybody's terminal.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::language::source::Source;

/// Lines of more bytes are shown in part.
const LONG_LINE: usize = 400;

/// So many bytes are shown on both sides of a place in a long line.
const AROUND: usize = 40;

/// A source as miette reads it.
#[derive(Debug)]
pub(super) struct Snippet {
    name: String,
    text: String,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl Snippet {
    pub(super) fn of(source: &Source) -> Snippet {
        let text = harmless(source.text());
        let mut lines = vec![0];
        lines.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        Snippet { name: source.name().to_owned(), text, lines }
    }

    fn line_of(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The column of a place, in characters from 0: miette takes it as it is.
    fn column(&self, offset: usize) -> usize {
        let begin = self.lines[self.line_of(offset)];
        self.text.get(begin..offset).map_or(0, |before| before.chars().count())
    }

    /// Of a line that no terminal shows well, only what stands around the place.
    fn part_of_long_line(&self, start: usize, end: usize) -> Option<MietteSpanContents<'_>> {
        let line = self.line_of(start);
        let begin = self.lines[line];
        let limit = self.lines.get(line + 1).copied().unwrap_or(self.text.len());
        if limit - begin <= LONG_LINE || end > limit {
            return None;
        }
        let from = self.text.floor_char_boundary(start.saturating_sub(AROUND).max(begin));
        let to = self.text.ceil_char_boundary((end + AROUND).min(limit));
        Some(MietteSpanContents::new_named(
            self.name.clone(),
            self.text.as_bytes().get(from..to)?,
            SourceSpan::new(from.into(), to - from),
            line,
            self.column(start),
            1,
        ))
    }
}

/// The text with every control character that a terminal might obey replaced by one of the same
/// length, so that places stay where they are.
fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            '\r' => ' ',
            '\u{80}'..='\u{9f}' => '\u{a4}',
            c if c.is_ascii_control() => '?',
            c => c,
        })
        .collect()
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let start = span.offset().min(self.text.len());
        let end = (span.offset() + span.len()).min(self.text.len());
        if let Some(part) = self.part_of_long_line(start, end) {
            return Ok(Box::new(part));
        }
        let first = self.line_of(start).saturating_sub(before);
        let last = (self.line_of(end.max(start)) + after).min(self.lines.len() - 1);
        let from = self.lines[first];
        let to = self.lines.get(last + 1).copied().unwrap_or(self.text.len());
        let data = self.text.as_bytes().get(from..to).unwrap_or_default();
        let column = if before == 0 { self.column(start) } else { 0 };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            data,
            SourceSpan::new(from.into(), to - from),
            first,
            column,
            last - first + 1,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::source::SourceId;

    fn check(text: &str, word: &str, line: usize, column: usize, shown: &str) {
        let snippet = Snippet::of(&Source::new(SourceId(0), "a.yaml", text));
        let at = text.find(word).unwrap();
        let span = SourceSpan::new(at.into(), word.len());
        let contents = snippet.read_span(&span, 0, 0).unwrap();
        assert_eq!((contents.line(), contents.column()), (line, column));
        assert_eq!(std::str::from_utf8(contents.data()).unwrap(), shown);
    }

    #[test]
    fn columns_are_counted_in_characters() {
        check("a: b\nü: \"ää\", x\n", "x", 1, 9, "ü: \"ää\", x\n");
    }

    #[test]
    fn of_long_lines_a_part_is_shown() {
        let text = format!("{}here{}", "ü".repeat(500), "é".repeat(500));
        let shown = format!("{}here{}", "ü".repeat(20), "é".repeat(20));
        check(&text, "here", 0, 500, &shown);
    }
}
