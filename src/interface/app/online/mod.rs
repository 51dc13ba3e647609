//! `partita validate --online`: whether documents fit the servers on which they are to run.

mod fit;
mod models;
mod origin;
mod sight;
mod skipped;
mod tool_sight;

use crate::interface::app::validate::Validation;
use crate::language::diagnostic::Diagnostic;
use crate::language::document::LintSettings;
use crate::language::lint::{Examination, judge_further};

pub use models::seen_models;
pub use sight::{Sight, Sights, look};
pub use skipped::{Skipped, Why, skipped_offline};
pub use tool_sight::Lacking;

/// Adds to a validation what the servers say about its documents. Gives the checks that could not
/// be made.
pub fn check_online(
    validation: &mut Validation,
    settings: &LintSettings,
    sights: &Sights,
) -> Vec<Skipped> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for sight in &sights.seen {
        sight.servers(&validation.library, &mut found);
    }
    for (document, sight) in sights.documents(&validation.library) {
        fit::check(&validation.library, document, sight, &mut found);
        fit::check_tools(&validation.library, document, &sights.lacking, &mut found);
    }
    found.retain(|finding| validation.is_subject(finding.primary.span.source));
    let mut examination = Examination {
        diagnostics: std::mem::take(&mut validation.diagnostics),
        suppressed: std::mem::take(&mut validation.suppressed),
    };
    judge_further(&validation.library, settings, found, &mut examination);
    validation.diagnostics = examination.diagnostics;
    validation.suppressed = examination.suppressed;
    skipped::skipped_online(validation, sights)
}
