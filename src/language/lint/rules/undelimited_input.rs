//! `undelimited-input`

use std::ops::Range;

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::{Orchestration, prompt_of};
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("undelimited-input"),
    severity: Severity::Info,
    confidence: Confidence::Low,
    audience: Audience::Auditor,
    summary: "An input of free text stands in the middle of a sentence of a prompt.",
    explanation: "\
**Symptom.** “Summarise {{ inputs.text }} in a paragraph.”

**Impact.** The model cannot tell where the input ends and the author's words go on. Instructions in
the input are taken for the author's.

**Fix.** Set the input apart: on lines of its own, in quotes, or between tags such as `<text>` and
`</text>`, and say that what stands there is material. That makes it harder to go wrong, not
impossible. Inputs of a word or two need none of this: give them an `enum`, a `format` or a
`max_length`.",
    check: Check::Orchestrations(check),
};

/// An input that is bounded to so many characters is a name or a title.
const SHORT: u64 = 100;

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let inputs = orchestration.outline.inputs.iter().filter(|(_, written)| is_free_text(written));
    let inputs: Vec<&str> = inputs.map(|(name, _)| *name).collect();
    if inputs.is_empty() {
        return;
    }
    for task in orchestration.asking_tasks() {
        let Some((prompt, pointer)) = prompt_of(task) else { continue };
        for (name, range) in inside_sentences(prompt) {
            if !inputs.contains(&name) {
                continue;
            }
            let message = format!("nothing says where `{name}` begins and ends");
            found.push(
                orchestration
                    .document
                    .part_diagnostic(RULE.code, &pointer, range, message)
                    .help("set it apart: on lines of its own, in quotes, or between tags"),
            );
        }
    }
}

/// Whether an input can be any text. One whose examples are single words is meant as a word.
fn is_free_text(written: &Value) -> bool {
    let Value::Object(fields) = written else { return written == "string" };
    let is_text = fields.get("type").is_none_or(|kind| kind == "string");
    let is_bounded = ["enum", "format", "pattern"].iter().any(|key| fields.contains_key(*key))
        || fields.get("max_length").and_then(Value::as_u64).is_some_and(|most| most <= SHORT);
    let listed = fields.get("examples").and_then(Value::as_array);
    let mut shown = listed.into_iter().flatten().chain(fields.get("default")).peekable();
    let is_a_word = shown.peek().is_some()
        && shown.all(|value| value.as_str().is_some_and(|text| !text.trim().contains(' ')));
    is_text && !is_bounded && !is_a_word
}

/// The inputs that are inserted with other words on both sides, or before them in a sentence.
fn inside_sentences(prompt: &str) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    for (start, _) in prompt.match_indices("{{") {
        let Some(length) = prompt[start..].find("}}") else { break };
        let end = start + length + 2;
        let inner = prompt[start + 2..end - 2].trim_matches(['-', ' ']);
        let Some(name) = inner.strip_prefix("inputs.") else { continue };
        let name = name.split(['|', ' ']).next().unwrap_or(name);
        let before = prompt[..start].rsplit('\n').next().unwrap_or_default().trim_end();
        let behind = prompt[end..].split('\n').next().unwrap_or_default().trim();
        let is_marked = before.ends_with(['"', '\'', '`', '“', '‘', '«', '>', '(', '[', '<']);
        let has_words = |text: &str| text.contains(char::is_alphabetic);
        let is_label = before.ends_with(':') && !has_words(behind);
        if !is_label && !is_marked && (has_words(before) || has_words(behind)) {
            found.push((name, start..end));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    fn with(input: &str, prompt: &str) -> String {
        format!(
            "pattern: {{ name: example }}\nteam: {{ name: t, agents: [{{ role: Writer }}] }}\n\
             inputs: {{ text: {input} }}\n\
             tasks:\n  draft:\n    agent: writer\n    prompt: |\n      {prompt}\n"
        )
    }

    #[test]
    fn only_free_text_inside_sentences_counts() {
        let message = "nothing says where `text` begins and ends";
        let inside = "Summarise {{ inputs.text }} in a paragraph.";
        check(&RULE, &with("string", inside), &[message]);
        check(&RULE, &with("{ description: All of it }", inside), &[message]);
        for bounded in [
            "integer",
            "{ enum: [short, long] }",
            "{ type: string, format: date }",
            "{ type: string, max_length: 40 }",
            "{ type: string, default: tea }",
        ] {
            check(&RULE, &with(bounded, inside), &[]);
        }
        for apart in [
            "Summarise this text:\n      {{ inputs.text }}",
            "The text: {{ inputs.text }}.",
            "Summarise \"{{ inputs.text }}\" in a paragraph.",
            "Summarise <text>{{ inputs.text }}</text>.",
        ] {
            check(&RULE, &with("string", apart), &[]);
        }
    }
}
