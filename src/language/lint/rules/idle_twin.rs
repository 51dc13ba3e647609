//! `idle-twin`

use std::collections::BTreeSet;

use serde_json::Value;

use crate::language::diagnostic::{Code, Confidence, Diagnostic, Severity};
use crate::language::document::Audience;
use crate::language::lint::orchestration::Orchestration;
use crate::language::lint::rule::{Check, Rule};
use crate::language::plan::Member;

pub(super) const RULE: Rule = Rule {
    code: Code::of_rule("idle-twin"),
    severity: Severity::Info,
    confidence: Confidence::Medium,
    audience: Audience::Ci,
    summary: "Of two agents with the same skills one has all the work.",
    explanation: "\
**Symptom.** A team has two agents with the same skills, several tasks name one of them, and no task
names the other.

**Impact.** The choice of the agent is fixed in the tasks, though any with these skills would do: the
second agent costs a place in the team and brings nothing.

**Fix.** Give it some of the tasks; what is different in its purpose and instructions then shows. Or
leave it out of the team.",
    check: Check::Orchestrations(check),
};

/// Tasks beyond these are not pointed at.
const MOST_SHOWN: usize = 3;

fn check(orchestration: &Orchestration<'_>, found: &mut Vec<Diagnostic>) {
    let Some(team) = orchestration.team else { return };
    let skilled: Vec<(&Member<'_>, BTreeSet<&str>)> = team
        .members
        .iter()
        .map(|member| (member, skills(member)))
        .filter(|(_, skills)| !skills.is_empty())
        .collect();
    for (place, (idle, skills)) in skilled.iter().enumerate() {
        if orchestration.may_ask(idle) {
            continue;
        }
        let twins = skilled.iter().enumerate().filter(|(other, _)| *other != place);
        let busy = twins
            .filter(|(_, (_, others))| others == skills)
            .map(|(_, (twin, _))| (twin, orchestration.tasks_of(twin)))
            .find(|(_, tasks)| tasks.len() > 1);
        let Some((twin, tasks)) = busy else { continue };
        let message = format!(
            "`{}` is never asked; `{}`, with the same skills, does {} tasks",
            idle.agent.id,
            twin.agent.id,
            tasks.len()
        );
        let span = match tasks.first() {
            Some(first) if !team.is_inline() => {
                orchestration.key_span(&orchestration.tasks()[*first], "/agent")
            }
            _ => team.document.span(&idle.pointer),
        };
        let diagnostic = Diagnostic::new(RULE.code, span, message).help(format!(
            "give `{}` some of these tasks, or leave one of the two out",
            idle.agent.id
        ));
        found.push(tasks.iter().take(MOST_SHOWN).fold(diagnostic, |diagnostic, task| {
            let label = format!("`{}` does this", twin.agent.id);
            diagnostic.related(orchestration.name_span(*task), label)
        }));
    }
}

fn skills<'a>(member: &Member<'a>) -> BTreeSet<&'a str> {
    let skills = member.value.get("skills").and_then(Value::as_array).into_iter().flatten();
    skills.filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::language::lint::rules::testing::check_tasks;

    fn check_team(skills: &str, second: &str, expected: &[&str]) {
        let text = format!(
            "team:
  name: desk
  agents:
    - {{ role: Lead }}
    - {{ role: Writer A, skills: [prose, tea], reports_to: lead }}
    - {{ role: Writer B, skills: {skills}, reports_to: lead }}
tasks:
  plan: {{ agent: lead, prompt: Plan it. }}
  one: {{ agent: writer_a, prompt: Write about tea. }}
  two: {{ agent: {second}, prompt: Write about coffee. }}
"
        );
        check_tasks(&RULE, &text, expected);
    }

    #[test]
    fn one_of_two_has_all_the_work() {
        check_team(
            "[tea, prose]",
            "writer_a",
            &["`writer_b` is never asked; `writer_a`, with the same skills, does 2 tasks"],
        );
    }

    #[test]
    fn agents_who_differ_or_share_the_work() {
        check_team("[tea]", "writer_a", &[]);
        check_team("[tea, prose]", "writer_b", &[]);
        check_team("[]", "writer_a", &[]);
    }
}
