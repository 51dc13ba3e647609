//! `agent-without-purpose`

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, Document, Library};
use crate::language::lint::rule::{Check, Rule};
use crate::language::source::value_at;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("agent-without-purpose"),
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Ci,
    summary: "An agent has neither purpose nor instructions.",
    explanation: "\
Before every task an agent is told its role, its purpose and how it works. With a role alone it is
told next to nothing, and answers as any other agent would. One sentence of `purpose` is enough to
tell it, and readers, what it is there for.",
    check: Check::Documents(check),
};

fn check(_: &Library, document: &Document, found: &mut Vec<Diagnostic>) {
    for agents in ["/agents", "/team/agents"] {
        let written = value_at(document.value(), agents).and_then(Value::as_array);
        for (place, agent) in written.into_iter().flatten().enumerate() {
            let says = |key: &str| match agent.get(key) {
                Some(Value::String(text)) => !text.trim().is_empty(),
                _ => false,
            };
            let Some(role) = agent.get("role").and_then(Value::as_str) else { continue };
            if says("purpose") || says("instructions") {
                continue;
            }
            let pointer = format!("{agents}/{place}/role");
            let message = format!("`{role}` is told its role and nothing else");
            found.push(
                document
                    .diagnostic(RULE.code, &pointer, message)
                    .help("say what it is there for: `purpose: Find what others overlook`"),
            );
        }
    }
}
