//! `missing-summary`

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("missing-summary"),
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Ci,
    summary: "A pattern or pipeline does not say what it does.",
    explanation: "\
The `summary` is what `partita patterns` lists, what the search looks through, and the first thing that
whoever is to approve a run reads. A sentence is enough.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let document = orchestration.document;
    let header = document.kind().as_str();
    let summary = document.value().get(header).and_then(|header| header.get("summary"));
    if summary.and_then(Value::as_str).is_some_and(|summary| !summary.trim().is_empty()) {
        return;
    }
    let Some(name) = document.name() else { return };
    found.push(
        document
            .diagnostic(
                RULE.code,
                &format!("/{header}/name"),
                format!("`{name}` does not say what it does"),
            )
            .help("say it in a sentence: `summary: From product brief to launch plan.`"),
    );
}
