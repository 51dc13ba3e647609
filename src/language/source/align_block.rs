//! The alignment of literal and folded block scalars (YAML 1.2.2, section 8.1).

use std::ops::Range;

use super::align::Trace;
use super::gap::{break_length, is_blank, line_end};
use super::scalar::ScalarStyle;

/// A line of a block scalar without its indentation.
struct Line {
    /// Empty in a blank line; one with more blanks than the indentation has content.
    content: Range<usize>,
    /// The line break after it; empty at the end of the text.
    after: Range<usize>,
}

impl Trace<'_> {
    /// A block scalar whose header ends at `header_end` and whose content is in `span`. If there
    /// is no content, `span` is the header.
    pub(super) fn block(
        &mut self,
        style: ScalarStyle,
        header_end: usize,
        span: &Range<usize>,
    ) -> Option<()> {
        let mut at = line_end(self.source, header_end);
        at += break_length(self.source, at);
        let indentation = (span.start >= at).then(|| self.column(span.start));
        // Whether the break after a line is folded depends on the next line.
        let mut before: Option<Line> = None;
        let mut blank_lines: Vec<Range<usize>> = Vec::new();
        while !self.is_done() {
            let Some(line) = self.line(at, indentation, span.end) else {
                break;
            };
            let at_end = line.after.is_empty();
            at = line.after.end;
            if line.content.is_empty() {
                blank_lines.push(line.after);
            } else {
                self.join(style, before.as_ref(), &line, &blank_lines)?;
                self.copy(line.content.clone())?;
                blank_lines.clear();
                before = Some(line);
            }
            if at_end {
                break;
            }
        }
        self.chomp(before.as_ref(), &blank_lines)
    }

    /// What stands between two lines of content, or before the first.
    fn join(
        &mut self,
        style: ScalarStyle,
        before: Option<&Line>,
        line: &Line,
        blank_lines: &[Range<usize>],
    ) -> Option<()> {
        if let Some(before) = before {
            let folds = style == ScalarStyle::Folded
                && !self.is_more_indented(before)
                && !self.is_more_indented(line);
            if !folds {
                self.replace(before.after.clone(), "\n")?;
            } else if blank_lines.is_empty() {
                self.replace(before.after.clone(), " ")?;
            }
        }
        self.breaks(blank_lines)
    }

    /// What stands after the last line, as far as chomping has left it.
    fn chomp(&mut self, last: Option<&Line>, blank_lines: &[Range<usize>]) -> Option<()> {
        if let Some(last) = last
            && !self.is_done()
        {
            // At the end of a text without a last line break the parser adds one.
            self.replace(last.after.clone(), "\n")?;
        }
        for blank_line in blank_lines {
            if self.is_done() {
                break;
            }
            self.replace(blank_line.clone(), "\n")?;
        }
        Some(())
    }

    fn breaks(&mut self, lines: &[Range<usize>]) -> Option<()> {
        for line in lines {
            self.replace(line.clone(), "\n")?;
        }
        Some(())
    }

    /// The line that begins at `at`; none if the scalar has ended before it.
    fn line(&self, at: usize, indentation: Option<usize>, span_end: usize) -> Option<Line> {
        let end = line_end(self.source, at);
        let text = self.source.get(at..end)?;
        let spaces = text.bytes().take_while(|byte| *byte == b' ').count();
        let content = at + indentation.map_or(spaces, |columns| columns.min(spaces))..end;
        let is_indented = indentation.is_some_and(|columns| columns <= spaces);
        let is_inside = is_indented && (at <= span_end || text.bytes().all(is_blank));
        if !content.is_empty() && !is_inside {
            return None;
        }
        Some(Line { content, after: end..end + break_length(self.source, end) })
    }

    fn is_more_indented(&self, line: &Line) -> bool {
        let first = self.source.as_bytes().get(line.content.start);
        first.is_some_and(|byte| is_blank(*byte))
    }

    /// How many bytes stand before `at` in its line: only spaces do.
    fn column(&self, at: usize) -> usize {
        let before = self.source.get(..at).unwrap_or_default();
        at - before.rfind(['\n', '\r']).map_or(0, |found| found + 1)
    }
}
