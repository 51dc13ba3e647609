//! `agent-named-in-prompt`

use std::collections::BTreeSet;
use std::ops::Range;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::{Orchestration, prompt_of};
use crate::language::lint::rule::{Check, Rule};
use crate::language::lint::words::without_templates;
use crate::language::plan::Member;
use crate::organization::Agent;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("agent-named-in-prompt"),
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    audience: Audience::Author,
    summary: "A prompt sends its agent to a colleague of whom the task reads nothing.",
    explanation: "\
**Symptom.** A prompt says \"ask the Market Analyst\" or \"use the Editor's notes\", and the task reads
nothing that this agent has made.

**Impact.** Agents cannot call each other. The model has no answer of that colleague before it, so it
invents one; and whoever replaces the agent has to find its name in the prompts of others.

**Fix.** Let the data flow: give the colleague a task, and read its result where the prompt speaks of
it, `{{ tasks.NAME.output }}`.",
    check: Check::Orchestrations(check),
};

/// What stands before the name of somebody to turn to.
const TURNING: [&str; 25] = [
    "ask",
    "call",
    "consult",
    "contact",
    "inform",
    "notify",
    "ping",
    "tell",
    "check with",
    "confirm with",
    "coordinate with",
    "speak with",
    "speak to",
    "talk to",
    "delegate to",
    "delegate it to",
    "escalate to",
    "forward it to",
    "hand it to",
    "hand over to",
    "pass it to",
    "send it to",
    "wait for",
    "findings from",
    "input from",
];

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let Some(team) = orchestration.team else { return };
    if team.members.len() < 2 {
        return;
    }
    for (place, task) in orchestration.tasks().iter().enumerate() {
        let Some((prompt, pointer)) = prompt_of(task) else { continue };
        let plain = without_templates(prompt);
        let lower = plain.to_ascii_lowercase();
        let mut said: BTreeSet<&str> = BTreeSet::new();
        for member in &team.members {
            let is_own = task.agents.iter().any(|named| member.agent.is_called(named.name));
            let range = mention(&plain, &lower, &member.agent).filter(|_| !is_own);
            let Some(range) = range else { continue };
            if reads(orchestration, place, member) || !said.insert(member.agent.id.as_str()) {
                continue;
            }
            found.push(finding(orchestration, &pointer, range, place, member));
        }
    }
}

/// Whether something that an agent makes reaches a task, directly or through others.
fn reads(orchestration: &Orchestration<'_>, task: usize, member: &Member<'_>) -> bool {
    let mut of_member = orchestration.tasks_of(member).into_iter();
    of_member.any(|other| orchestration.flow().leads(task, other))
}

/// Whether a task may read another as they stand.
fn may_read(orchestration: &Orchestration<'_>, task: usize, other: usize) -> bool {
    let tasks = orchestration.tasks();
    let is_earlier = !orchestration.outline.has_waves || tasks[other].wave < tasks[task].wave;
    is_earlier && !orchestration.flow().leads(other, task)
}

fn finding(
    orchestration: &Orchestration<'_>,
    pointer: &str,
    range: Range<usize>,
    task: usize,
    member: &Member<'_>,
) -> Diagnostic {
    let tasks = orchestration.tasks();
    let message = format!(
        "`{}` turns to `{}`, and reads nothing of that agent",
        tasks[task].name, member.agent.role
    );
    let diagnostic = orchestration.document.part_diagnostic(RULE.code, pointer, range, message);
    let of_member = orchestration.tasks_of(member);
    let readable = of_member.iter().find(|other| may_read(orchestration, task, **other));
    let diagnostic = match readable.or(of_member.first()) {
        Some(other) => {
            diagnostic.related(orchestration.name_span(*other), "this is what that agent is asked")
        }
        None => diagnostic,
    };
    diagnostic.help(match readable {
        Some(other) => format!(
            "agents cannot call each other: read the answer, `{{{{ tasks.{}.output }}}}`",
            tasks[*other].name
        ),
        None => "agents cannot call each other: let that agent do a task before, and read its \
            answer here, `{{ tasks.NAME.output }}`"
            .to_owned(),
    })
}

