//! `long-prompt`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::{Orchestration, prompt_of};
use crate::language::lint::rule::{Check, Rule};
use crate::language::template::fixed_text;
use crate::language::tokens::estimate_tokens;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("long-prompt"),
    severity: Severity::Info,
    confidence: Confidence::Medium,
    audience: Audience::Ci,
    summary: "The fixed text of one prompt has more than 1,500 tokens.",
    explanation: "\
**Symptom.** A prompt of several pages.

**Impact.** Small models lose what stands in the middle of a long prompt, and every attempt reads it
again.

**Fix.** One job, one prompt: make several tasks of it, each with the instructions it needs. What
holds for all of an agent's work belongs into its `instructions`.",
    check: Check::Orchestrations(check),
};

const MOST_TOKENS: u64 = 1500;

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for task in orchestration.asking_tasks() {
        let Some((prompt, pointer)) = prompt_of(task) else { continue };
        if estimate_tokens(prompt) <= MOST_TOKENS {
            continue;
        }
        let tokens = estimate_tokens(&fixed_text(prompt));
        if tokens <= MOST_TOKENS {
            continue;
        }
        let message = format!("the fixed text of `{}` has about {tokens} tokens", task.name);
        found.push(
            orchestration
                .document
                .key_diagnostic(RULE.code, &pointer, message)
                .help("make several tasks of it, each with the instructions that it needs"),
        );
    }
}
