//! `unlimited-answer`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("unlimited-answer"),
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Auditor,
    summary: "Nothing limits the length of an answer.",
    explanation: "\
Without `num_predict` a model writes until it thinks it is done. One that repeats itself holds its
slot until the total limit ends the attempt. A limit in `defaults` costs nothing: an answer that is
cut is told from one that is whole.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let mut unlimited = orchestration
        .asking_tasks()
        .filter(|task| orchestration.option_of(task, "num_predict").is_none());
    let Some(first) = unlimited.next() else { return };
    let message = match unlimited.count() {
        0 => format!("nothing limits the answer of `{}`", first.name),
        others => format!("nothing limits the answers of `{}` and {others} more", first.name),
    };
    found.push(
        orchestration
            .document
            .key_diagnostic(RULE.code, &first.pointer, message)
            .help("set a limit for all: `defaults: { options: { num_predict: 1024 } }`"),
    );
}
