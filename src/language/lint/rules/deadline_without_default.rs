//! `deadline-without-default`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, VerbKind};
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("deadline-without-default"),
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Ci,
    summary: "An approval fails when nobody decides in time.",
    explanation: "\
When the deadline passes, an approval without a `default` fails (`gate_expired`), and without
`on_failure` the run with it, however much has been done before. If silence means no, say so:
`default: reject`.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let approvals = orchestration.tasks().iter();
    for task in approvals.filter(|task| task.verb == Some(VerbKind::Approval)) {
        let has = |key: &str| task.value.get(key).is_some();
        if !has("deadline") || has("default") || has("on_failure") {
            continue;
        }
        let message =
            format!("`{}` fails, and the run with it, when nobody decides in time", task.name);
        found.push(
            Diagnostic::new(RULE.code, orchestration.key_span(task, "/deadline"), message)
                .help("say what silence means: `default`; or what the failure means: `on_failure`"),
        );
    }
}
