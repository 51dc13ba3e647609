//! `swallowed-failure`

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::lint::words::for_each_text;
use crate::language::plan::{Edge, NeedKind, goes_on_without_output};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("swallowed-failure"),
    severity: Severity::Info,
    confidence: Confidence::Medium,
    audience: Audience::Ci,
    summary: "A failure is passed over, and nothing in the result shows it.",
    explanation: "\
**Symptom.** A task has `on_failure: continue`; nothing reads its `status` or `error`, no reader does
without its output, no synthesis leaves it out, and no output of the document depends on it.

**Impact.** The run succeeds and says nothing. Tasks that read the output are skipped without a word.

**Fix.** Give out what happened, `{{ tasks.NAME.status }}`; let readers do without it,
`{{ tasks.NAME.output | default('nothing') }}`; or leave `on_failure` out, so that the failure is one.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let document = orchestration.document;
    let tasks = orchestration.tasks();
    let criteria = document.value().get("success_criteria").and_then(Value::as_str);
    // Without outputs, what is given out depends on the waves.
    let Some(outputs) = document.value().get("outputs") else { return };
    let is_possible = tasks.iter().any(|task| goes_on_without_output(task.value));
    if !is_possible || criteria == Some("all_tasks_succeed") {
        return;
    }
    let noticed = noticed(orchestration, outputs);
    for (place, task) in tasks.iter().enumerate() {
        if goes_on_without_output(task.value) && !noticed[place] {
            let message = format!("nothing shows when `{}` fails", task.name);
            let span = document.key_span(&format!("{}/on_failure", task.pointer));
            let skipped = |edge: &&Edge| edge.needs == place && edge.kind == NeedKind::Value;
            let diagnostic = Diagnostic::new(RULE.code, span, message);
            let diagnostic = match orchestration.edges.iter().find(skipped) {
                Some(edge) => diagnostic.related(
                    orchestration.name_span(edge.task),
                    "this is skipped then, in silence",
                ),
                None => diagnostic,
            };
            found.push(diagnostic.help(format!(
                "give it out, `{{{{ tasks.{}.status }}}}`, or let a reader do without it, \
                 `{{{{ tasks.{}.output | default('none') }}}}`",
                task.name, task.name
            )));
        }
    }
}

/// Of which tasks something shows that they have no output.
fn noticed(orchestration: &Orchestration<'_>, outputs: &Value) -> Vec<bool> {
    let tasks = orchestration.tasks();
    let mut noticed = vec![false; tasks.len()];
    for_each_text(outputs, &mut |text| {
        for (place, task) in tasks.iter().enumerate() {
            noticed[place] |= text.contains(task.name);
        }
    });
    let order = orchestration.flow().in_order();
    for place in order.into_iter().rev() {
        for need in orchestration.flow().needs(place) {
            let is_named = tasks[place].needs.iter().any(|named| named.name == tasks[*need].name);
            let mut orders = 0;
            let mut copes = false;
            for edge in orchestration.edges_between(place, *need) {
                match edge.kind {
                    NeedKind::Order | NeedKind::Message => orders += 1,
                    NeedKind::Source => copes = true,
                    NeedKind::Value => noticed[*need] |= noticed[place],
                }
            }
            noticed[*need] |= copes || orders > usize::from(is_named);
        }
    }
    noticed
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    fn check_reader(reader: &str, output: &str, expected: &[&str]) {
        let text = format!(
            "tasks:
  facts: {{ agent: writer, prompt: Collect facts., on_failure: continue }}
  reader: {reader}
  last: {{ agent: editor, prompt: Write. }}
outputs: {{ text: \"{output}\" }}
"
        );
        check_tasks(&RULE, &text, expected);
    }

    const READER: &str = "{ agent: editor, prompt: '{{ tasks.facts.output }}' }";

    #[test]
    fn a_failure_that_nothing_shows() {
        check_reader(READER, "{{ tasks.last.output }}", &["nothing shows when `facts` fails"]);
    }

    #[test]
    fn an_output_is_empty_without_it() {
        check_reader(READER, "{{ tasks.reader.output }}", &[]);
        check_reader(READER, "{{ tasks.facts.status }}", &[]);
    }

    #[test]
    fn a_reader_copes_without_it() {
        let copes = "{ agent: editor, prompt: \"{{ tasks.facts.output | default('none') }}\" }";
        check_reader(copes, "{{ tasks.last.output }}", &[]);
        let merged = "{ synthesize: { from: [facts], strategy: merge_all } }";
        check_reader(merged, "{{ tasks.last.output }}", &[]);
    }
}
