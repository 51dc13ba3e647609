//! `redundant-need`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Fix, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("redundant-need"),
    severity: Severity::Info,
    confidence: Confidence::High,
    audience: Audience::Ci,
    summary: "A need follows from a template or from another need.",
    explanation: "\
A task needs what its templates read and what its synthesis is made of, and everything that those
need. Naming it once more in `needs` changes nothing, and hides which order has a reason of its own.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    // In a circle every need follows from another.
    if !orchestration.is_sound() {
        return;
    }
    let document = orchestration.document;
    for (place, task) in orchestration.tasks().iter().enumerate() {
        for need in &task.needs {
            let Some(needed) = orchestration.outline.task(need.name) else { continue };
            let own = document.span(&need.pointer);
            let mut others =
                orchestration.edges_between(place, needed).filter(|edge| edge.span != own);
            let (message, span, label) = if let Some(other) = others.next() {
                let message = format!("`{}` needs `{}` anyway", task.name, need.name);
                (message, other.span, "because it reads it here".to_owned())
            } else if let Some(detour) = orchestration.flow().detour(place, needed) {
                let through = orchestration.tasks()[detour].name;
                let message =
                    format!("`{}` needs `{}` anyway, through `{through}`", task.name, need.name);
                (message, orchestration.name_span(detour), "this needs it already".to_owned())
            } else {
                continue;
            };
            let fix = document.remove_entry(&need.pointer).map(|edit| {
                Fix::safe(
                    format!("leave `{}` out of what `{}` needs", need.name, task.name),
                    vec![edit],
                )
            });
            found.push(
                document
                    .diagnostic(RULE.code, &need.pointer, message)
                    .related(span, label)
                    .help("leave it out")
                    .maybe_fix(fix),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::{check_fix, check_tasks};

    fn check_third(task: &str, expected: &[&str]) {
        let text = format!(
            "tasks:
  draft: {{ agent: writer, prompt: Write about tea. }}
  edit: {{ agent: editor, prompt: 'Shorten: {{{{ tasks.draft.output }}}}' }}
  title: {task}
"
        );
        check_tasks(&RULE, &text, expected);
    }

    #[test]
    fn what_a_template_reads_is_needed() {
        check_third(
            "{ agent: editor, needs: [edit], prompt: 'Title: {{ tasks.edit.output }}' }",
            &["`title` needs `edit` anyway"],
        );
    }

    #[test]
    fn what_a_need_needs_is_needed() {
        check_third(
            "{ agent: editor, needs: [draft], prompt: 'Title: {{ tasks.edit.output }}' }",
            &["`title` needs `draft` anyway, through `edit`"],
        );
    }

    #[test]
    fn a_need_of_its_own_has_a_reason() {
        check_third("{ agent: editor, needs: [edit], prompt: Give a title. }", &[]);
    }

    #[test]
    fn one_need_of_several_goes() {
        let text = |needs: &str| {
            format!(
                "pattern: {{ name: test }}
team: {{ name: desk, agents: [{{ role: Writer }}] }}
tasks:
  one: {{ agent: writer, prompt: Begin. }}
  two: {{ agent: writer, prompt: Begin elsewhere. }}
  three: {{ agent: writer, needs: {needs}, prompt: 'Go on: {{{{ tasks.one.output }}}}' }}
"
            )
        };
        check_fix(&RULE, &text("[one, two]"), &text("[two]"));
    }
}
