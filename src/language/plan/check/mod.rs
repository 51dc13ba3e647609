//! Whether a document that reads well also makes sense: its names, its order, its templates, its
//! calls of other patterns. Every check looks at what the others found sound, so that one mistake
//! is one finding.

mod agents;
mod calls;
mod inputs;
mod names;
mod order;
mod recursion;
mod structure;
mod team;
mod templates;
mod verbs;

use super::model::NeedKind;
use super::outline::Outline;
use crate::language::diagnostic::{Diagnostic, sort};
use crate::language::document::{Body, Document, DocumentKind, Library};
use crate::language::source::Span;

pub(super) use recursion::check_document as check_recursion;
use team::Member;

/// What a check of one document gives.
#[derive(Debug)]
pub struct Analysis {
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// Which task needs which, sound or not.
    pub(super) edges: Vec<Edge>,
}

/// One task needs another: places of both in the document's order of tasks.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    pub(super) task: usize,
    pub(super) needs: usize,
    pub(super) kind: NeedKind,
    /// Where the author says so.
    pub(super) span: Span,
}

/// Checks every document of the project.
pub fn check_library(library: &Library) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for document in library.project_documents() {
        diagnostics.extend(analyse(library, document).diagnostics);
    }
    diagnostics.extend(recursion::check(library));
    sort(&mut diagnostics);
    diagnostics
}

/// Checks one document.
pub fn analyse(library: &Library, document: &Document) -> Analysis {
    let mut analysis = Analysis { diagnostics: Vec::new(), edges: Vec::new() };
    match document.kind() {
        DocumentKind::Pattern | DocumentKind::Pipeline => {
            orchestration(library, document, &mut analysis);
        }
        DocumentKind::Team => team::check_document(document, &mut analysis.diagnostics),
        DocumentKind::LibraryIndex => check_index(library, document, &mut analysis.diagnostics),
        DocumentKind::Cluster | DocumentKind::Simulation => {}
    }
    sort(&mut analysis.diagnostics);
    analysis
}

fn orchestration(library: &Library, document: &Document, analysis: &mut Analysis) {
    let outline = Outline::of(document);
    let found = &mut analysis.diagnostics;
    structure::check(&outline, found);
    inputs::check(&outline, found);
    verbs::check(&outline, found);
    let members = team::members(library, &outline, found);
    agents::check(&outline, members.as_deref(), found);
    analysis.edges = names::check(&outline, found);
    analysis.edges.extend(templates::check(&outline, found));
    calls::check(library, &outline, found);
    order::check(&outline, &analysis.edges, found);
}

fn check_index(library: &Library, document: &Document, found: &mut Vec<Diagnostic>) {
    use crate::language::diagnostic::Code;
    use crate::language::document::escape_pointer;

    let Some(Body::LibraryIndex(index)) = document.body() else {
        return;
    };
    for (field, names) in &index.fields {
        for (place, name) in names.iter().enumerate() {
            if library.orchestration(name).is_none() {
                let pointer = format!("/{}/{place}", escape_pointer(field));
                let message = format!("the library has no pattern `{name}` yet");
                found.push(document.diagnostic(Code::INDEX_ENTRY_MISSING, &pointer, message));
            }
        }
    }
}
