//! Types for editors: what stands at a place, and what can follow a path.

use std::ops::Range;

use super::{Around, Types};
use crate::language::document::Document;
use crate::language::template::{Declaration, Presence, Type, Variables, infer_at};

/// An expression and what it gives.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeShown {
    /// The expression, in bytes of the decoded text.
    pub range: Range<usize>,
    /// What it gives.
    pub value: Type,
}

/// A field that can follow a path.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldShown {
    /// Its name.
    pub name: String,
    /// What it gives.
    pub value: Type,
    /// Whether it is always there.
    pub presence: Presence,
    /// Where an author declares it.
    pub declared: Option<Declaration>,
}

impl<'l> Types<'_, 'l> {
    /// The innermost expression around a byte of a template, and its type. `pointer` is the JSON
    /// pointer of the text in the document, `at` a byte of the decoded text. `None` where there is
    /// no template, or no expression at the byte.
    pub fn type_at(&self, document: &'l Document, pointer: &str, at: usize) -> Option<TypeShown> {
        let outline = self.outlines.get(document);
        let of_tasks = outline
            .tasks
            .iter()
            .flat_map(|task| task.templates.iter().map(move |site| (Some(task), site)));
        let of_posts = outline.posts.iter().flat_map(|post| &post.templates);
        let of_outputs = outline.outputs.iter().chain(of_posts).map(|site| (None, site));
        let (task, site) = of_tasks.chain(of_outputs).find(|(_, site)| site.pointer == pointer)?;
        let reader =
            task.filter(|task| site.reads_results || site.reads_item || task.reads_messages(site));
        let around = Around { types: self, outline, reader };
        let (range, value) = infer_at(site.text, site.form, &around, Some(at))?.at?;
        Some(TypeShown { range, value })
    }

    /// The type of a path such as `["tasks", "draft", "output", "risks", "0"]`, as a template of
    /// the document's task reads it; a number stands for an item of a list. `None` if there is no
    /// such thing.
    pub fn type_of_path(
        &self,
        document: &'l Document,
        task: Option<&str>,
        path: &[&str],
    ) -> Option<Type> {
        let outline = self.outlines.get(document);
        let place = task.and_then(|task| outline.task(task));
        let reader = place.map(|place| &outline.tasks[place]);
        let around = Around { types: self, outline, reader };
        let (mut value, rest) = match path {
            ["tasks", name, rest @ ..] => (around.task(name), rest),
            [root, rest @ ..] => (around.variable(root), rest),
            [] => return None,
        };
        for step in rest {
            value = match step.parse::<i64>() {
                Ok(place) => value.item(Some(place)).or_else(|_| value.field(step)).ok()?,
                Err(_) => value.field(step).ok()?,
            };
        }
        Some(value)
    }

    /// What comes out of a pattern or pipeline: a mapping of its outputs.
    pub fn outputs_of(&self, document: &'l Document) -> Type {
        self.outputs(self.outlines.get(document))
    }

    /// The fields that can follow a path, in the order in which they are declared.
    pub fn fields_of_path(
        &self,
        document: &'l Document,
        task: Option<&str>,
        path: &[&str],
    ) -> Vec<FieldShown> {
        let value = self.type_of_path(document, task, path).unwrap_or(Type::Any);
        value
            .fields()
            .into_iter()
            .map(|(name, field)| FieldShown {
                name: name.to_owned(),
                value: field.value.clone(),
                presence: field.presence,
                declared: field.declared.clone(),
            })
            .collect()
    }
}
