//! `consensus-of-clones`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::likeness::{ask_the_same, sameness};
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("consensus-of-clones"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "A consensus weighs answers that cannot differ.",
    explanation: "\
**Symptom.** A consensus or a vote has sources that send the same prompt to the same agent at
temperature 0 or with the same seed.

**Impact.** A model gives the same answer to the same question then. The agreement that is found means
nothing, and every copy costs a call.

**Fix.** Let the answers differ: other agents with instructions of their own, other models, or a
temperature such as 0.7 without a seed.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for task in orchestration.tasks() {
        if !matches!(task.strategy, Some("consensus" | "vote")) {
            continue;
        }
        let places = task.sources.iter().map(|source| orchestration.outline.task(source.name));
        let sources: Vec<usize> = places.flatten().collect();
        let tasks = orchestration.tasks();
        let clone = sources.iter().enumerate().find_map(|(index, clone)| {
            let why = sameness(orchestration, &tasks[*clone])?;
            let mut before = sources[..index].iter();
            let first = before
                .find(|first| ask_the_same(orchestration, &tasks[**first], &tasks[*clone]))?;
            (first != clone).then_some((*first, *clone, why))
        });
        let Some((first, clone, why)) = clone else { continue };
        let message = format!(
            "`{}` weighs `{}` and `{}`, which give the same answer",
            task.name, tasks[first].name, tasks[clone].name
        );
        let from = format!("{}/synthesize/from", task.pointer);
        found.push(
            orchestration
                .document
                .diagnostic(RULE.code, &from, message)
                .related(orchestration.name_span(first), format!("this asks {why}"))
                .related(orchestration.name_span(clone), "the same agent, the same prompt")
                .help("give them agents of their own, other models, or a temperature such as 0.7"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    fn check_pair(options: &str, agent: &str, expected: &[&str]) {
        let text = format!(
            "defaults: {{ options: {options} }}
tasks:
  one: {{ agent: writer, prompt: Do we enter this market? }}
  two: {{ agent: {agent}, prompt: Do we enter this market? }}
  last: {{ synthesize: {{ from: [one, two], strategy: consensus }} }}
"
        );
        check_tasks(&RULE, &text, expected);
    }

    #[test]
    fn answers_that_cannot_differ() {
        let expected = "`last` weighs `one` and `two`, which give the same answer";
        check_pair("{ temperature: 0 }", "writer", &[expected]);
        check_pair("{ temperature: 0.7, seed: 1 }", "writer", &[expected]);
    }

    #[test]
    fn answers_that_can() {
        check_pair("{ temperature: 0.7 }", "writer", &[]);
        check_pair("{ temperature: 0 }", "editor", &[]);
    }
}
