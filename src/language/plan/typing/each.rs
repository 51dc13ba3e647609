//! What can be read of tasks that are done several times.

use indexmap::IndexMap;
use serde_json::Value;

use super::Types;
use crate::language::plan::outline::{Outline, TaskOutline};
use crate::language::template::{Field, Form, Openness, Presence, Type};

impl<'l> Types<'_, 'l> {
    /// What a name gives inside a task that is done several times.
    pub(super) fn local(&self, outline: &Outline<'l>, task: &TaskOutline<'l>, name: &str) -> Type {
        let is_item = |name: &str| task.each.as_ref().is_some_and(|each| each.name == name);
        match (task.rounds, name) {
            (Some(_), "round") => Type::Integer,
            // There is none in the first round.
            (Some(_), "previous" | "best") => Type::union([self.once(outline, task), Type::Null]),
            (_, "error") if !is_item("error") => Type::Text,
            (_, "answer") if !is_item("answer") => Type::Any,
            (_, "output") if !is_item("output") => self.once(outline, task),
            _ => self.of_item(outline, task, name),
        }
    }

    fn of_item(&self, outline: &Outline<'l>, task: &TaskOutline<'l>, name: &str) -> Type {
        let Some(each) = &task.each else { return Type::Any };
        match name {
            name if name == each.name => {
                let list = match each.items {
                    Value::String(text) => self
                        .infer_text(outline, None, text, Form::Items)
                        .map_or(Type::Any, |found| found.value),
                    items => self.tree(outline, None, items, &each.pointer),
                };
                match list {
                    Type::List(_) => list.item(None).unwrap_or(Type::Any),
                    Type::Object(ref object) if object.openness() == Openness::Closed => {
                        Type::union(list.fields().into_iter().map(|(_, field)| field.value.clone()))
                    }
                    _ => Type::Any,
                }
            }
            "index" => Type::Integer,
            "key" => Type::Text,
            _ => Type::Any,
        }
    }
}

/// The type of `tasks.NAME.stopped`.
pub(super) fn stopped() -> Type {
    Type::one_of(&["until", "patience", "max", "failed"].map(Value::from))
}

/// The type of `tasks.NAME.items`, by that of its output.
pub(super) fn items(output: &Type) -> Type {
    let made = match output {
        Type::List(_) => output.item(None).unwrap_or(Type::Any),
        _ => Type::Any,
    };
    let field = |value, presence| Field { value, presence, declared: None };
    let statuses = ["succeeded", "failed", "cancelled"].map(serde_json::Value::from);
    let fields = IndexMap::from([
        ("key".to_owned(), field(Type::Text, Presence::Always)),
        ("status".to_owned(), field(Type::one_of(&statuses), Presence::Always)),
        ("output".to_owned(), field(made, Presence::Maybe)),
        ("error".to_owned(), field(Type::Text, Presence::Maybe)),
    ]);
    Type::list(Type::object(fields, Openness::Closed, None))
}
