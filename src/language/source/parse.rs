//! From a text to its tree: the parser's events, document by document.

use std::ops::Range;

use granit_parser::{Event, Parser, ScanError, StrInput, options};

use super::builder::Builder;
use super::complaint::{interrupted, syntax_error, word_at};
use super::error::{SyntaxError, SyntaxErrorKind};
use super::error_list::Errors;
use super::gap::skip_document_ends;
use super::limits::{MAX_COMMENTS_IN_A_ROW, MAX_DEPTH, MAX_DOCUMENTS, MAX_SOURCE_BYTES};
use super::scalar::ScalarStyle;
use super::span::Span;
use super::text::{Source, to_offset};
use super::tree::{NodeKind, Tree};

/// What [`parse`] found.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The document. It is there beside errors too, if each of them
    /// [concerns one place](SyntaxErrorKind::is_mended), so that later stages can report what
    /// else is wrong; nothing may be run from it then.
    pub tree: Option<Tree>,
    /// The mistakes in the order of the text; without a tree there is at least one.
    pub errors: Vec<SyntaxError>,
}

/// Parses one YAML 1.2 document. Never panics; time and memory are bounded by the size of the
/// text and the limits of this module.
///
/// All mistakes that can be found in one pass are reported: after one in the syntax the rest of
/// that document is unknown, but what was read before it, and documents after it, are checked.
#[must_use]
pub fn parse(source: &Source) -> Parsed {
    let bytes = source.text().len();
    if bytes > MAX_SOURCE_BYTES {
        let span = Span::empty(source.id(), 0);
        return Parsed {
            tree: None,
            errors: vec![SyntaxError::new(SyntaxErrorKind::SourceTooLarge { bytes }, span)],
        };
    }
    let options = options! {
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        block_nesting_limit: MAX_DEPTH,
        flow_nesting_limit: MAX_DEPTH,
        max_buffered_comment_events: MAX_COMMENTS_IN_A_ROW,
    };
    let mut parser = Parser::new_from_str_with_options(source.text(), options);
    let mut reader = Reader::new(source);
    while let Some(next) = parser.next_event() {
        match next {
            Ok((event, span)) => reader.event(event, span),
            Err(error) => reader.broken(&error, &mut parser),
        }
        if reader.is_full() {
            break;
        }
    }
    reader.finish()
}

/// Splits the events into documents.
struct Reader<'s> {
    source: &'s Source,
    builder: Option<Builder<'s>>,
    documents: usize,
    /// Where the last document ended.
    ended: usize,
    tree: Option<Tree>,
    comments: Vec<Span>,
    errors: Errors,
}

impl<'s> Reader<'s> {
    fn new(source: &'s Source) -> Self {
        Self {
            source,
            builder: None,
            documents: 0,
            ended: 0,
            tree: None,
            comments: Vec::new(),
            errors: Errors::default(),
        }
    }

    fn event(&mut self, event: Event<'_>, span: granit_parser::Span) {
        let range = span.byte_range().unwrap_or_default();
        match event {
            Event::DocumentStart(explicit, _) => self.start_document(explicit, &range),
            Event::DocumentEnd => {
                self.ended = range.end;
                if let Some(builder) = self.builder.take() {
                    let (tree, errors) = builder.finish();
                    self.errors.append(errors);
                    if self.documents == 1 {
                        self.tree = tree;
                    }
                }
            }
            Event::Comment(..) => self.comments.push(self.span(range.start, range.end)),
            event => {
                if let Some(builder) = &mut self.builder {
                    builder.event(event, &span);
                }
            }
        }
    }

    fn start_document(&mut self, explicit: bool, event: &Range<usize>) {
        // Without a marker the event stands at the first token, which may be too late.
        let content =
            if explicit { event.end } else { skip_document_ends(self.source.text(), self.ended) };
        self.builder = Some(Builder::new(self.source, content));
        self.documents += 1;
        if self.documents == 2 {
            let span = word_at(self.source, event.start);
            let kind = SyntaxErrorKind::SeveralDocuments;
            self.errors.push(SyntaxError::new(kind, span));
        }
    }

    /// Gives the document up and goes on with the next.
    fn broken<'p>(&mut self, error: &ScanError, parser: &mut Parser<'p, StrInput<'p>>) {
        let builder = self.builder.take();
        let surroundings = builder
            .as_ref()
            .map(|builder| builder.surroundings(&self.comments))
            .unwrap_or_default();
        if let Some(builder) = builder {
            self.errors.append(builder.abandon());
        }
        let error = syntax_error(self.source, error, surroundings);
        if let Some(begun) = surroundings.begun.filter(|begun| begun.start == error.span.start) {
            self.errors.take_back(begun);
        }
        self.errors.push(error);
        // Its error would only repeat what was said: no document can be found any more.
        let _ = parser.proceed_next_document();
    }

    fn is_full(&self) -> bool {
        self.documents > MAX_DOCUMENTS || self.builder.as_ref().is_some_and(Builder::is_full)
    }

    fn finish(mut self) -> Parsed {
        if let Some(builder) = self.builder.take() {
            self.errors.append(builder.abandon());
        }
        self.comments.sort_unstable();
        if let Some(tree) = &self.tree {
            swallowed_comments(tree, &self.comments, &mut self.errors);
        }
        if self.tree.is_none() && !self.errors.fatal {
            let span = Span::empty(self.source.id(), 0);
            let kind = SyntaxErrorKind::EmptyDocument;
            self.errors.push(SyntaxError::new(kind, span));
        }
        let tree = self.tree.filter(|_| !self.errors.fatal);
        Parsed {
            tree: tree.map(|tree| Tree { comments: self.comments, ..tree }),
            errors: self.errors.finish(self.source),
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source.id(), to_offset(start), to_offset(end))
    }
}

/// The parser passes over a comment line that is indented with a tab and stands inside a plain
/// scalar; YAML does not allow any comment there.
fn swallowed_comments(tree: &Tree, comments: &[Span], errors: &mut Errors) {
    for (_, node) in tree.nodes() {
        let NodeKind::Scalar(scalar) = node.kind() else {
            continue;
        };
        if scalar.style() != ScalarStyle::Plain {
            continue;
        }
        let next = comments.partition_point(|comment| comment.start < scalar.span().start);
        let inside = comments.get(next).copied();
        if let Some(comment) = inside.filter(|comment| scalar.span().contains(*comment)) {
            errors.push(interrupted(comment));
        }
    }
}
