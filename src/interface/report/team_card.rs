//! One team on a page: who is in it, who reports to whom, who works with it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use crate::language::document::{
    AgentEntry, Body, CapacityEntry, Document, Library, TeamDocument, TeamReference,
};
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
    if let Some(may) = &team.team.orchestration {
        let _ = writeln!(text, "  {} {may}", paint.dim("may start runs:"));
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
        "orchestration": team.team.orchestration,
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
    let standing = standing(agent).map(|standing| format!("  {standing}")).unwrap_or_default();
    let purpose = paint.dim(&agent.purpose);
    let _ = writeln!(text, "{indent}{}{standing}  {purpose}", id(team, place));
    if depth > team.agents.len() {
        return;
    }
    for other in (0..team.agents.len()).filter(|other| manager(team, *other) == Some(place)) {
        branch(team, other, depth + 1, paint, text);
    }
}

/// Layer, domain and level, and the capacity where one is given: `contributor of backend, senior, 18 hours
/// a week`. None for agents without a layer.
fn standing(agent: &AgentEntry) -> Option<String> {
    let mut text = agent.layer?.to_string();
    if let Some(domain) = &agent.domain {
        let _ = write!(text, " of {domain}");
    }
    if let Some(level) = agent.level {
        let _ = write!(text, ", {level}");
    }
    if let Some(capacity) = agent.capacity.as_ref().map(CapacityEntry::capacity) {
        let days = u32::try_from(capacity.days.len()).unwrap_or(u32::MAX);
        let minutes = capacity.minutes_per_day.saturating_mul(days);
        let hours = format!("{}.{}", minutes / 60, minutes % 60 * 10 / 60);
        let _ = write!(text, ", {} hours a week", hours.trim_end_matches(".0"));
        let away: Vec<String> = capacity.away.iter().map(ToString::to_string).collect();
        if !away.is_empty() {
            let _ = write!(text, ", away on {}", away.join(", "));
        }
    }
    Some(text)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::document::{Expectation, ProjectFile};

    #[test]
    fn the_card_says_where_agents_stand() {
        let text = "\
team: { name: desk }
agents:
  - { role: Head, purpose: Decides, layer: manager }
  - role: Lead
    layer: lead
    domain: backend
    level: staff
    reports_to: Head
    capacity: { hours_per_day: 7.5, days: [monday, friday, sunday], away: [\"2026-12-24\"] }
  - { role: Guest, reports_to: Head, domain: backend }
";
        let library = Library::of_files([ProjectFile {
            name: "teams/desk.yaml".to_owned(),
            content: Ok(text.to_owned()),
            expectation: Expectation::Named,
        }]);
        let document = library.project_documents().next().unwrap();
        let card = team_card_text(&library, document, Paint::PLAIN);
        let lines: Vec<&str> = card.lines().map(str::trim_end).skip(2).take(4).collect();
        assert_eq!(
            lines,
            [
                "agents",
                "  head  manager  Decides",
                "    lead  lead of backend, staff, 22.5 hours a week, away on 2026-12-24",
                "    guest",
            ]
        );
        let agents = &team_card_json(&library, document)["agents"];
        assert_eq!(agents[1]["capacity"]["hours_per_day"], 7.5);
    }
}
