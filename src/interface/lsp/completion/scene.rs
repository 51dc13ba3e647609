//! The cursor with everything around it.

use std::sync::LazyLock;

use lsp_types::CompletionItemKind;
use serde_json::Value;

use super::candidate::{Candidate, Rank};
use super::cursor::{Cursor, Step, is_word};
use super::expression::PathStep;
use super::values::{agent, plain, post};
use crate::interface::lsp::models::SeenModels;
use crate::language::document::{Document, DocumentKind, InputDeclaration, Library};
use crate::language::plan::{Outlines, Sketch, Types};
use crate::language::template::Type;

/// The whole library inside the binary, for names that nobody refers to yet.
static BUILTINS: LazyLock<Library> = LazyLock::new(|| Library::of_files([]).with_builtins());

/// The cursor with everything around it.
#[derive(Debug)]
pub(super) struct Scene<'s> {
    pub(super) cursor: Cursor,
    /// The document without what is being typed, if it can be read so.
    pub(super) document: Option<&'s Document>,
    /// What can be named in it.
    pub(super) sketch: Option<Sketch<'s>>,
    pub(super) library: &'s Library,
    outlines: Outlines<'s>,
    pub(super) builtins: &'static Library,
    pub(super) takes_snippets: bool,
    pub(super) models_on_servers: Option<&'s SeenModels>,
}

impl<'s> Scene<'s> {
    pub(super) fn of(library: &'s Library, document: Option<&'s Document>, before: &str) -> Self {
        let outlines = Outlines::of(library);
        Scene {
            cursor: Cursor::of(before),
            document,
            sketch: document.map(|document| Sketch::of(&outlines, document)),
            library,
            outlines,
            builtins: &BUILTINS,
            takes_snippets: true,
            models_on_servers: None,
        }
    }

    pub(super) fn kind(&self) -> Option<DocumentKind> {
        self.document.map(Document::kind)
    }

    /// The document's value.
    pub(super) fn value(&self) -> &'s Value {
        self.document.map_or(&Value::Null, Document::value)
    }

    /// What is written at the cursor's path.
    pub(super) fn value_here(&self) -> Option<&'s Value> {
        self.value_at(&self.cursor.path)
    }

    pub(super) fn value_at(&self, path: &[Step]) -> Option<&'s Value> {
        path.iter().try_fold(self.value(), |value, step| match step {
            Step::Key(key) => value.get(key.as_str()),
            Step::Item(index) => value.get(index),
        })
    }

    /// The task that the cursor is in, and the path inside it.
    pub(super) fn task_path(&self) -> Option<(&str, &[Step])> {
        let is = |step: &Step, name: &str| matches!(step, Step::Key(key) if key == name);
        match self.cursor.path.as_slice() {
            [tasks, Step::Key(task), rest @ ..] if is(tasks, "tasks") => Some((task, rest)),
            [waves, Step::Item(_), tasks, Step::Key(task), rest @ ..]
                if is(waves, "waves") && is(tasks, "tasks") =>
            {
                Some((task, rest))
            }
            _ => None,
        }
    }

    /// The keys of the path inside the task that the cursor is in.
    fn keys_in_task(&self) -> Option<Vec<&str>> {
        let (_, rest) = self.task_path()?;
        Some(rest.iter().map(Step::name).collect())
    }

    /// Whether texts here are templates.
    pub(super) fn is_template(&self) -> bool {
        match self.keys_in_task().as_deref() {
            Some(["synthesize", key, ..]) => ["prompt", "template"].contains(key),
            Some([key, ..]) => {
                ["prompt", "ask", "message", "with", "when", "condition", "on_failure"]
                    .contains(key)
            }
            Some([]) => false,
            None => self.cursor.path.first().is_some_and(|step| step.name() == "outputs"),
        }
    }

    /// Whether texts here are expressions without braces.
    pub(super) fn is_expression(&self) -> bool {
        let keys = self.keys_in_task();
        matches!(keys.as_deref(), Some(["when"] | ["condition"] | ["condition", _]))
    }

    /// Whether templates here can read what a synthesis is made from.
    pub(super) fn reads_results(&self) -> bool {
        matches!(self.keys_in_task().as_deref(), Some(["synthesize", ..]))
    }

    /// What a path in a template reads here.
    pub(super) fn type_of(&self, path: &[PathStep]) -> Option<Type> {
        let path: Vec<&str> = path.iter().map(PathStep::name).collect();
        let task = self.task_path().map(|(task, _)| task);
        Types::of(&self.outlines).type_of_path(self.document?, task, &path)
    }

    /// The pattern that a task uses, and the library that it is in.
    pub(super) fn callee(&self, task: &str) -> Option<(&'s Library, &'s Document)> {
        let name = self.sketch.as_ref()?.task(task)?.value.get("uses")?.as_str()?;
        let libraries = [self.library, self.builtins];
        libraries.into_iter().find_map(|library| Some((library, library.pattern(name)?)))
    }

    /// The keys that a used pattern decides: its inputs, and the agents that can be replaced.
    pub(super) fn names_of_keys(&self) -> Option<Vec<Candidate>> {
        let (task, _) = self.task_path()?;
        let (library, callee) = self.callee(task)?;
        let taken = |name: &str| {
            name != self.cursor.word && self.value_here().is_some_and(|own| own.get(name).is_some())
        };
        let found: Vec<Candidate> = match self.keys_in_task()?.as_slice() {
            ["with"] => {
                let declared = callee.value().get("inputs").and_then(Value::as_object);
                declared.into_iter().flatten().map(|(name, input)| argument(name, input)).collect()
            }
            ["agents"] => {
                let outlines = Outlines::of(library);
                let sketch = Sketch::of(&outlines, callee);
                let posts = sketch.posts.iter().map(post);
                let everybody = posts.chain(sketch.agents.iter().map(agent));
                everybody.map(Candidate::into_key).collect()
            }
            _ => return None,
        };
        Some(found.into_iter().filter(|candidate| !taken(&candidate.label)).collect())
    }
}

/// An input of a used pattern, as a key under `with`.
fn argument(name: &str, declared: &Value) -> Candidate {
    let input = serde_json::from_value::<InputDeclaration>(declared.clone()).ok();
    let required = input.as_ref().is_some_and(InputDeclaration::is_required);
    let default = input.as_ref().and_then(|input| input.default.as_ref());
    let candidate = Candidate::new(name, CompletionItemKind::PROPERTY)
        .documentation(input.as_ref().and_then(|input| input.description.clone()))
        .text(format!("{name}: "))
        .rank(if required { Rank::Required } else { Rank::Usual });
    match default {
        Some(default) => candidate.detail(format!("default {}", first_line(&plain(default)))),
        None => candidate.detail("required"),
    }
}

fn first_line(text: &str) -> String {
    const LONGEST: usize = 40;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// The letters of the word before a byte.
pub(super) fn word_before(text: &str, offset: usize) -> &str {
    let before = &text[..offset];
    let start = before.char_indices().rev().take_while(|(_, c)| is_word(*c)).last();
    start.map_or("", |(at, _)| &before[at..])
}

/// The letters of the word behind a byte.
pub(super) fn word_behind(text: &str, offset: usize) -> &str {
    let behind = &text[offset..];
    let end = behind.find(|c| !is_word(c)).unwrap_or(behind.len());
    &behind[..end]
}
