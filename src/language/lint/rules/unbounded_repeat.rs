//! `unbounded-repeat`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("unbounded-repeat"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "A task is repeated until a model is content, however long that takes.",
    explanation: "\
A model that judges may never say what `until` waits for. `max` says after how many rounds the best
answer so far is taken: `repeat: { until: …, max: 3 }`. Two or three rounds bring most of what
repeating can bring.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for task in orchestration.tasks() {
        let Some(repeat) = task.value.get("repeat") else { continue };
        let is_unbounded = repeat.as_object().is_some_and(|repeat| !repeat.contains_key("max"));
        if is_unbounded {
            let message = format!("nothing bounds how often `{}` is repeated", task.name);
            found.push(
                Diagnostic::new(RULE.code, orchestration.key_span(task, "/repeat"), message)
                    .help("say how often at most: `max: 3`"),
            );
        }
    }
}
