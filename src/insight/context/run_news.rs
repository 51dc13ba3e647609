//! What a run has brought for its context: the agents that were asked, and, when it is over, what came
//! of it. All of it follows from the facts of the run.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fact::{DecisionRecord, OptionRecord, SynthesisRecord};
use crate::engine::content::Contents;
use crate::engine::{Fact, Recorded, RunStatus, Time};
use crate::insight::history::History;
use crate::insight::records::Simulated;
use crate::insight::spans::Span;
use crate::insight::wording::shortened;
use crate::language::digest::Digest;
use crate::language::plan::{Plan, Work};

/// So many characters of what a run gave are kept as the outcome of its task.
const OUTCOME: usize = 300;

/// So many characters of a prompt say what somebody was asked for.
const MISSION: usize = 120;

/// The output of a run that is stored as a decision, if it has the form of one.
const DECISION: &str = "decision";
/// The output of a run that is stored as a synthesis, if it has the form of one.
const SYNTHESIS: &str = "synthesis";
/// The output of a run whose texts are stored as insights.
const INSIGHTS: &str = "insights";

/// Figures of a run that is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFigures {
    /// Agents that were asked, one for each task that asked one.
    pub agents: u64,
    /// Calls of models.
    pub calls: u64,
    /// Those of them beside which another one was under way at some time.
    pub calls_beside_others: u64,
    /// Whether any of it was invented.
    pub simulated: bool,
}

/// What a run has brought so far.
#[derive(Debug, Clone, PartialEq)]
pub struct RunNews {
    /// The run.
    pub run: String,
    /// How it stands.
    pub status: RunStatus,
    /// The agents that were asked, in the order in which they were.
    pub agents: Vec<AskedAgent>,
    /// What came of it, when it is over.
    pub end: Option<RunEnd>,
}

/// An agent that was asked in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedAgent {
    /// The address of the task.
    pub task: String,
    /// The agent's role.
    pub role: String,
    /// What it was asked for.
    pub mission: String,
    /// When it was asked first.
    pub at: Time,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEnd {
    /// In a sentence or two.
    pub outcome: String,
    /// Its figures.
    pub figures: RunFigures,
    /// What was decided in it.
    pub decisions: Vec<DecisionRecord>,
    /// What was put together in it.
    pub synthesis: Option<SynthesisRecord>,
    /// What was learned in it.
    pub insights: Vec<String>,
}

impl RunNews {
    /// What a run has brought, as its facts say.
    pub fn of(run: &str, plan: Arc<Plan>, facts: &[Recorded], contents: &dyn Contents) -> RunNews {
        let history = &History::of_facts(plan, facts);
        let agents = asked_agents(history, facts, contents);
        let end = history.status.is_final().then(|| {
            let outputs = history.outputs.as_ref().and_then(|address| contents.read(address).ok());
            let outputs = outputs.as_deref().cloned().unwrap_or_default();
            RunEnd {
                outcome: outcome(history, &outputs),
                figures: figures(history, agents.len()),
                decisions: decisions(history, &outputs, contents),
                synthesis: serde_json::from_value(outputs[SYNTHESIS].clone()).ok(),
                insights: serde_json::from_value(outputs[INSIGHTS].clone()).unwrap_or_default(),
            }
        });
        RunNews { run: run.to_owned(), status: history.status, agents, end }
    }
}

/// One for each task that asked somebody in this run, by the time at which it did first.
fn asked_agents(history: &History, facts: &[Recorded], contents: &dyn Contents) -> Vec<AskedAgent> {
    let plan = history.plan();
    let mut seen = BTreeSet::new();
    let mut asked = Vec::new();
    for recorded in facts {
        let Fact::AttemptStarted { attempt, request, .. } = &recorded.fact else { continue };
        let task = plan.task(attempt.task);
        if let Some(agent) = plan.agent_of(task)
            && seen.insert(attempt.task)
        {
            asked.push(AskedAgent {
                task: task.path.clone(),
                role: agent.agent.role.clone(),
                mission: mission(&task.path, request, contents),
                at: recorded.at,
            });
        }
    }
    asked
}

