//! `prompt-exceeds-window`

use std::cell::OnceCell;

use serde_json::{Value, json};

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::{Orchestration, prompt_of};
use crate::language::lint::rule::{Check, Rule};
use crate::language::plan::{TaskOutline, TeamOutline, Work};
use crate::language::template::fixed_text;
use crate::language::tokens::estimate_tokens;
use crate::organization::{FRAMEWORK_TOKENS, Guidance, system_message};

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("prompt-exceeds-window"),
    severity: Severity::Warning,
    confidence: Confidence::High,
    audience: Audience::Author,
    summary: "The fixed text of a prompt is longer than the context window it is for.",
    explanation: "\
**Symptom.** The literal text of a prompt, with what its agent is told about itself and the type of
the answer, has more tokens than `num_ctx`. Tokens are estimated as in a run: a quarter of the
characters.

**Impact.** The task fails with `context_too_long` before a server is asked, whatever its inputs are.

**Fix.** Raise `num_ctx`, or say less: move what every task needs into the agent's `instructions`
once, and leave out what the model knows.",
    check: Check::Orchestrations(check),
};

/// No text has more tokens than half its bytes.
const FEWEST_BYTES_FOR_A_TOKEN: u64 = 2;

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let team_bytes = OnceCell::new();
    let of_team = || orchestration.team.map_or(0, bytes_of_team);
    for task in orchestration.asking_tasks() {
        let Some(window) = orchestration.option_of(task, "num_ctx") else { continue };
        let Some(size) = window.value.as_u64() else { continue };
        let Some((prompt, pointer)) = prompt_of(task) else { continue };
        let of_task = most_bytes(orchestration, task, prompt);
        let bytes = of_task.saturating_add(*team_bytes.get_or_init(of_team));
        if bytes / FEWEST_BYTES_FOR_A_TOKEN <= size {
            continue;
        }
        let Some(tokens) = least_tokens(orchestration, task.name, prompt) else { continue };
        if tokens <= size {
            continue;
        }
        let message = format!(
            "the fixed text of `{}` has about {tokens} tokens, its window {size}",
            task.name
        );
        let roomy = tokens.saturating_mul(2).next_power_of_two();
        let help = format!("say less, or raise it: `num_ctx: {roomy}`; the task fails as it is");
        found.push(
            orchestration
                .document
                .key_diagnostic(RULE.code, &pointer, message)
                .related(window.span(), "the window is set here")
                .help(help),
        );
    }
}

/// The bytes of all that could be said to the agent of one task, but for its team: cheap, and never
/// too few.
fn most_bytes(orchestration: &Orchestration<'_>, task: &TaskOutline<'_>, prompt: &str) -> u64 {
    /// What is told besides, and the keywords of a type written out.
    const OVERHEAD: u64 = 1000 + FRAMEWORK_TOKENS * 4;
    const SCHEMA_GROWTH: u64 = 16;
    let output = task.value.get("output").map_or(0, text_bytes).saturating_mul(SCHEMA_GROWTH);
    let agent = orchestration.agent_of(task).map_or(0, |member| text_bytes(member.value));
    bytes_of(prompt) + output + agent + OVERHEAD
}

fn bytes_of_team(team: &TeamOutline<'_>) -> u64 {
    let said = ["team", "special_capabilities"];
    said.iter().filter_map(|key| team.document.value().get(key)).map(text_bytes).sum()
}

fn bytes_of(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

fn text_bytes(value: &Value) -> u64 {
    match value {
        Value::String(text) => bytes_of(text),
        Value::Array(items) => items.iter().map(text_bytes).sum(),
        Value::Object(map) => map.iter().map(|(key, item)| bytes_of(key) + text_bytes(item)).sum(),
        _ => 8,
    }
}

/// The tokens that the request has at least, counted as the engine counts them.
fn least_tokens(orchestration: &Orchestration<'_>, task: &str, prompt: &str) -> Option<u64> {
    /// The template around the system's message and the user's.
    const AROUND: u64 = 8;
    let plan = orchestration.plan()?;
    let planned = plan.task(plan.find(task)?);
    let Work::Ask(ask) = &planned.work else { return None };
    let agent = plan.agent_of(planned)?;
    let team = plan.teams.get(agent.team as usize)?;
    // Which patterns those who lead are told of is known when a run begins; the rest of it is always there.
    let system =
        system_message(&agent.agent, team, Some(&Guidance::default()), ask.manager_tools());
    let mut user = fixed_text(prompt).trim().to_owned();
    // That an answer is text goes without saying.
    if let Some(schema) =
        ask.output.as_ref().filter(|schema| **schema != json!({ "type": "string" }))
    {
        user.push_str(&schema.to_string());
    }
    Some(estimate_tokens(&system) + estimate_tokens(&user) + AROUND)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    fn with(prompt: &str) -> String {
        format!(
            "pattern: {{ name: example }}\nteam: {{ name: t, agents: [{{ role: Writer }}] }}\n\
             defaults: {{ options: {{ num_ctx: 256 }} }}\n\
             tasks:\n  draft: {{ agent: writer, prompt: \"{prompt}\" }}\n"
        )
    }

    #[test]
    fn only_text_that_is_always_there_counts() {
        let long = "word ".repeat(300);
        let message = "the fixed text of `draft` has about 432 tokens, its window 256";
        check(&RULE, &with(&long), &[message]);
        check(&RULE, &with(&format!("{{% if true %}}{long}{{% endif %}}")), &[]);
        check(&RULE, &with("Write about tea."), &[]);
    }
}
