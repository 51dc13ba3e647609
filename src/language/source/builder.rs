//! One document's arena, filled from the parser's events.
//!
//! A collection is finished when it ends, so what an alias stands for is finished before the
//! alias, or contains it. That is why cycles, sizes and merges need no recursion.

use std::collections::BTreeMap;
use std::ops::Range;

use granit_parser::Event;

use super::blame::Surroundings;
use super::error::{SyntaxError, SyntaxErrorKind};
use super::error_list::Errors;
use super::gap::skip_to_node;
use super::limits::{MAX_DEPTH, MAX_NODES};
use super::measure::Measure;
use super::scalar::{Scalar, ScalarStyle};
use super::span::Span;
use super::text::{Source, to_offset};
use super::tree::{Mapping, Node, NodeId, NodeKind, Properties, Tag, Tree};

pub(super) struct Builder<'s> {
    pub(super) source: &'s Source,
    pub(super) nodes: Vec<Node>,
    /// One for each node; `None` while the node is open.
    pub(super) measures: Vec<Option<Measure>>,
    pub(super) errors: Errors,
    /// The open collections, the innermost last.
    pub(super) frames: Vec<Frame>,
    /// The nodes by the parser's numbers for their anchors.
    pub(super) anchors: BTreeMap<usize, NodeId>,
    /// The last node that has an anchor of this name.
    pub(super) names: BTreeMap<String, NodeId>,
    /// The end of what was read last: only blanks, comments, indicators, tags and anchors stand
    /// between it and the next node.
    pub(super) cursor: usize,
    /// How many entries merge keys have looked at.
    pub(super) merged: u64,
    /// The limits that were reported as broken, each once.
    pub(super) broken: Broken,
    /// Set when the document is too deep or too large: the rest of it is not built.
    stopped: bool,
}

/// Which limits the document has broken.
#[derive(Debug, Default)]
pub(super) struct Broken {
    pub(super) expansion: bool,
    pub(super) depth: bool,
    pub(super) merge_depth: bool,
}

/// A collection that has not ended.
pub(super) struct Frame {
    pub(super) node: NodeId,
    pub(super) shape: Shape,
    /// Of a mapping the keys and values in turn.
    pub(super) children: Vec<NodeId>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Sequence,
    Mapping,
}

impl<'s> Builder<'s> {
    /// `content` is the byte at which the document's content can begin.
    pub(super) fn new(source: &'s Source, content: usize) -> Self {
        // Dense text has a node for so many bytes. What is not used is never touched, and a list of
        // that size is slow to move.
        let nodes = (source.text().len() / 6).min(MAX_NODES);
        Self {
            source,
            nodes: Vec::with_capacity(nodes),
            measures: Vec::with_capacity(nodes),
            errors: Errors::default(),
            frames: Vec::new(),
            anchors: BTreeMap::new(),
            names: BTreeMap::new(),
            cursor: content,
            merged: 0,
            broken: Broken::default(),
            stopped: false,
        }
    }

