//! What a document is made of, for outlines and for the search by name.

#![expect(deprecated, reason = "the protocol's types have a field that nobody may leave out")]

use lsp_types::{
    DocumentSymbol, DocumentSymbolParams, Location, SymbolInformation, SymbolKind,
    WorkspaceSymbolParams,
};

use crate::interface::lsp::desk::{Desk, is_builtin};
use crate::interface::lsp::documents::View;
use crate::interface::lsp::protocol::path_of;
use crate::language::document::Document;
use crate::language::plan::{Occurrence, Role, Symbol};
use crate::language::source::Source;

/// An outline as the editor takes it.
pub(super) enum Outlined {
    /// With parts inside parts.
    Nested(Vec<DocumentSymbol>),
    /// One after the other.
    Flat(Vec<SymbolInformation>),
}

/// The names that a document brings into being: agents, posts, inputs, waves with their tasks, outputs.
pub(super) fn document_symbols(desk: &mut Desk, params: &DocumentSymbolParams) -> Option<Outlined> {
    let path = path_of(&params.text_document.uri);
    let view = desk.workspace.view_of(&path);
    let source = view.source(&path)?;
    let document = view.document(&path)?;
    let defined = view.symbols().of_source(source.id()).iter();
    let defined: Vec<&Occurrence> = defined
        .filter(|found| found.role == Role::Definition && kind(&found.symbol).is_some())
        .collect();
    if !desk.client.takes_nested_symbols {
        let all = defined.into_iter().filter_map(|found| information(desk, &view, found));
        return Some(Outlined::Flat(all.collect()));
    }
    let mut outline: Vec<DocumentSymbol> = Vec::new();
    for found in defined {
        let Some(symbol) = nested(desk, source, document, found) else { continue };
        match outline.last_mut().filter(|last| last.kind == SymbolKind::NAMESPACE) {
            Some(wave) if matches!(found.symbol, Symbol::Task(..)) => {
                wave.children.get_or_insert_default().push(symbol);
            }
            _ => outline.push(symbol),
        }
    }
    Some(Outlined::Nested(outline))
}

/// Everything of the open projects whose name has the letters of a query, in their order.
pub(super) fn workspace_symbols(
    desk: &mut Desk,
    params: &WorkspaceSymbolParams,
) -> Vec<SymbolInformation> {
    let mut found = Vec::new();
    for subject in desk.workspace.subjects() {
        let view = desk.workspace.view(subject);
        for source in view.library().sources() {
            let defined = view.symbols().of_source(source.id()).iter();
            let defined = defined.filter(|found| {
                found.role == Role::Definition
                    && has_letters(&found.written, &params.query)
                    && !is_builtin(&view, found.span)
            });
            found.extend(defined.filter_map(|found| information(desk, &view, found)));
        }
    }
    found.sort_by(|a, b| {
        let key = |symbol: &SymbolInformation| {
            (symbol.location.uri.as_str().to_owned(), symbol.location.range.start)
        };
        key(a).cmp(&key(b))
    });
    found.dedup_by(|a, b| a.location == b.location);
    found
}

fn nested(
    desk: &Desk,
    source: &Source,
    document: &Document,
    found: &Occurrence,
) -> Option<DocumentSymbol> {
    let value = document.span(&found.pointer);
    let whole = if found.pointer.is_empty() { found.span } else { found.span.cover(value) };
    Some(DocumentSymbol {
        name: found.written.clone(),
        detail: document
            .value()
            .pointer(&found.pointer)
            .and_then(|value| value.get("agent").or_else(|| value.get("uses"))?.as_str())
            .filter(|_| matches!(found.symbol, Symbol::Task(..)))
            .map(str::to_owned),
        kind: kind(&found.symbol)?,
        tags: None,
        deprecated: None,
        range: desk.client.encoding.range(source, whole),
        selection_range: desk.client.encoding.range(source, found.span),
        children: None,
    })
}

fn information(desk: &Desk, view: &View, found: &Occurrence) -> Option<SymbolInformation> {
    let location: Location = desk.location(view.library().sources(), found.span)?;
    let container = view.library().document_of(found.span.source).and_then(Document::name);
    Some(SymbolInformation {
        name: found.written.clone(),
        kind: kind(&found.symbol)?,
        tags: None,
        deprecated: None,
        location,
        container_name: container.map(str::to_owned),
    })
}

fn kind(symbol: &Symbol) -> Option<SymbolKind> {
    Some(match symbol {
        Symbol::Task(..) => SymbolKind::FUNCTION,
        Symbol::Input(..) => SymbolKind::VARIABLE,
        Symbol::Output(..) => SymbolKind::PROPERTY,
        Symbol::Wave(..) => SymbolKind::NAMESPACE,
        Symbol::Agent(..) | Symbol::Post(..) => SymbolKind::OBJECT,
        Symbol::Orchestration(_) => SymbolKind::MODULE,
        Symbol::Team(_) => SymbolKind::CLASS,
        Symbol::Anchor(_) => return None,
    })
}

fn has_letters(name: &str, query: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    let mut wanted = query.chars().flat_map(char::to_lowercase);
    wanted.all(|letter| letters.any(|own| own == letter))
}
