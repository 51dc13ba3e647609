//! From a name to where it comes from, and to everywhere it is used.

use std::path::Path;
use std::rc::Rc;

use lsp_types::{
    DocumentHighlight, DocumentHighlightKind, DocumentHighlightParams, GotoDefinitionParams,
    Location, ReferenceParams, TextDocumentPositionParams,
};

use crate::interface::lsp::desk::Desk;
use crate::interface::lsp::documents::View;
use crate::language::document::{Body, ClusterReference};
use crate::language::plan::{Occurrence, Role};
use crate::language::source::Span;

/// Where the name at a place comes from.
pub(super) fn definition(desk: &mut Desk, params: &GotoDefinitionParams) -> Option<Location> {
    let place = &params.text_document_position_params;
    if let Some((view, occurrence)) = named_at(desk, place) {
        let definition = view.symbols().definition(&occurrence.symbol)?;
        return desk.location(view.library().sources(), definition.span);
    }
    cluster_file(desk, place)
}

/// Everywhere the thing at a place is named.
pub(super) fn references(desk: &mut Desk, params: &ReferenceParams) -> Vec<Location> {
    let Some((view, named)) = named_at(desk, &params.text_document_position) else {
        return Vec::new();
    };
    let wanted =
        |found: &&Occurrence| params.context.include_declaration || found.role == Role::Reference;
    let all = view.symbols().all(&named.symbol).filter(wanted);
    all.filter_map(|found| desk.location(view.library().sources(), found.span)).collect()
}

/// Everywhere in the same text the thing at a place is named.
pub(super) fn highlights(
    desk: &mut Desk,
    params: &DocumentHighlightParams,
) -> Vec<DocumentHighlight> {
    let Some((view, named)) = named_at(desk, &params.text_document_position_params) else {
        return Vec::new();
    };
    let here = |found: &&Occurrence| found.span.source == named.span.source;
    let Some(source) = view.library().sources().get(named.span.source) else {
        return Vec::new();
    };
    let all = view.symbols().all(&named.symbol).filter(here);
    all.map(|found| DocumentHighlight {
        range: desk.client.encoding.range(source, found.span),
        kind: Some(match found.role {
            Role::Definition => DocumentHighlightKind::WRITE,
            Role::Reference => DocumentHighlightKind::READ,
        }),
    })
    .collect()
}

/// The name at a place, with the view that it was found in.
pub(super) fn named_at(
    desk: &mut Desk,
    place: &TextDocumentPositionParams,
) -> Option<(Rc<View>, Occurrence)> {
    let (path, offset) = desk.place(place)?;
    let view = desk.workspace.view_of(&path);
    let source = view.source(&path)?.id();
    let occurrence = view.symbols().at(source, offset)?.clone();
    Some((view, occurrence))
}

/// The file that a pipeline's `cluster:` names.
fn cluster_file(desk: &mut Desk, place: &TextDocumentPositionParams) -> Option<Location> {
    let (path, offset) = desk.place(place)?;
    let view = desk.workspace.view_of(&path);
    let document = view.document(&path)?;
    let Some(Body::Pipeline(pipeline)) = document.body() else { return None };
    let Some(ClusterReference::File(name)) = &pipeline.cluster else { return None };
    let span = document.span("/cluster");
    if offset < span.start || offset > span.end {
        return None;
    }
    let file = path.parent().unwrap_or(Path::new("")).join(name);
    let target = view.source(&file)?;
    desk.location(view.library().sources(), Span::empty(target.id(), 0))
}
