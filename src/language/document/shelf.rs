//! Where a document's name is unique, and the names that a document refers to.

use serde_json::{Map, Value};

use super::builtin::{Builtin, builtins};
use super::expand::patterns_of_task;
use super::{Body, Document, DocumentKind};
use crate::language::source::member;

/// Names are unique on a shelf. What is run by name, patterns and pipelines, shares one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shelf {
    Orchestration,
    Team,
}

/// The shelf of a built-in document.
pub(super) fn shelf_of_path(path: &str) -> Shelf {
    let in_teams = path.split('/').any(|folder| folder == "teams");
    if in_teams { Shelf::Team } else { Shelf::Orchestration }
}

/// Where a document stands, and under which name.
pub(super) fn shelf_and_name(document: &Document) -> Option<(Shelf, String)> {
    let shelf = match document.kind() {
        DocumentKind::Pattern | DocumentKind::Pipeline => Shelf::Orchestration,
        DocumentKind::Team => Shelf::Team,
        _ => return None,
    };
    Some((shelf, document.name()?.to_owned()))
}

/// The built-in document whose name this one has, on the same shelf.
pub(crate) fn builtin_of_name(document: &Document) -> Option<&'static Builtin> {
    let (shelf, name) = shelf_and_name(document)?;
    builtins().iter().find(|one| one.name == name && shelf_of_path(one.path) == shelf)
}

/// The names that a document refers to, whether or not it is faulty.
pub(super) fn references(document: &Document) -> Vec<(Shelf, String)> {
    let mut found = Vec::new();
    if let Some(Body::LibraryIndex(index)) = document.body() {
        let names = index.fields.values().flatten();
        found.extend(names.map(|name| (Shelf::Orchestration, name.clone())));
        return found;
    }
    let value = document.value();
    if document.kind() == DocumentKind::Tests {
        let name = value.pointer("/tests/pattern").and_then(Value::as_str);
        found.extend(name.map(|name| (Shelf::Orchestration, name.to_owned())));
        return found;
    }
    let name = |holder: &Map<String, Value>, key| {
        member(holder, key).and_then(Value::as_str).map(str::to_owned)
    };
    let team = value.as_object().and_then(|document| name(document, "team"));
    found.extend(team.map(|name| (Shelf::Team, name)));
    let in_waves = value.get("waves").and_then(Value::as_array).into_iter().flatten();
    let tasks = in_waves.chain(std::iter::once(value)).filter_map(|holder| holder.get("tasks"));
    let tasks = tasks.filter_map(Value::as_object).flat_map(Map::values);
    for task in tasks {
        let used = patterns_of_task(task).map(|(name, _)| name.to_owned());
        found.extend(used.map(|name| (Shelf::Orchestration, name)));
        let team = task.as_object().and_then(|task| name(task, "team"));
        found.extend(team.map(|name| (Shelf::Team, name)));
    }
    found
}
