//! How the text of a scalar lies in the source: from decoded bytes back to written ones.
//!
//! The scalar is decoded once more, piece by piece, and every piece is compared with the text
//! that the parser made. If they differ there is no alignment rather than a wrong one.

use std::ops::Range;

use super::lines::floor_boundary;
use super::scalar::{Scalar, ScalarStyle};
use super::span::{SourceId, Span};
use super::text::to_offset;
use super::tree::{NodeId, Tree};

/// Where each part of one scalar's text comes from.
#[derive(Debug, Clone)]
pub struct Alignment {
    source: SourceId,
    /// The scalar's text.
    decoded: Box<str>,
    /// In order and without gaps in the decoded text.
    pieces: Vec<Piece>,
    /// Where the content would begin, for a text without pieces.
    start: u32,
}

/// A part of the text that was written in one go. Small, since a text may have a piece a line.
#[derive(Debug, Clone)]
struct Piece {
    decoded: Range<u32>,
    written: Range<u32>,
    /// Whether both are the same bytes; else the piece is an escape or a line break.
    verbatim: bool,
}

impl Tree {
    /// Maps bytes of a scalar's text (as [`Scalar::text`] has it) to the bytes in the source that
    /// they come from. `None` if the node is not a scalar, the range is not within its text, or
    /// the two cannot be matched; then the whole scalar is what can be underlined.
    ///
    /// The work is proportional to the scalar; for many ranges keep its [`Alignment`].
    #[must_use]
    pub fn align(&self, id: NodeId, decoded: Range<usize>) -> Option<Span> {
        self.alignment(id)?.span(decoded)
    }

    /// How the text of a scalar lies in the source; an alias is followed.
    #[must_use]
    pub fn alignment(&self, id: NodeId) -> Option<Alignment> {
        Alignment::of(self.scalar(id)?, &self.text)
    }
}

impl Alignment {
    /// The alignment of a scalar in the source's text.
    pub(super) fn of(scalar: &Scalar, source: &str) -> Option<Self> {
        let span = scalar.span.start as usize..scalar.span.end as usize;
        let mut trace = Trace { source, decoded: &scalar.text, at: 0, pieces: Vec::new() };
        let mut start = span.start;
        match scalar.style {
            ScalarStyle::Plain => trace.plain(span)?,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                start += 1;
                let inner = start..span.end.checked_sub(1).filter(|end| *end >= start)?;
                if scalar.style == ScalarStyle::SingleQuoted {
                    trace.single_quoted(inner)?;
                } else {
                    trace.double_quoted(inner)?;
                }
            }
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let header = scalar.header?;
                trace.block(scalar.style, header.end as usize, &span)?;
            }
        }
        if trace.at != scalar.text.len() {
            return None;
        }
        Some(Self {
            source: scalar.span.source,
            decoded: scalar.text.clone(),
            pieces: trace.pieces,
            start: to_offset(start),
        })
    }

    /// The bytes in the source that these bytes of the text come from, from the first to the
    /// last. An escape or a line break that is partly in the range is in it wholly; so is a
    /// character. An empty range gives the empty span at its place. `None` beyond the text.
    #[must_use]
    pub fn span(&self, decoded: Range<usize>) -> Option<Span> {
        if decoded.start > decoded.end || decoded.end > self.decoded.len() {
            return None;
        }
        let from = self.first(to_offset(floor_boundary(&self.decoded, decoded.start)));
        let to = if decoded.is_empty() {
            from
        } else {
            self.last(to_offset(ceil_boundary(&self.decoded, decoded.end)))
        };
        Some(Span::new(self.source, from, to))
    }

    /// The written byte at which the decoded byte at `at` begins.
    fn first(&self, at: u32) -> u32 {
        let next = self.pieces.partition_point(|piece| piece.decoded.end <= at);
        match self.pieces.get(next) {
            Some(piece) if piece.verbatim => piece.written.start + (at - piece.decoded.start),
            Some(piece) => piece.written.start,
            None => self.pieces.last().map_or(self.start, |last| last.written.end),
        }
    }

    /// The written byte after those that make the decoded byte before `end`.
    fn last(&self, end: u32) -> u32 {
        let next = self.pieces.partition_point(|piece| piece.decoded.end < end);
        match self.pieces.get(next) {
            Some(piece) if piece.verbatim => piece.written.start + (end - piece.decoded.start),
            Some(piece) => piece.written.end,
            None => self.start,
        }
    }
}

/// The nearest character boundary at or after `at`.
fn ceil_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// Decodes a scalar a second time. Each step fails where it does not give the parser's text.
pub(super) struct Trace<'t> {
    pub(super) source: &'t str,
    decoded: &'t str,
    /// How much of the decoded text is explained.
    at: usize,
    pieces: Vec<Piece>,
}

impl Trace<'_> {
    /// The written bytes stand for themselves.
    pub(super) fn copy(&mut self, written: Range<usize>) -> Option<()> {
        let text = self.source.get(written.clone())?;
        self.replace(written, text)
    }

    /// The written bytes stand for this text.
    pub(super) fn replace(&mut self, written: Range<usize>, text: &str) -> Option<()> {
        if !self.decoded[self.at..].starts_with(text) {
            return None;
        }
        let decoded = to_offset(self.at)..to_offset(self.at + text.len());
        self.at += text.len();
        let verbatim = self.source.get(written.clone())? == text;
        let written = to_offset(written.start)..to_offset(written.end);
        match self.pieces.last_mut() {
            _ if decoded.is_empty() => {}
            Some(last) if verbatim && last.verbatim && last.written.end == written.start => {
                last.decoded.end = decoded.end;
                last.written.end = written.end;
            }
            _ => self.pieces.push(Piece { decoded, written, verbatim }),
        }
        Some(())
    }

    /// The written bytes stand for one character, whichever it is.
    pub(super) fn escape(&mut self, written: Range<usize>) -> Option<()> {
        let character = self.decoded[self.at..].chars().next()?;
        self.replace(written, character.encode_utf8(&mut [0; 4]))
    }

    /// Whether all of the decoded text is explained.
    pub(super) fn is_done(&self) -> bool {
        self.at == self.decoded.len()
    }
}
