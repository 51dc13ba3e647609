//! What comes out of tasks and of whole documents.

use indexmap::IndexMap;
use serde_json::Value;

use super::Types;
use super::declared::declared;
use crate::language::document::{MessageKind, VerbKind};
use crate::language::plan::consensus::consensus_output;
use crate::language::plan::failure_outline::goes_on_without_output;
use crate::language::plan::outline::{Outline, TaskOutline, entries};
use crate::language::source::child_pointer;
use crate::language::template::{
    Declaration, Field, Form, Openness, Presence, Type, is_within_limits,
};

impl<'l> Types<'_, 'l> {
    /// What a task gives, with the value that takes its place when it fails.
    pub(super) fn result(&self, outline: &Outline<'l>, task: &TaskOutline<'l>) -> Type {
        let made = self.once(outline, task);
        let made = match &task.each {
            Some(each) if each.may_have_holes => Type::list(Type::union([made, Type::Null])),
            Some(_) => Type::list(made),
            None => made,
        };
        match task.get("on_failure").and_then(|value| value.get("fallback")) {
            Some(fallback) => {
                let pointer = format!("{}/on_failure/fallback", task.pointer);
                Type::union([made, self.tree(outline, None, fallback, &pointer)])
            }
            None => made,
        }
    }

    /// The type of one answer of a task that asks an agent.
    pub(in crate::language::plan) fn answer_of(
        &self,
        outline: &Outline<'l>,
        task: &TaskOutline<'l>,
    ) -> Type {
        self.answer(outline, task).unwrap_or(Type::Text)
    }

    /// What a task gives each time that it is done.
    pub(super) fn once(&self, outline: &Outline<'l>, task: &TaskOutline<'l>) -> Type {
        match task.verb {
            Some(VerbKind::Agent | VerbKind::Tool) => {
                self.answer(outline, task).unwrap_or(Type::Text)
            }
            Some(VerbKind::Synthesize) => self.synthesis(outline, task),
            Some(VerbKind::Expand) => self.expansion(outline, task),
            Some(VerbKind::Check) => check(task),
            Some(VerbKind::Review) => self.review(outline, task),
            Some(VerbKind::Approval) => approval(task),
            Some(VerbKind::Uses) => self.used(outline, task),
            Some(VerbKind::Send) => self.message(outline, task),
            None => Type::Any,
        }
    }

    /// `passed`, `result`, `rounds`, `verdicts` and `feedback` of a review.
    fn review(&self, outline: &Outline<'l>, task: &TaskOutline<'l>) -> Type {
        let of = task.get("of").and_then(Value::as_str);
        let reviewed = of.and_then(|of| self.infer_text(outline, None, of, Form::Value));
        let field = |value| Field { value, presence: Presence::Always, declared: None };
        let closed = |fields: Vec<(&str, Type)>| {
            let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), field(value)));
            Type::object(fields.collect(), Openness::Closed, None)
        };
        let verdict = closed(vec![
            ("reviewer", Type::Text),
            ("passed", Type::Boolean),
            ("criteria", Type::any_object()),
            ("feedback", Type::Text),
        ]);
        closed(vec![
            ("passed", Type::Boolean),
            ("result", reviewed.map_or(Type::Any, |found| found.value)),
            ("rounds", Type::Integer),
            ("verdicts", Type::list(verdict)),
            ("feedback", Type::Text),
        ])
    }

    /// `tasks`, `plan` and `rounds` of what was planned, and the `result` where there is a synthesis.
    fn expansion(&self, outline: &Outline<'l>, task: &TaskOutline<'l>) -> Type {
        let field = |value, presence| Field { value, presence, declared: None };
        let closed = |fields: Vec<(&str, Type, Presence)>| {
            let fields = fields.into_iter();
            let fields =
                fields.map(|(name, value, presence)| (name.to_owned(), field(value, presence)));
            Type::object(fields.collect(), Openness::Closed, None)
        };
        let statuses = ["succeeded", "failed", "skipped", "cancelled"].map(Value::from);
        let planned = closed(vec![
            ("name", Type::Text, Presence::Always),
            ("key", Type::Text, Presence::Always),
            ("round", Type::Integer, Presence::Always),
            ("agent", Type::Text, Presence::Maybe),
            ("prompt", Type::Text, Presence::Maybe),
            ("uses", Type::Text, Presence::Maybe),
            ("with", Type::any_object(), Presence::Maybe),
            ("from", Type::any_object(), Presence::Maybe),
            ("needs", Type::list(Type::Text), Presence::Always),
            ("status", Type::one_of(&statuses), Presence::Always),
            ("error", Type::Text, Presence::Maybe),
        ]);
        let mut fields = vec![
            ("tasks", Type::any_object(), Presence::Always),
            ("plan", Type::list(planned), Presence::Always),
            ("rounds", Type::Integer, Presence::Always),
        ];
        if task.value.pointer("/expand/synthesize").is_some() {
            let made = self.answer(outline, task).unwrap_or(Type::Text);
            fields.push(("result", made, Presence::Always));
        }
        closed(fields)
    }

    /// The message that a task sends.
    fn message(&self, outline: &Outline<'l>, task: &TaskOutline<'l>) -> Type {
        let written = |key: &str| match task.get(key) {
            Some(_) => Presence::Always,
            None => Presence::Maybe,
        };
        let pointer = format!("{}/body", task.pointer);
        let reader = (!task.topics.is_empty()).then_some(task);
        let body = task.get("body").map(|body| self.tree(outline, reader, body, &pointer));
        message(body.unwrap_or(Type::Any), written("topic"), written("subject"))
    }

    /// The declared type of an agent's answer, or of what a tool gives.
    fn answer(&self, outline: &Outline<'l>, task: &TaskOutline<'l>) -> Option<Type> {
        let written = task.get("output")?;
        let pointer = format!("{}/output", task.pointer);
        Some(declared(written, outline.document.source(), &pointer))
    }

    fn synthesis(&self, outline: &Outline<'l>, task: &TaskOutline<'l>) -> Type {
        let written = task.get("synthesize");
        let get = |key: &str| written.and_then(|written| written.get(key));
        match get("strategy").and_then(Value::as_str).unwrap_or_default() {
            "merge_all" => self.results(outline, task),
            "use_first_result" => {
                let sources = task.sources.iter();
                Type::union(sources.map(|source| match outline.task(source.name) {
                    Some(place) => self.output(outline, place),
                    None => Type::Any,
                }))
            }
            "vote" | "best_of" => Type::union(self.candidates(outline, task)),
            "consensus" => self.answer(outline, task).unwrap_or_else(|| {
                // It is no place of any document; nobody has declared it.
                declared(&consensus_output(), outline.document.source(), "").undeclared()
            }),
            "custom" => match get("template") {
                Some(template) => {
                    let pointer = format!("{}/synthesize/template", task.pointer);
                    self.tree(outline, Some(task), template, &pointer)
                }
                None => self.answer(outline, task).unwrap_or(Type::Text),
            },
            _ => Type::Any,
        }
    }

    /// The type of `results`: what a synthesis puts together, without those that have none.
    pub(super) fn results(&self, outline: &Outline<'l>, task: &TaskOutline<'l>) -> Type {
        let mut fields = IndexMap::new();
        for source in &task.sources {
            let Some(place) = outline.task(source.name) else {
                return Type::Any;
            };
            let presence = match self.may_be_absent(outline, place) {
                true => Presence::Maybe,
                false => Presence::Always,
            };
            let declared = Some(Declaration {
                source: outline.document.source(),
                pointer: source.pointer.as_str().into(),
            });
            let field = Field { value: self.output(outline, place), presence, declared };
            fields.insert(source.name.to_owned(), field);
        }
        let declared = Some(Declaration {
            source: outline.document.source(),
            pointer: format!("{}/synthesize/from", task.pointer).into(),
        });
        Type::object(fields, Openness::Closed, declared)
    }

    /// Whether a task by itself may come to nothing while the document goes on.
    fn may_be_absent(&self, outline: &Outline<'l>, place: usize) -> bool {
        let task = outline.tasks[place].value;
        task.get("when").is_some()
            || task.get("on_message").is_some()
            || goes_on_without_output(task)
    }

    /// What comes out of a used pattern.
    fn used(&self, outline: &Outline<'l>, task: &TaskOutline<'l>) -> Type {
        let name = task.get("uses").and_then(Value::as_str);
        match name.and_then(|name| self.library().names_in(outline.document.source()).pattern(name))
        {
            Some(callee) => self.outputs(self.outlines.get(callee)),
            None => Type::Any,
        }
    }

    /// What comes out of a document. An output that reads a task without one is null.
    pub(super) fn outputs(&self, outline: &Outline<'l>) -> Type {
        let document = self.known(outline);
        if let Some(known) = document.outputs.get() {
            return known.clone();
        }
        if document.is_busy.replace(true) {
            return Type::Any;
        }
        let outputs = outline.document.value().get("outputs");
        let mut fields = IndexMap::new();
        for (name, written) in entries(outputs) {
            let pointer = child_pointer("/outputs", name);
            let value = self.tree(outline, None, written, &pointer);
            let value = match reads_tasks(written) {
                true => Type::union([value, Type::Null]),
                false => value,
            };
            let declared =
                Some(Declaration { source: outline.document.source(), pointer: pointer.into() });
            fields.insert(name.clone(), Field { value, presence: Presence::Always, declared });
        }
        let found = if fields.is_empty() {
            // The last wave or level, which only the whole plan shows.
            Type::any_object()
        } else {
            let source = outline.document.source();
            let declared = Declaration { source, pointer: "/outputs".into() };
            Type::object(fields, Openness::Closed, Some(declared))
        };
        document.is_busy.set(false);
        document.outputs.get_or_init(|| found).clone()
    }

    /// The type of a value whose texts are templates, which can read what only this task can.
    pub(in crate::language::plan) fn tree(
        &self,
        outline: &Outline<'l>,
        reader: Option<&TaskOutline<'l>>,
        written: &Value,
        pointer: &str,
    ) -> Type {
        match written {
            Value::String(text) => {
                if !is_within_limits(text, Form::Text) {
                    return Type::Any;
                }
                let found = self.infer_text(outline, reader, text, Form::Text);
                found.map_or(Type::Any, |found| found.value)
            }
            Value::Array(items) => Type::places(
                items
                    .iter()
                    .enumerate()
                    .map(|(place, item)| {
                        self.tree(outline, reader, item, &format!("{pointer}/{place}"))
                    })
                    .collect(),
            ),
            Value::Object(map) => {
                let mut fields = IndexMap::new();
                for (name, item) in map {
                    let place = child_pointer(pointer, name);
                    let value = self.tree(outline, reader, item, &place);
                    let source = outline.document.source();
                    let declared = Some(Declaration { source, pointer: place.into() });
                    let presence = Presence::Always;
                    fields.insert(name.clone(), Field { value, presence, declared });
                }
                let source = outline.document.source();
                let declared = Declaration { source, pointer: pointer.into() };
                Type::object(fields, Openness::Closed, Some(declared))
            }
            literal => Type::literal(literal),
        }
    }
}

