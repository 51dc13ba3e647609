//! `synthesis-of-one`

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, VerbKind};
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::plan::TaskOutline;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("synthesis-of-one"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "A synthesis weighs a single answer.",
    explanation: "\
A consensus, a vote and a choice of the best need at least two answers. With one, a model is asked to
find agreement between an answer and itself, and says that there is some. Name the other answers in
`from`; or ask an agent with `agent` and `prompt`, if the one answer is to be worked on.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for task in orchestration.tasks() {
        let ([source], Some(strategy)) = (task.sources.as_slice(), weighing(task)) else {
            continue;
        };
        let place = orchestration.outline.task(source.name);
        let Some(source_task) = place.map(|place| &orchestration.tasks()[place]) else { continue };
        if holds_several(source_task) {
            continue;
        }
        let message =
            format!("`{}` has one answer to put together, that of `{}`", task.name, source.name);
        let help = match strategy {
            "custom" => format!(
                "ask with `agent` and `prompt` alone, and read `{{{{ tasks.{}.output }}}}`",
                source.name
            ),
            _ => "name the other answers in `from`, or ask an agent with `agent` and `prompt`"
                .to_owned(),
        };
        found.push(
            orchestration
                .document
                .diagnostic(RULE.code, &source.pointer, message)
                .label(format!("`{strategy}` of this alone"))
                .help(help),
        );
    }
}

/// The strategy of a synthesis that weighs answers against each other.
fn weighing<'a>(task: &TaskOutline<'a>) -> Option<&'a str> {
    let synthesis = task.value.get("synthesize")?;
    let strategy = synthesis.get("strategy").and_then(Value::as_str)?;
    match strategy {
        "consensus" | "vote" | "best_of" => Some(strategy),
        "custom" if synthesis.get("agent").is_some() => Some(strategy),
        _ => None,
    }
}

/// Whether what comes out of a task may be several answers.
fn holds_several(task: &TaskOutline<'_>) -> bool {
    let is_repeated = ["for_each", "repeat"].iter().any(|key| task.value.get(*key).is_some());
    is_repeated
        || !matches!(
            task.verb,
            Some(VerbKind::Agent | VerbKind::Check | VerbKind::Review | VerbKind::Approval)
        )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    fn check_synthesis(synthesis: &str, expected: &[&str]) {
        let text = format!(
            "tasks:
  one: {{ agent: writer, prompt: Name a risk. }}
  two: {{ agent: editor, prompt: Name a gain. }}
  all: {{ synthesize: {{ from: [one, two], strategy: merge_all }} }}
  last: {{ synthesize: {synthesis} }}
"
        );
        check_tasks(&RULE, &text, expected);
    }

    #[test]
    fn one_answer_is_no_consensus() {
        let expected = "`last` has one answer to put together, that of `one`";
        check_synthesis("{ from: [one], strategy: consensus }", &[expected]);
        check_synthesis(
            "{ from: [one], strategy: custom, agent: editor, prompt: Judge. }",
            &[expected],
        );
    }

    #[test]
    fn several_answers_also_inside_one() {
        check_synthesis("{ from: [one, two], strategy: consensus }", &[]);
        check_synthesis("{ from: [all], strategy: consensus }", &[]);
        check_synthesis("{ from: [one], strategy: merge_all }", &[]);
        check_synthesis("{ from: [one], strategy: custom, template: '{{ results.one }}' }", &[]);
    }
}
