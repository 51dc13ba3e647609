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

pub(in crate::language) use recursion::check_document as check_recursion;
use team::Member;

/// What a check of one document gives.
#[derive(Debug)]
pub struct Analysis<'d> {
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// What a pattern or pipeline says.
    pub(in crate::language) outline: Option<Outline<'d>>,
    /// Which task needs which, sound or not.
    pub(in crate::language) edges: Vec<Edge>,
}

/// One task needs another: places of both in the document's order of tasks.
#[derive(Debug, Clone)]
pub(in crate::language) struct Edge {
    pub(in crate::language) task: usize,
    pub(in crate::language) needs: usize,
    pub(in crate::language) kind: NeedKind,
    /// Where the author says so.
    pub(in crate::language) span: Span,
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
pub fn analyse<'d>(library: &Library, document: &'d Document) -> Analysis<'d> {
    let mut analysis = Analysis { diagnostics: Vec::new(), outline: None, edges: Vec::new() };
    match document.kind() {
        DocumentKind::Pattern | DocumentKind::Pipeline => {
            orchestration(library, document, &mut analysis);
        }
        DocumentKind::Team => team::check_document(document, &mut analysis.diagnostics),
        DocumentKind::LibraryIndex => check_index(library, document, &mut analysis.diagnostics),
        DocumentKind::Cluster | DocumentKind::Simulation | DocumentKind::Lint => {}
    }
    sort(&mut analysis.diagnostics);
    analysis
}

fn orchestration<'d>(library: &Library, document: &'d Document, analysis: &mut Analysis<'d>) {
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
    analysis.outline = Some(outline);
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
