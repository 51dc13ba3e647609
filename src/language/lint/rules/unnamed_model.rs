//! `unnamed-model`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::source::value_at;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("unnamed-model"),
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Auditor,
    summary: "Tasks ask a model and nothing in the documents says which.",
    explanation: "\
Where neither task, agent, team, `defaults` nor the pipeline's cluster names a model, a run takes the
one of `--model`, of the cluster, or the one that most of its servers have. The same document then
runs with other models elsewhere. Name one in `defaults` where that matters.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    if has_default_model(orchestration) {
        return;
    }
    let mut unnamed =
        orchestration.asking_tasks().filter(|task| orchestration.model_of(task).is_none());
    let Some(first) = unnamed.next() else { return };
    let message = match unnamed.count() {
        0 => format!("no model is named for `{}`: the servers decide", first.name),
        others => {
            format!("no model is named for `{}` and {others} more: the servers decide", first.name)
        }
    };
    found.push(
        orchestration
            .document
            .key_diagnostic(RULE.code, &first.pointer, message)
            .help("name one: `defaults: { model: \"llama3.1:8b\" }`"),
    );
}

fn has_default_model(orchestration: &Orchestration<'_>) -> bool {
    let cluster = orchestration.cluster();
    cluster.is_some_and(|cluster| value_at(cluster.value(), "/cluster/default_model").is_some())
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    #[test]
    fn any_word_on_the_model_will_do() {
        let with = |kind: &str, more: &str| {
            format!(
                "{kind}: {{ name: example }}\nteam: {{ name: t, agents: [{{ role: Writer }}] }}\n\
                 {more}tasks:\n  draft: {{ agent: writer, prompt: Write. }}\n"
            )
        };
        let message = "no model is named for `draft`: the servers decide";
        check(&RULE, &with("pattern", ""), &[message]);
        check(&RULE, &with("pattern", "defaults: { model: \"llama3.1:8b\" }\n"), &[]);
        let cluster = "cluster: { servers: [gpu1], default_model: \"llama3.1:8b\" }\n";
        check(&RULE, &with("pipeline", cluster), &[]);
    }
}
