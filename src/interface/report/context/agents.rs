//! The agents that were spawned in a context.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::flat;
use crate::insight::context::Context;

/// The agents, for programs: as the context has them.
pub fn agents_json(context: &Context) -> Value {
    json!({ "project": context.project, "spawned_agents": spawned(context) })
}

/// The agents, for people: a line each.
pub fn agents_text(context: &Context) -> String {
    let agents = spawned(context);
    let of = |agent: &Value, key: &str| agent[key].as_str().unwrap_or_default().to_owned();
    let widest = agents.iter().map(|agent| of(agent, "type").chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for agent in &agents {
        let line = format!(
            "{}  {}  {:<widest$}  {}",
            of(agent, "id"),
            of(agent, "spawned"),
            of(agent, "type"),
            of(agent, "mission"),
        );
        let _ = writeln!(text, "{}", flat(&line));
    }
    let counted = context.document.total("total_agents_spawned");
    let unlisted = counted.saturating_sub(agents.len() as u64);
    if unlisted > 0 {
        let _ = writeln!(text, "and {unlisted} that the imported file counts and does not list");
    }
    if text.is_empty() {
        text.push_str("no agent was spawned yet; runs enter those they ask\n");
    }
    text
}

fn spawned(context: &Context) -> Vec<Value> {
    let document: Value = serde_json::from_str(&context.document.to_text()).unwrap_or_default();
    document["spawned_agents"].as_array().cloned().unwrap_or_default()
}
