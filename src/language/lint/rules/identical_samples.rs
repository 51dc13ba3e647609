//! `identical-samples`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("identical-samples"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "Samples are asked at temperature 0.",
    explanation: "\
**Symptom.** A task with `samples` whose calls have `temperature: 0`.

**Impact.** A model gives one and the same answer at temperature 0, whatever the seed. All samples agree, the
agreement means nothing, and every one of them costs a call.

**Fix.** Leave the temperature out, which makes it 0.7 for samples, or set one such as 0.7 for the task.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for task in orchestration.tasks().iter().filter(|task| task.value.get("samples").is_some()) {
        let Some(setting) = orchestration.option_of(task, "temperature") else { continue };
        if setting.value.as_f64() != Some(0.0) {
            continue;
        }
        let message = format!("all samples of `{}` give the same answer", task.name);
        let place = orchestration.place_for(task, setting.span());
        found.push(
            Diagnostic::new(RULE.code, place, message)
                .related(
                    orchestration.document.key_span(&format!("{}/samples", task.pointer)),
                    "these are to differ",
                )
                .help("set a temperature such as 0.7 for the task, or leave it out everywhere"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    fn check_temperature(defaults: &str, own: &str, expected: &[&str]) {
        let text = format!(
            "defaults: {{ options: {{ {defaults} }} }}
tasks:
  one: {{ agent: writer, prompt: Go?, samples: 3, {own} output: boolean }}
"
        );
        check_tasks(&RULE, &text, expected);
    }

    #[test]
    fn samples_that_cannot_differ() {
        let expected = "all samples of `one` give the same answer";
        check_temperature("temperature: 0", "", &[expected]);
        check_temperature("temperature: 0.7", "options: { temperature: 0.0 },", &[expected]);
        check_temperature("temperature: 0", "options: { temperature: 0.5 },", &[]);
        check_temperature("seed: 1", "", &[]);
    }
}
