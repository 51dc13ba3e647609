//! The library: documents by name, over the search path and the built-in ones.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::builtin::{builtin_tests, builtins};
use super::shelf::{Shelf, references, shelf_and_name, shelf_of_path};
use super::suggest::near_matches;
use super::{Document, DocumentKind, Expectation, Outcome};
use crate::language::diagnostic::{Code, Diagnostic};
use crate::language::source::{SourceId, SourceMap, Span};
use crate::language::workers::in_parallel;

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
#[derive(Debug, Default)]
pub struct Library {
    sources: SourceMap,
    documents: Vec<Entry>,
    /// Where in `documents` that of a source is.
    places: BTreeMap<SourceId, usize>,
    by_name: BTreeMap<(Shelf, String), usize>,
    diagnostics: Vec<Diagnostic>,
    passed_over: Vec<SourceId>,
}

#[derive(Debug)]
struct Entry {
    document: Document,
    origin: Origin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Project,
    Builtin,
}

impl Library {
    /// Reads the project's files, and of the built-in library what they refer to.
    pub fn of_files(files: impl IntoIterator<Item = ProjectFile>) -> Library {
        let mut library = Library::default();
        library.add(files);
        library
    }

    /// Reads further files, and of the built-in library what they refer to. Gives the names
    /// that they refer to and that nothing has.
    pub fn add(&mut self, files: impl IntoIterator<Item = ProjectFile>) -> Vec<String> {
        let sources: Vec<(SourceId, Expectation)> =
            files.into_iter().filter_map(|file| self.add_file(file)).collect();
        let outcomes = in_parallel(
            &sources,
            |(source, _)| self.sources.get(*source).map_or(0, |source| source.text().len()),
            |(source, expectation)| {
                self.sources.get(*source).map(|text| Document::read(text, *expectation))
            },
        );
        let before = self.documents.len();
        for ((source, _), outcome) in sources.into_iter().zip(outcomes) {
            if let Some(outcome) = outcome {
                self.take(source, outcome, Origin::Project);
            }
        }
        let new = self.documents[before..].iter();
        let names: BTreeSet<(Shelf, String)> =
            new.flat_map(|entry| references(&entry.document)).collect();
        let mut unresolved = BTreeSet::new();
        for (shelf, name) in names {
            self.require(shelf, &name, &mut unresolved);
        }
        unresolved.into_iter().collect()
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
        self.require(Shelf::Orchestration, name, &mut BTreeSet::new());
    }

    /// Adds the tests of an orchestration of the built-in library, unless one of the project hides it.
    pub fn require_builtin_tests(&mut self, name: &str) {
        let is_builtin = self.orchestration(name).is_some_and(|found| self.is_builtin(found));
        for tests in builtin_tests().iter().filter(|tests| is_builtin && tests.name == name) {
            if !self.builtin_is_loaded(tests.path) {
                self.add_builtin(tests.path, tests.text);
            }
        }
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
        self.documents
            .iter()
            .filter(|entry| entry.origin == Origin::Project)
            .map(|entry| &entry.document)
    }

    /// Whether a document is part of the binary.
    pub fn is_builtin(&self, document: &Document) -> bool {
        let entry = self.places.get(&document.source()).map(|place| &self.documents[*place]);
        entry.is_some_and(|entry| entry.origin == Origin::Builtin)
    }

    /// The document that was read from a source.
    pub fn document_of(&self, source: SourceId) -> Option<&Document> {
        self.places.get(&source).map(|place| &self.documents[*place].document)
    }

    /// The document of a file that another names by its path from its own folder.
    pub fn beside(&self, document: &Document, file: &str) -> Option<&Document> {
        let name = self.sources.get(document.source())?.name();
        let path = Path::new(name).parent().unwrap_or(Path::new("")).join(file);
        self.documents().find(|document| {
            let source = self.sources.get(document.source());
            source.is_some_and(|source| Path::new(source.name()) == path)
        })
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

    /// Some documents and everything that they use, directly or not.
    pub fn reachable<'l>(
        &'l self,
        documents: impl IntoIterator<Item = &'l Document>,
    ) -> Vec<&'l Document> {
        let mut known = BTreeSet::new();
        let mut found: Vec<&Document> =
            documents.into_iter().filter(|document| known.insert(document.source())).collect();
        let mut next = 0;
        while let Some(document) = found.get(next).copied() {
            next += 1;
            for (shelf, name) in references(document) {
                let used = self.find(shelf, &name);
                found.extend(used.filter(|document| known.insert(document.source())));
            }
        }
        found
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

