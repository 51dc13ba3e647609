//! What can be written at the cursor.
//!
//! Where the cursor is follows from the text before it; what is there, from the document without
//! the line that is being typed; what is possible, from the schemas and the names of the library.

mod candidate;
mod cursor;
#[cfg(test)]
mod cursor_tests;
mod expression;
mod flow;
mod keys;
mod line;
mod mend;
mod place;
mod scan;
mod scene;
mod shapes;
mod templates;
#[cfg(test)]
mod tests;
mod values;

use lsp_types::{CompletionItem, Range};

pub(super) use self::place::word_at;

use self::candidate::Candidate;
use self::cursor::Slot;
use self::scene::{Scene, word_before};
use super::client::Client;
use super::models::SeenModels;
use crate::language::document::Library;

/// Where names are looked up that are not in the text itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings<'k> {
    pub(super) library: &'k Library,
    pub(super) models: &'k SeenModels,
}

/// Everything that can be written at a byte of a text, the likeliest first.
fn candidates(
    around: Surroundings<'_>,
    text: &str,
    offset: usize,
    client: &Client,
) -> Vec<Candidate> {
    let document = mend::read(text, offset);
    let mut scene = Scene::of(around.library, document.as_ref(), &text[..offset]);
    scene.takes_snippets = client.takes_snippets;
    scene.models_on_servers = Some(around.models);
    let Some(kind) = scene.kind() else {
        let is_begun = scene.cursor.slot == Slot::Key && scene.cursor.path.is_empty();
        return if is_begun { keys::kinds() } else { Vec::new() };
    };
    let keys = || scene.names_of_keys().unwrap_or_else(|| keys::keys(&scene, kind));
    match &scene.cursor.slot {
        Slot::Nothing => Vec::new(),
        Slot::Key => keys(),
        Slot::Open if scene.is_expression() => {
            templates::names(&scene, "").into_iter().flatten().chain(keys()).collect()
        }
        Slot::Open => values::values(&scene, kind).into_iter().chain(keys()).collect(),
        Slot::Value { before } => {
            let in_template = scene.is_template().then(|| templates::names(&scene, before));
            match in_template.flatten() {
                Some(found) => found,
                None if before.trim().is_empty() => values::values(&scene, kind),
                None => Vec::new(),
            }
        }
    }
}

/// The same as the protocol has it. `range` gives the place of so many bytes before the cursor.
pub(super) fn items(
    around: Surroundings<'_>,
    text: &str,
    offset: usize,
    client: &Client,
    range: impl Fn(usize) -> Range,
) -> Vec<CompletionItem> {
    let found = candidates(around, text, offset, client);
    let range = range(word_before(text, offset).len());
    let items = found.into_iter().enumerate();
    items.map(|(place, candidate)| candidate.item(range, place, client.takes_snippets)).collect()
}
