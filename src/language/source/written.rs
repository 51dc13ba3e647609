//! How nodes are written: the places that the parser's events leave open, and tags.

use std::ops::Range;

use super::builder::{Builder, Shape};
use super::error::{SyntaxErrorKind, shown};
use super::gap::{header_end, is_break, skip_space, skip_to_node};
use super::scalar::{Scalar, ScalarStyle, ScalarValue};
use super::schema::{CoreTag, NoValue, resolve};
use super::tree::Tag;

impl Builder<'_> {
    /// The scalar of an event, its value still to be found.
    pub(super) fn scalar(
        &self,
        text: &str,
        style: granit_parser::ScalarStyle,
        range: Range<usize>,
        has_properties: bool,
    ) -> Scalar {
        let style = match style {
            granit_parser::ScalarStyle::Plain => ScalarStyle::Plain,
            granit_parser::ScalarStyle::SingleQuoted => ScalarStyle::SingleQuoted,
            granit_parser::ScalarStyle::DoubleQuoted => ScalarStyle::DoubleQuoted,
            granit_parser::ScalarStyle::Literal => ScalarStyle::Literal,
            granit_parser::ScalarStyle::Folded => ScalarStyle::Folded,
        };
        let header = self.header(style);
        let is_implied = style == ScalarStyle::Plain && range.is_empty();
        // The parser says `~` for what is not written.
        let text = if is_implied { "" } else { text };
        let range = match &header {
            Some(header) => self.block_content(text, &range, header),
            None if is_implied && !has_properties => {
                let place = self.implied_place();
                place..place
            }
            None => range,
        };
        Scalar {
            text: text.into(),
            value: ScalarValue::Text,
            style,
            span: self.span(range),
            header: header.map(|header| self.span(header)),
        }
    }

    /// The header of the block scalar that comes next.
    fn header(&self, style: ScalarStyle) -> Option<Range<usize>> {
        if !style.is_block() {
            return None;
        }
        let text = self.source.text();
        let start = skip_to_node(text, self.cursor, b":?-");
        Some(start..header_end(text, start)?)
    }

    /// The content of a block scalar. The parser's range begins with the first character of the
    /// content and runs on to the next token.
    fn block_content(
        &self,
        text: &str,
        range: &Range<usize>,
        header: &Range<usize>,
    ) -> Range<usize> {
        if text.bytes().all(|byte| byte == b'\n') {
            return header.clone();
        }
        let raw = self.source.text().get(range.clone()).unwrap_or_default();
        let last = raw.trim_end_matches([' ', '\t', '\n', '\r']).len();
        let rest = raw[last..].bytes().position(is_break);
        range.start..rest.map_or(range.end, |rest| range.start + last + rest)
    }

    /// Where a node stands of which nothing is written: after its indicator, or else at the end
    /// of what stands before it.
    fn implied_place(&self) -> usize {
        let indicator = match self.frames.last() {
            None => return self.cursor,
            Some(frame) if frame.shape == Shape::Sequence => b'-',
            Some(_) if self.is_key_next() => b'?',
            Some(_) => b':',
        };
        let next = skip_space(self.source.text(), self.cursor);
        match self.source.text().as_bytes().get(next) {
            Some(found) if *found == indicator => next + 1,
            // A key that is missing before its colon.
            Some(b':') if indicator == b'?' => next,
            _ => self.cursor,
        }
    }

    /// Where a sequence starts. The parser places one that is not indented further than its key
    /// after its first dash.
    pub(super) fn sequence_start(&self, event: Range<usize>) -> Range<usize> {
        let frame = self.frames.last();
        let in_mapping = frame.is_some_and(|frame| frame.shape == Shape::Mapping);
        if !event.is_empty() || !in_mapping {
            return event;
        }
        let text = self.source.text();
        let start = skip_to_node(text, self.cursor, b":?");
        if start < event.start && text.as_bytes().get(start) == Some(&b'-') {
            start..start
        } else {
            event
        }
    }

    /// Whether the next node is a mapping's key.
    fn is_key_next(&self) -> bool {
        self.frames.last().is_some_and(|frame| {
            frame.shape == Shape::Mapping && frame.children.len().is_multiple_of(2)
        })
    }

    /// The value of a scalar. One that has none is reported and counts as text.
    pub(super) fn value(&mut self, scalar: &Scalar, tag: Option<&Tag>) -> ScalarValue {
        let text = || shown(&scalar.text);
        let problem = match resolve(&scalar.text, scalar.style, tag.and_then(|tag| tag.core)) {
            Ok(value) => return value,
            Err(problem) => problem,
        };
        // A key is text, whatever number it looks like.
        if self.is_key_next() && tag.is_none() {
            return ScalarValue::Text;
        }
        let kind = match (problem, tag) {
            (NoValue::NotANumber, _) => SyntaxErrorKind::NotANumber { text: text() },
            (NoValue::WrongTag, Some(tag)) => SyntaxErrorKind::WrongTag { tag: shown(&tag.text) },
            _ => SyntaxErrorKind::NumberTooLarge { text: text() },
        };
        self.error(kind, scalar.span);
        ScalarValue::Text
    }

    /// Reads a tag, and reports one that is not of the core schema.
    pub(super) fn tag(&mut self, tag: &granit_parser::Tag, event: &granit_parser::Span) -> Tag {
        let range = event.tag_span().and_then(|span| span.byte_range());
        let span = self.span(range.unwrap_or(self.cursor..self.cursor));
        let text = match self.source.span_text(span) {
            "" => tag.original(),
            written => written.to_owned(),
        };
        let core = match tag.core_suffix() {
            Some("null") => Some(CoreTag::Null),
            Some("bool") => Some(CoreTag::Bool),
            Some("int") => Some(CoreTag::Integer),
            Some("float") => Some(CoreTag::Float),
            Some("str") => Some(CoreTag::Text),
            Some("seq") => Some(CoreTag::Sequence),
            Some("map") => Some(CoreTag::Mapping),
            _ if tag.parts() == ("", "!") => Some(CoreTag::NonSpecific),
            _ => None,
        };
        if core.is_none() {
            let tag = shown(&text);
            self.error(SyntaxErrorKind::UnknownTag { tag }, span);
        }
        Tag { text, span, core }
    }

    /// Reports a tag that does not fit a collection.
    pub(super) fn check_collection_tag(&mut self, shape: Shape, tag: Option<&Tag>) {
        let Some(Tag { text, span, core: Some(core) }) = tag else {
            return;
        };
        let fits = match core {
            CoreTag::NonSpecific => true,
            CoreTag::Sequence => shape == Shape::Sequence,
            CoreTag::Mapping => shape == Shape::Mapping,
            _ => false,
        };
        if !fits {
            let tag = shown(text);
            self.error(SyntaxErrorKind::WrongTag { tag }, *span);
        }
    }
}
