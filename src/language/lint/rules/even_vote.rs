//! `even-vote`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::source::value_at;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("even-vote"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "A vote has an even number of voters and can end in a tie.",
    explanation: "\
With an even number of votes two answers can have the same number, and then the order of the voters
decides. Ask one more, or one less.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for task in orchestration.tasks() {
        if task.strategy != Some("vote") || value_at(task.value, "/synthesize/tie").is_some() {
            continue;
        }
        let votes = |name: &str| {
            let voter = &orchestration.tasks()[orchestration.outline.task(name)?];
            match (voter.value.get("samples"), voter.value.get("for_each")) {
                (None, None) => Some(1),
                (Some(samples), None) => samples.as_u64(),
                _ => None,
            }
        };
        let votes: Option<u64> = task.sources.iter().map(|source| votes(source.name)).sum();
        let Some(votes) = votes.filter(|votes| *votes > 0 && votes % 2 == 0) else { continue };
        let message = format!("`{}` counts {votes} votes, which can end in a tie", task.name);
        found.push(
            orchestration
                .document
                .diagnostic(RULE.code, &format!("{}/synthesize/from", task.pointer), message)
                .help(match votes {
                    2 => "let a third one vote".to_owned(),
                    _ => format!("let {} or {} vote", votes - 1, votes + 1),
                }),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    fn check_voters(first: &str, from: &str, expected: &[&str]) {
        let text = format!(
            "tasks:
  one: {{ agent: writer, prompt: Go?, {first} }}
  two: {{ agent: editor, prompt: Go? }}
  three: {{ agent: market_analyst, prompt: Go? }}
  last: {{ synthesize: {{ from: {from}, strategy: vote }} }}
"
        );
        check_tasks(&RULE, &text, expected);
    }

    #[test]
    fn votes_are_counted_with_their_samples() {
        check_voters("", "[one, two]", &["`last` counts 2 votes, which can end in a tie"]);
        check_voters(
            "samples: 3",
            "[one, two]",
            &["`last` counts 4 votes, which can end in a tie"],
        );
        check_voters("samples: 2", "[one, two]", &[]);
        check_voters("", "[one, two, three]", &[]);
        check_voters("for_each: [a, b]", "[one, two]", &[]);
    }
}
