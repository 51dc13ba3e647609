//! `moving-version`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, Document, DocumentKind, Library, VersionKind};
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("moving-version"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "An import names a branch where a tag or a commit could stand.",
    explanation: "\
**Symptom.** `version: main` in `imports.yaml`. That it is a branch was seen when it was locked.

**Impact.** Until somebody locks anew, the lock file keeps the documents as they are. Then, whoever does so
for another reason takes in whatever has been committed to the branch meanwhile.

**Fix.** Name a tag, or a commit with all its digits; `partita.lock` has the one that is used now.",
    check: Check::Documents(check),
};

fn check(library: &Library, document: &Document, found: &mut Vec<Diagnostic>) {
    if document.kind() != DocumentKind::Imports {
        return;
    }
    let declared = library.imports().declared.iter();
    let own = declared.filter(|import| import.place.source == document.source());
    for import in own.filter(|import| import.kind == Some(VersionKind::Branch)) {
        let version = import.version.as_deref().unwrap_or_default();
        let message = format!("`{version}` is a branch, and moves on");
        let pointer = version_pointer(document, &import.pointer, version);
        found.push(
            document
                .diagnostic(RULE.code, &pointer, message)
                .help("name a tag, or a commit with all its digits"),
        );
    }
}

/// Where a version of a source is written: it may be one of several.
fn version_pointer(document: &Document, source: &str, version: &str) -> String {
    let pointer = format!("{source}/version");
    let written = document.value().pointer(&pointer);
    let listed = written.and_then(|written| written.as_array());
    let place = listed.and_then(|listed| listed.iter().position(|one| one == version));
    place.map_or(pointer.clone(), |place| format!("{pointer}/{place}"))
}
