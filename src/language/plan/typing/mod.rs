//! What templates can read in a document, as types: inputs, tasks, and what comes out of patterns
//! that are used. Everything is found out when it is asked for, and once.

mod declared;
mod each;
mod places;
mod results;
mod votes;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use indexmap::IndexMap;

use each::{items, stopped};
pub use places::{FieldShown, TypeShown};
use results::message;

use super::outline::{Outline, TaskOutline};
use super::outlines::Outlines;
use super::template_site::TemplateSite;
use crate::language::document::{Document, Library, VerbKind};
use crate::language::source::{SourceId, child_pointer};
use crate::language::template::{
    Declaration, Field, Form, Inference, Openness, Presence, Type, Variables, infer,
};

/// Results may be made of results to this depth; beyond it nothing is known of them.
const MAX_DEPTH: u32 = 48;

/// Templates may read what templates make to this depth. Each may be as deep as templates may be,
/// and all of them lie on one stack.
const MAX_TEMPLATES: u32 = 4;

/// The types of a library's documents. Made for one thread and one purpose: it forgets nothing.
#[derive(Debug)]
pub struct Types<'o, 'l> {
    outlines: &'o Outlines<'l>,
    documents: RefCell<BTreeMap<SourceId, Rc<DocumentTypes>>>,
    /// How many results are being found out, each for the one before.
    depth: Cell<u32>,
    /// How many templates are, each for the one before.
    templates: Cell<u32>,
}

/// The types of one document.
#[derive(Debug)]
struct DocumentTypes {
    inputs: OnceCell<Type>,
    tasks: Vec<TaskTypes>,
    outputs: OnceCell<Type>,
    /// Whether the outputs are being found out: they may lead back to themselves.
    is_busy: Cell<bool>,
}

#[derive(Debug, Default)]
struct TaskTypes {
    output: OnceCell<Type>,
    record: OnceCell<Type>,
    is_busy: Cell<bool>,
}

impl<'o, 'l> Types<'o, 'l> {
    /// The types of a library's documents, none of which is known yet.
    pub fn of(outlines: &'o Outlines<'l>) -> Types<'o, 'l> {
        Types {
            outlines,
            documents: RefCell::default(),
            depth: Cell::new(0),
            templates: Cell::new(0),
        }
    }

