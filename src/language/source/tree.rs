//! One YAML document: an arena of nodes, each with its place.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::scalar::Scalar;
use super::schema::CoreTag;
use super::span::{SourceId, Span};

/// A node of one [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

/// One YAML document, as [`parse`](super::parse) made it.
///
/// Every mapping has its keys once, every key is text, collections are at most
/// [`MAX_DEPTH`](super::MAX_DEPTH) deep with all aliases followed, and no alias leads into itself.
/// Where the document broke one of these rules `parse` has said so and mended the tree: of two
/// equal keys the first stays, a key that is not text goes, and an alias that leads nowhere, an
/// unknown tag or a number that is none counts as null, as absent or as text.
#[derive(Debug, Clone)]
pub struct Tree {
    pub(super) source: SourceId,
    pub(super) text: Arc<str>,
    pub(super) nodes: Vec<Node>,
    pub(super) root: NodeId,
    pub(super) comments: Vec<Span>,
}

/// One node: what it is, where it is written, and its tag and anchor.
#[derive(Debug, Clone)]
pub struct Node {
    pub(super) kind: NodeKind,
    pub(super) span: Span,
    pub(super) properties: Option<Box<Properties>>,
}

/// What a node is.
#[derive(Debug, Clone)]
pub enum NodeKind {
    /// One piece of text, possibly not written at all (`key:`).
    Scalar(Scalar),
    /// `- item` or `[item]`.
    Sequence(Vec<NodeId>),
    /// `key: value` or `{key: value}`.
    Mapping(Mapping),
    /// `*name`, with the node it stands for; `None` if there is none.
    Alias(Option<NodeId>),
}

/// The entries of a mapping.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    pub(super) pairs: Vec<Pair>,
    /// Of a large mapping the places of its pairs in the order of their keys.
    pub(super) by_key: Option<Box<[u32]>>,
    pub(super) merge: Option<Box<Merge>>,
}

/// A key and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The node of the key: a scalar, or an alias of one.
    pub key: NodeId,
    /// The node of the value.
    pub value: NodeId,
}

/// What a mapping takes in through `<<`.
#[derive(Debug, Clone)]
pub(super) struct Merge {
    /// The `<<` entry itself.
    pub(super) pair: Pair,
    /// The entries that come from other mappings; none has a key that the mapping has itself.
    pub(super) inherited: Vec<Pair>,
    /// How many mappings are taken in, one behind the other: 1 or more.
    pub(super) depth: u32,
}

/// The tag and the anchor of a node.
#[derive(Debug, Clone, Default)]
pub(super) struct Properties {
    pub(super) tag: Option<Tag>,
    pub(super) anchor: Option<Anchor>,
}

impl From<Tag> for Properties {
    fn from(tag: Tag) -> Self {
        Self { tag: Some(tag), anchor: None }
    }
}

/// A tag such as `!!str`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// As it is written.
    pub text: String,
    /// Where it is written.
    pub span: Span,
    pub(super) core: Option<CoreTag>,
}

/// An anchor such as `&base`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The name without `&`.
    pub name: String,
    /// Where it is written, `&` included.
    pub span: Span,
}

impl Node {
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> &NodeKind {
        &self.kind
    }

    /// The bytes of the node without its tag and anchor. A block collection ends with its last
    /// child, a block scalar with its last line; what is not written has an empty span.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// Its tag, if one is written.
    #[must_use]
    pub fn tag(&self) -> Option<&Tag> {
        self.properties.as_ref()?.tag.as_ref()
    }

    /// Its anchor, if one is written.
    #[must_use]
    pub fn anchor(&self) -> Option<&Anchor> {
        self.properties.as_ref()?.anchor.as_ref()
    }
}

impl Mapping {
    /// The entries as written, without `<<`.
    #[must_use]
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// The entry with the key `<<`.
    #[must_use]
    pub fn merge_pair(&self) -> Option<Pair> {
        self.merge.as_ref().map(|merge| merge.pair)
    }

    /// The entries that come in through `<<` and are not overridden.
    #[must_use]
    pub fn inherited(&self) -> &[Pair] {
        self.merge.as_ref().map_or(&[], |merge| &merge.inherited)
    }

    /// All entries: those written, then those that come in through `<<`.
    pub fn entries(&self) -> impl Iterator<Item = Pair> {
        self.pairs.iter().chain(self.inherited()).copied()
    }
}

impl Tree {
    /// The source that every span of the tree is in.
    #[must_use]
    pub fn source(&self) -> SourceId {
        self.source
    }

    /// How long the text of its source is, in bytes.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// What is written at a place of this tree's source.
    #[must_use]
    pub fn text_at(&self, span: Span) -> Option<&str> {
        let is_here = span.source == self.source;
        is_here.then(|| self.text.get(span.start as usize..span.end as usize)).flatten()
    }

    /// The outermost node.
    #[must_use]
    pub fn root(&self) -> NodeId {
        self.root
    }

    /// A node of this tree. An id of another tree gives some node or panics.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// Every node in the order in which it begins, also those that the tree was mended without.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        (0..).map(NodeId).zip(&self.nodes)
    }

    /// The node that an alias stands for; any other node, or an alias of nothing, is itself.
    #[must_use]
    pub fn resolve(&self, id: NodeId) -> NodeId {
        match self.node(id).kind {
            NodeKind::Alias(Some(target)) => target,
            _ => id,
        }
    }

    /// The scalar at this node, through an alias if it is one.
    #[must_use]
    pub fn scalar(&self, id: NodeId) -> Option<&Scalar> {
        match &self.node(self.resolve(id)).kind {
            NodeKind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a mapping's key as [`to_json`](Self::to_json) has it: the scalar's text, so
    /// that `1: x` has the key `1`, and `0x1: x` the key `0x1`.
    #[must_use]
    pub fn key_text(&self, pair: Pair) -> &str {
        self.scalar(pair.key).map_or("", Scalar::text)
    }

    /// The comments, `#` included, in the order of the text.
    #[must_use]
    pub fn comments(&self) -> &[Span] {
        &self.comments
    }

    /// The document as JSON: scalars by the core schema, merge keys applied (first wins; entries
    /// that are merged in stand after those written), aliases expanded. What could make this
    /// fail, endless or too large, was an error of `parse`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        self.json_at(self.root)
    }

    /// A part of the document as JSON.
    #[must_use]
    pub fn json_at(&self, id: NodeId) -> Value {
        match &self.node(self.resolve(id)).kind {
            NodeKind::Scalar(scalar) => scalar.to_json(),
            NodeKind::Sequence(items) => items.iter().map(|item| self.json_at(*item)).collect(),
            NodeKind::Mapping(mapping) => {
                let entries = mapping.entries();
                let entries =
                    entries.map(|pair| (self.key_text(pair).to_owned(), self.json_at(pair.value)));
                Value::Object(entries.collect::<Map<_, _>>())
            }
            NodeKind::Alias(_) => Value::Null,
        }
    }
}
