//! That agents have the skills which their tasks take, and that tasks can be done in the time that they have.

use serde_json::Value;

use crate::language::diagnostic::{Code, Findings};
use crate::language::document::HumanDuration;
use crate::language::document::suggest::nearest;
use crate::language::plan::outline::{Outline, TaskOutline};
use crate::language::plan::team_outline::{Member, TeamOutline};

pub(super) fn check(outline: &Outline<'_>, team: Option<&TeamOutline<'_>>, found: &mut Findings) {
    for task in &outline.tasks {
        if let Some(team) = team {
            skills(outline, task, team, found);
        }
        time(outline, task, found);
    }
}

fn skills(
    outline: &Outline<'_>,
    task: &TaskOutline<'_>,
    team: &TeamOutline<'_>,
    found: &mut Findings,
) {
    let agent = task.get("agent").and_then(Value::as_str).and_then(|name| team.find(name));
    // What is asked of who gets a post is said there.
    let Some(agent) = agent.filter(|agent| team.post(agent.agent.id.as_str()).is_none()) else {
        return;
    };
    let wanted = task.get("skills").and_then(Value::as_array).into_iter().flatten();
    for (place, skill) in wanted.enumerate() {
        let Some(skill) = skill.as_str().filter(|skill| !has(agent, skill)) else { continue };
        let pointer = format!("{}/skills/{place}", task.pointer);
        let message = format!("`{}` does not have the skill `{skill}`", agent.agent.id);
        let others = team.members.iter().filter(|member| has(member, skill));
        let others: Vec<&str> = others.map(|member| member.agent.id.as_str()).collect();
        let near = nearest(skill, agent.agent.skills.iter().map(String::as_str));
        let diagnostic = outline.document.diagnostic(Code::MISSING_SKILL, &pointer, message);
        found.push(match near {
            Some(near) => diagnostic
                .help(format!("did you mean `{near}`?"))
                .maybe_fix(outline.document.respelling(&pointer, near)),
            None if others.is_empty() => diagnostic.help(
                "give the task to somebody who has it, or name it under the agent's `skills`",
            ),
            None => diagnostic.help(format!("of the team, {} has it", others.join(", "))),
        });
    }
}

fn has(member: &Member<'_>, skill: &str) -> bool {
    let same = |known: &String| known.trim().eq_ignore_ascii_case(skill.trim());
    member.agent.skills.iter().any(same)
}

/// A task that is expected to take longer than it may.
fn time(outline: &Outline<'_>, task: &TaskOutline<'_>, found: &mut Findings) {
    let read = |key: &str| -> Option<HumanDuration> {
        serde_json::from_value(task.get(key)?.clone()).ok()
    };
    let (Some(estimate), Some(sla)) = (read("estimate"), read("sla")) else { return };
    if estimate.0 > sla.0 {
        let pointer = format!("{}/sla", task.pointer);
        let message = format!("the task is expected to take {estimate}, and may take {sla}");
        let diagnostic = outline.document.diagnostic(Code::INVALID_VALUE, &pointer, message);
        found.push(diagnostic.help("give it more time, or mend the `estimate`"));
    }
}