    pub(super) fn library(&self) -> &'l Library {
        self.outlines.library()
    }

    fn known(&self, outline: &Outline<'l>) -> Rc<DocumentTypes> {
        let mut documents = self.documents.borrow_mut();
        let known = documents.entry(outline.document.source()).or_insert_with(|| {
            Rc::new(DocumentTypes {
                inputs: OnceCell::new(),
                tasks: outline.tasks.iter().map(|_| TaskTypes::default()).collect(),
                outputs: OnceCell::new(),
                is_busy: Cell::new(false),
            })
        });
        Rc::clone(known)
    }

    /// What a template gives and what is wrong with it by its types; `None` if it is none.
    pub(super) fn infer(
        &self,
        outline: &Outline<'l>,
        task: Option<&TaskOutline<'l>>,
        site: &TemplateSite<'_>,
    ) -> Option<Inference> {
        let reads_more =
            site.reads_results || site.reads_item || site.reads_round || site.reads_output;
        let reader = task.filter(|task| reads_more || task.reads_messages(site));
        self.infer_text(outline, reader, site.text, site.form)
    }

    fn infer_text(
        &self,
        outline: &Outline<'l>,
        reader: Option<&TaskOutline<'l>>,
        text: &str,
        form: Form,
    ) -> Option<Inference> {
        if self.templates.get() >= MAX_TEMPLATES {
            return None;
        }
        self.templates.set(self.templates.get() + 1);
        let found = infer(text, form, &Around { types: self, outline, reader });
        self.templates.set(self.templates.get() - 1);
        found
    }

    /// The type of `inputs`.
    fn inputs(&self, outline: &Outline<'l>) -> Type {
        let known = self.known(outline);
        let inputs = known.inputs.get_or_init(|| {
            let mut fields = IndexMap::new();
            for (name, written) in &outline.inputs {
                let pointer = child_pointer("/inputs", name);
                let source = outline.document.source();
                let value = declared::input(written, source, &pointer);
                let declared = Some(Declaration { source, pointer: pointer.into() });
                let field = Field { value, presence: Presence::Always, declared };
                fields.insert((*name).to_owned(), field);
            }
            // An unknown input is a finding of its own.
            Type::object(fields, Openness::Open, None)
        });
        inputs.clone()
    }

    /// The type of an input of a document, if it declares one of this name.
    pub(super) fn input(&self, document: &'l Document, name: &str) -> Option<Type> {
        let outline = self.outlines.get(document);
        let is_declared = outline.inputs.iter().any(|(declared, _)| *declared == name);
        if is_declared { self.inputs(outline).field(name).ok() } else { None }
    }

    /// The type of `tasks.NAME`.
    fn record(&self, outline: &Outline<'l>, place: usize) -> Type {
        let known = self.known(outline);
        let task = &known.tasks[place];
        if let Some(known) = task.record.get() {
            return known.clone();
        }
        let written = &outline.tasks[place];
        let output = self.output(outline, place);
        let declared = |key: &str| {
            let key = format!("{}/{key}", written.pointer);
            let source = outline.document.source();
            Some(Declaration { source, pointer: key.into() })
        };
        let field = |value, presence, declared| Field { value, presence, declared };
        let statuses = ["succeeded", "failed", "skipped"].map(serde_json::Value::from);
        let mut fields = IndexMap::from([
            ("status".to_owned(), field(Type::one_of(&statuses), Presence::Always, None)),
            ("error".to_owned(), field(Type::Text, Presence::Maybe, None)),
        ]);
        let shortcut = match written.verb {
            Some(VerbKind::Check) => Some(("passed", "condition")),
            Some(VerbKind::Review) => Some(("passed", "criteria")),
            Some(VerbKind::Approval) => Some(("choice", "options")),
            _ => None,
        };
        if let Some((name, key)) = shortcut {
            let value = output.field(name).unwrap_or(Type::Any);
            fields.insert(name.to_owned(), field(value, Presence::Always, declared(key)));
        }
        if written.each.is_some() {
            fields.insert("items".to_owned(), field(items(&output), Presence::Always, None));
        } else if written.rounds.is_some() {
            let rounds = items(&Type::list(output.clone()));
            fields.insert("items".to_owned(), field(rounds, Presence::Always, None));
            fields.insert("rounds".to_owned(), field(Type::Integer, Presence::Always, None));
            fields.insert("stopped".to_owned(), field(stopped(), Presence::Always, None));
        }
        if written.has_votes() {
            let votes = votes::record(written.strategy);
            fields.insert("votes".to_owned(), field(votes, Presence::Always, None));
        }
        fields.insert("output".to_owned(), field(output, Presence::Always, declared("output")));
        // An unknown property is a finding of its own.
        let record = Type::object(fields, Openness::Open, None);
        if !task.is_busy.get() && task.output.get().is_some() {
            return task.record.get_or_init(|| record).clone();
        }
        record
    }

    /// The type of `tasks.NAME.output`.
    fn output(&self, outline: &Outline<'l>, place: usize) -> Type {
        let known = self.known(outline);
        let task = &known.tasks[place];
        if let Some(known) = task.output.get() {
            return known.clone();
        }
        // What leads back to itself, or too far, is a finding elsewhere or nobody's to know.
        if self.depth.get() >= MAX_DEPTH || task.is_busy.replace(true) {
            return Type::Any;
        }
        self.depth.set(self.depth.get() + 1);
        let found = self.result(outline, &outline.tasks[place]);
        self.depth.set(self.depth.get() - 1);
        task.is_busy.set(false);
        task.output.get_or_init(|| found).clone()
    }
}

/// The variables of a template.
struct Around<'s, 'o, 'l> {
    types: &'s Types<'o, 'l>,
    outline: &'s Outline<'l>,
    /// The task whose template it is, where it can read more than others: the results that it puts
    /// together, the item for which it is done, the rounds before.
    reader: Option<&'s TaskOutline<'l>>,
}

impl Variables for Around<'_, '_, '_> {
    fn task(&self, name: &str) -> Type {
        match self.outline.task(name) {
            Some(place) => self.types.record(self.outline, place),
            None => Type::Any,
        }
    }

    fn variable(&self, name: &str) -> Type {
        match (name, self.reader) {
            ("inputs", _) => self.types.inputs(self.outline),
            ("messages", Some(task)) if task.each.as_ref().is_none_or(|each| each.name != name) => {
                Type::list(message(Type::Any, Presence::Maybe, Presence::Maybe))
            }
            ("results", Some(task)) if task.each.is_none() && task.strategy.is_some() => {
                self.types.results(self.outline, task)
            }
            (name, Some(task)) => self.types.local(self.outline, task, name),
            _ => Type::Any,
        }
    }
}
