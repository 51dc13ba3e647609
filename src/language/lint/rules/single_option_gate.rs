//! `single-option-gate`

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, VerbKind};
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("single-option-gate"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "An approval leaves no choice.",
    explanation: "\
A person who can only agree decides nothing, and cancelling the run is the only way to say no. Name at
least two options: `options: [approve, reject]`, which is what holds where `options` is left out.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let approvals = orchestration.tasks().iter();
    for task in approvals.filter(|task| task.verb == Some(VerbKind::Approval)) {
        let Some([Value::String(only)]) =
            task.value.get("options").and_then(Value::as_array).map(Vec::as_slice)
        else {
            continue;
        };
        let pointer = format!("{}/options", task.pointer);
        let message = format!("`{}` leaves no choice but `{only}`", task.name);
        found.push(
            orchestration
                .document
                .diagnostic(RULE.code, &pointer, message)
                .help("name what else can be decided, such as `reject`"),
        );
    }
}
