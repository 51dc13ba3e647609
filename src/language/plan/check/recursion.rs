//! Patterns that use each other in a circle, or too deep.

use serde_json::Value;

use crate::language::diagnostic::{Code, Diagnostic};
use crate::language::document::{Document, Library};
use crate::language::plan::outline::Outline;

/// Patterns may use each other to this depth.
pub(crate) const MAX_DEPTH: usize = 16;

pub(super) fn check(library: &Library) -> Vec<Diagnostic> {
    library.project_documents().flat_map(|document| check_document(library, document)).collect()
}

/// The circles through one document, and the uses that lead too deep.
pub(in crate::language) fn check_document(
    library: &Library,
    document: &Document,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let Some(name) = document.name() else {
        return found;
    };
    for (used, pointer) in uses(document) {
        let mut path = vec![name.to_owned()];
        walk(library, document, &pointer, &used, &mut path, &mut found);
    }
    found
}

/// Follows one use. Only circles through the starting document are reported: each of the others
/// is reported where it starts.
fn walk(
    library: &Library,
    start: &Document,
    pointer: &str,
    used: &str,
    path: &mut Vec<String>,
    found: &mut Vec<Diagnostic>,
) {
    if path.first().is_some_and(|first| first == used) {
        let circle = format!("{} -> {used}", path.join(" -> "));
        let message = format!("patterns use each other in a circle: {circle}");
        found.push(start.diagnostic(Code::PATTERN_CYCLE, pointer, message));
        return;
    }
    if path.iter().any(|seen| seen == used) {
        return;
    }
    if path.len() >= MAX_DEPTH {
        let message =
            format!("patterns use each other deeper than {MAX_DEPTH}: {}", path.join(" -> "));
        found.push(start.diagnostic(Code::PATTERN_TOO_DEEP, pointer, message));
        return;
    }
    let Some(callee) = library.pattern(used) else {
        return;
    };
    path.push(used.to_owned());
    for (next, _) in uses(callee) {
        let before = found.len();
        walk(library, start, pointer, &next, path, found);
        // One circle a use is enough to know.
        if found.len() > before {
            break;
        }
    }
    path.pop();
}

fn uses(document: &Document) -> Vec<(String, String)> {
    let outline = Outline::of(document);
    outline
        .tasks
        .iter()
        .filter_map(|task| {
            let used = task.value.get("uses").and_then(Value::as_str)?;
            Some((used.to_owned(), format!("{}/uses", task.pointer)))
        })
        .collect()
}
