//! `shared-state-without-owner`

use std::collections::BTreeMap;

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::plan::TaskOutline;
use crate::language::source::value_at;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("shared-state-without-owner"),
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    audience: Audience::Author,
    summary: "Two tasks that may run at the same time write the same thing.",
    explanation: "\
**Symptom.** Two tasks without an order between them name the same thing under `writes`, or call the
same tool for the same target.

**Impact.** Which of them is last is chance. Work is lost, or the result is a mixture that neither
of them made, and the next run shows another one.

**Fix.** Give the thing one owner: let one task write it and the others hand their answers to that
task. Or put them in an order: one reads the output of the other.",
    check: Check::Orchestrations(check),
};

/// Arguments of tools that say what a tool works on.
const TARGETS: [&str; 9] =
    ["path", "file", "target", "url", "table", "key", "resource", "repository", "topic"];

/// Words in the names of tools that change what they work on.
const WRITING: [&str; 12] = [
    "append", "create", "delete", "edit", "insert", "patch", "put", "remove", "replace", "save",
    "update", "write",
];

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let mut writers: BTreeMap<String, Vec<(usize, String)>> = BTreeMap::new();
    for (place, task) in orchestration.tasks().iter().enumerate() {
        for (thing, pointer) in written_by(task) {
            writers.entry(thing).or_default().push((place, pointer));
        }
    }
    for (thing, writers) in &writers {
        for (index, (task, pointer)) in writers.iter().enumerate() {
            let rival = writers[..index].iter().find(|(other, _)| {
                other != task && !orchestration.flow().are_ordered(*task, *other)
            });
            if let Some((rival, rival_pointer)) = rival {
                let name = |task: usize| orchestration.tasks()[task].name;
                let message = format!(
                    "`{}` and `{}` may write `{thing}` at the same time",
                    name(*rival),
                    name(*task)
                );
                let related = orchestration.document.span(rival_pointer);
                found.push(
                    orchestration
                        .document
                        .diagnostic(RULE.code, pointer, message)
                        .label("written here")
                        .related(related, "and here")
                        .help(format!(
                            "let one task write it, behind the others, and read what they give: \
                             `{{{{ tasks.{}.output }}}}`",
                            name(*rival)
                        )),
                );
            }
        }
    }
}

/// What a task says that it writes, each with its place.
fn written_by(task: &TaskOutline<'_>) -> Vec<(String, String)> {
    let mut written = Vec::new();
    for key in ["writes", "write"] {
        let pointer = format!("{}/{key}", task.pointer);
        match task.value.get(key) {
            Some(Value::String(thing)) => written.push((thing.clone(), pointer)),
            Some(Value::Array(things)) => {
                for (index, thing) in things.iter().enumerate() {
                    let thing = thing.as_str().map(str::to_owned);
                    written.extend(thing.map(|thing| (thing, format!("{pointer}/{index}"))));
                }
            }
            _ => {}
        }
    }
    if changes_something(task) {
        for arguments in ["with", "arguments", "args"] {
            for target in TARGETS {
                let pointer = format!("/{arguments}/{target}");
                if let Some(Value::String(thing)) = value_at(task.value, &pointer) {
                    written.push((thing.clone(), format!("{}{pointer}", task.pointer)));
                }
            }
        }
    }
    written
}

/// Whether a task calls a tool that changes its target: by what it says, else by its name.
fn changes_something(task: &TaskOutline<'_>) -> bool {
    let text = |key: &str| task.value.get(key).and_then(Value::as_str);
    let Some(tool) = text("tool") else { return false };
    match text("effect") {
        Some(effect) => effect != "pure",
        None => tool.split(['_', '.', '-', '/']).any(|word| WRITING.contains(&word)),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    #[test]
    fn tools_that_run_side_by_side_and_change_one_thing() {
        check_tasks(
            &RULE,
            "tools: { servers: { desk: { command: desk } } }
tasks:
  one: { tool: desk.file_append, with: { path: notes.md, text: one } }
  two: { tool: desk.file_append, with: { path: notes.md, text: two } }
  other: { tool: desk.file_append, with: { path: other.md, text: two } }
  plan: { tool: desk.file_append, effect: pure, with: { path: notes.md } }
  read: { tool: desk.file_read, with: { path: notes.md } }
",
            &["`one` and `two` may write `notes.md` at the same time"],
        );
    }

    #[test]
    fn an_order_between_them_is_enough() {
        check_tasks(
            &RULE,
            "tools: { servers: { desk: { command: desk } } }
tasks:
  one: { tool: desk.file_append, with: { path: notes.md, text: one } }
  two: { tool: desk.file_append, needs: [one], with: { path: notes.md, text: two } }
",
            &[],
        );
        check_tasks(
            &RULE,
            "tools: { servers: { desk: { command: desk } } }
waves:
  - name: first
    tasks: { one: { tool: desk.file_append, with: { path: notes.md, text: one } } }
  - name: second
    tasks: { two: { tool: desk.file_append, with: { path: notes.md, text: two } } }
",
            &[],
        );
    }
}
