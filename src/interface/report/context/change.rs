//! What was added to a context.

use serde_json::{Value, json};

use super::flat;
use crate::insight::context::{ContextFact, TaskEnding};

/// What was added, for people: a line each.
pub fn context_changed_text(facts: &[ContextFact]) -> String {
    facts.iter().map(|fact| format!("{}\n", flat(&line(fact)))).collect()
}

/// What was added, for programs.
pub fn context_changed_json(project: &str, facts: &[ContextFact]) -> Value {
    let facts: Vec<Value> =
        facts.iter().map(|fact| serde_json::to_value(fact).unwrap_or_default()).collect();
    json!({ "project": project, "added": facts })
}

fn line(fact: &ContextFact) -> String {
    match fact {
        ContextFact::Begun { project } => format!("the context of {project} is begun"),
        ContextFact::Imported { .. } | ContextFact::Filed { .. } => "the file is read".to_owned(),
        ContextFact::SessionBegun { session } => session.clone(),
        ContextFact::ObjectiveAdded { id, description }
        | ContextFact::TaskAdded { id, description } => format!("{id}  {description}"),
        ContextFact::ObjectiveEnded { id, ending } => format!("{id}  {}", ending.as_str()),
        ContextFact::TaskEnded { id, outcome, ending } => {
            let how = if *ending == TaskEnding::Succeeded { "done" } else { "failed" };
            format!("{id}  {how}: {outcome}")
        }
        ContextFact::InsightRecorded { text, .. } => format!("learned: {text}"),
        ContextFact::InsightConfirmed { text, .. } => format!("confirmed: {text}"),
        ContextFact::DecisionAsked { id, question } => format!("{id}  to be decided: {question}"),
        ContextFact::DecisionMade { id, decision, .. } => {
            format!("{id}  {} {}", decision.question, decision.choice)
        }
        ContextFact::Synthesized { synthesis, .. } => format!(
            "synthesis: {} agreed, {} in conflict, {} patterns, {} unknown",
            synthesis.agreements.len(),
            synthesis.conflicts.len(),
            synthesis.patterns.len(),
            synthesis.unknowns.len(),
        ),
        ContextFact::RunEntered { run, task, .. } => format!("run {run} does {task}"),
        ContextFact::AgentsSpawned { run, agents } => {
            format!("run {run} has asked {} agents", agents.len())
        }
        ContextFact::RunEnded { run, outcome, .. } => format!("run {run}: {outcome}"),
        ContextFact::Closed => "the context is closed; nothing of it is lost".to_owned(),
    }
}
