//! How what a task has done is undone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use indexmap::IndexMap;
use serde_json::Value;

use super::{
    AgentTask, HumanDuration, ModelOptions, Modifiers, OutputType, Retry, Task, Timeouts, ToolTask,
    Verb,
};

/// Undoes what a task has done, where what it was done for fails: an agent that is asked, or a tool that is called.
/// Its templates read what has come out of the task as `output`, besides what the task's own templates read.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Compensate {
    /// The agent that undoes it, by its id or role.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"travel_agent")]
    pub agent: Option<String>,
    /// What the agent is asked: a template.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"Cancel the booking {{ output.reference }}.")]
    pub prompt: Option<String>,
    /// The tool that undoes it, in the place of an agent: a built-in one, or `server.tool`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"tickets.close")]
    pub tool: Option<String>,
    /// The arguments of the tool.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub with: IndexMap<String, Value>,
    /// Time limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Timeouts>,
    /// Retries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// How long it is expected to take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<HumanDuration>,
    /// The type of the answer. Free text if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<OutputType>,
    /// The model, instead of the agent's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"llama3.1:8b")]
    pub model: Option<String>,
    /// Options of the model call, over the agent's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<ModelOptions>,
}

impl Compensate {
    /// The task that it is; none where it does not say who does what. What has an effect is neither taken
    /// from an earlier run nor asked twice at once.
    pub(crate) fn as_task(&self) -> Option<Task> {
        let Compensate { agent, prompt, tool, with, timeout, retry, estimate, output, .. } =
            self.clone();
        let (model, options) = (self.model.clone(), self.options.clone());
        let modifiers = Modifiers {
            timeout,
            retry,
            estimate,
            output,
            model,
            options,
            cache: Some(false),
            hedge: Some(false),
            ..Modifiers::default()
        };
        let verb = match (agent.zip(prompt), tool) {
            (Some((agent, prompt)), None) => Verb::Agent(AgentTask { agent, prompt }),
            (None, Some(tool)) => Verb::Tool(Box::new(ToolTask { tool, with })),
            _ => return None,
        };
        Some(Task { verb, modifiers: Box::new(modifiers) })
    }
}
