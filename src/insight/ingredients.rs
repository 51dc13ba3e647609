//! The ingredients of an answer by name, so that two can be compared.

use serde::Deserialize;
use serde_json::Value;

use crate::engine::Manifest;
use crate::engine::content::{ContentError, Contents, Request, Role};

/// An ingredient of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ingredient {
    /// Its name, such as `prompt` or `options.temperature`.
    pub(super) name: String,
    /// Its value; null where it is left to the server, or unknown.
    pub(super) value: Value,
}

/// An ingredient that is not the same in two manifests.
#[derive(Debug, Clone, PartialEq)]
pub struct Differing {
    /// Its name.
    pub name: String,
    /// The earlier value.
    pub before: Value,
    /// The later value.
    pub after: Value,
}

/// What the answer to a request follows from. What makes others change comes before them: the form
/// of an answer stands in the prompt too.
///
/// # Errors
/// When the request cannot be read.
pub(super) fn ingredients(
    manifest: &Manifest,
    contents: &dyn Contents,
) -> Result<Vec<Ingredient>, ContentError> {
    let Manifest { request, model, digest, num_ctx, seed, simulated } = manifest;
    let stored = contents.read(request)?;
    let request = Request::deserialize(&*stored).map_err(|error| ContentError::Unreadable {
        address: request.clone(),
        message: error.to_string(),
    })?;
    let mut found = Vec::new();
    let mut add = |name: &str, value: Value| {
        found.push(Ingredient { name: name.to_owned(), value });
    };
    add("simulated", (*simulated).into());
    add("model", model.as_str().into());
    add("model_digest", digest.as_deref().into());
    add("format", request.format.unwrap_or_default());
    let mut options = request.options;
    options.num_ctx = num_ctx.or(options.num_ctx);
    options.seed = seed.or(options.seed);
    if let Ok(Value::Object(options)) = serde_json::to_value(options) {
        for (name, value) in options {
            add(&format!("options.{name}"), value);
        }
    }
    if let Ok(Value::Object(tools)) = serde_json::to_value(request.tools) {
        for (name, value) in tools {
            add(&format!("tools.{name}"), value);
        }
    }
    for message in request.messages {
        let name = match message.role {
            Role::System => "system",
            Role::User => "prompt",
            Role::Assistant => "assistant",
            Role::Tool => "tool",
        };
        add(name, message.content.into());
    }
    Ok(found)
}

/// The ingredients that are not the same, in the order of the later ones.
pub(super) fn differing(before: &[Ingredient], after: &[Ingredient]) -> Vec<Differing> {
    let value = |of: &[Ingredient], name: &str| {
        let same = of.iter().find(|ingredient| ingredient.name == name);
        same.map(|ingredient| ingredient.value.clone()).unwrap_or_default()
    };
    let is_new = |ingredient: &&Ingredient| after.iter().all(|known| known.name != ingredient.name);
    let names = after.iter().chain(before.iter().filter(is_new)).map(|known| &known.name);
    names
        .map(|name| Differing {
            name: name.clone(),
            before: value(before, name),
            after: value(after, name),
        })
        .filter(|differing| differing.before != differing.after)
        .collect()
}
