//! The ingredients of an answer by name, so that two can be compared.

use serde::Deserialize;
use serde_json::Value;

use super::context::BRIEFING_TITLE;
use crate::engine::Manifest;
use crate::engine::content::{ContentError, Contents, Request, Role};
use crate::organization::{FRAMEWORK_HEADING, RESPONSIBILITIES_HEADING};

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
            Role::System => {
                for (name, text) in system_parts(&message.content) {
                    add(name, text.into());
                }
                continue;
            }
            Role::User => "prompt",
            Role::Assistant => "assistant",
            Role::Tool => "tool",
        };
        add(name, message.content.into());
    }
    Ok(found)
}

/// What an agent is told about itself, and apart from that what those who lead are told: the framework to decide by, which
/// changes with the patterns there are and with what was learned, and what the project has so far.
fn system_parts(told: &str) -> Vec<(&'static str, String)> {
    let mut own = told.to_owned();
    let mut parts = Vec::new();
    if let Some((start, end)) =
        own.find(FRAMEWORK_HEADING).zip(own.find(RESPONSIBILITIES_HEADING)).filter(|(s, e)| s < e)
    {
        parts.push(("framework", own[start..end].trim_end().to_owned()));
        own.replace_range(start..end, "");
    }
    if let Some(start) = own.rfind(&format!("\n\n{BRIEFING_TITLE} (")) {
        parts.push(("project", own[start..].trim_start().to_owned()));
        own.truncate(start);
    }
    parts.insert(0, ("system", own));
    parts
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(told: &str, expected: &[(&str, &str)]) {
        let parts = system_parts(told);
        let parts: Vec<(&str, &str)> = parts.iter().map(|(name, text)| (*name, &**text)).collect();
        assert_eq!(parts, expected);
    }

    #[test]
    fn what_those_who_lead_are_told_is_named_apart() {
        check("You are it.", &[("system", "You are it.")]);
        let framework = "## Orchestration Decision Framework\n\nAsk.";
        let told = format!("You lead.\n\n{framework}\n\n## Your Responsibilities\n\nDecide.");
        let own = ("system", "You lead.\n\n## Your Responsibilities\n\nDecide.");
        check(&told, &[own, ("framework", framework)]);
        let project = "What this project has so far (tea):\nDecided:\n- green";
        check(
            &format!("{told}\n\n{project}"),
            &[own, ("framework", framework), ("project", project)],
        );
        check("## Your Responsibilities", &[("system", "## Your Responsibilities")]);
    }
}
