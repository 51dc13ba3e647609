//! The library: documents by name, over the search path and the built-in ones.

use std::collections::BTreeMap;

use serde_json::Value;

use super::builtin::builtins;
use super::suggest::near_matches;
use super::{Body, Document, DocumentKind, Expectation, Outcome};
use crate::language::diagnostic::{Code, Diagnostic};
use crate::language::source::{SourceId, SourceMap, Span};

/// A file of the project, as it was found.
#[derive(Debug, Clone)]
pub struct ProjectFile {
    /// How people know it: a path relative to where they are.
    pub name: String,
    /// What was read.
    pub content: Result<String, Unreadable>,
    /// How it came to be read.
    pub expectation: Expectation,
}

/// Why a file has no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// What kind of trouble.
    pub code: Code,
    /// What happened, in lower case.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// Documents by name. A name in the project hides the same name of the built-in library.
#[derive(Debug)]
pub struct Library {
    sources: SourceMap,
    documents: Vec<Entry>,
    by_name: BTreeMap<(Shelf, String), usize>,
    diagnostics: Vec<Diagnostic>,
    passed_over: Vec<SourceId>,
}

#[derive(Debug)]
struct Entry {
    document: Document,
    is_builtin: bool,
}

/// Names are unique on a shelf. What is run by name, patterns and pipelines, shares one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shelf {
    Orchestration,
    Team,
}

impl Library {
    /// Reads the project's files, and of the built-in library what they refer to.
    pub fn of_files(files: impl IntoIterator<Item = ProjectFile>) -> Library {
        let mut library = Library {
            sources: SourceMap::new(),
            documents: Vec::new(),
            by_name: BTreeMap::new(),
            diagnostics: Vec::new(),
            passed_over: Vec::new(),
        };
        for file in files {
            library.add_file(file);
        }
        let references: Vec<(Shelf, String)> =
            library.documents.iter().flat_map(|entry| references(&entry.document)).collect();
        for (shelf, name) in references {
            library.require(shelf, &name);
        }
        library
    }

    /// Adds the whole built-in library, for listings and for names that may be misspelt.
    pub fn with_builtins(mut self) -> Library {
        for builtin in builtins() {
            let taken = self.builtin_is_loaded(builtin.path);
            if !taken {
                self.add_builtin(builtin.path, builtin.text);
            }
        }
        self
    }

    /// Makes sure that an orchestration of the built-in library is there if it has this name.
    pub fn require_orchestration(&mut self, name: &str) {
        self.require(Shelf::Orchestration, name);
    }

    /// All sources that were read.
    pub fn sources(&self) -> &SourceMap {
        &self.sources
    }

    /// What is wrong with the documents one by one, and with their names.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The files in searched folders that are YAML but not ours.
    pub fn passed_over(&self) -> &[SourceId] {
        &self.passed_over
    }

    /// Every document, the project's first.
    pub fn documents(&self) -> impl Iterator<Item = &Document> {
        self.documents.iter().map(|entry| &entry.document)
    }

    /// The project's own documents.
    pub fn project_documents(&self) -> impl Iterator<Item = &Document> {
        self.documents.iter().filter(|entry| !entry.is_builtin).map(|entry| &entry.document)
    }

    /// Whether a document is part of the binary.
    pub fn is_builtin(&self, document: &Document) -> bool {
        self.documents
            .iter()
            .any(|entry| entry.is_builtin && entry.document.source() == document.source())
    }

    /// The document that was read from a source.
    pub fn document_of(&self, source: SourceId) -> Option<&Document> {
        self.documents().find(|document| document.source() == source)
    }

    /// The pattern or pipeline of this name.
    pub fn orchestration(&self, name: &str) -> Option<&Document> {
        self.find(Shelf::Orchestration, name)
    }

    /// The pattern of this name.
    pub fn pattern(&self, name: &str) -> Option<&Document> {
        self.orchestration(name).filter(|document| document.kind() == DocumentKind::Pattern)
    }

    /// The team of this name.
    pub fn team(&self, name: &str) -> Option<&Document> {
        self.find(Shelf::Team, name)
    }

    /// A document and everything that it uses, directly or not.
    pub fn reachable<'l>(&'l self, document: &'l Document) -> Vec<&'l Document> {
        let mut found = vec![document];
        let mut next = 0;
        while let Some(document) = found.get(next) {
            next += 1;
            let used = references(document);
            let used = used.iter().filter_map(|(shelf, name)| self.find(*shelf, name));
            for document in used.collect::<Vec<_>>() {
                if !found.iter().any(|known| known.source() == document.source()) {
                    found.push(document);
                }
            }
        }
        found
    }

    /// Names that documents refer to and that nothing has.
    pub fn unresolved_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .documents()
            .flat_map(references)
            .filter(|(shelf, name)| self.find(*shelf, name).is_none())
            .map(|(_, name)| name)
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// Names of patterns and pipelines like the one that was written.
    pub fn near_orchestrations(&self, written: &str) -> Vec<String> {
        self.near(Shelf::Orchestration, written)
    }

    /// Names of teams like the one that was written.
    pub fn near_teams(&self, written: &str) -> Vec<String> {
        self.near(Shelf::Team, written)
    }

