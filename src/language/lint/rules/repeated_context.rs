//! `repeated-context`

use std::collections::BTreeMap;

use crate::language::diagnostic::Diagnostic;
use crate::language::diagnostic::{Code, Confidence, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::{Orchestration, prompt_of};
use crate::language::lint::rule::{Check, Rule};
use crate::language::tokens::estimate_tokens;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("repeated-context"),
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    audience: Audience::Ci,
    summary: "The same long paragraph stands in several prompts.",
    explanation: "\
**Symptom.** A paragraph of 400 characters or more stands, word for word, in the prompts of several tasks.

**Impact.** Whoever changes one of them forgets the others, and the agents work from different facts.
Each copy costs tokens as well; the finding adds them up.

**Fix.** Write it once: as the default of an input that every prompt reads, or, where it says how to
work, into the `instructions` of the agents.",
    check: Check::Orchestrations(check),
};

/// In characters; shorter paragraphs are formulas.
const LONG: usize = 400;

/// Prompts beyond these are not pointed at.
const MOST_SHOWN: usize = 3;

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let mut places: BTreeMap<&str, Vec<(usize, String, usize)>> = BTreeMap::new();
    for (place, task) in orchestration.tasks().iter().enumerate() {
        let Some((prompt, pointer)) = prompt_of(task).filter(|(text, _)| text.len() >= LONG) else {
            continue;
        };
        for (start, paragraph) in paragraphs(prompt) {
            let of_paragraph = places.entry(paragraph).or_default();
            if of_paragraph.last().is_none_or(|(last, ..)| *last != place) {
                of_paragraph.push((place, pointer.clone(), start));
            }
        }
    }
    let document = orchestration.document;
    for (paragraph, prompts) in places.iter().filter(|(_, prompts)| prompts.len() > 1) {
        let span = |(_, pointer, start): &(usize, String, usize)| {
            let line = paragraph.lines().next().unwrap_or_default();
            document.part_span(pointer, *start..start + line.len())
        };
        // One text that several tasks take in through an alias is written once.
        let mut spans: Vec<_> = prompts.iter().map(span).collect();
        spans.sort_unstable();
        spans.dedup();
        let Some((first, others)) = spans.split_first().filter(|(_, others)| !others.is_empty())
        else {
            continue;
        };
        let copies = u64::try_from(prompts.len()).unwrap_or(u64::MAX);
        let tokens = estimate_tokens(paragraph);
        let message = format!(
            "this paragraph stands in {copies} prompts: about {tokens} tokens each, {} in all",
            tokens.saturating_mul(copies)
        );
        let diagnostic = Diagnostic::new(RULE.code, *first, message).help(
            "write it once: as the default of an input, `{{ inputs.NAME }}`, or into the \
             `instructions` of the agents",
        );
        found.push(
            others
                .iter()
                .take(MOST_SHOWN)
                .fold(diagnostic, |diagnostic, span| diagnostic.related(*span, "again here")),
        );
    }
}

/// The long paragraphs of a prompt that are the same in every run, each with its place.
fn paragraphs(prompt: &str) -> impl Iterator<Item = (usize, &str)> {
    let base = prompt.as_ptr() as usize;
    let is_fixed = |text: &&str| !text.contains("{{") && !text.contains("{%");
    let long = prompt.split("\n\n").map(str::trim).filter(is_fixed);
    long.filter(|text| text.chars().count() >= LONG)
        .map(move |text| (text.as_ptr() as usize - base, text))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    fn check_prompts(paragraph: &str, expected: &[&str]) {
        let text = format!(
            "tasks:
  one: {{ agent: writer, prompt: \"Write.\\n\\n{paragraph}\" }}
  two: {{ agent: editor, prompt: \"{paragraph}\\n\\nJudge: {{{{ tasks.one.output }}}}\" }}
"
        );
        check_tasks(&RULE, &text, expected);
    }

    #[test]
    fn long_paragraphs_are_compared() {
        let long = "Our customers are freight forwarders. ".repeat(11);
        check_prompts(
            &long,
            &["this paragraph stands in 2 prompts: about 105 tokens each, 210 in all"],
        );
        check_prompts("Our customers are freight forwarders.", &[]);
        check_prompts(&long.replace("Our", "{{ 'Our' }}"), &[]);
    }

    #[test]
    fn one_text_behind_an_alias_is_written_once() {
        let long = "Our customers are freight forwarders. ".repeat(11);
        let text = format!(
            "tasks:
  one: {{ agent: writer, prompt: &p '{long}' }}
  two: {{ agent: editor, prompt: *p }}
"
        );
        check_tasks(&RULE, &text, &[]);
    }
}
