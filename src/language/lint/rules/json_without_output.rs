//! `json-without-output`

use std::ops::Range;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::{Orchestration, has_typed_answer, prompt_of};
use crate::language::lint::rule::{Check, Rule};
use crate::language::lint::words::{sentences, without_templates};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("json-without-output"),
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    audience: Audience::Author,
    summary: "A prompt asks for JSON, and the task does not say of what type.",
    explanation: "\
**Symptom.** The prompt says to answer in JSON; the task has no `output`.

**Impact.** The answer is free text that may be JSON, wrapped in words or in a code fence. Nothing
checks it, nothing asks again, and templates cannot read its fields.

**Fix.** Say what is wanted with `output: { verdict: string, risks: [string] }`. The server then holds
the model to it, the answer is checked, and the prompt need not speak of JSON.",
    check: Check::Orchestrations(check),
};

/// Words that ask for an answer.
const ASKING: [&str; 11] = [
    "answer",
    "respond",
    "reply",
    "return",
    "output",
    "produce",
    "give",
    "provide",
    "format",
    "write your",
    "emit",
];

/// Words that say that the answer is JSON.
const FORMS: [&str; 14] = [
    "as json",
    "in json",
    "as valid json",
    "in valid json",
    "with json",
    "with valid json",
    "return json",
    "return only json",
    "output json",
    "only json",
    "a json object",
    "one json object",
    "a json array",
    "one json array",
];

/// Words after which it is something else, or is forbidden.
const NOT: [&str; 6] = ["not ", "n't ", "never ", "no json", "without", " file"];

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for task in orchestration.asking_tasks().filter(|task| !has_typed_answer(task)) {
        let Some((prompt, pointer)) = prompt_of(task) else { continue };
        let Some(range) = asks_for_json(prompt) else { continue };
        let message =
            format!("the prompt of `{}` asks for JSON, its answer is free text", task.name);
        found.push(
            orchestration
                .document
                .part_diagnostic(RULE.code, &pointer, range, message)
                .help("say what is in it, such as `output: { verdict: string, risks: [string] }`"),
        );
    }
}

/// The place of the words that ask for it.
fn asks_for_json(prompt: &str) -> Option<Range<usize>> {
    if !prompt.contains("JSON") && !prompt.contains("json") {
        return None;
    }
    let prompt = without_templates(prompt).to_ascii_lowercase();
    sentences(&prompt).into_iter().find_map(|range| {
        let sentence = &prompt[range.clone()];
        let has = |words: &[&str]| words.iter().any(|words| sentence.contains(words));
        let place = |words: &&str| sentence.find(*words).map(|at| at..at + words.len());
        let form = FORMS.iter().filter_map(place).min_by_key(|form| form.start)?;
        (has(&ASKING) && !has(&NOT)).then(|| range.start + form.start..range.start + form.end)
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    fn with(prompt: &str, more: &str) -> String {
        format!(
            "pattern: {{ name: example }}\nteam: {{ name: t, agents: [{{ role: Writer }}] }}\n\
             tasks:\n  draft: {{ agent: writer, prompt: \"{prompt}\"{more} }}\n"
        )
    }

    #[test]
    fn asking_for_json_is_told_from_speaking_of_it() {
        let message = "the prompt of `draft` asks for JSON, its answer is free text";
        for prompt in [
            "Name three risks. Answer in JSON.",
            "Return JSON with the fields a and b.",
            "Respond with valid JSON only",
            "Give the result as a JSON object.",
        ] {
            check(&RULE, &with(prompt, ""), &[message]);
            check(&RULE, &with(prompt, ", output: string"), &[message]);
            check(&RULE, &with(prompt, ", output: { a: string }"), &[]);
        }
        for prompt in [
            "Review this JSON file for mistakes.",
            "Explain what a JSON object is.",
            "Do not answer in JSON.",
            "Write a parser for JSON. Return the code.",
            "Save the answer as a JSON object in a file.",
        ] {
            check(&RULE, &with(prompt, ""), &[]);
        }
    }
}
