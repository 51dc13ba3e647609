//! `secret-input`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("secret-input"),
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    audience: Audience::Author,
    summary: "An input that is a secret by its name is put into a prompt or a question.",
    explanation: "\
**Symptom.** A prompt reads an input such as `api_key` or `password`.

**Impact.** What is in a prompt goes to the server, into the journal and into reports, and the model
may repeat it in its answer.

**Fix.** Keep secrets out of prompts. Where an agent is to speak about a secret, say what it is for,
not what it is.",
    check: Check::Orchestrations(check),
};

/// The last words of a name that stand for a secret.
const LAST_WORDS: [&str; 9] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "credentials",
    "apikey",
    "passcode",
];

/// The last two words of a name that stand for a secret.
const LAST_PAIRS: [&str; 4] = ["api_key", "access_key", "private_key", "secret_key"];

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let document = orchestration.document;
    for (name, _) in orchestration.outline.inputs.iter().filter(|(name, _)| is_secret(name)) {
        for site in orchestration.tasks().iter().flat_map(|task| &task.templates) {
            if !["/prompt", "/ask", "/message"].iter().any(|end| site.pointer.ends_with(end)) {
                continue;
            }
            let Ok(template) = &site.template else { continue };
            let mut read = template.references.iter().filter(|reference| {
                reference.name(0) == Some("inputs") && reference.name(1) == Some(name)
            });
            let Some(range) = read.next().map(|reference| reference.range.clone()) else {
                continue;
            };
            let whither = if site.pointer.ends_with("/prompt") {
                "goes to a model"
            } else {
                "is shown to people"
            };
            let message = format!("`{name}` is a secret by its name and {whither}");
            found.push(
                document
                    .part_diagnostic(RULE.code, &site.pointer, range, message)
                    .related(document.key_span(&format!("/inputs/{name}")), "declared here")
                    .help("leave it out of the text, or rename it if it is none"),
            );
        }
    }
}

fn is_secret(name: &str) -> bool {
    let ends_with = |words: &str| {
        name.strip_suffix(words).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    };
    LAST_WORDS.iter().chain(&LAST_PAIRS).any(|words| ends_with(words))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    fn with(input: &str) -> String {
        format!(
            "pattern: {{ name: example }}\nteam: {{ name: t, agents: [{{ role: Writer }}] }}\n\
             inputs: {{ {input}: string, {input}_note: {{ type: string, default: x }} }}\n\
             tasks:\n  draft: {{ agent: writer, prompt: \"Log in: {{{{ inputs.{input} }}}}\" }}\n"
        )
    }

    #[test]
    fn names_of_secrets_are_known_by_their_ends() {
        let secret = |name: &str| format!("`{name}` is a secret by its name and goes to a model");
        for name in ["password", "db_password", "api_key", "github_token", "client_secret"] {
            check(&RULE, &with(name), &[&secret(name)]);
        }
        for name in ["token_budget", "max_tokens", "tokens", "password_policy", "key", "monkey"] {
            check(&RULE, &with(name), &[]);
        }
    }

    #[test]
    fn a_secret_that_no_text_reads_is_none_of_our_business() {
        let text = "pattern: { name: example }\ninputs: { password: string }\n\
            tasks: { ready: { gate: check, condition: inputs.password | length > 8 } }\n";
        check(&RULE, text, &[]);
    }
}
