//! How hard a task is, and which model that takes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::organization;

/// How hard a task is, as its author sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Complexity {
    /// A small model does it: sorting, extracting, rewriting.
    Low,
    /// As most are.
    Medium,
    /// It takes the best model that there is: planning, judging, weighing.
    High,
}

impl From<Complexity> for organization::Complexity {
    fn from(complexity: Complexity) -> organization::Complexity {
        match complexity {
            Complexity::Low => organization::Complexity::Low,
            Complexity::Medium => organization::Complexity::Medium,
            Complexity::High => organization::Complexity::High,
        }
    }
}

/// The models that are asked for tasks by how hard they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ModelsByComplexity {
    /// For tasks with `complexity: low`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"qwen2.5:3b")]
    pub low: Option<String>,
    /// For tasks with `complexity: medium`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"llama3.1:8b")]
    pub medium: Option<String>,
    /// For tasks with `complexity: high`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"qwen3:32b")]
    pub high: Option<String>,
}

impl ModelsByComplexity {
    /// The model for tasks that are so hard, where one is named.
    pub fn of(&self, complexity: Complexity) -> Option<&String> {
        match complexity {
            Complexity::Low => self.low.as_ref(),
            Complexity::Medium => self.medium.as_ref(),
            Complexity::High => self.high.as_ref(),
        }
    }

    /// These, and where they name none, those around them.
    pub(crate) fn or(&self, around: &ModelsByComplexity) -> ModelsByComplexity {
        ModelsByComplexity {
            low: self.low.clone().or_else(|| around.low.clone()),
            medium: self.medium.clone().or_else(|| around.medium.clone()),
            high: self.high.clone().or_else(|| around.high.clone()),
        }
    }
}
