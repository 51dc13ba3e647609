//! `unbounded-repeat`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, DEFAULT_MAX_ROUNDS};
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("unbounded-repeat"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "A task is repeated, and nobody has said how often at most.",
    explanation: "\
A model that judges may never say what `until` waits for. `max` says how many rounds there may be, each
of them a call or a whole pattern: `repeat: { until: …, max: 5 }`; it is 3 otherwise. Two or three rounds
bring most of what repeating can bring.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for task in orchestration.tasks() {
        let Some(repeat) = task.value.get("repeat") else { continue };
        let is_unbounded = repeat.as_object().is_some_and(|repeat| !repeat.contains_key("max"));
        if is_unbounded {
            let message = format!("nobody has said how often at most `{}` is repeated", task.name);
            found.push(
                Diagnostic::new(RULE.code, orchestration.key_span(task, "/repeat"), message)
                    .help(format!("say it: `max: 5`; it is {DEFAULT_MAX_ROUNDS} otherwise")),
            );
        }
    }
}
