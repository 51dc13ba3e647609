//! miette's view of our sources: exact line numbers, no scanning from the start, and no control
//! characters on anybody's terminal.

use std::sync::Arc;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::language::source::{Source, Span};

/// Lines of more bytes are shown in part.
const LONG_LINE: usize = 400;

/// So many bytes are shown on both sides of a place in a long line.
const AROUND: usize = 40;

/// What is underlined goes on over this many lines at most.
const MANY_LINES: usize = 8;

/// A source as miette reads it. Made once for all findings in it; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Snippet(Arc<Contents>);

#[derive(Debug)]
struct Contents {
    name: String,
    text: String,
    /// Where each line begins.
    lines: Vec<u32>,
}

impl Snippet {
    pub(super) fn of(source: &Source) -> Snippet {
        let text = harmless(source.text());
        let begins = text.match_indices('\n').map(|(at, _)| at + 1);
        // Sources are at most 16 MiB long.
        let begins = begins.map_while(|at| u32::try_from(at).ok());
        let lines = std::iter::once(0).chain(begins).collect();
        Snippet(Arc::new(Contents { name: source.name().to_owned(), text, lines }))
    }

    /// What can be underlined of a span: of one that is very long only the beginning.
    pub(super) fn underlined(&self, span: Span) -> SourceSpan {
        let (start, end) = (span.start as usize, (span.end as usize).min(self.0.text.len()));
        let line = self.0.line_of(start);
        let limit = if self.0.line_of(end) - line >= MANY_LINES {
            self.0.line_begin(line + 1).saturating_sub(1)
        } else {
            end
        };
        let limit = limit.min(self.0.text.ceil_char_boundary(start + LONG_LINE));
        (start, limit.clamp(start, end.max(start)) - start).into()
    }
}

impl Contents {
    fn line_of(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start as usize <= offset).saturating_sub(1)
    }

    /// Where a line begins, counted from 0; past the last line the end of the text.
    fn line_begin(&self, line: usize) -> usize {
        self.lines.get(line).map_or(self.text.len(), |begin| *begin as usize)
    }

    /// The column of a place, in characters from 0: miette takes it as it is.
    fn column(&self, offset: usize) -> usize {
        let begin = self.line_begin(self.line_of(offset));
        self.text.get(begin..offset).map_or(0, |before| before.chars().count())
    }

    /// Of a line that no terminal shows well, only what stands around the place.
    fn part_of_long_line(&self, start: usize, end: usize) -> Option<MietteSpanContents<'_>> {
        let line = self.line_of(start);
        let (begin, limit) = (self.line_begin(line), self.line_begin(line + 1));
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
        let contents = &*self.0;
        let start = span.offset().min(contents.text.len());
        let end = (span.offset() + span.len()).min(contents.text.len());
        if let Some(part) = contents.part_of_long_line(start, end) {
            return Ok(Box::new(part));
        }
        let first = contents.line_of(start).saturating_sub(before);
        let last = (contents.line_of(end.max(start)) + after).min(contents.lines.len() - 1);
        let (from, to) = (contents.line_begin(first), contents.line_begin(last + 1));
        let data = contents.text.as_bytes().get(from..to).unwrap_or_default();
        let column = if before == 0 { contents.column(start) } else { 0 };
        Ok(Box::new(MietteSpanContents::new_named(
            contents.name.clone(),
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
