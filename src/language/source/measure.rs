//! How large and how deep a node becomes when aliases and merges are followed.

use super::builder::Builder;
use super::error::SyntaxErrorKind;
use super::limits::{MAX_DEPTH, MAX_EXPANSION, MAX_EXPANSION_BYTES};
use super::tree::{NodeId, NodeKind, Pair};

/// The size of a node with everything that its aliases stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Measure {
    /// Values in it, itself included.
    pub(super) size: u64,
    /// Bytes of text in it, keys included.
    pub(super) bytes: u64,
    /// Collections within each other, itself included; 0 for a scalar.
    pub(super) depth: usize,
}

impl Measure {
    /// A scalar with this text, or an alias of nothing.
    pub(super) fn leaf(text: &str) -> Self {
        Self { size: 1, bytes: text.len() as u64, depth: 0 }
    }
}

/// One value of a collection.
struct Part {
    /// Where to point if it is too much.
    place: NodeId,
    value: NodeId,
    key_bytes: u64,
}

impl Builder<'_> {
    /// Measures a node whose children are all finished, and reports what is too large: at
    /// the child that breaks the limit, in the innermost collection that does, once a document.
    pub(super) fn measure(&mut self, id: NodeId) -> Measure {
        if let NodeKind::Scalar(scalar) = &self.node(id).kind {
            return Measure::leaf(&scalar.text);
        }
        let written = self.nodes.len() - id.0 as usize;
        let limit = MAX_EXPANSION.saturating_add(written as u64);
        let bytes_limit = MAX_EXPANSION_BYTES.saturating_add(self.source.text().len() as u64);
        let mut whole = Measure { size: 1, bytes: 0, depth: 1 };
        let mut too_large = None;
        let mut too_deep = None;
        for part in self.parts(id) {
            let measure = self.finished(part.value);
            whole.size = whole.size.saturating_add(measure.size);
            whole.bytes = whole.bytes.saturating_add(measure.bytes);
            whole.bytes = whole.bytes.saturating_add(part.key_bytes);
            whole.depth = whole.depth.max(measure.depth + 1);
            if whole.size > limit || whole.bytes > bytes_limit {
                too_large.get_or_insert(part.place);
            }
            if whole.depth > MAX_DEPTH {
                too_deep.get_or_insert(part.place);
            }
        }
        if let Some(place) = too_large {
            self.expansion_too_large(place);
        }
        if let Some(place) = too_deep.filter(|_| !self.broken.depth) {
            self.broken.depth = true;
            self.error(SyntaxErrorKind::NestingTooDeep, self.node(place).span);
        }
        whole
    }

    /// Reports that aliases and merges add too much, once a document.
    pub(super) fn expansion_too_large(&mut self, place: NodeId) {
        if !self.broken.expansion {
            self.broken.expansion = true;
            let span = self.node(place).span;
            self.error(SyntaxErrorKind::AliasExpansionTooLarge, span);
        }
    }

    /// The measure of a finished node.
    pub(super) fn finished(&self, id: NodeId) -> Measure {
        self.measures[id.0 as usize].unwrap_or(Measure::leaf(""))
    }

    fn parts(&self, id: NodeId) -> impl Iterator<Item = Part> {
        let entry = |place: NodeId, pair: &Pair| Part {
            place,
            value: pair.value,
            key_bytes: self.text(pair.key).len() as u64,
        };
        let (items, mapping) = match &self.node(id).kind {
            NodeKind::Sequence(items) => (items.as_slice(), None),
            NodeKind::Mapping(mapping) => (&[][..], Some(mapping)),
            NodeKind::Scalar(_) | NodeKind::Alias(_) => (&[][..], None),
        };
        let items = items.iter().map(|item| Part { place: *item, value: *item, key_bytes: 0 });
        let own = mapping.into_iter().flat_map(|mapping| &mapping.pairs);
        let own = own.map(move |pair| entry(pair.value, pair));
        let merge = mapping.and_then(|mapping| mapping.merge.as_ref()).into_iter();
        let inherited = merge.flat_map(move |merge| {
            merge.inherited.iter().map(move |pair| entry(merge.pair.value, pair))
        });
        items.chain(own).chain(inherited)
    }
}
