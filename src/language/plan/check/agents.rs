//! That the agents which tasks name are in the team.

use serde_json::Value;

use crate::language::diagnostic::{Code, Findings};
use crate::language::document::VerbKind;
use crate::language::plan::outline::{Outline, TaskOutline};
use crate::language::plan::team_outline::TeamOutline;

use super::meant;
use super::structure::is_misspelt;
use super::team::Addresses;

pub(super) fn check(outline: &Outline<'_>, team: Option<&TeamOutline<'_>>, found: &mut Findings) {
    let document = outline.document;
    let Some(team @ TeamOutline { members, .. }) = team else {
        // A team that cannot be found has been reported; no team at all is reported once.
        let asking = outline.tasks.iter().find_map(whom_it_asks);
        let is_misspelt = is_misspelt(document.value(), "team");
        if let (None, Some((pointer, whom)), false) = (outline.team(), asking, is_misspelt) {
            let message = format!("there is no team for {whom} to be in");
            found.push(
                document
                    .diagnostic(Code::NO_TEAM, &pointer, message)
                    .help("name a team: `team: launch_team`, or write one with `agents:`"),
            );
        }
        return;
    };
    let written = outline.team().and_then(|team| team.get("agents")).and_then(Value::as_array);
    let has_nameless = written.is_some_and(|written| written.len() > members.len());
    let addresses = Addresses::of(members);
    for agent in outline.tasks.iter().flat_map(|task| &task.agents) {
        if addresses.has(agent.name) || team.post(agent.name).is_some() {
            continue;
        }
        let everybody = || team.posts.iter().chain(members);
        let ids = || everybody().map(|member| member.agent.id.as_str());
        let near = meant(found, agent.name, ids());
        let fix = near.and_then(|near| document.respelling(&agent.pointer, near));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            // It may be the one whose name is missing, which has been reported.
            None if has_nameless => continue,
            None if ids().next().is_none() => "the team has no agents".to_owned(),
            None => format!("the team has {}", ids().take(20).collect::<Vec<_>>().join(", ")),
        };
        let message = format!("unknown agent `{}`", agent.name);
        let diagnostic = document.diagnostic(Code::UNKNOWN_AGENT, &agent.pointer, message);
        found.push(diagnostic.help(help).maybe_fix(fix));
    }
}

/// The first agent that a task asks, in words, and where that is said. A consensus that names nobody
/// asks the team's lead.
fn whom_it_asks(task: &TaskOutline<'_>) -> Option<(String, String)> {
    if let Some(agent) = task.agents.first() {
        return Some((agent.pointer.clone(), format!("`{}`", agent.name)));
    }
    asks_the_lead(task).then(|| {
        let key = if task.strategy.is_some() { "synthesize/strategy" } else { "send" };
        let pointer = format!("{}/{key}", task.pointer);
        let does = match task.strategy {
            Some("best_of") => "compares",
            Some("vote") => "decides between equals",
            None => "sends the message",
            _ => "forms the consensus",
        };
        (pointer, format!("the lead, who {does},"))
    })
}

/// Whether a task is a synthesis that asks an agent and names nobody, or a message that does not say whose
/// it is.
pub(super) fn asks_the_lead(task: &TaskOutline<'_>) -> bool {
    if task.verb == Some(VerbKind::Send) {
        return task.get("from").is_none();
    }
    let decides = || task.value.pointer("/synthesize/tie").and_then(Value::as_str) == Some("agent");
    let asks = match task.strategy {
        Some("consensus" | "best_of") => true,
        Some("vote") => decides(),
        _ => false,
    };
    asks && task.agents.is_empty()
}
