//! `unread-choice`

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, VerbKind};
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::lint::words::for_each_text;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("unread-choice"),
    severity: Severity::Info,
    confidence: Confidence::Medium,
    audience: Audience::Author,
    summary: "Two options of an approval lead to the same.",
    explanation: "\
Conditions ask for some of an approval's options; of the others at least two are never asked for, and
the choice is given out nowhere. Whichever of these a person takes, the same happens. Ask for them in
`when`, or leave them out of `options`.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for task in orchestration.tasks() {
        let options = match task.value.get("options") {
            Some(Value::Array(options)) if task.verb == Some(VerbKind::Approval) => options,
            _ => continue,
        };
        let options: Vec<&str> = options.iter().filter_map(Value::as_str).collect();
        if options.len() < 3 {
            continue;
        }
        let Some(asked_for) = compared_with(orchestration, task.name) else { continue };
        let unread: Vec<usize> = (0..options.len())
            .filter(|place| !asked_for.iter().any(|asked| asked == options[*place]))
            .collect();
        if unread.len() < 2 || unread.len() == options.len() {
            continue;
        }
        let names: Vec<String> =
            unread.iter().map(|place| format!("`{}`", options[*place])).collect();
        let pointer = |place: usize| format!("{}/options/{place}", task.pointer);
        let document = orchestration.document;
        let message = format!("{} of `{}` lead to the same", names.join(" and "), task.name);
        let diagnostic = document.diagnostic(RULE.code, &pointer(unread[0]), message);
        let first_name = options[unread[0]];
        found.push(
            unread[1..]
                .iter()
                .fold(diagnostic, |diagnostic, place| {
                    diagnostic.related(document.span(&pointer(*place)), "nothing asks for this either")
                })
                .help(format!(
                    "say what each leads to, for example `when: tasks.{}.choice == '{first_name}'`; or \
                     leave all but one of them out",
                    task.name
                )),
        );
    }
}

/// What the choice of a gate is compared with; none where anything else is made of it, so that
/// every option may matter.
fn compared_with(orchestration: &Orchestration<'_>, gate: &str) -> Option<Vec<String>> {
    let mut asked_for = Some(Vec::new());
    let mut read = |text: &str| {
        for (start, reference) in text.match_indices(&format!("tasks.{gate}")) {
            let rest = &text[start + reference.len()..];
            if rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let compared = rest.strip_prefix(".choice").and_then(operand);
            match (compared, &mut asked_for) {
                (Some(option), Some(asked_for)) => asked_for.push(option.to_owned()),
                _ if rest.starts_with(".status") || rest.starts_with(".error") => {}
                _ => asked_for = None,
            }
        }
        // Who is meant by a subscript is not followed.
        if text.contains("tasks[") {
            asked_for = None;
        }
    };
    for task in orchestration.tasks() {
        for_each_text(task.value, &mut read);
    }
    if let Some(outputs) = orchestration.document.value().get("outputs") {
        for_each_text(outputs, &mut read);
    }
    asked_for
}

/// The text that a value is compared with, just behind the value.
fn operand(rest: &str) -> Option<&str> {
    let rest = rest.trim_start();
    let rest = rest.strip_prefix("==").or_else(|| rest.strip_prefix("!="))?.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let (option, _) = rest[1..].split_once(quote)?;
    Some(option)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    fn check_options(options: &str, outputs: &str, expected: &[&str]) {
        let text = format!(
            "tasks:
  go: {{ gate: approval, ask: Publish?, options: {options} }}
  text: {{ agent: writer, when: tasks.go.choice == 'publish', prompt: Write the notice. }}
outputs: {{ text: \"{outputs}\" }}
"
        );
        check_tasks(&RULE, &text, expected);
    }

    #[test]
    fn options_that_nothing_tells_apart() {
        check_options(
            "[publish, revise, reject]",
            "{{ tasks.text.output }}",
            &["`revise` and `reject` of `go` lead to the same"],
        );
    }

    #[test]
    fn one_option_is_what_happens_otherwise() {
        check_options("[publish, reject]", "{{ tasks.text.output }}", &[]);
        check_options(
            "[publish, revise, reject]",
            "{{ 'again' if tasks.go.choice == 'revise' else 'done' }}",
            &[],
        );
    }

    #[test]
    fn a_choice_that_is_given_out_matters() {
        check_options("[publish, revise, reject]", "{{ tasks.go.choice }}", &[]);
        check_options("[publish, revise, reject]", "{{ tasks.go.output.choice }}", &[]);
    }
}
