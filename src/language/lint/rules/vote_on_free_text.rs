//! `vote-on-free-text`

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, VerbKind};
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::plan::TaskOutline;
use crate::language::source::value_at;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("vote-on-free-text"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "A vote, or samples, count answers that are free text.",
    explanation: "\
A vote counts equal answers. Two models that mean the same hardly ever write the same sentence, so
that free texts get one vote each. Let the voters choose from what can be counted:
`output: { choice: { enum: [yes, no] } }`. To put free texts together, use `consensus`.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for task in orchestration.tasks() {
        if let Some(samples) = task.value.get("samples")
            && !is_countable(task)
            && samples.get("on").is_none()
        {
            let message = format!("the samples of `{}` are free text", task.name);
            let place = format!("{}/samples", task.pointer);
            let diagnostic = orchestration.document.key_diagnostic(RULE.code, &place, message);
            found.push(diagnostic.help(
                "let it choose: `output: { reasons: [string], choice: { enum: [yes, no] } }`, and vote `on` the \
                 choice",
            ));
        }
        // Whoever names a field has thought of what can be counted.
        if task.strategy != Some("vote") || value_at(task.value, "/synthesize/on").is_some() {
            continue;
        }
        for source in &task.sources {
            let Some(voter) = orchestration.outline.task(source.name) else { continue };
            let voter = &orchestration.tasks()[voter];
            if is_countable(voter) {
                continue;
            }
            let message = format!(
                "`{}` counts the answers of `{}`, which are free text",
                task.name, voter.name
            );
            found.push(
                orchestration
                    .document
                    .diagnostic(RULE.code, &source.pointer, message)
                    .related(
                        orchestration.document.key_span(&voter.pointer),
                        "this may answer anything",
                    )
                    .help(
                        "let it choose: `output: { choice: { enum: [yes, no] } }`; or put the texts \
                         together with `consensus`",
                    ),
            );
        }
    }
}

/// Whether equal answers of a task are written alike. Tasks that are no questions are not judged.
fn is_countable(task: &TaskOutline<'_>) -> bool {
    task.verb != Some(VerbKind::Agent) || task.value.get("output").is_some_and(has_few_values)
}

/// Whether a type, or a part of it, has values that can be compared.
fn has_few_values(written: &Value) -> bool {
    match written {
        Value::String(name) => matches!(name.as_str(), "boolean" | "integer" | "number" | "date"),
        Value::Array(items) => items.iter().any(has_few_values),
        Value::Object(fields) => {
            ["enum", "const"].iter().any(|key| fields.contains_key(*key))
                || fields.values().any(has_few_values)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    fn check_output(output: &str, expected: &[&str]) {
        let text = format!(
            "tasks:
  one: {{ agent: writer, prompt: Go?{output} }}
  last: {{ synthesize: {{ from: [one], strategy: vote }} }}
"
        );
        check_tasks(&RULE, &text, expected);
    }

    #[test]
    fn what_can_be_counted() {
        let expected = "`last` counts the answers of `one`, which are free text";
        check_output("", &[expected]);
        check_output(", output: string", &[expected]);
        check_output(", output: { reason: string }", &[expected]);
        check_output(", output: { choice: { enum: [go, stop] }, reason: string }", &[]);
        check_output(", output: boolean", &[]);
        let samples = "the samples of `one` are free text";
        check_output(", samples: 3", &[samples, expected]);
        check_output(", samples: 3, output: integer", &[]);
    }
}
