//! `ambiguous-word`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Fix, Severity};
use crate::language::document::{Audience, Document, Library};
use crate::language::lint::plain::{Standing, plain_scalars};
use crate::language::lint::rule::{Check, Rule};
use crate::language::source::Edit;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("ambiguous-word"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "A word without quotes is text here and a truth value for other YAML readers.",
    explanation: "\
Partita reads YAML 1.2, in which `yes`, `no`, `on` and `off` are text. Readers of YAML 1.1, among them
PyYAML and many tools of CI systems, take them for true and false. In quotes it is text everywhere.",
    check: Check::Documents(check),
};

/// The words of <https://yaml.org/type/bool.html> that readers of YAML 1.1 take for truth values
/// in practice; `y` and `n` are in that list, too, but hardly any reader follows it there.
const WORDS: [(&str, &str); 4] =
    [("yes", "true"), ("no", "false"), ("on", "true"), ("off", "false")];

fn check(_: &Library, document: &Document, found: &mut Vec<Diagnostic>) {
    // In a document that does not conform, a truth value may be what was meant.
    if document.body().is_none() {
        return;
    }
    for (standing, scalar) in plain_scalars(document) {
        let text = scalar.text();
        // The language has a key `on`; nobody reads it as a truth value.
        if standing == Standing::Key && text == "on" {
            continue;
        }
        let Some(value) = truth_value(text) else { continue };
        let message =
            format!("`{text}` is text here and `{value}` to YAML 1.1 readers such as PyYAML");
        let quoted = format!("\"{text}\"");
        found.push(
            Diagnostic::new(RULE.code, scalar.span(), message)
                .help(format!("put it in quotes: `{quoted}`"))
                .fix(Fix::safe("put it in quotes", vec![Edit::replace(scalar.span(), quoted)])),
        );
    }
}

/// All in lower case, all in upper case, or with a capital.
fn truth_value(text: &str) -> Option<&'static str> {
    const LONGEST: usize = 3;
    if text.len() > LONGEST || !text.starts_with(['y', 'Y', 'n', 'N', 'o', 'O']) {
        return None;
    }
    let (word, value) = WORDS.iter().find(|(word, _)| text.eq_ignore_ascii_case(word))?;
    let rest = text.get(1..)?;
    let is_usual = text == text.to_ascii_uppercase() || rest == &word[1..];
    is_usual.then_some(value)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::{check, check_fix};

    fn with(options: &str) -> String {
        format!(
            "pattern: {{ name: example }}\ntasks:\n\
             \x20 go: {{ gate: approval, ask: Well?, options: {options} }}\n"
        )
    }

    #[test]
    fn only_words_that_other_readers_know_are_found() {
        let say = |word: &str, value: &str| {
            format!("`{word}` is text here and `{value}` to YAML 1.1 readers such as PyYAML")
        };
        check(&RULE, &with("[yes, No]"), &[&say("yes", "true"), &say("No", "false")]);
        check(&RULE, &with("[ON, off]"), &[&say("ON", "true"), &say("off", "false")]);
        check(&RULE, &with("[\"yes\", 'no']"), &[]);
        check(&RULE, &with("[y, n, go, no_go, yEs, nO]"), &[]);
        check(&RULE, &with("[!!str yes, stop]"), &[]);
        let vote = "pattern: { name: example }\nteam: { name: t, agents: [{ role: A }] }\ntasks:\n  one: { agent: a, \
                    prompt: x, output: { go: boolean }, samples: { count: 3, on: go } }\n";
        check(&RULE, vote, &[]);
    }

    #[test]
    fn quotes_are_all_it_takes() {
        check_fix(&RULE, &with("[ yes,  stop ]"), &with("[ \"yes\",  stop ]"));
    }
}
