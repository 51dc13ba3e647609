//! `retry-disabled`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("retry-disabled"),
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    audience: Audience::Author,
    summary: "A task that asks a model is tried only once, and its failure ends the run.",
    explanation: "\
**Symptom.** `retry: { max_attempts: 1 }` on a task without `on_failure`.

**Impact.** One malformed answer or one stalled call ends a run of hours.

**Fix.** Leave `retry` out: three attempts are the default. Or say what the failure means with
`on_failure`.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for task in orchestration.asking_tasks() {
        let Some(attempts) = orchestration.setting_of(task, "/retry/max_attempts") else {
            continue;
        };
        if attempts.value.as_u64() != Some(1) || task.value.get("on_failure").is_some() {
            continue;
        }
        let message = format!("`{}` has one attempt, and its failure ends the run", task.name);
        let named = orchestration.document.key_span(&task.pointer);
        found.push(
            Diagnostic::new(RULE.code, attempts.span(), message)
                .related(named, "this task")
                .help("allow more attempts, or say what a failure means: `on_failure: continue`"),
        );
    }
}
