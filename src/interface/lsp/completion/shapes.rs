//! What the JSON Schema of a kind of document says of a place in it.

use serde_json::{Map, Value};

use super::cursor::Step;
use crate::language::document::{DocumentKind, VerbKind, schema, verb_of_task};
use crate::language::source::value_at;

/// Alternatives lie in each other no deeper.
const MAX_DEPTH: usize = 12;

/// A key that a place may have.
#[derive(Debug, Clone)]
pub(super) struct Key<'s> {
    pub(super) name: &'s str,
    /// What its value must be.
    pub(super) schema: &'s Value,
    pub(super) is_required: bool,
}

/// The schemas of one kind, and where in them one is.
#[derive(Debug, Clone)]
pub(super) struct Shapes {
    root: &'static Value,
    /// What the value here may be: alternatives, references followed.
    here: Vec<&'static Value>,
}

impl Shapes {
    /// What stands at a path. Where the schema has alternatives, the value that is written there
    /// decides: a task's verb leaves one.
    pub(super) fn at(kind: DocumentKind, path: &[Step], document: &Value) -> Shapes {
        let root = schema(kind);
        let mut shapes = Shapes { root, here: expand(root, root, Some(document), 0) };
        let mut value = Some(document);
        for step in path {
            value = value.and_then(|value| match step {
                Step::Key(key) => value.get(key.as_str()),
                Step::Item(index) => value.get(index),
            });
            let inner: Vec<&Value> = shapes.here.iter().filter_map(|s| enter(s, step)).collect();
            shapes.here =
                inner.into_iter().flat_map(|schema| expand(root, schema, value, 0)).collect();
        }
        shapes
    }

    /// The alternatives.
    pub(super) fn alternatives(&self) -> &[&'static Value] {
        &self.here
    }

    /// The keys that a mapping here may have, those of all alternatives.
    pub(super) fn keys(&self) -> Vec<Key<'static>> {
        let mut keys: Vec<Key<'static>> = Vec::new();
        for schema in &self.here {
            let required = schema.get("required").and_then(Value::as_array);
            for (name, property) in properties(schema) {
                if keys.iter().any(|key| key.name == name) {
                    continue;
                }
                let is_required = required.is_some_and(|names| names.iter().any(|n| n == name));
                keys.push(Key { name, schema: property, is_required });
            }
        }
        keys
    }

    /// Whether every alternative has this key.
    pub(super) fn all_have(&self, key: &str) -> bool {
        self.here.iter().all(|schema| properties(schema).any(|(name, _)| name == key))
    }

    /// What the schema says of what stands here: its own words, or those of what it refers to.
    pub(super) fn describe(schema: &'static Value, root: &'static Value) -> Option<&'static str> {
        let own = schema.get("description").and_then(Value::as_str);
        own.or_else(|| resolve(root, schema).get("description").and_then(Value::as_str))
    }

    /// The schema of the whole document.
    pub(super) fn root(&self) -> &'static Value {
        self.root
    }
}

/// What a reference leads to.
pub(super) fn resolve(root: &'static Value, schema: &'static Value) -> &'static Value {
    let mut schema = schema;
    for _ in 0..MAX_DEPTH {
        let target = schema.get("$ref").and_then(Value::as_str);
        let target = target.and_then(|target| value_at(root, target.strip_prefix('#')?));
        match target {
            Some(target) => schema = target,
            None => break,
        }
    }
    schema
}

/// All alternatives of a schema.
fn expand(
    root: &'static Value,
    schema: &'static Value,
    value: Option<&Value>,
    depth: usize,
) -> Vec<&'static Value> {
    let schema = resolve(root, schema);
    if depth > MAX_DEPTH {
        return Vec::new();
    }
    let branches = ["oneOf", "anyOf", "allOf"]
        .iter()
        .filter_map(|word| schema.get(*word).and_then(Value::as_array))
        .flatten();
    let branches: Vec<&'static Value> = branches.collect();
    if branches.is_empty() {
        return vec![schema];
    }
    let verb = value.and_then(Value::as_object).and_then(verb_of_task).map(VerbKind::as_str);
    let is_verb = |branch: &Value| branch.get("title").and_then(Value::as_str) == verb;
    let is_task = verb.is_some() && branches.iter().any(|branch| is_verb(branch));
    let chosen = branches.into_iter().filter(|branch| !is_task || is_verb(branch));
    let mut found: Vec<&'static Value> =
        chosen.flat_map(|branch| expand(root, branch, value, depth + 1)).collect();
    if schema.get("properties").is_some() {
        found.push(schema);
    }
    found
}

fn enter(schema: &'static Value, step: &Step) -> Option<&'static Value> {
    match step {
        Step::Key(key) => {
            let own = schema.get("properties").and_then(|properties| properties.get(key.as_str()));
            own.or_else(|| schema.get("additionalProperties").filter(|other| other.is_object()))
        }
        Step::Item(_) => schema.get("items"),
    }
}

fn properties(schema: &'static Value) -> impl Iterator<Item = (&'static str, &'static Value)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flat_map(Map::iter).map(|(name, schema)| (name.as_str(), schema))
}
