//! The alignment of plain and quoted scalars (YAML 1.2.2, sections 6.5, 5.7 and 7.3).

use std::ops::Range;

use super::align::Trace;
use super::gap::{break_length, is_blank, is_break, skip_blanks};

impl Trace<'_> {
    /// A plain scalar: nothing but folded line breaks differs from the source.
    pub(super) fn plain(&mut self, span: Range<usize>) -> Option<()> {
        self.flow(span, |_, _| None)
    }

    /// A single-quoted scalar without its quotes, where `''` is one quote.
    pub(super) fn single_quoted(&mut self, inner: Range<usize>) -> Option<()> {
        self.flow(inner, |trace, at| {
            let is_escape = trace.source.get(at..)?.starts_with("''");
            is_escape.then_some(Special::Character(2))
        })
    }

    /// A double-quoted scalar without its quotes, where a backslash begins an escape.
    pub(super) fn double_quoted(&mut self, inner: Range<usize>) -> Option<()> {
        self.flow(inner, |trace, at| {
            let escape = trace.source.get(at..)?.strip_prefix('\\')?;
            if break_length(trace.source, at + 1) > 0 {
                return Some(Special::JoinedLines);
            }
            Some(Special::Character(1 + escape_length(escape)?))
        })
    }

    /// Walks through the text between `span`'s ends: line breaks are folded, what `special` finds
    /// is decoded, the rest stands for itself.
    fn flow(
        &mut self,
        span: Range<usize>,
        special: impl Fn(&Self, usize) -> Option<Special>,
    ) -> Option<()> {
        let bytes = self.source.get(..span.end)?.as_bytes();
        let mut at = span.start;
        let mut copied = span.start;
        while let Some(&byte) = bytes.get(at) {
            if is_blank(byte) {
                let end = skip_blanks(self.source, at);
                if bytes.get(end).is_some_and(|byte| is_break(*byte)) {
                    // Blanks at the end of a line are not part of the text.
                    self.copy(copied..at)?;
                    copied = end;
                }
                at = end;
            } else if is_break(byte) {
                self.copy(copied..at)?;
                at = self.fold(at, span.end)?;
                copied = at;
            } else if let Some(special) = special(self, at) {
                self.copy(copied..at)?;
                at = match special {
                    Special::Character(length) => {
                        self.escape(at..at + length)?;
                        at + length
                    }
                    Special::JoinedLines => {
                        let line = at + 1 + break_length(self.source, at + 1);
                        self.blank_lines(line, span.end)?.0
                    }
                };
                copied = at;
            } else {
                at += 1;
            }
        }
        self.copy(copied..span.end)
    }

    /// One line break is a space, further ones are themselves. Gives the start of the next text.
    fn fold(&mut self, at: usize, end: usize) -> Option<usize> {
        let line = at + break_length(self.source, at);
        let (next, breaks) = self.blank_lines(line, end)?;
        if breaks == 0 {
            self.replace(at..line, " ")?;
        }
        Some(next)
    }

    /// Every blank line is a line break. Gives the start of the next text, and their number.
    fn blank_lines(&mut self, from: usize, end: usize) -> Option<(usize, usize)> {
        let mut breaks = 0;
        let mut at = skip_blanks(self.source, from).min(end);
        while at < end && break_length(self.source, at) > 0 {
            let line = at + break_length(self.source, at);
            self.replace(at..line, "\n")?;
            breaks += 1;
            at = skip_blanks(self.source, line).min(end);
        }
        Some((at, breaks))
    }
}

/// What does not stand for itself.
enum Special {
    /// So many bytes are one character.
    Character(usize),
    /// A backslash before a line break: both are nothing, and so is the indentation after them.
    JoinedLines,
}

/// The length of an escape after its backslash. The parser has checked what is in it.
fn escape_length(escape: &str) -> Option<usize> {
    let first = escape.chars().next()?;
    let digits = match first {
        'x' => 2,
        'u' if is_high_surrogate(escape.get(1..5)?) => 10,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    Some(first.len_utf8() + digits)
}

/// Whether these hexadecimal digits are the first half of a character that JSON writes as two
/// escapes (RFC 8259, section 7).
fn is_high_surrogate(digits: &str) -> bool {
    u32::from_str_radix(digits, 16).is_ok_and(|number| (0xd800..0xdc00).contains(&number))
}
