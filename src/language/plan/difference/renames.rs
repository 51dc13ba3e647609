//! Which tasks do the same work under a new name.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fields::{Fields, task_fields};
use crate::language::plan::model::{Plan, Scope};

/// Fields that say where a task stands rather than what it does.
const PLACE: [&str; 2] = ["wave", "needs"];

/// What fields begin with that say how a task is done rather than what.
const SETTINGS: [&str; 8] =
    ["output", "model", "options.", "timeout.", "retry.", "on_failure", "estimate", "when"];

/// The tasks of a scope that have a new name, from the old name to the new one.
#[derive(Debug, Default)]
pub(super) struct Renames(BTreeMap<String, String>);

impl Renames {
    /// Tasks that are gone and tasks that are new, where they do exactly the same, or at least do
    /// the same with other settings. A task that refers to a renamed one does the same if it
    /// refers to the new name.
    pub(super) fn between(old: (&Plan, &Scope), new: (&Plan, &Scope)) -> Renames {
        let names = |(plan, scope): (&Plan, &Scope)| -> Vec<(String, Fields)> {
            let tasks = scope.tasks.iter().map(|id| plan.task(*id));
            tasks.map(|task| (task.name.clone(), task_fields(plan, task))).collect()
        };
        let (old, new) = (names(old), names(new));
        let is_in = |tasks: &[(String, Fields)], name: &str| tasks.iter().any(|(n, _)| n == name);
        let gone: Vec<_> = old.iter().filter(|(name, _)| !is_in(&new, name)).collect();
        let mut added: Vec<_> = new.iter().filter(|(name, _)| !is_in(&old, name)).collect();
        let mut renames = Renames::default();
        loop {
            let before = added.len();
            for (name, fields) in &gone {
                if renames.0.contains_key(name) {
                    continue;
                }
                let fields = renames.applied(fields.clone());
                let find = |of: fn(&Fields) -> Fields| {
                    added.iter().position(|(_, added)| of(added) == of(&fields))
                };
                let same = find(work_of).or_else(|| find(task_of));
                if let Some(place) = same {
                    let (new_name, _) = added.remove(place);
                    renames.0.insert(name.clone(), new_name.clone());
                }
            }
            if added.len() == before {
                return renames;
            }
        }
    }

    /// The name that a task had.
    pub(super) fn old_name<'a>(&'a self, new: &'a str) -> &'a str {
        let renamed = self.0.iter().find(|(_, name)| *name == new);
        renamed.map_or(new, |(old, _)| old)
    }

    /// Fields with the new names where they had the old ones.
    pub(super) fn applied(&self, mut fields: Fields) -> Fields {
        if self.0.is_empty() {
            return fields;
        }
        for (field, value) in &mut fields.0 {
            match (field.as_str(), value) {
                ("needs" | "from", Value::Array(names)) => {
                    for name in names {
                        self.rename_need(name);
                    }
                }
                (_, value) => self.rename_in(value),
            }
        }
        fields
    }

    /// `market (order only)` becomes `buyers (order only)`.
    fn rename_need(&self, need: &mut Value) {
        let Some(text) = need.as_str() else { return };
        let (name, rest) = text.split_at(text.find(' ').unwrap_or(text.len()));
        if let Some(new) = self.0.get(name) {
            *need = Value::from(format!("{new}{rest}"));
        }
    }

    fn rename_in(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(renamed) = self.renamed_references(text) {
                    *text = renamed;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.rename_in(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.rename_in(field)),
            _ => {}
        }
    }

    /// A template in which `tasks.old` has become `tasks.new`.
    fn renamed_references(&self, text: &str) -> Option<String> {
        const TASKS: &str = "tasks.";
        let mut renamed = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(TASKS) {
            let (before, behind) = rest.split_at(at + TASKS.len());
            renamed.push_str(before);
            let end = behind.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            let (name, behind) = behind.split_at(end.unwrap_or(behind.len()));
            renamed.push_str(self.0.get(name).map_or(name, String::as_str));
            rest = behind;
        }
        renamed.push_str(rest);
        (renamed != text).then_some(renamed)
    }
}

/// What a task does, without where it stands.
fn work_of(fields: &Fields) -> Fields {
    let mut work = fields.clone();
    work.0.retain(|name, _| !PLACE.contains(&name.as_str()));
    work
}

/// What a task is for, however it is done.
fn task_of(fields: &Fields) -> Fields {
    let mut task = work_of(fields);
    task.0.retain(|name, _| !SETTINGS.iter().any(|setting| name.starts_with(setting)));
    task
}
