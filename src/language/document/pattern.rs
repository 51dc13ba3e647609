//! The `pattern:` and `pipeline:` documents.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::simulation::Profile;
use super::{
    Budget, ClusterSettings, Defaults, HumanDuration, InlineTeam, InputDeclaration, Post, Task,
    ToolSettings,
};

/// A file whose top-level key is `pattern:`: a reusable orchestration with inputs, waves of
/// tasks and outputs.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Partita pattern", extend("patternProperties" = { "^x-": {} }))]
pub struct PatternDocument {
    /// What the pattern is.
    pub pattern: Header,
    /// The team that does it: the name of a team, or the team itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamReference>,
    /// What a caller gives. An input without a default is required.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(extend("propertyNames" = { "pattern": super::name::IDENTIFIER_PATTERN }))]
    pub inputs: IndexMap<String, InputDeclaration>,
    /// Agents of whom only a run knows who they are: chosen among the team when the pattern begins, by what there is to
    /// do. Tasks name them like agents of the team.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(extend("propertyNames" = { "pattern": super::name::IDENTIFIER_PATTERN }))]
    pub staff: IndexMap<String, Post>,
    /// What holds for every task that does not say otherwise.
    #[serde(default)]
    pub defaults: Defaults,
    /// How much may be spent on all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// Where the tools of its agents come from, and of those of the patterns that it uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<ToolSettings>,
    /// The tasks, wave by wave: a wave starts when the one before has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub waves: Option<Vec<Wave>>,
    /// The tasks, where their needs alone order them. A pattern has either this or `waves`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        extend("propertyNames" = { "pattern": super::name::IDENTIFIER_PATTERN }, "minProperties" = 1)
    )]
    pub tasks: Option<IndexMap<String, Task>>,
    /// What comes out. Texts are templates; one that is a whole `{{ expression }}` keeps the type
    /// of its value.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(extend("propertyNames" = { "pattern": super::name::IDENTIFIER_PATTERN }))]
    pub outputs: IndexMap<String, Value>,
    /// When the run has succeeded.
    #[serde(default)]
    pub success_criteria: SuccessCriteria,
}

/// A file whose top-level key is `pipeline:`: an executable file that chains patterns and binds
/// them to teams, inputs and a cluster.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Partita pipeline", extend("patternProperties" = { "^x-": {} }))]
pub struct PipelineDocument {
    /// What the pipeline is.
    pub pipeline: Header,
    /// The team that does it: the name of a team, or the team itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<TeamReference>,
    /// What is given at the start of a run. An input without a default is required.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(extend("propertyNames" = { "pattern": super::name::IDENTIFIER_PATTERN }))]
    pub inputs: IndexMap<String, InputDeclaration>,
    /// Agents of whom only a run knows who they are: chosen among the team when the pattern begins, by what there is to
    /// do. Tasks name them like agents of the team.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(extend("propertyNames" = { "pattern": super::name::IDENTIFIER_PATTERN }))]
    pub staff: IndexMap<String, Post>,
    /// What holds for every task that does not say otherwise.
    #[serde(default)]
    pub defaults: Defaults,
    /// How much may be spent on all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// Where the tools of its agents come from, and of those of the patterns that it uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<ToolSettings>,
    /// The tasks, wave by wave: a wave starts when the one before has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub waves: Option<Vec<Wave>>,
    /// The tasks, where their needs alone order them. A pipeline has either this or `waves`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        extend("propertyNames" = { "pattern": super::name::IDENTIFIER_PATTERN }, "minProperties" = 1)
    )]
    pub tasks: Option<IndexMap<String, Task>>,
    /// What comes out. Texts are templates; one that is a whole `{{ expression }}` keeps the type
    /// of its value.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(extend("propertyNames" = { "pattern": super::name::IDENTIFIER_PATTERN }))]
    pub outputs: IndexMap<String, Value>,
    /// When the run has succeeded.
    #[serde(default)]
    pub success_criteria: SuccessCriteria,
    /// The servers: a cluster file beside this one, or the settings themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterReference>,
    /// How the servers of a rehearsal (`--simulate`) behave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simulation: Option<Profile>,
    /// The times that the run is expected to take, printed beside the measured ones. With a
    /// simulation they are in simulated time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<ExpectedTimes>,
}

