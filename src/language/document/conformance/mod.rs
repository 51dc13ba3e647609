//! From jsonschema's errors to findings that a person can act on.
//!
//! jsonschema reports every branch of an alternative. Here the branch is chosen first (a task's
//! by its verb, others by the type of the value or by their tag), and only what is wrong in that
//! branch is said. Tasks are gone through one by one: the errors of one are forgotten before the
//! next, however many there are.

mod explainer;
mod limits;
mod renames;
mod task;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::DocumentKind;
use super::repair::Repair;
use super::validators::Validators;
use crate::language::diagnostic::Code;
use crate::language::source::child_pointer;
use explainer::Explainer;

/// Something in a document that its schema does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// JSON pointer of the value that it is about.
    pub(super) pointer: String,
    /// What of that value to underline.
    pub(super) anchor: Anchor,
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// What would mend it; for a [key](Anchor::Key) at that key.
    pub(super) repair: Option<Repair>,
}

/// What of a value to underline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Anchor {
    /// The value.
    Value,
    /// The key under which the value stands: for what is missing in it.
    OwnKey,
    /// A key inside the value.
    Key(String),
}

impl Finding {
    fn new(pointer: &str, anchor: Anchor, code: Code, message: impl Into<String>) -> Finding {
        let (pointer, message) = (pointer.to_owned(), message.into());
        Finding { pointer, anchor, code, message, help: None, repair: None }
    }

    fn help(self, help: impl Into<Option<String>>) -> Finding {
        Finding { help: help.into(), ..self }
    }

    fn repair(self, repair: Option<Repair>) -> Finding {
        Finding { repair, ..self }
    }
}

/// Everything in a document that its schema does not allow, as far as it is shown; and how many
/// errors more the validator has.
pub(super) fn findings(kind: DocumentKind, document: &Value) -> (Vec<Finding>, usize) {
    let validators = Validators::of(kind);
    if validators.conforms(document) {
        return (Vec::new(), 0);
    }
    let mut explainer = Explainer::new(validators.schema(), document);
    explainer.explain_all("", validators.errors_outside_tasks(document));
    if validators.has_tasks() {
        for (pointer, task) in tasks(document) {
            explainer.task(validators, &pointer, task);
        }
    }
    let (mut found, more) = explainer.finish();
    renames::join(&mut found);
    (found, more)
}

/// The tasks of a pattern or pipeline: those without waves, and those of every wave.
fn tasks(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    let waves = document.get("waves").and_then(Value::as_array).into_iter().flatten().enumerate();
    let of_waves = waves.map(|(place, wave)| (format!("/waves/{place}"), wave));
    let holders = std::iter::once((String::new(), document)).chain(of_waves);
    holders.flat_map(|(holder, value)| {
        let tasks = value.get("tasks").and_then(Value::as_object).into_iter().flatten();
        let pointer = format!("{holder}/tasks");
        tasks.map(move |(name, task)| (child_pointer(&pointer, name), task))
    })
}
