//! `missing-timeout`

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Fix, Severity};
use crate::language::document::{Audience, Document};
use crate::language::lint::orchestration::{Orchestration, asks_a_model};
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("missing-timeout"),
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    audience: Audience::Ci,
    summary: "Tasks that ask a model have no time limit of their own.",
    explanation: "\
**Symptom.** Neither the task nor `defaults` says how long an attempt may take.

**Impact.** An attempt that goes astray is ended after 30 minutes, the limit where nobody sets one;
with three attempts a run can stand still for an hour and a half before anybody hears of it.

**Fix.** Say what is too long for this work: `timeout: 10m` under `defaults`, and more or less at the
tasks that need it.",
    check: Check::Orchestrations(check),
};

/// Tasks beyond these are not pointed at.
const MOST_SHOWN: usize = 3;

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let document = orchestration.document;
    let defaults = document.value().get("defaults");
    if defaults.is_some_and(has_total) {
        return;
    }
    let tasks = orchestration.tasks();
    let is_unlimited =
        |place: &usize| asks_a_model(&tasks[*place]) && !has_total(tasks[*place].value);
    let unlimited: Vec<usize> = (0..tasks.len()).filter(is_unlimited).collect();
    let Some((first, others)) = unlimited.split_first() else { return };
    let name = tasks[*first].name;
    let message = match others.len() {
        0 => format!("`{name}` has no time limit: an attempt may take 30m"),
        1 => format!("`{name}` and one other task have no time limit: an attempt may take 30m"),
        more => {
            format!("`{name}` and {more} other tasks have no time limit: an attempt may take 30m")
        }
    };
    let diagnostic = Diagnostic::new(RULE.code, orchestration.name_span(*first), message)
        .help("say how long is too long, under `defaults` or at the task: `timeout: 10m`")
        .maybe_fix(fix(document));
    found.push(others.iter().take(MOST_SHOWN).fold(diagnostic, |diagnostic, task| {
        diagnostic.related(orchestration.name_span(*task), "nor has this")
    }));
}

fn has_total(holder: &Value) -> bool {
    match holder.get("timeout") {
        Some(Value::Object(limits)) => limits.contains_key("total"),
        Some(Value::Null) | None => false,
        Some(_) => true,
    }
}

fn fix(document: &Document) -> Option<Fix> {
    let written = document.value().get("defaults")?.get("timeout");
    let edit = match written {
        Some(_) => document.insert_entry("/defaults/timeout", "total", "10m"),
        None => document.insert_entry("/defaults", "timeout", "10m"),
    };
    edit.map(|edit| Fix::risky("end every attempt after ten minutes", vec![edit]))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::{check_fix, check_tasks};

    const TASKS: &str = "tasks:
  one: { agent: writer, prompt: Hello. }
  two: { agent: writer, prompt: 'Hello {{ tasks.one.output }}', timeout: { silence: 30s } }
  ok: { agent: writer, prompt: 'Hello {{ tasks.two.output }}', timeout: 5m }
";

    #[test]
    fn tasks_without_a_total_are_counted() {
        check_tasks(
            &RULE,
            TASKS,
            &["`one` and one other task have no time limit: an attempt may take 30m"],
        );
    }

    #[test]
    fn a_total_for_all_is_enough() {
        check_tasks(&RULE, &format!("defaults: {{ timeout: 5m }}\n{TASKS}"), &[]);
        check_tasks(&RULE, &format!("defaults: {{ timeout: {{ total: 5m }} }}\n{TASKS}"), &[]);
    }

    #[test]
    fn nobody_waits_for_a_model_where_none_is_asked() {
        check_tasks(&RULE, "tasks: { yes: { gate: check, condition: true } }", &[]);
    }

    #[test]
    fn the_limit_is_added_to_the_defaults_that_there_are() {
        let text = |timeout: &str| {
            format!(
                "pattern: {{ name: test }}
team: {{ name: desk, agents: [{{ role: Writer }}] }}
defaults:
  timeout:
    silence: 30s{timeout}
tasks: {{ one: {{ agent: writer, prompt: Hello. }} }}
"
            )
        };
        check_fix(&RULE, &text(""), &text("\n    total: 10m"));
    }
}
