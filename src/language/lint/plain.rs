//! Scalars that are written without quotes, whose meaning therefore depends on the reader.

use crate::language::document::Document;
use crate::language::source::{NodeId, NodeKind, Scalar, ScalarStyle};

/// What a scalar is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Key,
    Value,
}

/// The scalars without quotes and without a tag, in the order of the text.
pub(super) fn plain_scalars(document: &Document) -> Vec<(Standing, &Scalar)> {
    let tree = document.tree();
    let mut found = Vec::new();
    let mut take = |standing, id: NodeId| {
        let node = tree.node(id);
        if let NodeKind::Scalar(scalar) = node.kind()
            && scalar.style() == ScalarStyle::Plain
            && !scalar.is_implied()
            && node.tag().is_none()
        {
            found.push((standing, scalar));
        }
    };
    for (_, node) in tree.nodes() {
        match node.kind() {
            NodeKind::Mapping(mapping) => {
                for pair in mapping.pairs() {
                    take(Standing::Key, pair.key);
                    take(Standing::Value, pair.value);
                }
            }
            NodeKind::Sequence(items) => {
                items.iter().for_each(|item| take(Standing::Value, *item));
            }
            NodeKind::Scalar(_) | NodeKind::Alias(_) => {}
        }
    }
    found
}
