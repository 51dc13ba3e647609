//! The `team:` document, and teams written inside a pattern.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AgentTools, CapacityEntry, ModelOptions, OrchestrationSettings, Takes};
use crate::organization::{Expertise, FrameworkExtent, Layer, Level};

/// A file whose top-level key is `team:`, with its `agents:` beside it.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Partita team", extend("patternProperties" = { "^x-": {} }))]
pub struct TeamDocument {
    /// Who the team is.
    pub team: TeamHeader,
    /// Its members.
    #[schemars(length(min = 1, max = 500))]
    pub agents: Vec<AgentEntry>,
    /// What the team may do that others may not, in words; its agents are told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub special_capabilities: Vec<String>,
}

/// Who a team is.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamHeader {
    /// The name that patterns refer to.
    #[schemars(regex(pattern = super::name::DOCUMENT_NAME_PATTERN), example = &"launch_team")]
    pub name: String,
    /// What the team is there for; its agents are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Where in the organisation it belongs, such as `operations.quality`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// The model of every agent that names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"llama3.1:8b")]
    pub model: Option<String>,
    /// How much of the orchestration decision framework those who lead the team are told in front of their
    /// responsibilities; `full` if absent.
    #[serde(default, skip_serializing_if = "FrameworkExtent::is_usual")]
    #[schemars(example = &"short")]
    pub framework: FrameworkExtent,
    /// What those who lead the team may start with the tools for it. Without it they are offered none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orchestration: Option<OrchestrationSettings>,
}

/// A team that is written where it is used.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InlineTeam {
    /// The team's name, for reports.
    #[schemars(regex(pattern = super::name::DOCUMENT_NAME_PATTERN))]
    pub name: String,
    /// What the team is there for; its agents are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Where in the organisation it belongs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// The model of every agent that names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How much of the orchestration decision framework those who lead the team are told in front of their
    /// responsibilities; `full` if absent.
    #[serde(default, skip_serializing_if = "FrameworkExtent::is_usual")]
    #[schemars(example = &"short")]
    pub framework: FrameworkExtent,
    /// What those who lead the team may start with the tools for it. Without it they are offered none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orchestration: Option<OrchestrationSettings>,
    /// Its members.
    #[schemars(length(min = 1, max = 500))]
    pub agents: Vec<AgentEntry>,
}

/// One member of a team.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentEntry {
    /// The title, such as `Market Analyst`. Tasks address the agent by it or by its id.
    #[schemars(length(min = 1), example = &"Market Analyst")]
    pub role: String,
    /// How tasks address the agent; the role in snake case if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = super::name::IDENTIFIER_PATTERN), example = &"market_analyst")]
    pub id: Option<String>,
    /// What the agent is there for, in a sentence. It is told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purpose: String,
    /// How the agent goes about its work. It is told, after everything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// What the agent can do. It is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<String>,
    /// What the agent pays attention to. It is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub focus_areas: Vec<String>,
    /// How much the agent knows of orchestration. In a team without layers, `advanced` and `expert` agents lead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orchestration_expertise: Option<Expertise>,
    /// The id or role of whoever the agent reports to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reports_to: Option<String>,
    /// The layer in which the agent stands. A lead or contributor needs a `domain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"contributor")]
    pub layer: Option<Layer>,
    /// The field in which the agent works or which it leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = super::name::IDENTIFIER_PATTERN), example = &"backend")]
    pub domain: Option<String>,
    /// How experienced the agent is; `mid` if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"senior")]
    pub level: Option<Level>,
    /// When the agent works; eight hours from Monday to Friday if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacityEntry>,
    /// The tools that the agent uses.
    #[serde(default, skip_serializing_if = "AgentTools::is_nothing")]
    pub tools: AgentTools,
    /// The model that speaks for the agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"llama3.1:8b")]
    pub model: Option<String>,
    /// Models that are asked in its place, one after the other, where a task of the agent fails with the one
    /// before, and every server has had its chance.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10), example = ["qwen2.5:7b"])]
    pub fallback_models: Vec<String>,
    /// Options of the agent's model calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<ModelOptions>,
    /// Tags that a server must have to work for this agent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// The most calls for the agent at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &1)]
    pub max_parallel: Option<NonZeroU32>,
    /// Resources that every call for the agent takes while it is under way.
    #[serde(default, skip_serializing_if = "Takes::is_nothing")]
    pub takes: Takes,
}
