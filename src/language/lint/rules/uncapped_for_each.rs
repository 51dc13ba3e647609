//! `uncapped-for-each`

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, DEFAULT_MAX_ITEMS};
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("uncapped-for-each"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "A task is done for every item of a list, and nobody has said how many there may be.",
    explanation: "\
The list comes from an input or from a model, and one with two thousand items makes two thousand
calls, up to the default `max` of 100. `max` says how many there may be; with more the task fails before it asks anybody. A list that
is written out is bounded by itself.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for task in orchestration.tasks() {
        let is_uncapped = match task.value.get("for_each") {
            Some(Value::String(_)) => true,
            Some(Value::Object(written)) => {
                let is_capped = written.contains_key("max");
                !is_capped && written.get("in").is_some_and(Value::is_string)
            }
            _ => false,
        };
        if is_uncapped {
            let message =
                format!("nobody has said for how many items at most `{}` is done", task.name);
            found.push(
                Diagnostic::new(RULE.code, orchestration.key_span(task, "/for_each"), message)
                    .help(format!("say it: `max: 20`; it is {DEFAULT_MAX_ITEMS} otherwise")),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    #[test]
    fn lists_of_any_length() {
        let expected = ["nobody has said for how many items at most `one` is done"];
        for (written, expected) in [
            ("inputs.files", expected.as_slice()),
            ("{ in: inputs.files }", &expected),
            ("{ in: inputs.files, max: 5 }", &[]),
            ("[a, b]", &[]),
            ("{ in: [a, b] }", &[]),
            ("{ in: { a: 1, b: 2 } }", &[]),
        ] {
            let task = format!("{{ agent: writer, prompt: Go., for_each: {written} }}");
            let tasks = format!("inputs: {{ files: [string] }}\ntasks: {{ one: {task} }}");
            check_tasks(&RULE, &tasks, expected);
        }
    }
}