/// What a pattern or pipeline is, and when to use it.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The name by which it is run and used.
    #[schemars(regex(pattern = super::name::DOCUMENT_NAME_PATTERN), example = &"product_launch")]
    pub name: String,
    /// What it does, in a sentence.
    #[serde(default)]
    pub summary: String,
    /// The field it belongs to, such as `engineering` or `cross_functional`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = super::name::DOCUMENT_NAME_PATTERN), example = &"cross_functional")]
    pub category: Option<String>,
    /// How much orchestration it is: 1 a single agent, 2 one team, 3 several teams, 4 many teams
    /// with gates.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4))]
    pub tier: Option<u8>,
    /// Words to find it by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The situations it is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when_to_use: Vec<String>,
    /// The situations it is not for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when_not_to_use: Vec<String>,
    /// Requests that it is right for, each as somebody would word it who does not know it. The advisor finds it by
    /// them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(length(min = 1)))]
    pub requests: Vec<String>,
}

/// Tasks that may run at the same time.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wave {
    /// The wave's name.
    #[schemars(regex(pattern = super::name::IDENTIFIER_PATTERN), example = &"research")]
    pub name: String,
    /// Whether the wave waits until every earlier one has ended. With `false` its tasks start as
    /// soon as their needs are met.
    #[serde(default = "yes")]
    pub barrier: bool,
    /// The tasks by name. Names are unique in the whole document.
    #[schemars(
        extend("propertyNames" = { "pattern": super::name::IDENTIFIER_PATTERN }, "minProperties" = 1)
    )]
    pub tasks: IndexMap<String, Task>,
}

fn yes() -> bool {
    true
}

/// When a run has succeeded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuccessCriteria {
    /// Every task has ended, and every failure was one that its task allows (`on_failure`
    /// `continue` or `fallback`).
    #[default]
    AllTasksComplete,
    /// No task has failed, allowed or not.
    AllTasksSucceed,
}

/// The times a run is expected to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedTimes {
    /// From the first task's start to the last one's end.
    pub parallel: HumanDuration,
    /// One task after the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequential: Option<HumanDuration>,
}

/// A team: its name, or the team itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum TeamReference {
    /// A team of the library.
    Named(String),
    /// A team that is written here.
    Inline(InlineTeam),
}

impl<'de> Deserialize<'de> for TeamReference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        if let Value::String(name) = written {
            return Ok(TeamReference::Named(name));
        }
        serde_json::from_value(written).map(TeamReference::Inline).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for TeamReference {
    fn schema_name() -> Cow<'static, str> {
        "TeamReference".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let inline = generator.subschema_for::<InlineTeam>();
        json_schema!({
            "description": "The name of a team, or the team itself.",
            "anyOf": [
                { "type": "string", "pattern": super::name::REFERENCE_PATTERN },
                inline,
            ],
            "examples": ["launch_team"],
        })
    }
}

/// A cluster: a file, or the settings themselves.
///
/// It is written as it is read: a text, or a mapping.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ClusterReference {
    /// A cluster file, relative to the document.
    File(String),
    /// Settings that are written here.
    Inline(Box<ClusterSettings>),
}

impl<'de> Deserialize<'de> for ClusterReference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        if let Value::String(path) = written {
            return Ok(ClusterReference::File(path));
        }
        serde_json::from_value(written)
            .map(ClusterReference::Inline)
            .map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for ClusterReference {
    fn schema_name() -> Cow<'static, str> {
        "ClusterReference".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let inline = generator.subschema_for::<ClusterSettings>();
        json_schema!({
            "description": "A cluster file relative to this document, or the settings themselves.",
            "anyOf": [{ "type": "string", "minLength": 1 }, inline],
            "examples": ["cluster.yaml"],
        })
    }
}
