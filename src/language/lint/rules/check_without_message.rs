//! `check-without-message`

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, VerbKind};
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("check-without-message"),
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Ci,
    summary: "A check that fails does not say why.",
    explanation: "\
A check without a `message` says which expression is not true. Whoever reads that at night would rather
know what it means and what to do. Say it with the values: `message: The score is
{{ tasks.review.output.score }}; 7 is needed.` A checklist whose conditions have names says enough.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let checks = orchestration.tasks().iter();
    for task in checks.filter(|task| task.verb == Some(VerbKind::Check)) {
        let is_named = task.value.get("condition").is_some_and(Value::is_object);
        let is_handled = task.value.get("on_failure").is_some();
        if is_named || is_handled || task.value.get("message").is_some() {
            continue;
        }
        let message = format!("`{}` ends the run without saying what is wrong", task.name);
        found.push(
            Diagnostic::new(RULE.code, orchestration.key_span(task, "/condition"), message)
                .help("say it in words: `message`, or give the condition a name"),
        );
    }
}
