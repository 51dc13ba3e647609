//! The errors of one source while they are collected.

use super::error::{SyntaxError, SyntaxErrorKind};
use super::limits::MAX_ERRORS;
use super::span::Span;
use super::text::{Source, to_offset};

/// The errors of one source, at most [`MAX_ERRORS`] of those that were mended and as many others.
#[derive(Debug, Default)]
pub(super) struct Errors {
    list: Vec<SyntaxError>,
    more: usize,
    pub(super) fatal: bool,
}

impl Errors {
    pub(super) fn push(&mut self, error: SyntaxError) {
        let mended = error.kind.is_mended();
        self.fatal |= !mended;
        let limit = if mended { MAX_ERRORS } else { 2 * MAX_ERRORS };
        if self.list.len() < limit {
            self.list.push(error);
        } else {
            self.more += 1;
        }
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut SyntaxError> {
        self.list.iter_mut()
    }

    /// The place of the last template without quotes.
    pub(super) fn last_bare_template(&self) -> Option<Span> {
        let is_template = |error: &&SyntaxError| error.kind == SyntaxErrorKind::UnquotedTemplate;
        self.list.iter().rfind(is_template).map(|error| error.span)
    }

    /// Takes back what was said of exactly this place.
    pub(super) fn take_back(&mut self, place: Span) {
        self.list.retain(|error| error.span != place);
    }

    pub(super) fn append(&mut self, other: Self) {
        other.list.into_iter().for_each(|error| self.push(error));
        self.more += other.more;
        self.fatal |= other.fatal;
    }

    pub(super) fn finish(mut self, source: &Source) -> Vec<SyntaxError> {
        self.list.sort_by_key(|error| error.span);
        if self.more > 0 {
            let kind = SyntaxErrorKind::TooManyErrors { more: self.more };
            let span = Span::empty(source.id(), to_offset(source.text().len()));
            self.list.push(SyntaxError::new(kind, span));
        }
        self.list
    }
}
