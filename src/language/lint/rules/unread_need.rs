//! `unread-need`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Fix, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::{Orchestration, asks_a_model};
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("unread-need"),
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    audience: Audience::Author,
    summary: "A task waits for another and reads nothing of it.",
    explanation: "\
**Symptom.** `needs` names a task that asks a model, and no template reads what came of it.

**Impact.** `needs` orders tasks and brings nothing along: the model does not see the other answer.
Either the prompt lacks what it was meant to build on, or the task waits for nothing.

**Fix.** Read the answer in the prompt, `{{ tasks.NAME.output }}`; the need then follows by itself. Or
leave the need out, so that both can run at the same time.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    if !orchestration.is_sound() {
        return;
    }
    for (place, task) in orchestration.tasks().iter().enumerate() {
        if !asks_a_model(task) {
            continue;
        }
        for (index, need) in task.needs.iter().enumerate() {
            if task.needs[..index].iter().any(|before| before.name == need.name) {
                continue;
            }
            if let Some(needed) = orchestration.outline.task(need.name)
                && is_unread(orchestration, place, needed)
            {
                found.push(finding(orchestration, &task.pointer, task.name, needed, &need.pointer));
            }
        }
    }
}

/// Whether `needs` alone puts one task behind another, and both ask models.
pub(super) fn is_unread(orchestration: &Orchestration<'_>, task: usize, needed: usize) -> bool {
    asks_a_model(&orchestration.tasks()[needed])
        && orchestration.edges_between(task, needed).count() == 1
        && orchestration.flow().detour(task, needed).is_none()
}

fn finding(
    orchestration: &Orchestration<'_>,
    task: &str,
    name: &str,
    needed: usize,
    pointer: &str,
) -> Diagnostic {
    let document = orchestration.document;
    let other = orchestration.tasks()[needed].name;
    let fix = document.remove_entry(pointer).map(|edit| {
        let title = format!("do not wait for `{other}`");
        Fix::risky(title, vec![edit])
    });
    document
        .diagnostic(RULE.code, pointer, format!("`{name}` waits for `{other}` and reads nothing of it"))
        .related(document.key_span(&format!("{task}/prompt")), "the prompt does not mention it")
        .help(format!(
            "`needs` brings no answer along: write `{{{{ tasks.{other}.output }}}}` where the prompt \
             builds on it, or leave the need out"
        ))
        .maybe_fix(fix)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    fn check_second(task: &str, expected: &[&str]) {
        let text = format!(
            "tasks:
  draft: {{ agent: writer, prompt: Write about tea. }}
  go: {{ gate: approval, ask: 'Publish {{{{ tasks.draft.output }}}}?' }}
  edit: {task}
"
        );
        check_tasks(&RULE, &text, expected);
    }

    #[test]
    fn a_need_that_nothing_reads() {
        check_second(
            "{ agent: editor, needs: [draft], prompt: Make it shorter. }",
            &["`edit` waits for `draft` and reads nothing of it"],
        );
    }

    #[test]
    fn conditions_and_fallbacks_read_too() {
        check_second(
            "{ agent: editor, needs: [draft], when: tasks.draft.status == 'failed', prompt: Say so. }",
            &[],
        );
        check_second(
            "{ agent: editor, needs: [draft], prompt: Hello., \
             on_failure: { fallback: '{{ tasks.draft.output }}' } }",
            &[],
        );
    }

    #[test]
    fn to_wait_for_a_gate_is_the_point_of_a_gate() {
        check_second("{ agent: editor, needs: [go], prompt: Publish it. }", &[]);
    }

    #[test]
    fn a_need_that_another_implies_is_only_redundant() {
        check_second("{ agent: editor, needs: [go, draft], prompt: Publish it. }", &[]);
    }
}
