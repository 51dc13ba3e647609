//! `undescribed-input`

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::source::child_pointer;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("undescribed-input"),
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Ci,
    summary: "An input has no description.",
    explanation: "\
Whoever runs a pattern sees its inputs in `partita plan` and in the message that one is missing. A
description says what to give: not only the name once more, but the form and the extent.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for (name, declaration) in &orchestration.outline.inputs {
        let description = declaration.get("description").and_then(Value::as_str);
        if description.is_some_and(|description| !description.trim().is_empty()) {
            continue;
        }
        let pointer = child_pointer("/inputs", name);
        let kind = declaration.as_str().unwrap_or("string");
        let help = if declaration.is_object() {
            "say what to give: `description: What is launched`".to_owned()
        } else {
            format!("say what to give: `{{ type: {kind}, description: What is launched }}`")
        };
        found.push(
            orchestration
                .document
                .key_diagnostic(RULE.code, &pointer, format!("`{name}` has no description"))
                .help(help),
        );
    }
}
