//! Messages in a team with layers: that they go along permitted lines.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::language::diagnostic::{Code, Findings};
use crate::language::document::{EVERYBODY, MessageKind};
use crate::language::plan::outline::{Outline, TaskOutline};
use crate::language::plan::team_outline::{Member, TeamOutline};
use crate::organization::{
    Agent, AgentId, NotPermitted, Team, has_layers, layer_faults, permitted,
};

/// So many of those who may read a message are named.
const MOST_NAMED: usize = 20;

/// The team whose rules hold for messages: one with layers that fit together. What does not is a
/// finding of its own.
pub(super) fn rules_of(team: &TeamOutline<'_>) -> Option<Team> {
    if !has_layers(&team.members) || !layer_faults(&team.members).is_empty() {
        return None;
    }
    let agents = team.members.iter().map(|member| member.agent.clone()).collect();
    Team::new(String::new(), None, None, agents).ok()
}

/// That whoever a message is to may get it from its sender.
pub(super) fn check(
    outline: &Outline<'_>,
    (team, rules): (&TeamOutline<'_>, &Team),
    task: &TaskOutline<'_>,
    sender: &Member<'_>,
    found: &mut Findings,
) {
    let word = task.get("send").and_then(Value::as_str);
    let kind = MessageKind::ALL.into_iter().find(|kind| Some(kind.as_str()) == word);
    let Some(kind) = kind else { return };
    let from = &sender.agent.id;
    // Whether who has got a post may write is known in a run.
    if team.post(from.as_str()).is_some() {
        return;
    }
    let readers = permitted(kind, from, rules);
    let allowed: BTreeSet<&AgentId> = readers.iter().map(|agent| &agent.id).collect();
    let is_refused =
        |id: &AgentId| id != from && !allowed.contains(id) && team.post(id.as_str()).is_none();
    let refused: Vec<(String, Vec<&AgentId>)> = match task.get("to") {
        Some(Value::String(word)) if word != EVERYBODY => {
            vec![("to".to_owned(), named(team, word))]
        }
        Some(Value::Array(agents)) => {
            let agents = agents.iter().map(|agent| agent.as_str().unwrap_or_default()).enumerate();
            agents.map(|(place, agent)| (format!("to/{place}"), named(team, agent))).collect()
        }
        None if kind != MessageKind::Broadcast => return,
        to => {
            let everybody = team.members.iter().map(|member| &member.agent.id).collect();
            vec![(if to.is_some() { "to" } else { "send" }.to_owned(), everybody)]
        }
    };
    for (key, mut ids) in refused {
        ids.retain(|id| is_refused(id));
        let Some(first) = ids.first() else { continue };
        let error = NotPermitted { kind, from: from.clone(), to: (*first).clone() };
        let others = match ids.len() - 1 {
            0 => String::new(),
            1 => ", nor to one other".to_owned(),
            more => format!(", nor to {more} others"),
        };
        let pointer = format!("{}/{key}", task.pointer);
        let message = format!("{error}{others}");
        let diagnostic =
            outline.document.diagnostic(Code::MESSAGE_NOT_PERMITTED, &pointer, message);
        found.push(diagnostic.help(remedy(kind, from, &readers)));
    }
}

fn named<'t>(team: &'t TeamOutline<'_>, address: &str) -> Vec<&'t AgentId> {
    team.find(address).map(|member| &member.agent.id).into_iter().collect()
}

fn remedy(kind: MessageKind, from: &AgentId, readers: &[&Agent]) -> String {
    let names: Vec<&str> = readers.iter().take(MOST_NAMED).map(|agent| agent.id.as_str()).collect();
    let rule = kind.rule();
    if names.is_empty() {
        format!(
            "{rule}; let another agent send it, as `{from}` may send nobody a {}",
            kind.as_str()
        )
    } else {
        format!("{rule}; `{from}` may write to {}", names.join(", "))
    }
}
