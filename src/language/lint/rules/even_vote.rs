//! `even-vote`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::plan::TaskOutline;
use crate::language::source::value_at;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("even-vote"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "A vote has an even number of voters, or of samples, and can end in a tie.",
    explanation: "\
With an even number of votes two answers can have the same number, and then the order of the voters
decides. Ask one more, or one less; or say with `tie` what decides.",
    check: Check::Orchestrations(check),
};

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for task in orchestration.tasks() {
        samples(orchestration, task, found);
        if value_at(task.value, "/synthesize/weights").is_some() {
            continue;
        }
        if task.strategy != Some("vote") || value_at(task.value, "/synthesize/tie").is_some() {
            continue;
        }
        let votes = |name: &str| {
            let voter = &orchestration.tasks()[orchestration.outline.task(name)?];
            voter.value.get("for_each").is_none().then_some(1)
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

/// Samples vote as well.
fn samples(orchestration: &Orchestration<'_>, task: &TaskOutline<'_>, found: &mut Vec<Diagnostic>) {
    let Some(written) = task.value.get("samples") else { return };
    let (count, place) = match written.get("count") {
        Some(count) => (count, "samples/count"),
        None => (written, "samples"),
    };
    let Some(count) = count.as_u64().filter(|count| count % 2 == 0) else { return };
    if written.get("tie").is_some() {
        return;
    }
    let message = format!("`{}` asks for {count} samples, which can end in a tie", task.name);
    let place = format!("{}/{place}", task.pointer);
    found.push(orchestration.document.diagnostic(RULE.code, &place, message).help(format!(
        "ask for {} or {}, or say with `tie` what decides",
        count - 1,
        count + 1
    )));
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
    fn votes_and_samples_are_counted() {
        check_voters("", "[one, two]", &["`last` counts 2 votes, which can end in a tie"]);
        check_voters(
            "samples: 3",
            "[one, two]",
            &["`last` counts 2 votes, which can end in a tie"],
        );
        check_voters(
            "samples: 4",
            "[one, two, three]",
            &["`one` asks for 4 samples, which can end in a tie"],
        );
        check_voters(
            "samples: { count: 6 }",
            "[one, two, three]",
            &["`one` asks for 6 samples, which can end in a tie"],
        );
        check_voters("samples: { count: 6, tie: fail }", "[one, two, three]", &[]);
        check_voters("", "[one, two, three]", &[]);
        check_voters("for_each: [a, b]", "[one, two]", &[]);
    }
}
