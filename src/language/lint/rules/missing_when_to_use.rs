//! `missing-when-to-use`

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, DocumentKind};
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::source::value_at;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("missing-when-to-use"),
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Ci,
    summary: "A pattern does not say what situations it is for.",
    explanation: "\
Patterns are chosen by people, and by programs, who have not written them. `when_to_use` lists the
situations that a pattern is for; `when_not_to_use` saves the rest from trying.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let document = orchestration.document;
    if document.kind() != DocumentKind::Pattern {
        return;
    }
    let listed = value_at(document.value(), "/pattern/when_to_use").and_then(Value::as_array);
    if listed.is_some_and(|situations| !situations.is_empty()) {
        return;
    }
    let Some(name) = document.name() else { return };
    let message = format!("`{name}` does not say what situations it is for");
    found.push(
        document
            .diagnostic(RULE.code, "/pattern/name", message)
            .help("list them: `when_to_use: [several departments must be ready on one day]`"),
    );
}
