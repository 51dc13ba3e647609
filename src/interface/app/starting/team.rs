//! The text of a new team.

use super::draft::DraftRequest;
use super::sheet::Sheet;
use super::wish::{AgentWish, DocumentName};
use crate::interface::app::failure::Failure;

/// The text of a new team: its first agent leads, the others report to it.
///
/// # Errors
/// When an agent cannot be as it was typed.
pub(super) fn team_text(name: &DocumentName, request: &DraftRequest) -> Result<String, Failure> {
    let mut agents = AgentWish::parse_all(&request.agents)?;
    if agents.is_empty() {
        agents = AgentWish::parse_all(&[
            "Lead: Weigh what the others find, and decide".to_owned(),
            "Researcher: Find what matters, and say what is not known".to_owned(),
        ])?;
    }
    let mut sheet = Sheet::default();
    sheet.comment(0, &format!("A pattern names it with `team: {}`.", name.as_str()));
    sheet.key(0, "team");
    sheet.text(1, "name", name.as_str());
    let purpose = request.summary.as_deref().map(str::trim).filter(|purpose| !purpose.is_empty());
    sheet.text(1, "purpose", purpose.unwrap_or("Say here what the team is there for"));
    sheet.comment(1, "The model of every agent that names none:");
    sheet.comment(1, "model: \"llama3.1:8b\"");
    sheet.blank();
    sheet.comment(0, "Tasks address an agent by its role in snake case, or by its `id`.");
    sheet.key(0, "agents");
    let lead = agents.first().map(|agent| agent.id.clone());
    for (place, agent) in agents.iter().enumerate() {
        let manager = lead.as_deref().filter(|_| place > 0);
        sheet.agent(1, agent, manager);
    }
    sheet.comment(2, "An agent can also be told how it goes about its work:");
    sheet.comment(2, "skills: [interviewing, statistics]");
    sheet.comment(2, "instructions: Give figures with their source.");
    Ok(sheet.into_text())
}
