//! Where a mistake is that the parser notices only later.

use super::gap::{is_blank, is_break};
use super::lines::floor_boundary;
use super::span::Span;
use super::text::{Source, to_offset};

/// What is known of the place at which the parser gave up.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Surroundings {
    /// The byte at which the node begins that could not be read.
    pub(super) next_node: usize,
    /// The bracket of the innermost flow collection that is open.
    pub(super) bracket: Option<Span>,
    /// What was read last, if it is an alias or a template without quotes: no text can begin so.
    pub(super) begun: Option<Span>,
    /// What was read last, if it is a text without quotes, which can go on below.
    pub(super) text: Option<Span>,
    /// The comment behind that text.
    pub(super) comment: Option<Span>,
}

/// Whether a bracket was forgotten to be closed: what cannot be read stands on a later line that is
/// not indented further than the bracket's own, and so belongs to what is around the bracket.
pub(super) fn is_left_behind(source: &Source, bracket: Span, noticed: Span) -> bool {
    let line = |span: Span| source.position(span.start).line;
    let indentation = |line: u32| {
        let text = source.line_text(line);
        text.len() - text.trim_start_matches([' ', '-']).len()
    };
    let (opened, broken) = (line(bracket), line(noticed));
    broken > opened && indentation(broken) <= indentation(opened)
}

/// Whether a word begins a line above another place, and both lines have the same indentation: the
/// parser took the lines for one text, and they were meant as two entries.
pub(super) fn is_line_above(source: &Source, word: Span, noticed: Span) -> bool {
    let (above, below) = (source.position(word.start), source.position(noticed.start));
    let indentation = |text: &str| text.len() - text.trim_start_matches([' ', '-']).len();
    let text = source.line_text(above.line);
    above.line < below.line
        && above.column as usize == indentation(text) + 1
        && indentation(source.line_text(below.line)) == indentation(text)
}

/// The first byte behind the tab that indents a line, at or after `from`.
pub(super) fn behind_tab(source: &Source, from: usize) -> Option<usize> {
    let text = source.text();
    let start = floor_boundary(text, from);
    let before = &text.as_bytes()[..start];
    let begins_line = before.iter().rev().find(|byte| !is_blank(**byte));
    if begins_line.is_none_or(|byte| is_break(*byte)) {
        return None;
    }
    let mut at = start;
    for line in text[start..].split_inclusive(['\n', '\r']) {
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        if at > start && line[..blanks].contains('\t') {
            return Some(at + blanks);
        }
        at += line.len();
    }
    None
}

/// The first escape that means nothing in the double-quoted text whose quote is at `quote`, up to
/// where a digit is missing.
pub(super) fn faulty_escape(source: &Source, quote: usize) -> Option<Span> {
    const SIMPLE: &str = "0abtnvfre \"/\\N_LP\t\n\r";
    let start = quote + 1;
    let text = source.text().get(start..)?;
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return None,
            '\\' => {}
            _ => continue,
        }
        let (_, letter) = characters.next()?;
        let wanted = match letter {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            simple if SIMPLE.contains(simple) => continue,
            _ => 0,
        };
        let after = at + 1 + letter.len_utf8();
        let digits = text[after..].bytes().take(wanted).take_while(u8::is_ascii_hexdigit).count();
        if wanted == 0 || digits < wanted {
            let (start, end) = (to_offset(start + at), to_offset(start + after + digits));
            return Some(Span::new(source.id(), start, end));
        }
    }
    None
}

impl Surroundings {
    /// The whole text of which the beginning was taken for something else; `noticed` is the word
    /// at which that came out.
    pub(super) fn begun_text(&self, source: &Source, noticed: Span) -> Option<Span> {
        let begun = self.begun.filter(|begun| begun.end < noticed.start)?;
        let between = source.span_text(Span::new(begun.source, begun.end, noticed.start));
        let end = end_of_text(source, noticed.start, self.bracket);
        let is_one_text = between.trim_matches([' ', '\t']).is_empty() && end > noticed.start;
        is_one_text.then_some(Span { end, ..begun })
    }
}

/// To where a text goes on that begins with something that cannot begin a text: to the end of its
/// line or a comment, between brackets to what ends an item.
fn end_of_text(source: &Source, from: u32, bracket: Option<Span>) -> u32 {
    let start = floor_boundary(source.text(), from as usize);
    let rest = &source.text()[start..];
    let mut end = rest.find(['\n', '\r']).unwrap_or(rest.len());
    end = rest[..end].find(" #").unwrap_or(end);
    if bracket.is_some() {
        end = rest[..end].find([',', ']', '}']).unwrap_or(end);
    }
    to_offset(start + rest[..end].trim_end().len())
}
