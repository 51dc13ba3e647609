//! YAML anchors and the aliases that stand for them.

use super::{Occurrence, Role, Symbol};
use crate::language::document::Document;
use crate::language::source::{NodeKind, Span};

pub(super) fn collect(document: &Document, found: &mut Vec<Occurrence>) {
    let tree = document.tree();
    // Both are written with a sign before the name.
    let name_of = |span: Span| Span::new(span.source, span.start + 1, span.end);
    for (_, node) in tree.nodes() {
        if let Some(anchor) = node.anchor() {
            found.push(Occurrence {
                span: name_of(anchor.span),
                symbol: Symbol::Anchor(anchor.span),
                role: Role::Definition,
                written: anchor.name.clone(),
                pointer: String::new(),
            });
        }
        let NodeKind::Alias(Some(target)) = node.kind() else { continue };
        let Some(anchor) = tree.node(*target).anchor() else { continue };
        found.push(Occurrence {
            span: name_of(node.span()),
            symbol: Symbol::Anchor(anchor.span),
            role: Role::Reference,
            written: anchor.name.clone(),
            pointer: String::new(),
        });
    }
}
