//! `effect-without-compensation`

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::plan::{TaskOutline, goes_on};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("effect-without-compensation"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "A task changes something outside, and nothing undoes it when the run fails afterwards.",
    explanation: "\
**Symptom.** A task has an effect, `effect: once` or `effect: idempotent`, or calls a tool that is
not declared `pure` and whose name is not one of looking; a task behind it can fail; and there is no
`compensate`.

**Impact.** A run that fails half-way leaves half of its work in the world: a ticket without a release,
a customer who was told too early. Somebody has to find it and take it back by hand.

**Fix.** Say under `compensate` what takes it back; it is done in reverse order when the run is
abandoned. Or put the effect at the end, behind everything that can fail; or declare `effect: pure`
where nothing is changed.",
    check: Check::Orchestrations(check),
};

/// Words in the names of tools that only look at things.
const READING: [&str; 11] =
    ["check", "count", "fetch", "find", "get", "list", "look", "query", "read", "search", "show"];

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let tasks = orchestration.tasks();
    for (place, task) in tasks.iter().enumerate() {
        let Some(key) = effect_key(task) else { continue };
        let flow = orchestration.flow();
        let fails_later = |other: &usize| {
            *other != place && can_end_the_run(&tasks[*other]) && !flow.is_before(*other, place)
        };
        let Some(failing) = (0..tasks.len()).find(fails_later) else { continue };
        let message = format!("nothing undoes `{}` when the run fails", task.name);
        found.push(
            Diagnostic::new(RULE.code, orchestration.key_span(task, key), message)
                .label(match key {
                    "/tool" => "nothing says that this changes nothing",
                    _ => "this changes something outside of the run",
                })
                .related(orchestration.name_span(failing), "this can fail afterwards")
                .help(
                    "say what takes it back: `compensate`; or `effect: pure` if nothing is changed",
                ),
        );
    }
}

/// Where a task says that it changes something which nothing takes back.
fn effect_key(task: &TaskOutline<'_>) -> Option<&'static str> {
    if task.value.get("compensate").is_some() {
        return None;
    }
    match task.value.get("effect").and_then(Value::as_str) {
        Some("pure") => None,
        Some("once" | "idempotent") => Some("/effect"),
        _ => {
            let tool = task.value.get("tool")?.as_str()?;
            let is_read = tool.split(['_', '.', '-', '/']).any(|word| READING.contains(&word));
            (!is_read).then_some("/tool")
        }
    }
}

fn can_end_the_run(task: &TaskOutline<'_>) -> bool {
    !goes_on(task.value)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    #[test]
    fn what_can_fail_behind_an_effect() {
        check_tasks(
            &RULE,
            "tools: { servers: { desk: { command: desk } } }
tasks:
  ticket: { tool: desk.open_ticket, with: { title: Release } }
  text: { agent: writer, needs: [ticket], prompt: Write the notes. }
",
            &["nothing undoes `ticket` when the run fails"],
        );
    }

    #[test]
    fn an_effect_at_the_end_of_all() {
        check_tasks(
            &RULE,
            "tools: { servers: { desk: { command: desk } } }
tasks:
  text: { agent: writer, prompt: Write the notes. }
  ticket: { tool: desk.open_ticket, with: { title: '{{ tasks.text.output }}' } }
",
            &[],
        );
    }

    #[test]
    fn effects_that_are_undone_or_none() {
        check_tasks(
            &RULE,
            "tools: { servers: { desk: { command: desk } } }
tasks:
  ticket: { tool: desk.open_ticket, compensate: { tool: desk.close_ticket } }
  look: { tool: desk.tickets, effect: pure }
  list: { tool: desk.list_tickets }
  text: { agent: writer, prompt: Write the notes., on_failure: continue }
",
            &[],
        );
    }
}
