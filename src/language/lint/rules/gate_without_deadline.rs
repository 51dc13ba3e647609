//! `gate-without-deadline`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, VerbKind};
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("gate-without-deadline"),
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    audience: Audience::Ci,
    summary: "An approval waits for a person as long as it takes.",
    explanation: "\
A person who is on holiday stops the run for good, and nothing says so. `deadline` says how long it
waits, `default` what counts then: `deadline: 48h` with `default: reject`. Where somebody sits at the
terminal anyway, allow it with a comment.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let approvals = orchestration.tasks().iter();
    for task in approvals.filter(|task| task.verb == Some(VerbKind::Approval)) {
        if task.value.get("deadline").is_some() {
            continue;
        }
        let document = orchestration.document;
        let message = format!("`{}` waits for a decision as long as it takes", task.name);
        let help = match task.value.get("default").and_then(serde_json::Value::as_str) {
            Some(default) => {
                format!("say after which time `{default}` is taken: `deadline: 48h`")
            }
            None => "say how long it waits and what counts then: `deadline: 48h` and `default`"
                .to_owned(),
        };
        found
            .push(Diagnostic::new(RULE.code, document.key_span(&task.pointer), message).help(help));
    }
}
