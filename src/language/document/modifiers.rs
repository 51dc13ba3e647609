//! The modifiers of tasks: keys that mean the same beside every verb that takes them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Budget, Compensate, Complexity, Condition, Effect, FailurePolicy, ForEach, HumanDuration,
    LifecycleState, ModelOptions, OutputType, Priority, Repeat, Retry, Samples, Takes, Timeouts,
    Topics, VerbKind,
};

/// When a task is done, how often it is tried, and what its failure means.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Modifiers {
    /// What the task is for, for readers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Tasks that must have ended before. Those that a template mentions need not be named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(example = ["market", "technical"])]
    pub needs: Vec<String>,
    /// The task is skipped where this is false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// The task starts when a message on each of these topics has been sent, and is skipped where none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_message: Option<Topics>,
    /// The task is done once for each item of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_each: Option<ForEach>,
    /// The task is done again until it is good enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Repeat>,
    /// The agent is asked the same several times, and the answer that comes most often is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<Samples>,
    /// Time limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Timeouts>,
    /// Retries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// What a failure means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<FailurePolicy>,
    /// How what the task has done is undone, where the run or the used pattern fails or is broken off
    /// afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compensate: Option<Compensate>,
    /// What doing the task changes outside of the run. With `once` it is not asked again where a server
    /// has taken it and nobody knows what came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// Skills that the task takes. `validate` says where its agent has not got them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(example = ["contract law"])]
    pub skills: Vec<String>,
    /// How hard the task is: it is asked of the model that `defaults` name for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complexity: Option<Complexity>,
    /// How long the task may take from when it could begin, waits and retries and people included. One that takes
    /// longer is told; nothing is broken off.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"10m")]
    pub sla: Option<HumanDuration>,
    /// The state in which the piece of work is that the pattern does, while the task is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"under_review")]
    pub lifecycle: Option<LifecycleState>,
    /// How long the task is expected to take, for the plan's times and critical path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<HumanDuration>,
    /// The type of the answer. Free text if absent. The model is asked for JSON of this type
    /// and its answer is checked against it, as is what a tool gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<OutputType>,
    /// The model, instead of the agent's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"llama3.1:8b")]
    pub model: Option<String>,
    /// Options of the model call, over the agent's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<ModelOptions>,
    /// Whether a run that is started with `--cache` may take the answer of an earlier run. With
    /// `false` the task is asked every time. Default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<bool>,
    /// Whether a second attempt may be begun beside one that takes unusually long, where the cluster
    /// hedges. Default true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hedge: Option<bool>,
    /// How urgent the task is, with all that lies in it: of tasks that could have a server, the most
    /// urgent come first. Default normal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// How much may be spent on everything inside the pattern that the task uses, with `for_each` on
    /// all items together. What it limits takes the place of the pattern's own budget.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// Resources that the call takes while it is under way, over what its agent takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub takes: Option<Takes>,
}

/// Which kinds of task a modifier means something for, in the order of the schema.
const TAKEN_BY: &[(&str, &[VerbKind])] = {
    use VerbKind::{Agent, Approval, Check, Expand, Review, Synthesize, Tool, Uses};
    const ASKS: &[VerbKind] = &[Agent, Synthesize, Expand, Review];
    const WORKS: &[VerbKind] = &[Agent, Synthesize, Expand, Review, Tool];
    // A message that cannot be made has nothing that could stand in for it.
    const CAUGHT: &[VerbKind] = &[Agent, Uses, Synthesize, Expand, Tool, Check, Review, Approval];
    &[
        ("description", &VerbKind::ALL),
        ("needs", &VerbKind::ALL),
        ("when", &VerbKind::ALL),
        ("on_message", &VerbKind::ALL),
        ("for_each", &[Agent, Uses, Expand, Tool]),
        ("repeat", &[Agent, Uses, Expand]),
        ("samples", &[Agent]),
        ("timeout", WORKS),
        ("retry", WORKS),
        ("on_failure", CAUGHT),
        ("compensate", &[Agent, Uses, Tool]),
        ("effect", &[Agent, Tool]),
        ("skills", &[Agent]),
        ("complexity", ASKS),
        ("sla", CAUGHT),
        ("lifecycle", &VerbKind::ALL),
        ("estimate", WORKS),
        ("output", &[Agent, Synthesize, Expand, Tool]),
        ("model", ASKS),
        ("options", ASKS),
        ("cache", ASKS),
        ("hedge", ASKS),
        ("priority", &[Agent, Uses, Synthesize, Expand, Review]),
        ("budget", &[Uses, Expand]),
        ("takes", ASKS),
    ]
};

impl VerbKind {
    /// The modifiers that mean something for this kind.
    pub fn modifiers(self) -> impl Iterator<Item = &'static str> {
        TAKEN_BY.iter().filter(move |(_, kinds)| kinds.contains(&self)).map(|(name, _)| *name)
    }

    /// Whether a key is a modifier that means something for this kind.
    pub fn takes(self, key: &str) -> bool {
        self.modifiers().any(|name| name == key)
    }
}