    fn near(&self, shelf: Shelf, written: &str) -> Vec<String> {
        let loaded =
            self.by_name.keys().filter(|(on, _)| *on == shelf).map(|(_, name)| name.clone());
        let builtin = builtins()
            .iter()
            .filter(|builtin| shelf_of_path(builtin.path) == shelf)
            .map(|builtin| builtin.name.to_owned());
        let mut names: Vec<String> = loaded.chain(builtin).collect();
        names.sort();
        names.dedup();
        let near = near_matches(written, names.iter().map(String::as_str), 3);
        near.into_iter().map(str::to_owned).collect()
    }

    fn find(&self, shelf: Shelf, name: &str) -> Option<&Document> {
        let place = self.by_name.get(&(shelf, name.to_owned()))?;
        self.documents.get(*place).map(|entry| &entry.document)
    }

    fn add_file(&mut self, file: ProjectFile) {
        match file.content {
            Ok(text) => {
                let source = self.sources.add(file.name, text);
                self.add_source(source, file.expectation, false);
            }
            Err(unreadable) => {
                let source = self.sources.add(file.name, "");
                let span = Span::new(source, 0, 0);
                self.diagnostics.push(
                    Diagnostic::new(unreadable.code, span, unreadable.message)
                        .maybe_help(unreadable.help),
                );
            }
        }
    }

    fn add_source(&mut self, source: SourceId, expectation: Expectation, is_builtin: bool) {
        let Some(text) = self.sources.get(source) else {
            return;
        };
        let Outcome { document, diagnostics } = Document::read(text, expectation);
        if document.is_none() && diagnostics.is_empty() {
            self.passed_over.push(source);
        }
        self.diagnostics.extend(diagnostics);
        let Some(document) = document else { return };
        let place = self.documents.len();
        if let Some((shelf, name)) = shelf_and_name(&document) {
            match self.by_name.get(&(shelf, name.clone())) {
                None => {
                    self.by_name.insert((shelf, name), place);
                }
                // The project hides the built-in library; two of the project are a mistake.
                Some(first) if !is_builtin => {
                    let first = &self.documents[*first].document;
                    let pointer = format!("/{}/name", first.kind().as_str());
                    let own = format!("/{}/name", document.kind().as_str());
                    self.diagnostics.push(
                        document
                            .diagnostic(
                                Code::DUPLICATE_NAME,
                                &own,
                                format!("the name `{name}` is taken"),
                            )
                            .related(first.span(&pointer), "by this document")
                            .help("rename one of the two"),
                    );
                }
                Some(_) => {}
            }
        }
        self.documents.push(Entry { document, is_builtin });
    }

    fn require(&mut self, shelf: Shelf, name: &str) {
        if self.by_name.contains_key(&(shelf, name.to_owned())) {
            return;
        }
        let found = builtins()
            .iter()
            .find(|builtin| builtin.name == name && shelf_of_path(builtin.path) == shelf);
        if let Some(builtin) = found {
            let place = self.documents.len();
            self.add_builtin(builtin.path, builtin.text);
            let inner = self.documents.get(place).map(|entry| references(&entry.document));
            for (shelf, name) in inner.into_iter().flatten() {
                self.require(shelf, &name);
            }
        }
    }

    fn add_builtin(&mut self, path: &str, text: &str) {
        let source = self.sources.add(builtin_name(path), text);
        self.add_source(source, Expectation::Named, true);
    }

    fn builtin_is_loaded(&self, path: &str) -> bool {
        let name = builtin_name(path);
        self.sources.iter().any(|source| source.name() == name)
    }
}

/// How people know a built-in document: no file of theirs has such a name.
fn builtin_name(path: &str) -> String {
    format!("<built-in>/{path}")
}

fn shelf_of_path(path: &str) -> Shelf {
    let in_teams = path.split('/').any(|folder| folder == "teams");
    if in_teams { Shelf::Team } else { Shelf::Orchestration }
}

fn shelf_and_name(document: &Document) -> Option<(Shelf, String)> {
    let shelf = match document.kind() {
        DocumentKind::Pattern | DocumentKind::Pipeline => Shelf::Orchestration,
        DocumentKind::Team => Shelf::Team,
        _ => return None,
    };
    Some((shelf, document.name()?.to_owned()))
}

/// The names that a document refers to, whether or not it is faulty.
fn references(document: &Document) -> Vec<(Shelf, String)> {
    let mut found = Vec::new();
    if let Some(Body::LibraryIndex(index)) = document.body() {
        let names = index.fields.values().flatten();
        found.extend(names.map(|name| (Shelf::Orchestration, name.clone())));
        return found;
    }
    let value = document.value();
    let team = |value: &Value| value.get("team").and_then(Value::as_str).map(str::to_owned);
    found.extend(team(value).map(|name| (Shelf::Team, name)));
    let in_waves = value.get("waves").and_then(Value::as_array).into_iter().flatten();
    let tasks = in_waves.chain(std::iter::once(value)).filter_map(|holder| holder.get("tasks"));
    for task in tasks.filter_map(Value::as_object).flat_map(serde_json::Map::values) {
        let uses = task.get("uses").and_then(Value::as_str);
        found.extend(uses.map(|name| (Shelf::Orchestration, name.to_owned())));
        found.extend(team(task).map(|name| (Shelf::Team, name)));
    }
    found
}
