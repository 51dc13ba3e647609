//! miette's view of our sources: exact line numbers, no scanning from the start, and no control
//! characters on anybody's terminal.

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::language::source::Source;

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
        let first = self.line_of(start).saturating_sub(before);
        let last = (self.line_of(end.max(start)) + after).min(self.lines.len() - 1);
        let from = self.lines[first];
        let to = self.lines.get(last + 1).copied().unwrap_or(self.text.len());
        let data = self.text.as_bytes().get(from..to).unwrap_or_default();
        let column = if before == 0 { start - self.lines[self.line_of(start)] } else { 0 };
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
