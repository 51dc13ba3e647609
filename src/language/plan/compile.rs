//! From a document to its plan: it and everything that it uses is checked, and lowered when nothing
//! is wrong.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::check::{analyse_all, check_recursion};
use super::lower::Lowering;
use super::model::Plan;
use super::outlines::Outlines;
use crate::language::diagnostic::{Code, Diagnostic, Severity, sort};
use crate::language::document::simulation::Profile;
use crate::language::document::{ClusterReference, Document, Library, patterns_of_task};

/// A plan, and what its pipeline says about where it runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Compiled {
    /// The plan.
    pub plan: Plan,
    /// The servers that the pipeline names.
    pub cluster: Option<ClusterReference>,
    /// How the servers of a rehearsal behave.
    pub simulation: Option<Profile>,
    /// What is not wrong but should be known.
    pub warnings: Vec<Diagnostic>,
}

/// Compiles the pattern or pipeline of a document with everything that it uses.
///
/// # Errors
/// Every error in the documents that it is made of.
pub fn compile(library: &Library, document: &Document) -> Result<Compiled, Vec<Diagnostic>> {
    let outlines = Outlines::of(library);
    let mut analyses = BTreeMap::new();
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let mut known = BTreeSet::from([document.source()]);
    // Those that are used are checked together, then those that they use.
    let mut pending = vec![document];
    while !pending.is_empty() {
        for (document, analysis) in pending.iter().zip(analyse_all(&outlines, &pending)) {
            diagnostics.extend(analysis.diagnostics);
            analyses.insert(document.source(), analysis.edges);
        }
        let used = pending.iter().flat_map(|document| used_documents(&outlines, document));
        pending = used.filter(|document| known.insert(document.source())).collect();
    }
    let is_part = |diagnostic: &&Diagnostic| analyses.contains_key(&diagnostic.primary.span.source);
    diagnostics.extend(library.diagnostics().iter().filter(is_part).cloned());
    diagnostics.extend(check_recursion(&outlines, [document]));
    sort(&mut diagnostics);
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(diagnostics);
    }
    match Lowering::new(library, &analyses).root(document) {
        Some((plan, cluster, simulation)) => {
            Ok(Compiled { plan, cluster, simulation, warnings: diagnostics })
        }
        // Whatever is missing here has escaped the checks.
        None => Err(vec![
            document
                .diagnostic(Code::INTERNAL_ERROR, "", "the document could not be compiled")
                .help("please report this with the document"),
        ]),
    }
}

/// The patterns and teams that a document names.
fn used_documents<'l>(outlines: &Outlines<'l>, document: &'l Document) -> Vec<&'l Document> {
    let names = outlines.library().names_in(document.source());
    let outline = outlines.get(document);
    let mut used: Vec<&Document> = Vec::new();
    for task in &outline.tasks {
        used.extend(patterns_of_task(task.value).filter_map(|(name, _)| names.pattern(name)));
        let team = task.get("team").and_then(Value::as_str);
        used.extend(team.and_then(|name| names.team(name)));
    }
    used.extend(outline.team().and_then(Value::as_str).and_then(|name| names.team(name)));
    used
}
