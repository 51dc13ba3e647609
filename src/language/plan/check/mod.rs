//! Whether a document that reads well also makes sense: its names, its order, its templates, its
//! calls of other patterns. Every check looks at what the others found sound, so that one mistake
//! is one finding.

mod absence;
mod agents;
mod arguments;
mod ballots;
mod budgets;
mod calls;
mod each;
mod escalation;
#[cfg(test)]
mod flow_tests;
mod imports;
mod inputs;
mod layers;
mod limits;
mod message_lines;
pub(super) mod messages;
mod names;
mod never;
mod order;
mod recursion;
mod remarks;
#[cfg(test)]
mod remarks_tests;
mod route;
mod skills;
mod staff;
mod structure;
mod synthesis;
mod team;
pub(super) mod templates;
mod tool_tasks;
mod tools;
mod unread;
mod verbs;

use super::model::NeedKind;
use super::outlines::Outlines;
use super::team_outline::TeamOutline;
use super::typing::Types;
use crate::language::diagnostic::{Code, Diagnostic, Findings, Severity, sort};
use crate::language::document::suggest::nearest;
use crate::language::document::{Body, Document, DocumentKind, Library};
use crate::language::source::{Span, escape_pointer};
use crate::language::workers::in_parallel;

pub(crate) use budgets::check as check_budgets;
pub use imports::import_faults;
pub(crate) use limits::check_project as check_limits;
pub(crate) use recursion::check as check_recursion;

/// What a check of one document gives.
#[derive(Debug)]
pub struct Analysis<'l> {
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// Which task needs which, sound or not.
    pub(crate) edges: Vec<Edge>,
    /// The team that the document names or has, sound or not.
    pub(crate) team: Option<TeamOutline<'l>>,
}

/// One task needs another: places of both in the document's order of tasks.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    pub(crate) task: usize,
    pub(crate) needs: usize,
    pub(crate) kind: NeedKind,
    /// Where the author says so.
    pub(crate) span: Span,
}

/// Checks every document of the project.
pub fn check_library(library: &Library) -> Vec<Diagnostic> {
    check_outlines(&Outlines::of(library))
}

/// Checks every document of the project by outlines that others use, too.
pub fn check_outlines(outlines: &Outlines<'_>) -> Vec<Diagnostic> {
    let documents: Vec<&Document> = outlines.library().project_documents().collect();
    let analyses = analyse_all(outlines, &documents);
    let mut diagnostics: Vec<Diagnostic> =
        analyses.into_iter().flat_map(|analysis| analysis.diagnostics).collect();
    diagnostics.extend(budgets::check(outlines, documents.iter().copied()));
    diagnostics.extend(check_recursion(outlines, documents));
    diagnostics.extend(limits::check_project(outlines));
    sort(&mut diagnostics);
    diagnostics
}

/// Checks some documents.
pub(super) fn analyse_all<'l>(
    outlines: &Outlines<'l>,
    documents: &[&'l Document],
) -> Vec<Analysis<'l>> {
    in_parallel(documents, |document| document.text_bytes(), |document| analyse(outlines, document))
}

/// Checks one document.
pub fn analyse<'l>(outlines: &Outlines<'l>, document: &'l Document) -> Analysis<'l> {
    let mut found = Findings::default();
    let (mut edges, mut team) = (Vec::new(), None);
    match document.kind() {
        DocumentKind::Pattern | DocumentKind::Pipeline => {
            (edges, team) = orchestration(outlines, document, &mut found);
        }
        DocumentKind::Team => {
            team::check_document(document, &mut found);
            tools::check_team(outlines.library(), document, &mut found);
        }
        DocumentKind::LibraryIndex => check_index(outlines.library(), document, &mut found),
        DocumentKind::Tests => super::cases::check(outlines, document, &mut found),
        DocumentKind::Imports => imports::check(outlines.library(), document, &mut found),
        DocumentKind::Cluster
        | DocumentKind::Simulation
        | DocumentKind::Lint
        | DocumentKind::Vocabulary => {}
    }
    let mut diagnostics = found.finish();
    sort(&mut diagnostics);
    Analysis { diagnostics, edges, team }
}

fn orchestration<'l>(
    outlines: &Outlines<'l>,
    document: &'l Document,
    found: &mut Findings,
) -> (Vec<Edge>, Option<TeamOutline<'l>>) {
    let (library, outline) = (outlines.library(), outlines.get(document));
    let types = Types::of(outlines);
    structure::check(outline, found);
    inputs::check(outline, found);
    verbs::check(outline, found);
    each::check(outline, found);
    let team = team::check(library, outline, found);
    agents::check(outline, team.as_ref(), found);
    escalation::check(outline, team.as_ref(), found);
    skills::check(outline, team.as_ref(), found);
    staff::check(outline, team.as_ref(), found);
    messages::check(outline, team.as_ref(), found);
    tools::check(library, outline, team.as_ref(), found);
    let mut edges = names::check(outline, found);
    let readings = templates::check(&types, outline, found);
    edges.extend(readings.edges.iter().cloned());
    calls::check(outlines, outline, found);
    arguments::check(&types, outline, found);
    ballots::check(&types, outline, found);
    order::check(outline, &edges, found);
    limits::check_own(outlines, document, found);
    // What may be absent or is not read shows only where everything is in its place.
    if found.errors() == 0 && is_whole(library, document) {
        never::check(outline, &edges, &readings, found);
        absence::check(outline, &edges, &readings, found);
        unread::check(outline, &edges, &readings, team.as_ref(), found);
    }
    (edges, team)
}

/// Whether a document was read without errors, so that nothing of it is missing.
fn is_whole(library: &Library, document: &Document) -> bool {
    document.body().is_some()
        && !library.diagnostics().iter().any(|found| {
            found.severity == Severity::Error && found.primary.span.source == document.source()
        })
}

fn check_index(library: &Library, document: &Document, found: &mut Findings) {
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

/// So many errors of a document are worth looking for what was meant.
const MAX_SUGGESTIONS: usize = 100;

/// The name that was probably meant. Comparing thousands of wrong names with thousands of right
/// ones takes minutes, and whoever has made that many mistakes has made one of another kind.
fn meant<'a>(
    found: &Findings,
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    if found.errors() < MAX_SUGGESTIONS { nearest(written, candidates) } else { None }
}
