//! What the schema and the glossary say of the word at some place of a text.

use serde_json::Value;

use super::cursor::{Slot, Step};
use super::expression::{Naming, PathStep, locals, naming, open_expression, resolved};
use super::mend;
use super::scene::{Scene, word_before, word_behind};
use super::shapes::{Shapes, resolve};
use crate::language::document::Library;
use crate::language::template::{Type, glossary};

/// A word of a text, and what there is to say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::interface::lsp) struct Word {
    /// The bytes before the cursor and behind it that belong to it.
    pub(in crate::interface::lsp) lengths: (usize, usize),
    /// What there is to say, in Markdown.
    pub(in crate::interface::lsp) text: String,
}

/// What there is to say of the word at a byte: of a key, of a value that the schema lists, of a
/// filter or a test.
pub(in crate::interface::lsp) fn word_at(
    library: &Library,
    text: &str,
    offset: usize,
) -> Option<Word> {
    let (before, behind) = (word_before(text, offset), word_behind(text, offset));
    let word = format!("{before}{behind}");
    if word.is_empty() {
        return None;
    }
    let end = offset + behind.len();
    let document = mend::read(text, end);
    let scene = Scene::of(library, document.as_ref(), &text[..end]);
    let is_key = text[end..].trim_start_matches(['"', '\'']).starts_with(':');
    let said = match &scene.cursor.slot {
        Slot::Value { before } if !is_key || scene.is_template() => {
            in_template(&scene, before, &word).or_else(|| value(&scene, &word))
        }
        Slot::Key | Slot::Open | Slot::Value { .. } if is_key => key(&scene, &word),
        Slot::Open => value(&scene, &word),
        _ => None,
    };
    said.map(|text| Word { lengths: (before.len(), behind.len()), text })
}

fn key(scene: &Scene<'_>, word: &str) -> Option<String> {
    let mut path = scene.cursor.path.clone();
    // The value of a key that is already written is what a cursor in it would be at.
    if path.last() == Some(&Step::Key(word.to_owned())) && scene.cursor.slot != Slot::Key {
        path.pop();
    }
    let shapes = Shapes::at(scene.kind()?, &path, scene.value());
    let keys = shapes.keys();
    let key = keys.iter().find(|key| key.name == word)?;
    let schema = resolve(shapes.root(), key.schema);
    let mut text = format!("**{word}**");
    if let Some(kind) = in_words(schema) {
        text.push_str(&format!(": {kind}"));
    }
    if key.is_required {
        text.push_str(", required");
    }
    if let Some(described) = Shapes::describe(key.schema, shapes.root()) {
        text.push_str(&format!("\n\n{described}"));
    }
    let default = key.schema.get("default").or_else(|| schema.get("default"));
    if let Some(default) = default.filter(|default| !default.is_object()) {
        text.push_str(&format!("\n\nDefault: `{default}`"));
    }
    let examples = key.schema.get("examples").or_else(|| schema.get("examples"));
    if let Some(first) = examples.and_then(|examples| examples.get(0)) {
        text.push_str(&format!("\n\nFor example: `{word}: {}`", yaml(first)));
    }
    Some(text)
}

/// A value that the schema lists.
fn value(scene: &Scene<'_>, word: &str) -> Option<String> {
    let shapes = Shapes::at(scene.kind()?, &scene.cursor.path, scene.value());
    let is_it = |schema: &&&Value| schema.get("const").is_some_and(|value| value == word);
    let listed = shapes.alternatives().iter().find(is_it)?;
    let described = listed.get("description").and_then(Value::as_str)?;
    Some(format!("**{word}**\n\n{described}"))
}

fn in_template(scene: &Scene<'_>, text: &str, word: &str) -> Option<String> {
    let (before, is_statement) = match open_expression(text) {
        Some(open) => open,
        None if scene.is_expression() => (text, false),
        None => return None,
    };
    let (kind, words) = match naming(before, is_statement) {
        Naming::Filter => ("filter", glossary::FILTERS),
        Naming::Test => ("test", glossary::TESTS),
        Naming::Variable => ("function", glossary::FUNCTIONS),
        Naming::Field(path) => return field(scene, resolved(path, &locals(text)), word),
        Naming::Statement => return None,
    };
    let meaning = glossary::meaning(words, word)?;
    Some(format!("**{word}** ({kind})\n\n{meaning}"))
}

/// A field of what a path leads to, with its type.
fn field(scene: &Scene<'_>, mut path: Vec<PathStep>, word: &str) -> Option<String> {
    path.push(PathStep::Field(word.to_owned()));
    let value = scene.type_of(&path).filter(|value| *value != Type::Any)?;
    Some(format!("**{word}**: `{value}`"))
}

/// A type of a schema in a few words.
fn in_words(schema: &Value) -> Option<String> {
    if let Some(listed) = schema.get("enum").and_then(Value::as_array) {
        let listed: Vec<String> = listed.iter().map(|value| format!("`{}`", yaml(value))).collect();
        return Some(listed.join(" | "));
    }
    let word = |kind: &str| match kind {
        "string" => "text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        _ => "a mapping",
    };
    match schema.get("type")? {
        Value::String(kind) => Some(word(kind).to_owned()),
        Value::Array(kinds) => {
            let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).map(word).collect();
            Some(kinds.join(" or "))
        }
        _ => None,
    }
}

/// A value in one line.
fn yaml(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