    /// Takes one event that is neither a document's start or end nor a comment.
    pub(super) fn event(&mut self, event: Event<'_>, span: &granit_parser::Span) {
        if self.stopped {
            return;
        }
        let range = span.byte_range().unwrap_or_default();
        let tag = event.tag().map(|tag| self.tag(tag, span));
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let has_properties = tag.is_some() || anchor != 0;
                let scalar = self.scalar(&text, style, range, has_properties);
                self.leaf(scalar, anchor, tag);
            }
            Event::SequenceStart(_, anchor, _) => {
                let range = self.sequence_start(range);
                self.open(Shape::Sequence, range, anchor, tag);
            }
            Event::MappingStart(_, anchor, _) => self.open(Shape::Mapping, range, anchor, tag),
            Event::SequenceEnd | Event::MappingEnd => self.close(&range),
            Event::Alias(anchor) => self.alias(self.anchors.get(&anchor).copied(), range),
            Event::UnresolvedAlias(_) => self.alias(None, range),
            Event::Anchor(anchor, name) => self.anchor(anchor, &name, range),
            _ => {}
        }
    }

    /// Whether nothing that follows can change the outcome.
    pub(super) fn is_full(&self) -> bool {
        self.stopped && self.nodes.len() >= MAX_NODES
    }

    /// The tree of a document that has ended; none if there is nothing in it.
    pub(super) fn finish(mut self) -> (Option<Tree>, Errors) {
        if self.stopped {
            return (None, self.abandon());
        }
        self.explain_unknown_anchors();
        let root = self.nodes.first().map(Node::kind);
        let is_empty =
            root.is_none_or(|root| matches!(root, NodeKind::Scalar(scalar) if scalar.is_implied()));
        let tree = Tree {
            source: self.source.id(),
            text: self.source.shared_text(),
            nodes: self.nodes,
            root: NodeId(0),
            comments: Vec::new(),
        };
        (Some(tree).filter(|_| !is_empty), self.errors)
    }

    /// The errors of a document that broke off: its open collections are checked as they are.
    pub(super) fn abandon(mut self) -> Errors {
        while !self.frames.is_empty() {
            self.close(&(0..0));
        }
        self.explain_unknown_anchors();
        self.errors
    }

    /// What is known of the place behind what was read last.
    pub(super) fn surroundings(&self, comments: &[Span]) -> Surroundings {
        let brackets = self.frames.iter().rev().filter_map(|frame| {
            let start = self.node(frame.node).span.start as usize;
            let bracket = self.span(start..start + 1);
            matches!(self.source.span_text(bracket), "[" | "{").then_some(bracket)
        });
        let last = self.nodes.last();
        let (alias, text) = match last.map(Node::kind) {
            Some(NodeKind::Alias(_)) => (last, None),
            Some(NodeKind::Scalar(text)) if text.style() == ScalarStyle::Plain => (None, last),
            _ => (None, None),
        };
        let behind = |text: &Node| comments.iter().find(|place| place.start >= text.span.end);
        Surroundings {
            next_node: self.next_node(),
            bracket: brackets.into_iter().next(),
            begun: alias.map(Node::span).or_else(|| self.errors.last_bare_template()),
            text: text.map(Node::span),
            comment: text.and_then(behind).copied(),
        }
    }

    /// The byte where the node begins that was not read yet.
    fn next_node(&self) -> usize {
        skip_to_node(self.source.text(), self.cursor, b":?-")
    }

    pub(super) fn error(&mut self, kind: SyntaxErrorKind, span: Span) {
        self.errors.push(SyntaxError::new(kind, span));
    }

    pub(super) fn span(&self, range: Range<usize>) -> Span {
        let (start, end) = (to_offset(range.start), to_offset(range.end));
        Span::new(self.source.id(), start, end)
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// Adds a node to the innermost open collection.
    pub(super) fn add(
        &mut self,
        kind: NodeKind,
        range: Range<usize>,
        tag: Option<Tag>,
    ) -> Option<NodeId> {
        let span = self.span(range);
        if self.nodes.len() >= MAX_NODES {
            self.stopped = true;
            self.error(SyntaxErrorKind::TooManyNodes, span);
            return None;
        }
        let id = NodeId(to_offset(self.nodes.len()));
        self.cursor = self.cursor.max(span.end as usize);
        self.nodes.push(Node {
            kind,
            span,
            properties: tag.map(|tag| Box::new(Properties::from(tag))),
        });
        self.measures.push(None);
        if let Some(frame) = self.frames.last_mut() {
            frame.children.push(id);
        }
        Some(id)
    }

    fn leaf(&mut self, mut scalar: Scalar, anchor: usize, tag: Option<Tag>) {
        scalar.value = self.value(&scalar, tag.as_ref());
        let measure = Measure::leaf(&scalar.text);
        let range = scalar.span.start as usize..scalar.span.end as usize;
        if let Some(id) = self.add(NodeKind::Scalar(scalar), range, tag) {
            self.note_anchor(anchor, id);
            self.measures[id.0 as usize] = Some(measure);
        }
    }

    /// Nodes without an anchor have the number 0, which no alias has.
    fn note_anchor(&mut self, anchor: usize, node: NodeId) {
        if anchor != 0 {
            self.anchors.insert(anchor, node);
        }
    }

    fn open(&mut self, shape: Shape, range: Range<usize>, anchor: usize, tag: Option<Tag>) {
        if self.frames.len() >= MAX_DEPTH {
            self.stopped = true;
            let span = self.span(range);
            self.error(SyntaxErrorKind::NestingTooDeep, span);
            return;
        }
        self.check_collection_tag(shape, tag.as_ref());
        let kind = match shape {
            Shape::Sequence => NodeKind::Sequence(Vec::new()),
            Shape::Mapping => NodeKind::Mapping(Mapping::default()),
        };
        if let Some(node) = self.add(kind, range, tag) {
            self.note_anchor(anchor, node);
            self.frames.push(Frame { node, shape, children: Vec::new() });
        }
    }

    fn close(&mut self, event: &Range<usize>) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let id = frame.node;
        let span = self.node(id).span;
        // A flow collection ends with a bracket. The end of a block collection is told at the
        // next token, wherever that stands: it ends with its last child.
        let end = if event.is_empty() {
            let last = frame.children.last();
            last.map_or(span.end, |last| self.node(*last).span.end)
        } else {
            self.cursor = self.cursor.max(event.end);
            to_offset(event.end)
        };
        self.nodes[id.0 as usize].span = Span::new(span.source, span.start, end.max(span.end));
        let kind = match frame.shape {
            Shape::Sequence => NodeKind::Sequence(frame.children),
            Shape::Mapping => match self.unquoted_template(id, &frame.children) {
                Some(scalar) => NodeKind::Scalar(scalar),
                None => NodeKind::Mapping(self.mapping(&frame.children)),
            },
        };
        self.nodes[id.0 as usize].kind = kind;
        self.measures[id.0 as usize] = Some(self.measure(id));
    }
}
