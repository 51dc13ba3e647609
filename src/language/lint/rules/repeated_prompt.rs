//! `repeated-prompt`

use std::collections::BTreeMap;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::{Audience, VerbKind};
use crate::language::lint::likeness::{ask_the_same, sameness};
use crate::language::lint::orchestration::{Orchestration, prompt_of};
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("repeated-prompt"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "Two tasks ask the same agent the same thing in the same way.",
    explanation: "\
**Symptom.** Two tasks have the same prompt, the same agent and the same settings, and nothing compares
their answers.

**Impact.** The work is done and paid for twice. Tasks that read one answer or the other may
contradict each other, since a model rarely says the same thing twice.

**Fix.** Keep one of them and let everybody read its output: `{{ tasks.NAME.output }}`. Where several
answers to one question are wanted, give them to a synthesis, and let chance play: a temperature
above 0 and no common seed.",
    check: Check::Orchestrations(check),
};

/// A task is compared with so many of those that ask the same thing before it.
const MOST: usize = 20;

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let tasks = orchestration.tasks();
    let mut by_prompt: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, task) in
        tasks.iter().enumerate().filter(|(_, task)| task.verb == Some(VerbKind::Agent))
    {
        if let Some((prompt, _)) = prompt_of(task) {
            by_prompt.entry(prompt.trim()).or_default().push(place);
        }
    }
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); tasks.len()];
    for task in 0..tasks.len() {
        for needed in orchestration.flow().needs(task) {
            readers[*needed].push(task);
        }
    }
    for (_, alike) in by_prompt {
        for (index, task) in alike.iter().enumerate() {
            let first = alike[..index]
                .iter()
                .take(MOST)
                .find(|first| is_repeated(orchestration, &readers, **first, *task));
            let Some(first) = first else { continue };
            let (name, first_name) = (tasks[*task].name, tasks[*first].name);
            let agent = tasks[*task].agents.first().map_or("the agent", |agent| agent.name);
            let message = format!("`{name}` asks `{agent}` the same thing as `{first_name}`");
            found.push(
                Diagnostic::new(RULE.code, orchestration.name_span(*task), message)
                    .related(orchestration.name_span(*first), "this asks it already")
                    .help(format!(
                        "read the answer that is there: `{{{{ tasks.{first_name}.output }}}}`"
                    )),
            );
        }
    }
}

fn is_repeated(
    orchestration: &Orchestration<'_>,
    readers: &[Vec<usize>],
    first: usize,
    second: usize,
) -> bool {
    let (one, other) = (&orchestration.tasks()[first], &orchestration.tasks()[second]);
    // Who waits for something else probably expects another answer.
    ["when", "needs"].iter().all(|key| one.value.get(*key) == other.value.get(*key))
        && ask_the_same(orchestration, one, other)
        && !are_compared(orchestration, &readers[first], first, second)
}

/// Whether somebody gets both answers, which are not alike, or of which another rule speaks.
fn are_compared(
    orchestration: &Orchestration<'_>,
    readers: &[usize],
    first: usize,
    second: usize,
) -> bool {
    let tasks = orchestration.tasks();
    let differ = sameness(orchestration, &tasks[first]).is_none();
    readers.iter().copied().any(|task| {
        let needs = orchestration.flow().needs(task);
        let wants_several = match tasks[task].strategy {
            Some("merge_all" | "use_first_result") => false,
            Some("consensus" | "vote") => true,
            _ => differ,
        };
        wants_several && needs.contains(&second)
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    fn check_pair(second: &str, expected: &[&str]) {
        let text = format!(
            "tasks:
  one: {{ agent: writer, prompt: Name three risks of tea. }}
  two: {second}
"
        );
        check_tasks(&RULE, &text, expected);
    }

    #[test]
    fn the_same_thing_is_asked_twice() {
        check_pair(
            "{ agent: Writer, prompt: 'Name three risks of tea. ', estimate: 5s }",
            &["`two` asks `Writer` the same thing as `one`"],
        );
    }

    #[test]
    fn another_agent_model_or_setting_makes_another_answer() {
        check_pair("{ agent: editor, prompt: Name three risks of tea. }", &[]);
        check_pair("{ agent: writer, prompt: Name three risks of tea., model: other }", &[]);
        check_pair(
            "{ agent: writer, prompt: Name three risks of tea., options: { seed: 2 } }",
            &[],
        );
        check_pair("{ agent: writer, prompt: Name three risks of tea., output: [string] }", &[]);
        check_pair("{ agent: writer, prompt: Name three risks of tea., needs: [one] }", &[]);
    }

    #[test]
    fn several_answers_are_wanted_where_they_are_compared() {
        let second = "{ agent: writer, prompt: Name three risks of tea. }";
        let reader = |text: &str| format!("{second}\n  last: {text}");
        let synthesis = "{ synthesize: { from: [one, two], strategy: consensus } }";
        check_pair(&reader(synthesis), &[]);
        let judge = "{ agent: editor, prompt: '{{ tasks.one.output }}{{ tasks.two.output }}' }";
        check_pair(&reader(judge), &[]);
        let merged = "{ synthesize: { from: [one, two], strategy: merge_all } }";
        check_pair(&reader(merged), &["`two` asks `writer` the same thing as `one`"]);
    }
}
