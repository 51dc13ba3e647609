//! The library: documents by name, over the search path and the built-in ones.

mod names;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub use self::names::Names;
use super::builtin::{builtin_tests, builtins};
use super::shelf::{Shelf, references, shelf_and_name, shelf_of_path};
use super::suggest::near_matches;
use super::{Document, Expectation, ImportState, ImportedName, Imports, Outcome};
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

/// Documents by name. A name in the project hides the same name of the built-in library. Documents
/// of an import have names of their own: they do not see those of the project, nor the project
/// theirs, but as `SOURCE/NAME`.
#[derive(Debug, Default)]
pub struct Library {
    sources: SourceMap,
    documents: Vec<Entry>,
    /// Where in `documents` that of a source is.
    places: BTreeMap<SourceId, usize>,
    by_name: BTreeMap<(Realm, Shelf, String), usize>,
    imports: Imports,
    /// The imports whose documents were read, by their places.
    read_imports: BTreeSet<usize>,
    diagnostics: Vec<Diagnostic>,
    passed_over: Vec<SourceId>,
}

#[derive(Debug)]
struct Entry {
    document: Document,
    origin: Origin,
    realm: Realm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Project,
    Builtin,
    Imported,
}

/// Whose names a document sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Realm {
    /// Those of the project, which hide built-in ones, and those of imports with their source.
    Project,
    /// Those of an import, which hide built-in ones.
    Imported(usize),
    /// Built-in ones alone: nothing that the project has changes what an import uses.
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
                self.take(source, outcome, Origin::Project, Realm::Project);
            }
        }
        self.require_references_from(before)
    }

    /// Says what the project imports. Documents are added when they are used.
    pub fn set_imports(&mut self, imports: Imports) {
        self.imports = imports;
    }

    /// What the project imports.
    pub fn imports(&self) -> &Imports {
        &self.imports
    }

    /// The import that a name means whose documents can be used and are yet to be read: its place
    /// among those that are declared.
    pub fn unread_import(&self, name: &str) -> Option<usize> {
        let place = self.imports.meant(&ImportedName::parse(name)?)?;
        let is_ready = self.imports.declared[place].state == ImportState::Ready;
        (is_ready && !self.read_imports.contains(&place)).then_some(place)
    }

    /// Adds the documents of an import, which may not be anything but patterns and teams.
    pub fn add_import(&mut self, place: usize, files: impl IntoIterator<Item = ProjectFile>) {
        self.read_imports.insert(place);
        let before = self.documents.len();
        for file in files {
            let Some((source, expectation)) = self.add_file(file) else { continue };
            let read = self.sources.get(source).map(|text| Document::read(text, expectation));
            if let Some(outcome) = read {
                self.take(source, outcome, Origin::Imported, Realm::Imported(place));
            }
        }
        self.require_references_from(before);
    }

    /// Reads what the documents from a place on refer to of the built-in library. Gives the names of
    /// the project that nothing has.
    fn require_references_from(&mut self, before: usize) -> Vec<String> {
        let new = self.documents[before..].iter();
        let of_entry = |entry: &Entry| {
            let realm = entry.realm;
            references(&entry.document).into_iter().map(move |(shelf, name)| (realm, shelf, name))
        };
        let names: BTreeSet<(Realm, Shelf, String)> = new.flat_map(of_entry).collect();
        let mut unresolved = BTreeSet::new();
        for (realm, shelf, name) in names {
            self.require(realm, shelf, &name, &mut unresolved);
        }
        unresolved.into_iter().collect()
    }

    /// Adds the whole built-in library, for listings and for names that may be misspelt.
    pub fn with_builtins(mut self) -> Library {
        for builtin in builtins() {
            let taken = self.builtin_is_loaded(builtin.path);
            if !taken {
                self.add_builtin(builtin.path, builtin.text, Realm::Project);
            }
        }
        self
    }

    /// Makes sure that an orchestration of the built-in library is there if it has this name.
    pub fn require_orchestration(&mut self, name: &str) {
        self.require(Realm::Project, Shelf::Orchestration, name, &mut BTreeSet::new());
    }

    /// Adds the tests of an orchestration of the built-in library, unless one of the project hides it.
    pub fn require_builtin_tests(&mut self, name: &str) {
        let is_builtin = self.orchestration(name).is_some_and(|found| self.is_builtin(found));
        for tests in builtin_tests().iter().filter(|tests| is_builtin && tests.name == name) {
            if !self.builtin_is_loaded(tests.path) {
                self.add_builtin(tests.path, tests.text, Realm::Project);
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
        self.entry(document.source()).is_some_and(|entry| entry.origin == Origin::Builtin)
    }

    /// Whether a document comes from a source that the project imports.
    pub fn is_imported(&self, document: &Document) -> bool {
        self.entry(document.source()).is_some_and(|entry| entry.origin == Origin::Imported)
    }

    /// Whether a document is the project's, so that its people can change it.
    pub fn is_own(&self, document: &Document) -> bool {
        self.entry(document.source()).is_some_and(|entry| entry.origin == Origin::Project)
    }

    fn entry(&self, source: SourceId) -> Option<&Entry> {
        self.places.get(&source).map(|place| &self.documents[*place])
    }

    /// The document that was read from a source.
    pub fn document_of(&self, source: SourceId) -> Option<&Document> {
        self.entry(source).map(|entry| &entry.document)
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

    /// The names that the document of a source can use.
    pub fn names_in(&self, source: SourceId) -> Names<'_> {
        let realm = self.entry(source).map_or(Realm::Project, |entry| entry.realm);
        Names { library: self, realm }
    }

    /// The names that the project can use.
    pub fn names(&self) -> Names<'_> {
        Names { library: self, realm: Realm::Project }
    }

    /// The pattern or pipeline that the project knows by this name.
    pub fn orchestration(&self, name: &str) -> Option<&Document> {
        self.names().orchestration(name)
    }

    /// The pattern that the project knows by this name.
    pub fn pattern(&self, name: &str) -> Option<&Document> {
        self.names().pattern(name)
    }

    /// The team that the project knows by this name.
    pub fn team(&self, name: &str) -> Option<&Document> {
        self.names().team(name)
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
            let realm = self.names_in(document.source()).realm;
            for (shelf, name) in references(document) {
                let used = self.find(realm, shelf, &name);
                found.extend(used.filter(|document| known.insert(document.source())));
            }
        }
        found
    }

    /// Names of patterns and pipelines like the one that was written.
    pub fn near_orchestrations(&self, written: &str) -> Vec<String> {
        self.names().near_orchestrations(written)
    }

    /// Names of teams like the one that was written.
    pub fn near_teams(&self, written: &str) -> Vec<String> {
        self.names().near_teams(written)
    }

    fn near(&self, realm: Realm, shelf: Shelf, written: &str) -> Vec<String> {
        let loaded = self.names_on(realm, shelf).map(str::to_owned);
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

    fn names_on(&self, realm: Realm, shelf: Shelf) -> impl Iterator<Item = &str> {
        let keys = self.by_name.keys();
        let on_it = keys.filter(move |(of, on, _)| *of == realm && *on == shelf);
        on_it.map(|(_, _, name)| name.as_str())
    }

    fn find(&self, realm: Realm, shelf: Shelf, name: &str) -> Option<&Document> {
        let get = |realm, name: &str| {
            let place = self.by_name.get(&(realm, shelf, name.to_owned()))?;
            self.documents.get(*place).map(|entry| &entry.document)
        };
        match realm {
            Realm::Project => match ImportedName::parse(name) {
                Some(imported) => {
                    get(Realm::Imported(self.imports.meant(&imported)?), imported.name)
                }
                None => get(realm, name),
            },
            Realm::Imported(_) => get(realm, name).or_else(|| get(Realm::Builtin, name)),
            Realm::Builtin => get(realm, name),
        }
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

    fn take(&mut self, source: SourceId, outcome: Outcome, origin: Origin, realm: Realm) {
        let Outcome { document, diagnostics } = outcome;
        if document.is_none() && diagnostics.is_empty() {
            self.passed_over.push(source);
        }
        self.diagnostics.extend(diagnostics);
        let Some(document) = document else { return };
        let place = self.documents.len();
        if let Some((shelf, name)) = shelf_and_name(&document) {
            let first = self.by_name.get(&(realm, shelf, name.clone()));
            let first = first.map(|first| &self.documents[*first]);
            match (first, origin) {
                // The project hides the built-in library; two of the project are a mistake.
                (None | Some(Entry { origin: Origin::Builtin, .. }), Origin::Project)
                | (None, Origin::Builtin | Origin::Imported) => {
                    self.by_name.insert((realm, shelf, name), place);
                }
                (Some(first), Origin::Project | Origin::Imported) => {
                    let found = name_is_taken(&name, &document, &first.document);
                    self.diagnostics.push(found);
                }
                (Some(_), Origin::Builtin) => {}
            }
        }
        self.places.insert(source, place);
        self.documents.push(Entry { document, origin, realm });
    }

    fn require(
        &mut self,
        realm: Realm,
        shelf: Shelf,
        name: &str,
        unresolved: &mut BTreeSet<String>,
    ) {
        if self.find(realm, shelf, name).is_some() {
            return;
        }
        let found = builtins()
            .iter()
            .find(|builtin| builtin.name == name && shelf_of_path(builtin.path) == shelf);
        let Some(builtin) = found else {
            // What an import lacks is not looked for among the project's files.
            if realm == Realm::Project {
                unresolved.insert(name.to_owned());
            }
            return;
        };
        let home = if realm == Realm::Project { Realm::Project } else { Realm::Builtin };
        let place = self.documents.len();
        self.add_builtin(builtin.path, builtin.text, home);
        let inner = self.documents.get(place).map(|entry| references(&entry.document));
        for (shelf, name) in inner.into_iter().flatten() {
            self.require(home, shelf, &name, unresolved);
        }
    }

    fn add_builtin(&mut self, path: &str, text: &str, realm: Realm) {
        let source = self.sources.add(builtin_name(path), text);
        let read = self.sources.get(source).map(|text| Document::read(text, Expectation::Named));
        if let Some(outcome) = read {
            self.take(source, outcome, Origin::Builtin, realm);
        }
    }

    /// Whether the project can see a built-in document already.
    fn builtin_is_loaded(&self, path: &str) -> bool {
        let name = builtin_name(path);
        let mut sources = self.sources.iter().filter(|source| source.name() == name);
        sources
            .any(|source| self.entry(source.id()).is_none_or(|entry| entry.realm == Realm::Project))
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
