//! One team on a page: who is in it, who reports to whom, who works with it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use crate::language::document::{Body, Document, Library, TeamDocument, TeamReference};
use crate::language::source::Source;
use crate::organization::{AgentId, role_id};

/// A team for people: its agents as a tree of reporting lines.
pub fn team_card_text(library: &Library, document: &Document, paint: Paint) -> String {
    let Some(Body::Team(team)) = document.body() else {
        return String::new();
    };
    let purpose = team.team.purpose.as_deref().unwrap_or_default();
    let mut text = format!("{}  {purpose}\n", paint.bold(&team.team.name));
    if let Some(department) = &team.team.department {
        let _ = writeln!(text, "  {} {department}", paint.dim("department:"));
    }
    if let Some(model) = &team.team.model {
        let _ = writeln!(text, "  {} {model}", paint.dim("model:"));
    }
    for capability in &team.special_capabilities {
        let _ = writeln!(text, "  {} {capability}", paint.dim("special:"));
    }
    let _ = writeln!(text, "\n{}", paint.bold("agents"));
    let tops = (0..team.agents.len()).filter(|place| manager(team, *place).is_none());
    for place in tops {
        branch(team, place, 1, paint, &mut text);
    }
    let users = users(library, &team.team.name);
    if !users.is_empty() {
        let _ = writeln!(text, "\n{}  {}", paint.bold("works on"), users.join(", "));
    }
    let name = &team.team.name;
    let _ = writeln!(text, "\n{}\n  partita new pattern --team {name}", paint.bold("give it work"));
    text
}

/// A team for machines: what its document says, the ids of its agents, who names it.
pub fn team_card_json(library: &Library, document: &Document) -> Value {
    let Some(Body::Team(team)) = document.body() else {
        return Value::Null;
    };
    let agents: Vec<Value> = team
        .agents
        .iter()
        .enumerate()
        .map(|(place, agent)| {
            let mut written = serde_json::to_value(agent).unwrap_or_default();
            written["id"] = id(team, place).into();
            written["reports_to"] = manager(team, place).map(|manager| id(team, manager)).into();
            written
        })
        .collect();
    let source = library.sources().get(document.source());
    json!({
        "name": team.team.name,
        "purpose": team.team.purpose,
        "department": team.team.department,
        "model": team.team.model,
        "special_capabilities": team.special_capabilities,
        "agents": agents,
        "used_by": users(library, &team.team.name),
        "file": source.map(Source::name),
        "builtin": library.is_builtin(document),
    })
}

/// An agent, and below it those who report to it. Reporting lines have no circles: the document
/// has been checked.
fn branch(team: &TeamDocument, place: usize, depth: usize, paint: Paint, text: &mut String) {
    let agent = &team.agents[place];
    let indent = "  ".repeat(depth);
    let _ = writeln!(text, "{indent}{}  {}", id(team, place), paint.dim(&agent.purpose));
    if depth > team.agents.len() {
        return;
    }
    for other in (0..team.agents.len()).filter(|other| manager(team, *other) == Some(place)) {
        branch(team, other, depth + 1, paint, text);
    }
}

fn id(team: &TeamDocument, place: usize) -> String {
    let agent = &team.agents[place];
    AgentId::new(agent.id.as_deref(), &agent.role).to_string()
}

/// Whom an agent reports to, by role or id.
fn manager(team: &TeamDocument, place: usize) -> Option<usize> {
    let named = team.agents[place].reports_to.as_ref()?;
    let is_named = |other: &usize| {
        let agent = &team.agents[*other];
        agent.id.as_ref() == Some(named) || role_id(&agent.role) == role_id(named)
    };
    (0..team.agents.len()).find(is_named)
}

/// The patterns and pipelines that name a team.
fn users(library: &Library, team: &str) -> Vec<String> {
    let names = |document: &&Document| {
        let reference = match document.body() {
            Some(Body::Pattern(pattern)) => pattern.team.as_ref(),
            Some(Body::Pipeline(pipeline)) => pipeline.team.as_ref(),
            _ => None,
        };
        matches!(reference, Some(TeamReference::Named(name)) if name == team)
    };
    let own = library.documents().filter(|document| !library.is_imported(document));
    let users = own.filter(names).filter_map(Document::name);
    let mut users: Vec<String> = users.map(str::to_owned).collect();
    users.sort();
    users.dedup();
    users
}
