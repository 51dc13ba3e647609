//! `missing-estimate`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::plan::TaskOutline;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("missing-estimate"),
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Ci,
    summary: "Some tasks of a document say how long they take, this one does not.",
    explanation: "\
A task that asks a model and has no `estimate` counts as 20 seconds. Estimates order the work: what
stands on the longest path begins first. A document in which some tasks have one and others have
none is planned by a mixture of figures and guesses.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let has_one = |task: &&TaskOutline<'_>| task.value.get("estimate").is_some();
    let Some(example) = orchestration.asking_tasks().find(has_one) else { return };
    let example = orchestration.document.span(&format!("{}/estimate", example.pointer));
    for task in orchestration.asking_tasks().filter(|task| !has_one(task)) {
        let message = format!("`{}` has no estimate and counts as 20s", task.name);
        found.push(
            orchestration
                .document
                .key_diagnostic(RULE.code, &task.pointer, message)
                .related(example, "others have one")
                .help("say how long it takes, such as `estimate: 40s`"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    fn with(first: &str, second: &str) -> String {
        format!(
            "pattern: {{ name: example }}\nteam: {{ name: t, agents: [{{ role: Writer }}] }}\n\
             tasks:\n  draft: {{ agent: writer, prompt: Write.{first} }}\n\
             \x20 edit: {{ agent: writer, prompt: Edit.{second} }}\n\
             \x20 done: {{ gate: check, condition: true }}\n"
        )
    }

    #[test]
    fn all_or_none_is_fine() {
        let message = "`edit` has no estimate and counts as 20s";
        check(&RULE, &with(", estimate: 1m", ""), &[message]);
        check(&RULE, &with(", estimate: 1m", ", estimate: 2m"), &[]);
        check(&RULE, &with("", ""), &[]);
    }
}
