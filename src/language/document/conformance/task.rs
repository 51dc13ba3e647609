//! What is wrong with a task, by the verb that it has or was meant to have.

use serde_json::{Map, Value};

use super::explainer::{Explainer, unknown_value};
use super::{Anchor, Finding};
use crate::language::diagnostic::Code;
use crate::language::document::suggest::nearest;
use crate::language::document::task::{VerbKind, VerbProblem, verb_of};
use crate::language::document::validators::Validators;
use crate::language::document::wording::{describe, quoted};

impl Explainer<'_> {
    /// Explains what is wrong with the task at a pointer.
    pub(super) fn task(&mut self, validators: &Validators, pointer: &str, task: &Value) {
        match verb(pointer, task) {
            Ok(verb) => {
                self.explain_all(pointer, validators.errors_of_task(verb, task));
            }
            Err(finding) => self.say(*finding),
        }
    }
}

/// The verb of a task, or why it has none.
fn verb(pointer: &str, task: &Value) -> Result<VerbKind, Box<Finding>> {
    let Value::Object(map) = task else {
        let message = format!("expected a mapping, found {}", describe(task));
        let help = "a task has a verb, for example `agent:` with a `prompt:`".to_owned();
        return Err(Box::new(
            Finding::new(pointer, Anchor::Value, Code::WRONG_TYPE, message).help(help),
        ));
    };
    let finding = match verb_of(map) {
        Ok(kind) => return Ok(kind),
        Err(VerbProblem::Several(keys)) => {
            let message = format!("a task has one verb, this one has {}", quoted(&keys));
            let anchor = Anchor::Key(keys.last().copied().unwrap_or_default().to_owned());
            Finding::new(pointer, anchor, Code::SEVERAL_VERBS, message)
                .help("make a task of each, and let one need the other".to_owned())
        }
        Err(VerbProblem::UnknownGate) => unknown_value(
            &format!("{pointer}/gate"),
            &map["gate"],
            &["check", "review", "approval"],
        ),
        Err(VerbProblem::None) => {
            if let Some(verb) = meant_verb(map) {
                return Ok(verb);
            }
            let help = "say what kind of work it is: `agent`, `uses`, `synthesize`, `expand`, `tool`, \
                        `gate` or `send`";
            Finding::new(pointer, Anchor::OwnKey, Code::NO_VERB, "this task has no verb")
                .help(help.to_owned())
        }
    };
    Err(Box::new(finding))
}

/// The verb that a task without one was probably meant to have, by its other keys.
fn meant_verb(task: &Map<String, Value>) -> Option<VerbKind> {
    const TELLING: [(&str, VerbKind); 17] = [
        ("prompt", VerbKind::Agent),
        ("with", VerbKind::Uses),
        ("agents", VerbKind::Uses),
        ("strategy", VerbKind::Synthesize),
        ("from", VerbKind::Synthesize),
        ("catalogue", VerbKind::Expand),
        ("max_tasks", VerbKind::Expand),
        ("replan", VerbKind::Expand),
        ("condition", VerbKind::Check),
        ("criteria", VerbKind::Review),
        ("reviewers", VerbKind::Review),
        ("ask", VerbKind::Approval),
        ("deadline", VerbKind::Approval),
        ("options", VerbKind::Approval),
        ("body", VerbKind::Send),
        ("to", VerbKind::Send),
        ("topic", VerbKind::Send),
    ];
    let near = |key: &String| {
        let near = nearest(key, ["agent", "uses", "synthesize", "expand", "tool", "gate", "send"])?;
        VerbKind::ALL.into_iter().find(|kind| kind.key().0 == near)
    };
    let by_other_keys =
        || TELLING.iter().find(|(key, _)| task.contains_key(*key)).map(|(_, kind)| *kind);
    by_other_keys().or_else(|| task.keys().find_map(near))
}
