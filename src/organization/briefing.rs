//! What an agent is told about itself before every task.

use std::fmt::Write as _;

use super::agent::is_same_role;
use super::framework::{FrameworkExtent, RESPONSIBILITIES_HEADING, decision_framework};
use super::layer::Layer;
use super::{Agent, Expertise, Guidance, Team, lead_of};

/// The system message of an agent: who it is, what for, with whom, and how it works. Those who lead are told how to
/// choose among approaches in front of their responsibilities, if there is guidance; `tools` are those that they
/// orchestrate with. It depends on the team and the guidance of the run alone, so that all tasks of an agent share this
/// prefix and a server's prompt cache stays warm.
pub fn system_message(
    agent: &Agent,
    team: &Team,
    guidance: Option<&Guidance>,
    tools: &[(&str, &str)],
) -> String {
    let mut text = format!("You are the {} of the team {}.", agent.role, team.name());
    if let Some(purpose) = team.purpose() {
        let _ = write!(text, " The team's purpose: {}", sentence(purpose));
    }
    let guidance = guidance.filter(|_| is_guided(agent, team));
    if let Some(guidance) = guidance {
        let framework = decision_framework(agent, team, guidance.of(team.name()), tools);
        let _ = write!(text, "\n\n{framework}\n\n{RESPONSIBILITIES_HEADING}\n");
    }
    if !agent.purpose.is_empty() {
        let _ = write!(text, "\nYour purpose: {}", sentence(&agent.purpose));
    }
    list(&mut text, "Your skills", &agent.skills);
    list(&mut text, "You pay attention to", &agent.focus_areas);
    if let Some(instructions) = &agent.instructions {
        let _ = write!(text, "\n\n{}", instructions.trim());
    }
    text.push_str(
        "\n\nDo the task you are given and nothing beyond it. Do not invent figures, names or \
         sources: where a fact is missing, say which, and go on with a stated assumption.",
    );
    text
}

/// Whether somebody is told the decision framework: those who lead, unless their team wants it left out.
pub fn is_guided(agent: &Agent, team: &Team) -> bool {
    team.framework() != FrameworkExtent::None && leads(agent, team)
}

/// Whether somebody leads others, and is told what a project has so far: the upper two layers, an
/// orchestrator, and in a team without layers the one to whom the others report and whoever is said to
/// know much of orchestration.
pub fn leads(agent: &Agent, team: &Team) -> bool {
    leads_among(agent, team.agents())
}

/// The same among the members of a team of which nothing has been checked.
pub fn leads_among<M: AsRef<Agent>>(agent: &Agent, members: &[M]) -> bool {
    let is_head = || {
        let reports = |other: &M| other.as_ref().reports_to.as_ref() == Some(&agent.id);
        let is_lead = |lead: &M| lead.as_ref().id == agent.id;
        members.iter().any(reports) && lead_of(members).is_some_and(is_lead)
    };
    match agent.layer {
        Some(layer) => layer >= Layer::Coordinator,
        None => is_orchestrator(agent) || is_expert(agent) || is_head(),
    }
}

fn is_expert(agent: &Agent) -> bool {
    agent.orchestration_expertise >= Some(Expertise::Advanced)
}

/// Whether somebody orchestrates by its role, as in seed 001.
pub fn is_orchestrator(agent: &Agent) -> bool {
    is_same_role(&agent.role, "orchestrator")
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

fn list(text: &mut String, title: &str, entries: &[String]) {
    if !entries.is_empty() {
        let _ = write!(text, "\n{title}: {}.", entries.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_leads_is_told_more() {
        let agent = |role: &str, layer, above: Option<&str>| Agent {
            layer,
            reports_to: above.map(|above| crate::organization::AgentId::new(None, above)),
            ..Agent::of_role(None, role)
        };
        let who_leads = |agents: Vec<Agent>| -> Vec<String> {
            let team = Team::new("t".into(), None, None, agents).unwrap();
            let leading = team.agents().iter().filter(|agent| leads(agent, &team));
            leading.map(|agent| agent.role.clone()).collect()
        };
        let (boss, one) = (agent("Boss", None, None), agent("One", None, Some("Boss")));
        assert_eq!(who_leads(vec![boss, one]), ["Boss"]);
        assert!(who_leads(vec![agent("One", None, None), agent("Two", None, None)]).is_empty());
        assert_eq!(who_leads(vec![agent("ORCHESTRATOR", None, None)]), ["ORCHESTRATOR"]);
        let expert = Agent {
            orchestration_expertise: Some(Expertise::Expert),
            ..agent("Quality Audit Manager", None, None)
        };
        let some = Agent {
            orchestration_expertise: Some(Expertise::Intermediate),
            ..agent("Analyst", None, None)
        };
        assert_eq!(who_leads(vec![some, expert]), ["Quality Audit Manager"]);
        let layered = [Layer::Manager, Layer::Coordinator, Layer::Lead, Layer::Contributor];
        let layered = layered.map(|layer| agent(layer.as_str(), Some(layer), None));
        assert_eq!(who_leads(layered.into()), ["manager", "coordinator"]);
    }

    #[test]
    fn says_who_and_what_for() {
        let agent = Agent {
            purpose: "Size the market".into(),
            skills: vec!["market sizing".into(), "pricing".into()],
            instructions: Some("Give figures with their source.\n".into()),
            ..Agent::of_role(None, "Market Analyst")
        };
        let team =
            Team::new("launch_team".into(), Some("Ship it".into()), None, vec![agent.clone()])
                .unwrap();
        let text = system_message(&agent, &team, None, &[]);
        assert!(text.starts_with(
            "You are the Market Analyst of the team launch_team. The team's purpose: Ship it.\n\
             Your purpose: Size the market.\nYour skills: market sizing, pricing.\n\n\
             Give figures with their source.\n\nDo the task you"
        ));
    }
}
