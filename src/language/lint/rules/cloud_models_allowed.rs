//! `cloud-models-allowed`

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, Document, Library};
use crate::language::lint::rule::{Check, Rule};
use crate::language::source::value_at;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("cloud-models-allowed"),
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Auditor,
    summary: "Models may be used that Ollama forwards to its cloud.",
    explanation: "\
With `cloud_models: true` a model whose name ends in `-cloud` may be asked. Ollama sends its prompts to a
service outside of the cluster: nothing of them stays in the house. Without this a run with such a
model does not begin.",
    check: Check::Documents(check),
};

fn check(_: &Library, document: &Document, found: &mut Vec<Diagnostic>) {
    let pointer = "/cluster/egress/cloud_models";
    if value_at(document.value(), pointer) == Some(&Value::Bool(true)) {
        found.push(
            document
                .diagnostic(RULE.code, pointer, "prompts may leave the servers that are listed")
                .help("leave it out if prompts must stay in the house"),
        );
    }
}
