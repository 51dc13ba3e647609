//! `hot-structured-output`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::{Orchestration, has_typed_answer};
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("hot-structured-output"),
    severity: Severity::Info,
    confidence: Confidence::Medium,
    audience: Audience::Ci,
    summary: "A task with a typed answer has a temperature above 1.",
    explanation: "\
**Symptom.** `temperature` above 1 on a task with `output`, or on a consensus.

**Impact.** The form of the answer is enforced, its content is not: at high temperatures fields hold
words that fit nowhere, lists run on until they are cut, and attempts are used up.

**Fix.** Ask for ideas in free text at a high temperature, and bring them into form in a second task
at a low one.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for task in orchestration.asking_tasks().filter(|task| has_typed_answer(task)) {
        let Some(setting) = orchestration.option_of(task, "temperature") else { continue };
        if setting.value.as_f64().is_none_or(|temperature| temperature <= 1.0) {
            continue;
        }
        let message = format!(
            "the typed answer of `{}` is written at temperature {}",
            task.name, setting.value
        );
        let place = orchestration.place_for(task, setting.span());
        found.push(
            Diagnostic::new(RULE.code, place, message)
                .related(orchestration.document.key_span(&task.pointer), "this task")
                .help("stay below 1, or let a second task bring free text into form"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    fn with(verb: &str) -> String {
        format!(
            "pattern: {{ name: example }}\nteam: {{ name: t, agents: [{{ role: Writer }}] }}\n\
             defaults: {{ options: {{ temperature: 1.2 }} }}\n\
             tasks:\n  draft: {{ gate: check, condition: true }}\n  last: {{ {verb} }}\n"
        )
    }

    #[test]
    fn free_text_may_be_as_wild_as_it_likes() {
        let message = "the typed answer of `last` is written at temperature 1.2";
        let agent = "agent: writer, prompt: Write.";
        check(&RULE, &with(&format!("{agent}, output: [string]")), &[message]);
        check(&RULE, &with(&format!("{agent}, output: {{ enum: [a, b] }}")), &[message]);
        check(&RULE, &with(agent), &[]);
        check(&RULE, &with(&format!("{agent}, output: string")), &[]);
        let cool = format!("{agent}, output: [string], options: {{ temperature: 1.0 }}");
        check(&RULE, &with(&cool), &[]);
        // A consensus has a type of its own.
        check(&RULE, &with("synthesize: { from: [draft], strategy: consensus }"), &[message]);
    }
}
