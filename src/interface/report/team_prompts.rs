//! What the agents of a team are told about themselves.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use crate::interface::app::{AgentPrompt, OutputFiles, TeamPrompts};

/// The prompts of a team for people; where they were written to files, those.
pub fn team_prompts_text(prompts: &TeamPrompts, files: &OutputFiles, paint: Paint) -> String {
    let mut text = String::new();
    for agent in &prompts.agents {
        let _ = writeln!(text, "{}  {}", paint.bold(agent.id.as_str()), standing(agent));
        if !agent.tools.is_empty() {
            let _ = writeln!(text, "  {} {}", paint.dim("tools:"), agent.tools.join(", "));
        }
        match files.files.iter().find(|file| file.output == agent.id.as_str()) {
            Some(file) => {
                let _ = writeln!(text, "  {}  {}", file.arrival.as_str(), file.path.display());
            }
            None => {
                let _ = writeln!(text, "{}\n", agent.prompt);
            }
        }
    }
    if !prompts.agents.iter().any(|agent| agent.leads) {
        let _ = writeln!(text, "{}", nobody_leads(prompts));
    }
    text
}

fn standing(agent: &AgentPrompt) -> String {
    let tokens = agent.expected_tokens();
    match (agent.leads, agent.is_guided) {
        (true, true) => format!("leads; about {tokens} tokens"),
        (true, false) => format!("leads, without the framework; about {tokens} tokens"),
        _ => format!("about {tokens} tokens"),
    }
}

fn nobody_leads(prompts: &TeamPrompts) -> &'static str {
    match prompts.agents.len() {
        1 => "This agent does not lead.",
        _ => {
            "Nobody leads: say who reports to whom (`reports_to`), give layers, or `orchestration_expertise: expert`."
        }
    }
}

/// The prompts of a team for machines.
pub fn team_prompts_json(prompts: &TeamPrompts, files: &OutputFiles) -> Value {
    let agents = prompts.agents.iter().map(|agent| {
        let file = files.files.iter().find(|file| file.output == agent.id.as_str());
        json!({
            "id": agent.id,
            "role": agent.role,
            "leads": agent.leads,
            "framework": agent.is_guided,
            "tools": agent.tools,
            "prompt": agent.prompt,
            "estimated_tokens": agent.expected_tokens(),
            "file": file.map(|file| file.path.display().to_string()),
        })
    });
    json!({
        "team": prompts.team,
        "document": prompts.file,
        "agents": agents.collect::<Vec<Value>>(),
    })
}