/// What somebody was asked for: the address in the run, and how the prompt begins.
fn mission(path: &str, request: &Digest, contents: &dyn Contents) -> String {
    let request = contents.read(request).ok();
    let messages = request.as_deref().and_then(|request| request["messages"].as_array());
    let prompt = messages.into_iter().flatten().rev().find(|message| message["role"] == "user");
    let prompt = prompt.and_then(|message| message["content"].as_str()).unwrap_or_default();
    let first = prompt.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    match first.is_empty() {
        true => path.to_owned(),
        false => shortened(&format!("{path}: {first}"), MISSION),
    }
}

fn figures(history: &History, agents: usize) -> RunFigures {
    let calls: Vec<Span> = history
        .tasks()
        .flat_map(|(_, task)| &task.attempts)
        .map(|attempt| (attempt.started, attempt.ended.unwrap_or(history.worked)))
        .collect();
    RunFigures {
        agents: agents as u64,
        calls: calls.len() as u64,
        calls_beside_others: beside_others(&calls),
        simulated: history.simulated() != Simulated::No,
    }
}

/// How many spans share a moment with another one.
fn beside_others(spans: &[Span]) -> u64 {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_unstable_by_key(|place| spans[*place]);
    let mut beside = BTreeSet::new();
    let mut longest: Option<usize> = None;
    for place in order {
        if let Some(other) = longest.filter(|other| spans[place].0 < spans[*other].1) {
            beside.extend([place, other]);
        }
        if longest.is_none_or(|other| spans[other].1 < spans[place].1) {
            longest = Some(place);
        }
    }
    beside.len() as u64
}

/// What came of a run: its outputs in short, or why there are none.
fn outcome(history: &History, outputs: &Value) -> String {
    if history.status != RunStatus::Succeeded {
        let why = history.failure.as_ref().map(|failure| failure.message.as_str());
        let text = match why {
            Some(why) => format!("{}: {why}", history.status.as_str()),
            None => history.status.as_str().to_owned(),
        };
        return shortened(&text, OUTCOME);
    }
    let texts: Vec<(&String, String)> = outputs
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name, in_short(value)))
        .collect();
    match texts.as_slice() {
        [] => "done".to_owned(),
        [(_, only)] => shortened(only, OUTCOME),
        several => {
            let each = OUTCOME / several.len().max(1);
            let parts: Vec<String> = several
                .iter()
                .map(|(name, text)| shortened(&format!("{name}: {text}"), each.max(40)))
                .collect();
            shortened(&parts.join("; "), OUTCOME)
        }
    }
}

fn in_short(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What persons decided at gates, and the decision that the run gives as an output.
fn decisions(history: &History, outputs: &Value, contents: &dyn Contents) -> Vec<DecisionRecord> {
    let plan = history.plan();
    let gates = history.tasks().filter_map(|(id, record)| {
        let (choice, by) = record.decision.as_deref().filter(|_| record.kept.is_none())?;
        let task = plan.task(id);
        let Work::Approve { options, .. } = &task.work else { return None };
        let asked = record.question.as_ref().and_then(|question| contents.read(question).ok());
        let asked = asked.as_deref().and_then(|asked| asked["ask"].as_str().map(str::to_owned));
        let question = asked.unwrap_or_else(|| task.path.clone());
        let option = |option: &String| OptionRecord { option: option.clone(), risks: Vec::new() };
        Some(DecisionRecord {
            question: shortened(&question, OUTCOME),
            options: options.iter().map(option).collect(),
            criteria: Vec::new(),
            choice: choice.clone(),
            rationale: format!("chosen by {by}"),
        })
    });
    let given: Option<DecisionRecord> = serde_json::from_value(outputs[DECISION].clone()).ok();
    gates.chain(given).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn calls_beside_others_are_counted_once() {
        let check = |spans: &[(u64, u64)], expected: u64| {
            let second = Duration::from_secs;
            let spans: Vec<Span> = spans.iter().map(|(a, b)| (second(*a), second(*b))).collect();
            assert_eq!(beside_others(&spans), expected, "{spans:?}");
        };
        check(&[], 0);
        check(&[(0, 4)], 0);
        check(&[(0, 4), (4, 6)], 0);
        check(&[(0, 4), (3, 6), (7, 8)], 2);
        check(&[(0, 9), (1, 2), (3, 4), (9, 10)], 3);
    }
}