/// Where a prompt turns to an agent, or speaks of what it has.
fn mention(plain: &str, lower: &str, agent: &Agent) -> Option<Range<usize>> {
    let role = agent.role.to_ascii_lowercase();
    [role.as_str(), agent.id.as_str()].into_iter().filter(|name| !name.is_empty()).find_map(
        |name| {
            let places = lower.match_indices(name).map(|(start, _)| start..start + name.len());
            let mut places = places.filter(|range| is_whole(lower, range));
            places.find(|range| {
                // A role of one word is an ordinary word unless it is written as the role.
                let is_telling = name.contains([' ', '_'])
                    || plain[range.clone()] == *agent.role
                    || lower[..range.start].ends_with('@');
                is_telling && is_turned_to(lower, range)
            })
        },
    )
}

fn is_whole(text: &str, range: &Range<usize>) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    !text[..range.start].ends_with(is_part) && !text[range.end..].starts_with(is_part)
}

fn is_turned_to(lower: &str, range: &Range<usize>) -> bool {
    let before = lower[..range.start].trim_end();
    let before = ["the", "our", "your"]
        .iter()
        .find_map(|article| without_word(before, article))
        .unwrap_or(before);
    let is_possessive =
        ["'s ", "’s ", "'s\n", "’s\n"].iter().any(|end| lower[range.end..].starts_with(end));
    let is_called = lower[..range.start].ends_with('@');
    is_called || (is_possessive && !is_denied(before)) || is_sent(before)
}

/// Whether the words before a name send somebody there.
fn is_sent(before: &str) -> bool {
    let is_last = |phrase: &&str| {
        let rest = before.strip_suffix(*phrase);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with(|c: char| !c.is_alphanumeric()))
    };
    TURNING.iter().any(is_last) && !is_denied(before)
}

fn is_denied(before: &str) -> bool {
    let mut recent = before.split_whitespace().rev().take(4);
    recent.any(|word| matches!(word, "not" | "never" | "don't" | "without" | "no" | "cannot"))
}

fn without_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = text.strip_suffix(word)?;
    rest.ends_with(char::is_whitespace).then(|| rest.trim_end())
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    fn check_prompt(prompt: &str, expected: &[&str]) {
        let text = format!(
            "tasks:
  study: {{ agent: market_analyst, prompt: Study the market. }}
  draft: {{ agent: writer, prompt: \"{prompt}\" }}
"
        );
        check_tasks(&RULE, &text, expected);
    }

    const ANALYST: &str = "`draft` turns to `Market Analyst`, and reads nothing of that agent";
    const EDITOR: &str = "`draft` turns to `Editor`, and reads nothing of that agent";

    #[test]
    fn agents_that_are_turned_to() {
        check_prompt("Ask the Market Analyst for the three largest segments.", &[ANALYST]);
        check_prompt("Write a draft. Coordinate with the market analyst.", &[ANALYST]);
        check_prompt("Use the findings from @market_analyst.", &[ANALYST]);
        check_prompt("Put the Editor's notes into it.", &[EDITOR]);
    }

    #[test]
    fn names_that_are_only_mentioned() {
        check_prompt("Give an owner (a role, such as Market Analyst) to each.", &[]);
        check_prompt("Write for the market analysts of banks.", &[]);
        check_prompt("Respect the editor's time, and the reader's.", &[]);
        check_prompt("Do not ask the Market Analyst again.", &[]);
        check_prompt("You are the Writer's best student.", &[]);
    }

    #[test]
    fn agents_whose_answer_is_there() {
        check_prompt("Use the Market Analyst's study: {{ tasks.study.output }}", &[]);
    }
}
