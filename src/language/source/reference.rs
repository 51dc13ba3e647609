//! Anchors, and the aliases that stand for their nodes.

use std::ops::Range;

use super::builder::{Builder, Shape};
use super::error::{SyntaxError, SyntaxErrorKind, shown};
use super::measure::Measure;
use super::scalar::ScalarStyle;
use super::tree::{Anchor, Node, NodeId, NodeKind};

/// How many anchors an error keeps as alternatives.
const KNOWN_ANCHORS: usize = 9;

impl Builder<'_> {
    /// Gives the node that was added last its anchor.
    pub(super) fn anchor(&mut self, anchor: usize, name: &str, range: Range<usize>) {
        let span = self.span(range);
        let Some(&id) = self.anchors.get(&anchor) else {
            return;
        };
        let node = &mut self.nodes[id.0 as usize];
        node.properties.get_or_insert_default().anchor =
            Some(Anchor { name: name.to_owned(), span });
        self.names.insert(name.to_owned(), id);
    }

    /// Adds an alias of a node. An alias of nothing, or of a node around it, is reported and
    /// stands for nothing.
    pub(super) fn alias(&mut self, target: Option<NodeId>, range: Range<usize>) {
        let span = self.span(range.clone());
        let name = self.source.span_text(span);
        let name = name.strip_prefix('*').unwrap_or(name);
        let measure = target.and_then(|target| self.measures[target.0 as usize]);
        match target {
            None => {
                let known = self.known_anchors(name);
                let name = shown(name);
                self.error(SyntaxErrorKind::UnknownAnchor { name, known }, span);
            }
            Some(target) if measure.is_none() => {
                let name = shown(name);
                let kind = if self.is_merge_next() {
                    SyntaxErrorKind::MergeCycle { name }
                } else {
                    SyntaxErrorKind::AliasCycle { name }
                };
                let error = SyntaxError::new(kind, span);
                let anchor = self.node(target).anchor().map(|anchor| anchor.span);
                self.errors.push(match anchor {
                    Some(anchor) => error.with(anchor, "it starts here"),
                    None => error,
                });
            }
            Some(_) => {}
        }
        let target = target.filter(|_| measure.is_some());
        if let Some(id) = self.add(NodeKind::Alias(target), range, None) {
            self.measures[id.0 as usize] = Some(measure.unwrap_or(Measure::leaf("")));
        }
    }

    /// Adds to the errors about unknown anchors the place where one is defined too late.
    pub(super) fn explain_unknown_anchors(&mut self) {
        for error in self.errors.iter_mut() {
            let SyntaxErrorKind::UnknownAnchor { name, .. } = &error.kind else {
                continue;
            };
            // The name in the error is shortened; one that was is not found, and nothing is lost.
            let later = self.names.get(name);
            let later = later.and_then(|id| self.nodes[id.0 as usize].anchor());
            if let Some(anchor) = later {
                error.related.push((anchor.span, "defined only here".into()));
            }
        }
    }

    /// The target of an alias; any other node is itself.
    pub(super) fn resolve(&self, id: NodeId) -> NodeId {
        match self.node(id).kind {
            NodeKind::Alias(Some(target)) => target,
            _ => id,
        }
    }

    /// Names to offer instead of an unknown one: the name without a colon if that is known, then
    /// the first few there are.
    fn known_anchors(&self, name: &str) -> Vec<String> {
        let shorter = name.strip_suffix(':');
        let shorter = shorter.filter(|name| self.names.contains_key(*name));
        let others = self.names.keys().map(String::as_str);
        let others = others.filter(|name| Some(*name) != shorter);
        let known = shorter.into_iter().chain(others).take(KNOWN_ANCHORS);
        known.map(shown).collect()
    }

    /// Whether the next node is the value of `<<`, or an item of a list that is.
    fn is_merge_next(&self) -> bool {
        let key = match self.frames.as_slice() {
            [.., frame] if frame.shape == Shape::Mapping => frame.children.last(),
            // The list is the last child of the mapping around it.
            [.., mapping, _] if mapping.shape == Shape::Mapping => {
                mapping.children.iter().nth_back(1)
            }
            _ => None,
        };
        key.is_some_and(|key| is_merge_key(self.node(*key)))
    }
}

/// Whether a key is `<<` without quotes and without a tag.
pub(super) fn is_merge_key(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Scalar(scalar)
        if scalar.style == ScalarStyle::Plain && &*scalar.text == "<<" && node.tag().is_none())
}
