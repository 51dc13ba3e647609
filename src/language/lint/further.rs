//! Findings that were made elsewhere, judged like all others.

use super::examine::Examination;
use super::judgement::judged;
use super::suppression::Suppression;
use crate::language::diagnostic::{Diagnostic, Severity, sort};
use crate::language::document::{Library, LintSettings};

/// Adds findings to an examination: as the settings judge them, and without what comments allow.
pub fn judge_further(
    library: &Library,
    settings: &LintSettings,
    found: Vec<Diagnostic>,
    examination: &mut Examination,
) {
    for finding in found.into_iter().filter_map(|finding| judged(settings, finding)) {
        let source = finding.primary.span.source;
        let document = library.document_of(source).zip(library.sources().get(source));
        let is_allowed = document.is_some_and(|(document, source)| {
            // What is wrong with the comments themselves has been said.
            let comments = Suppression::all(document, source, settings, &mut Vec::new());
            comments.iter().any(|comment| comment.allows(&finding).is_some())
        });
        if is_allowed && finding.severity < Severity::Error {
            examination.suppressed.push(finding);
        } else {
            examination.diagnostics.push(finding);
        }
    }
    sort(&mut examination.diagnostics);
    sort(&mut examination.suppressed);
}
