//! Work that an agent plans: whom and what the plan may name, and how large it may be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::language::source::child_pointer;

/// The most tasks of a plan where the author names no number.
const DEFAULT_MAX_TASKS: u32 = 8;

/// The greatest number of tasks that an author may allow in a plan.
const MOST_TASKS: u32 = 500;

/// The most entries of a catalogue of one kind.
const MOST_ENTRIES: u32 = 50;

/// How often it is planned anew where the author only says that it is.
const DEFAULT_REPLANS: u32 = 1;

/// The greatest number of times that an author may have it planned anew.
const MOST_REPLANS: u32 = 10;

/// Has an agent plan: its answer is a list of tasks, which become a part of the run.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpandTask {
    /// Who plans what, and of what the plan is made.
    pub expand: Expansion,
}

/// Who plans what, and of what the plan is made.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expansion {
    /// The agent that plans, by its id or role.
    #[schemars(length(min = 1), example = &"orchestrator")]
    pub agent: String,
    /// What is to be done: a template. The catalogue, and how a plan is written, are added to it. Of a plan that is
    /// there, how it is planned anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"Answer this question: {{ inputs.question }}")]
    pub prompt: Option<String>,
    /// A plan that is there, so that nobody is asked for one at first: an expression that gives a mapping with
    /// `tasks`, as an agent would write it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"tasks.merged.output")]
    pub plan: Option<String>,
    /// Whom and what a plan may name. It can name nothing else.
    pub catalogue: Catalogue,
    /// The most tasks of a plan. Default 8.
    #[serde(default = "default_max_tasks")]
    #[schemars(range(min = 1, max = MOST_TASKS))]
    pub max_tasks: u32,
    /// Has it planned anew when a planned task fails. What is done by then is kept. Otherwise the task
    /// fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replan: Option<Replan>,
    /// Has an agent make one result of those of the planned tasks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synthesize: Option<Conclusion>,
}

/// Whom and what a plan may name.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1))]
pub struct Catalogue {
    /// Agents of the team, each of which may be asked any number of times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = MOST_ENTRIES), example = ["researcher", "writer"])]
    pub agents: Vec<String>,
    /// Patterns that may be used, by their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = MOST_ENTRIES), example = ["parallel_research"])]
    pub patterns: Vec<String>,
}

/// How often it is planned anew.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replan {
    /// How often at most. Default 1.
    #[serde(default = "default_replans")]
    #[schemars(range(min = 1, max = MOST_REPLANS))]
    pub max: u32,
}

/// What is made of the results of the planned tasks.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Conclusion {
    /// Who makes it. Default: who planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"writer")]
    pub agent: Option<String>,
    /// What is asked: a template. The results are added to it.
    #[schemars(length(min = 1), example = &"Answer the question from these results alone.")]
    pub prompt: String,
}

fn default_max_tasks() -> u32 {
    DEFAULT_MAX_TASKS
}

fn default_replans() -> u32 {
    DEFAULT_REPLANS
}

/// The patterns that a task uses, or may use, by name, and where below the task that is said; of a
/// task in whatever condition.
pub(crate) fn patterns_of_task(task: &Value) -> impl Iterator<Item = (&str, String)> {
    let used = task.get("uses").and_then(Value::as_str);
    let used = used.map(|name| (name, "/uses".to_owned()));
    let offered = task.pointer("/expand/catalogue/patterns").and_then(Value::as_array);
    let offered = offered.into_iter().flatten().enumerate().filter_map(|(place, name)| {
        let pointer = child_pointer("/expand/catalogue/patterns", &place.to_string());
        Some((name.as_str()?, pointer))
    });
    used.into_iter().chain(offered)
}
