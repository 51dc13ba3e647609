//! What the requests for texts have in common: finding the model, `think`, `stream` and the
//! like, and Ollama's refusals.

use std::sync::Arc;

use serde_json::Value;

use crate::language::document::simulation::Capability;

use super::errors::ApiError;
use super::fields::Fields;
use super::keep_alive::{KeepAlive, go_quoted};
use super::models::Installed;
use super::names::{ModelName, NameError};
use super::server::Server;

/// The routes, as far as they differ in what they say of unknown models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// `/api/chat`
    Chat,
    /// `/api/generate`
    Generate,
    /// `/api/embed`
    Embed,
    /// `/api/embeddings`
    Embeddings,
    /// `/api/show`
    Show,
}

/// The model of this name, or the error that the route has for it.
pub(super) fn find(
    server: &Server,
    spelled: &str,
    route: Unknown,
) -> Result<Arc<Installed>, ApiError> {
    let name = match ModelName::parse(spelled) {
        Ok(name) => name,
        Err(NameError::Empty) => return Err(missing(route)),
        Err(NameError::Invalid) => return Err(ApiError::bad_request("invalid model name")),
    };
    if let Some(model) = server.catalogue.find(&name) {
        return Ok(model);
    }
    if name.is_cloud() && matches!(route, Unknown::Chat | Unknown::Generate) {
        return Err(ApiError::new(
            axum::http::StatusCode::FORBIDDEN,
            "ollama cloud is disabled: remote model is unavailable",
        ));
    }
    Err(ApiError::not_found(match route {
        Unknown::Chat | Unknown::Generate => format!("model '{spelled}' not found"),
        Unknown::Show => format!("model '{name}' not found"),
        Unknown::Embed | Unknown::Embeddings => {
            format!("model \"{spelled}\" not found, try pulling it first")
        }
    }))
}

fn missing(route: Unknown) -> ApiError {
    match route {
        Unknown::Chat | Unknown::Embeddings | Unknown::Show => {
            ApiError::bad_request("model is required")
        }
        Unknown::Generate | Unknown::Embed => ApiError::not_found("model '' not found"),
    }
}

/// Refuses a model that only makes vectors. Any model can be unloaded.
pub(super) fn require_completion(
    model: &Installed,
    spelled: &str,
    what: Purpose,
) -> Result<(), ApiError> {
    let Purpose::Answer(what) = what else {
        return Ok(());
    };
    if model.can(Capability::Completion) {
        return Ok(());
    }
    Err(ApiError::bad_request(format!("{} does not support {what}", go_quoted(spelled))))
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// That the model goes: it has no prompt, and a `keep_alive` of 0.
    Unload,
    /// A text, or that the model is loaded for one; the name of the capability.
    Answer(&'static str),
}

/// The fields that chat and generate share.
pub(super) struct Common {
    /// Whether the answer comes in lines; true unless told otherwise.
    pub(super) stream: bool,
    /// Whether too long a prompt may be cut; likewise.
    pub(super) truncate: bool,
    /// Whether a full window makes room, as far as the request says so.
    shift: Option<bool>,
    /// How long the model is to stay.
    pub(super) keep_alive: Option<KeepAlive>,
    /// Whether to think first, as far as the request says so.
    pub(super) think: Option<Think>,
}

/// What a request says of thinking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Think {
    /// Not to.
    Off,
    /// To, at some level.
    On,
}

impl Common {
    /// Reads the fields.
    pub(super) fn read(fields: &mut Fields) -> Result<Common, ApiError> {
        Ok(Common {
            stream: fields.boolean("stream")?.unwrap_or(true),
            truncate: fields.boolean("truncate")?.unwrap_or(true),
            shift: fields.boolean("shift")?,
            keep_alive: fields
                .take("keep_alive")
                .map(|value| KeepAlive::read(&value))
                .transpose()?,
            think: fields.take("think").map(|value| read_think(&value)).transpose()?,
        })
    }
}

impl Common {
    /// What a request with or without a prompt is for.
    pub(super) fn purpose(&self, has_prompt: bool, what: &'static str) -> Purpose {
        let unloads = !has_prompt && self.keep_alive.is_some_and(KeepAlive::is_zero);
        if unloads { Purpose::Unload } else { Purpose::Answer(what) }
    }

    /// Whether a full window makes room: unless told otherwise it does, but for one family.
    pub(super) fn shift(&self, model: &Installed) -> bool {
        self.shift.unwrap_or(model.spec.family != "deepseek2")
    }
}

fn read_think(value: &Value) -> Result<Think, ApiError> {
    match value {
        Value::Bool(false) => Ok(Think::Off),
        Value::Bool(true) => Ok(Think::On),
        Value::String(level) if ["low", "medium", "high", "max"].contains(&level.as_str()) => {
            Ok(Think::On)
        }
        Value::String(level) => Err(ApiError::bad_request(format!(
            "invalid think value: {} (must be \"high\", \"medium\", \"low\", \"max\", true, or \
             false)",
            go_quoted(level)
        ))),
        _ => Err(ApiError::bad_request(
            "think must be a boolean or string (\"high\", \"medium\", \"low\", \"max\", true, or \
             false)",
        )),
    }
}

/// Whether the model thinks: unless told otherwise it does if it can.
pub(super) fn thinks(
    server: &Server,
    model: &Installed,
    spelled: &str,
    think: Option<&Think>,
) -> Result<bool, ApiError> {
    let can = model.can(Capability::Thinking);
    match think {
        Some(Think::On) if !can => {
            Err(ApiError::bad_request(format!("{} does not support thinking", go_quoted(spelled))))
        }
        Some(Think::On) => Ok(true),
        Some(Think::Off) => Ok(false),
        None => Ok(can && server.era.thinks_unasked),
    }
}

/// How many tokens to name beside each one; absent where no probabilities are asked for.
pub(super) fn logprobs(fields: &mut Fields) -> Result<Option<u32>, ApiError> {
    let others = u32::try_from(fields.integer("top_logprobs")?)
        .ok()
        .filter(|others| *others <= 20)
        .ok_or_else(|| ApiError::bad_request("top_logprobs must be between 0 and 20"))?;
    let wanted = fields.boolean("logprobs")?.unwrap_or(false);
    Ok(wanted.then_some(others))
}