/// `kind`, `from`, `to`, `topic`, `subject` and `body` of a message.
pub(super) fn message(body: Type, topic: Presence, subject: Presence) -> Type {
    let field = |value, presence| Field { value, presence, declared: None };
    let kinds = MessageKind::ALL.map(|kind| Value::from(kind.as_str()));
    let fields = IndexMap::from([
        ("kind".to_owned(), field(Type::one_of(&kinds), Presence::Always)),
        ("from".to_owned(), field(Type::Text, Presence::Always)),
        ("to".to_owned(), field(Type::list(Type::Text), Presence::Always)),
        ("topic".to_owned(), field(Type::Text, topic)),
        ("subject".to_owned(), field(Type::Text, subject)),
        ("body".to_owned(), field(body, Presence::Always)),
    ]);
    Type::object(fields, Openness::Closed, None)
}

/// `passed`, `failed` and `conditions` of a check.
fn check(task: &TaskOutline<'_>) -> Type {
    let field = |value| Field { value, presence: Presence::Always, declared: None };
    let (conditions, openness) = match task.get("condition") {
        Some(Value::Object(named)) => {
            let pointer = |name: &String| (name.clone(), field(Type::Boolean));
            (named.keys().map(pointer).collect(), Openness::Closed)
        }
        // The one condition is called what it says.
        _ => (IndexMap::new(), Openness::Open),
    };
    let fields = IndexMap::from([
        ("passed".to_owned(), field(Type::Boolean)),
        ("failed".to_owned(), field(Type::list(Type::Text))),
        ("conditions".to_owned(), field(Type::object(conditions, openness, None))),
    ]);
    Type::object(fields, Openness::Closed, None)
}

/// `choice` and `by` of an approval.
fn approval(task: &TaskOutline<'_>) -> Type {
    let choice = match task.get("options").and_then(Value::as_array) {
        Some(options) => Type::one_of(options),
        None => Type::one_of(&["approve", "reject"].map(Value::from)),
    };
    let field = |value| Field { value, presence: Presence::Always, declared: None };
    let fields = IndexMap::from([
        ("choice".to_owned(), field(choice)),
        ("by".to_owned(), field(Type::Text)),
    ]);
    Type::object(fields, Openness::Closed, None)
}

fn reads_tasks(written: &Value) -> bool {
    match written {
        Value::String(text) => text.contains("tasks"),
        Value::Array(items) => items.iter().any(reads_tasks),
        Value::Object(map) => map.values().any(reads_tasks),
        _ => false,
    }
}
