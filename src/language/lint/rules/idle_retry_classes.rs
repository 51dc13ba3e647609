//! `idle-retry-classes`

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::{Orchestration, has_typed_answer};
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("idle-retry-classes"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "A task chooses failures that are tried again, and none of them ever is.",
    explanation: "\
**Symptom.** `retry: { classes: … }` on a task with `max_attempts: 1`, or with `malformed` alone on a task
whose answer has no type.

**Impact.** The task is never tried again, although somebody meant it to be: whatever is not listed
ends it at once.

**Fix.** Allow more attempts, list the classes that the task can meet, or leave `classes` out: then
every failure that allows it is tried again.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for task in orchestration.asking_tasks() {
        let Some(classes) = orchestration.own_of(task, "/retry/classes") else { continue };
        let attempts = orchestration.setting_of(task, "/retry/max_attempts");
        let single = attempts.filter(|attempts| attempts.value.as_u64() == Some(1));
        if let Some(attempts) = single {
            let message = format!("`{}` has one attempt: no failure is tried again", task.name);
            found.push(
                Diagnostic::new(RULE.code, classes.span(), message)
                    .related(attempts.span(), "the only attempt")
                    .help("raise `max_attempts`, or leave `classes` out"),
            );
        } else if names_malformed_only(classes.value) && !has_typed_answer(task) {
            let message =
                format!("the answer of `{}` has no type and is never malformed", task.name);
            found.push(
                Diagnostic::new(RULE.code, classes.span(), message).help(
                    "list failures that it can meet, such as `stalled`, or give it an `output`",
                ),
            );
        }
    }
}

fn names_malformed_only(classes: &Value) -> bool {
    let names = classes.as_array().map_or(&[][..], Vec::as_slice);
    !names.is_empty() && names.iter().all(|name| name == "malformed")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    fn check(task: &str, expected: &[&str]) {
        let tasks = format!("tasks:\n  draft: {{ agent: writer, prompt: Write., {task} }}\n");
        check_tasks(&RULE, &tasks, expected);
    }

    #[test]
    fn classes_that_are_never_tried_again() {
        let single = "`draft` has one attempt: no failure is tried again";
        check("retry: { max_attempts: 1, classes: [stalled] }", &[single]);
        check("retry: { classes: [stalled] }", &[]);
        let untyped = "the answer of `draft` has no type and is never malformed";
        check("retry: { classes: [malformed] }", &[untyped]);
        check("retry: { classes: [malformed, stalled] }", &[]);
        check("retry: { classes: [malformed] }, output: { n: integer }", &[]);
    }
}
