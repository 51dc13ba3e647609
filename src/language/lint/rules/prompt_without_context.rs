//! `prompt-without-context`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, VerbKind};
use crate::language::lint::orchestration::{Orchestration, prompt_of};
use crate::language::lint::rule::{Check, Rule};

use super::unread_need;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("prompt-without-context"),
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    audience: Audience::Author,
    summary: "A task that comes after others asks its agent without telling it anything.",
    explanation: "\
**Symptom.** The prompt of a task in a later wave, or behind other tasks, reads no input and no output.

**Impact.** An agent knows its own description and the prompt, nothing else: not what others have
answered, not what the run is about. It says the same in every run.

**Fix.** Put into the prompt what it is to work on: `{{ tasks.NAME.output }}`, `{{ inputs.NAME }}`.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    // What comes before what is not known of a document with mistakes.
    if !orchestration.is_sound() {
        return;
    }
    for (place, task) in orchestration.tasks().iter().enumerate() {
        let Some((prompt, pointer)) = prompt_of(task) else { continue };
        if task.verb != Some(VerbKind::Agent) || prompt.contains("{{") || prompt.contains("{%") {
            continue;
        }
        let needs = orchestration.flow().needs(place);
        let is_later = task.wave > 0 || !needs.is_empty();
        let is_said = needs.iter().any(|need| unread_need::is_unread(orchestration, place, *need));
        let is_told = || {
            let mut senders = 0..orchestration.tasks().len();
            senders.any(|sender| orchestration.reads_message(place, sender))
        };
        if !is_later || is_said || is_told() {
            continue;
        }
        let message = format!("the prompt of `{}` reads nothing of what came before", task.name);
        let earlier = orchestration.tasks()[..place].iter().rev();
        let mut earlier = earlier.filter(|other| other.verb == Some(VerbKind::Agent));
        let example = earlier.next().map_or("NAME", |other| other.name);
        found.push(
            Diagnostic::new(RULE.code, orchestration.document.key_span(&pointer), message).help(
                format!(
                    "agents know only their prompt: write what it works on, such as \
                     `{{{{ tasks.{example}.output }}}}` or `{{{{ inputs.NAME }}}}`"
                ),
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    fn check_second(task: &str, expected: &[&str]) {
        let text = format!(
            "inputs: {{ topic: {{ type: string, default: tea }} }}
waves:
  - name: first
    tasks: {{ draft: {{ agent: writer, prompt: Write about tea. }} }}
  - name: second
    tasks: {{ edit: {task} }}
"
        );
        check_tasks(&RULE, &text, expected);
    }

    #[test]
    fn a_later_prompt_that_reads_nothing() {
        check_second(
            "{ agent: editor, prompt: Make it shorter. }",
            &["the prompt of `edit` reads nothing of what came before"],
        );
    }

    #[test]
    fn prompts_that_read_something() {
        check_second("{ agent: editor, prompt: 'Shorten: {{ tasks.draft.output }}' }", &[]);
        check_second("{ agent: editor, prompt: 'Write about {{ inputs.topic }}.' }", &[]);
    }

    #[test]
    fn a_need_that_is_not_read_is_said_once() {
        check_second("{ agent: editor, needs: [draft], prompt: Make it shorter. }", &[]);
    }
}
