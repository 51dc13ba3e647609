//! `role-in-prompt`

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::{Orchestration, prompt_of};
use crate::language::lint::rule::{Check, Rule};
use crate::language::lint::words::sentences;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("role-in-prompt"),
    severity: Severity::Info,
    confidence: Confidence::Medium,
    audience: Audience::Ci,
    summary: "A prompt tells its agent who it is, which the agent has been told.",
    explanation: "\
**Symptom.** A prompt begins with “You are a …”.

**Impact.** Before every task an agent is told its role, its purpose, its skills and its team. A second
role in the prompt costs tokens and, where the two differ, confuses the model.

**Fix.** Put it into the agent's `role`, `purpose` or `instructions`, where all its tasks have it, and
begin the prompt with what is to be done.",
    check: Check::Orchestrations(check),
};

const BEGINNINGS: [&str; 6] =
    ["you are a ", "you are an ", "you are the ", "act as a ", "act as an ", "act as the "];

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    for task in orchestration.asking_tasks() {
        let Some((prompt, pointer)) = prompt_of(task) else { continue };
        // A role that a run fills in is news to the agent.
        let Some(first) = sentences(prompt).into_iter().next() else { continue };
        let sentence = prompt[first.clone()].trim_start();
        let start = first.end - sentence.len();
        let range = start..start + sentence.trim_end().len();
        let lower = sentence.to_lowercase();
        if lower.contains("{{") || !BEGINNINGS.iter().any(|words| lower.starts_with(words)) {
            continue;
        }
        let Some(member) = orchestration.agent_of(task) else { continue };
        let message = format!("`{}` is told who it is a second time", member.agent.role);
        let document = orchestration.document;
        found.push(
            document
                .part_diagnostic(RULE.code, &pointer, range, message)
                .related(
                    orchestration.team.map_or(document.span(&pointer), |team| {
                        team.document.span(&member.role_pointer())
                    }),
                    "its role stands here, and it is told before every task",
                )
                .help("say it in the agent's `purpose` or `instructions`, and begin with the task"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check;

    fn asking(agent: &str, team: &str, prompt: &str) -> String {
        format!(
            "pattern: {{ name: example }}\nteam: {{ name: t, agents: [{team}] }}\n\
             inputs: {{ trade: string }}\n\
             tasks:\n  draft: {{ agent: {agent}, prompt: \"{prompt}\" }}\n"
        )
    }

    fn with(prompt: &str) -> String {
        asking("writer", "{ role: Writer }", prompt)
    }

    #[test]
    fn only_a_fixed_role_at_the_beginning_is_a_second_one() {
        let message = "`Writer` is told who it is a second time";
        check(&RULE, &with("You are a poet. Write."), &[message]);
        check(&RULE, &with(" Act as an editor: shorten this."), &[message]);
        for prompt in [
            "You are a {{ inputs.trade }}. Write.",
            "You are asked to write.",
            "Write a letter to somebody who says: you are a poet.",
        ] {
            check(&RULE, &with(prompt), &[]);
        }
    }

    #[test]
    fn signs_in_roles_leave_agents_apart() {
        let team = "{ role: 🎨 Designer }, { id: actor, role: 🎭 }, { id: composer, role: 🎼 }";
        for (agent, role) in [
            ("designer", "🎨 Designer"),
            ("Designer", "🎨 Designer"),
            ("🎨 Designer", "🎨 Designer"),
            ("composer", "🎼"),
            ("🎼", "🎼"),
        ] {
            let message = format!("`{role}` is told who it is a second time");
            check(&RULE, &asking(agent, team, "You are a poet. Write."), &[&message]);
        }
    }
}
