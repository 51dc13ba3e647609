//! `unfailing-run`

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::plan::goes_on;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("unfailing-run"),
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Auditor,
    summary: "A run succeeds even if every task fails.",
    explanation: "\
Every task has an `on_failure` that goes on, with a fallback or without an output, and
`success_criteria` is not `all_tasks_succeed`. Such a run reports success though no model has answered,
and whoever watches the status of runs learns nothing from it. Let one task fail that matters, or write
`success_criteria: all_tasks_succeed`: a fallback then still gives a result, and the status the truth.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let document = orchestration.document;
    let tasks = orchestration.tasks();
    let criteria = document.value().get("success_criteria").and_then(Value::as_str);
    let Some(first) = tasks.first() else { return };
    if criteria == Some("all_tasks_succeed") || !tasks.iter().all(|task| goes_on(task.value)) {
        return;
    }
    let kind = document.kind().as_str();
    let message = format!("this {kind} succeeds even if every task fails");
    found.push(
        Diagnostic::new(RULE.code, document.key_span(&format!("/{kind}")), message)
            .related(
                orchestration.key_span(first, "/on_failure"),
                "every task has something of this kind",
            )
            .help("write `success_criteria: all_tasks_succeed`, or let a task fail that matters"),
    );
}
