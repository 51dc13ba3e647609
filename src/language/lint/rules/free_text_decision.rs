//! `free-text-decision`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::{Orchestration, asks_a_model, has_typed_answer};
use crate::language::lint::rule::{Check, Rule};
use crate::language::template::{Comparison, Form, comparisons};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("free-text-decision"),
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    audience: Audience::Author,
    summary: "A condition compares an answer in free text with a word.",
    explanation: "\
**Symptom.** `when: tasks.review.output == 'approve'`, where `review` has no `output`.

**Impact.** A model that is asked for one word says `Approve.`, or gives its reasons first. The
condition is then false, or true for `do not approve`, and the run goes the wrong way in silence.

**Fix.** Let the task answer with a choice, `output: { decision: { enum: [approve, reject] } }`, and
compare `tasks.review.output.decision`.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for task in orchestration.tasks() {
        for site in &task.templates {
            let has_condition = site.form == Form::Expression || site.text.contains(" if ");
            if !has_condition || !site.text.contains("output") {
                continue;
            }
            for comparison in comparisons(site.text, site.form) {
                found.extend(finding(orchestration, &site.pointer, &comparison));
            }
        }
    }
}

fn finding(
    orchestration: &Orchestration<'_>,
    pointer: &str,
    comparison: &Comparison,
) -> Option<Diagnostic> {
    let [tasks, name, output] = comparison.path.as_slice() else { return None };
    if tasks != "tasks" || output != "output" {
        return None;
    }
    let asked = &orchestration.tasks()[orchestration.outline.task(name)?];
    if !asks_a_model(asked) || asked.value.get("output").is_some_and(|output| output != "string") {
        return None;
    }
    if has_typed_answer(asked) {
        return None;
    }
    let document = orchestration.document;
    let literal = &comparison.literal;
    let message = format!("the answer of `{name}` is free text and rarely just `{literal}`");
    let help = format!(
        "give `{name}` a choice, `output: {{ decision: {{ enum: [{literal}, …] }} }}`, and compare \
         `tasks.{name}.output.decision`"
    );
    Some(
        document
            .part_diagnostic(RULE.code, pointer, comparison.range.clone(), message)
            .related(document.key_span(&asked.pointer), "this task has no `output`")
            .help(help),
    )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    fn with(output: &str, reader: &str) -> String {
        format!(
            "pattern: {{ name: example }}\nteam: {{ name: t, agents: [{{ role: Writer }}] }}\n\
             tasks:\n  review: {{ agent: writer, prompt: Good?{output} }}\n  next: {reader}\n"
        )
    }

    #[test]
    fn conditions_on_free_text_are_found_wherever_they_stand() {
        let message = "the answer of `review` is free text and rarely just `yes`";
        for reader in [
            "{ agent: writer, prompt: Go on., when: tasks.review.output == 'yes' }",
            "{ gate: check, condition: \"'yes' in tasks.review.output | lower\" }",
            "{ gate: check, condition: { good: tasks.review.output is startingwith('yes') } }",
            "{ agent: writer, prompt: \"{% if tasks.review.output == 'yes' %}Go{% endif %} on\" }",
        ] {
            check(&RULE, &with("", reader), &[message]);
            check(&RULE, &with(", output: string", reader), &[message]);
        }
    }

    #[test]
    fn what_has_a_type_may_be_compared() {
        let reader = "{ gate: check, condition: tasks.review.output == 'yes' }";
        check(&RULE, &with(", output: { enum: [yes, no] }", reader), &[]);
        check(
            &RULE,
            &with("", "{ gate: check, condition: tasks.review.output | length > 3 }"),
            &[],
        );
        check(&RULE, &with("", "{ gate: check, condition: tasks.review.status == 'failed' }"), &[]);
    }
}
