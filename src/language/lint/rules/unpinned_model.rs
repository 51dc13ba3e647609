//! `unpinned-model`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, Document, Library};
use crate::language::lint::models::{named_models, tag_of};
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("unpinned-model"),
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    audience: Audience::Ci,
    summary: "A model is named without a tag, or with `latest`.",
    explanation: "\
**Symptom.** `model: llama3.1` or `model: llama3.1:latest`.

**Impact.** What `latest` means changes with the next `ollama pull`, and differs between servers: the
same run gives other answers, and one server may have the model while another has not.

**Fix.** Name the size and, where it matters, the quantisation: `llama3.1:8b-instruct-q4_K_M`.",
    check: Check::Documents(check),
};

fn check(_: &Library, document: &Document, found: &mut Vec<Diagnostic>) {
    for model in named_models(document) {
        let help = "name its size, such as `llama3.1:8b`; `ollama list` shows the tags there are";
        let message = match tag_of(model.name) {
            None => format!("`{}` has no tag, so it is whatever `latest` is", model.name),
            Some("latest") => format!("what `{}` is changes with time", model.name),
            Some(_) => continue,
        };
        found.push(document.diagnostic(RULE.code, &model.pointer, message).help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    #[test]
    fn models_are_looked_at_wherever_they_are_named() {
        let text = "pipeline: { name: example }\n\
            team: { name: t, model: a, agents: [{ role: Writer, model: b }] }\n\
            cluster: { servers: [gpu1], default_model: c }\n\
            defaults: { model: \"d:latest\" }\n\
            waves: [{ name: w, tasks: { x: { agent: writer, prompt: Write., model: e } } }]\n";
        let tagless = |name: &str| format!("`{name}` has no tag, so it is whatever `latest` is");
        let [a, b, c, e] = ["a", "b", "c", "e"].map(tagless);
        let d = "what `d:latest` is changes with time";
        check(&RULE, text, &[&a, &b, &c, d, &e]);
        let pinned = "team: { name: t, model: \"registry.lan:5000/llama3.1:8b\" }\n\
            agents: [{ role: Writer }]\n";
        check(&RULE, pinned, &[]);
    }
}
