//! Posts: agents of a pattern of whom only a run knows who they are. Who gets one is chosen among the team, by
//! what there is to do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::organization::Layer;

/// What is asked of who gets a post. Texts are templates that read `inputs`; one that is a whole
/// `{{ expression }}` keeps the type of its value.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// The layer of the team from which it is filled. Default: `contributor`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
    /// The domain from which it is filled, as long as somebody there has time. All, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"{{ inputs.domain }}")]
    pub domain: Option<String>,
    /// The skills that the work takes: a list, or a template that gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = serde_json::json!(["sql", "query tuning"]))]
    pub skills: Option<Value>,
    /// How hard the work is: `low`, `medium` or `high`, or a template that gives one. Default: `medium`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"{{ inputs.complexity }}")]
    pub complexity: Option<String>,
    /// How many hours the work takes: they are set aside in the calendar of who gets the post, until the
    /// pattern is done. Default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = serde_json::json!(6))]
    pub hours: Option<Value>,
    /// What the work belongs to, such as a milestone: who has worked on it before is preferred. A list, or a
    /// template that gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = serde_json::json!(["{{ inputs.milestone }}"]))]
    pub related: Option<Value>,
    /// Posts before this one, and agents: whoever has one of those does not get this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(example = ["author"])]
    pub never: Vec<String>,
    /// Instead of all this: another of the domain of who has this post, or whom that one reports to where there is no
    /// other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"author")]
    pub peer_of: Option<String>,
    /// Instead of all this: the next above who has this post, by the reporting lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), example = &"author")]
    pub above: Option<String>,
}

impl Post {
    /// The layer from which it is filled, where the reporting lines do not decide.
    pub(crate) fn layer(&self) -> Layer {
        self.layer.unwrap_or(Layer::Contributor)
    }
}