    /// The source of a file that could be read.
    fn add_file(&mut self, file: ProjectFile) -> Option<(SourceId, Expectation)> {
        match file.content {
            Ok(text) => Some((self.sources.add(file.name, text), file.expectation)),
            Err(unreadable) => {
                let source = self.sources.add(file.name, "");
                let span = Span::new(source, 0, 0);
                self.diagnostics.push(
                    Diagnostic::new(unreadable.code, span, unreadable.message)
                        .maybe_help(unreadable.help),
                );
                None
            }
        }
    }

    fn take(&mut self, source: SourceId, outcome: Outcome, origin: Origin) {
        let Outcome { document, diagnostics } = outcome;
        if document.is_none() && diagnostics.is_empty() {
            self.passed_over.push(source);
        }
        self.diagnostics.extend(diagnostics);
        let Some(document) = document else { return };
        let place = self.documents.len();
        if let Some((shelf, name)) = shelf_and_name(&document) {
            let first =
                self.by_name.get(&(shelf, name.clone())).map(|first| &self.documents[*first]);
            match (first, origin) {
                // The project hides the built-in library; two of the project are a mistake.
                (None | Some(Entry { origin: Origin::Builtin, .. }), Origin::Project)
                | (None, Origin::Builtin) => {
                    self.by_name.insert((shelf, name), place);
                }
                (Some(first), Origin::Project) => {
                    let found = name_is_taken(&name, &document, &first.document);
                    self.diagnostics.push(found);
                }
                (Some(_), Origin::Builtin) => {}
            }
        }
        self.places.insert(source, place);
        self.documents.push(Entry { document, origin });
    }

    fn require(&mut self, shelf: Shelf, name: &str, unresolved: &mut BTreeSet<String>) {
        if self.by_name.contains_key(&(shelf, name.to_owned())) {
            return;
        }
        let found = builtins()
            .iter()
            .find(|builtin| builtin.name == name && shelf_of_path(builtin.path) == shelf);
        let Some(builtin) = found else {
            unresolved.insert(name.to_owned());
            return;
        };
        let place = self.documents.len();
        self.add_builtin(builtin.path, builtin.text);
        let inner = self.documents.get(place).map(|entry| references(&entry.document));
        for (shelf, name) in inner.into_iter().flatten() {
            self.require(shelf, &name, unresolved);
        }
    }

    fn add_builtin(&mut self, path: &str, text: &str) {
        let source = self.sources.add(builtin_name(path), text);
        let read = self.sources.get(source).map(|text| Document::read(text, Expectation::Named));
        if let Some(outcome) = read {
            self.take(source, outcome, Origin::Builtin);
        }
    }

    fn builtin_is_loaded(&self, path: &str) -> bool {
        let name = builtin_name(path);
        self.sources.iter().any(|source| source.name() == name)
    }
}

/// How people know a built-in document: no file of theirs has such a name.
fn builtin_name(path: &str) -> String {
    format!("{BUILTIN_FOLDER}{path}")
}

/// What the names of built-in documents begin with.
const BUILTIN_FOLDER: &str = "<built-in>/";

/// The text of the built-in document that people know by this name.
pub fn builtin_text(name: &str) -> Option<&'static str> {
    let path = name.strip_prefix(BUILTIN_FOLDER)?;
    let mut all = builtins().iter().chain(builtin_tests());
    all.find(|builtin| builtin.path == path).map(|builtin| builtin.text)
}

fn name_is_taken(name: &str, document: &Document, first: &Document) -> Diagnostic {
    let place = |document: &Document| format!("/{}/name", document.kind().as_str());
    document
        .diagnostic(Code::DUPLICATE_NAME, &place(document), format!("the name `{name}` is taken"))
        .related(first.span(&place(first)), "by this document")
        .help("rename one of the two")
}
