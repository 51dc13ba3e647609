//! The documents that a command can see: those of the project, those that were named, and the
//! built-in library.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::failure::{Failure, FailureKind};
use super::imports::read_imports;
use crate::language::document::{
    Body, Document, DocumentKind, Expectation, IMPORTS_FILE, ImportedName, Library, LintSettings,
    ProjectFile,
};
use crate::runtime::workspace::{PROJECT_FOLDERS, is_yaml, read_document, yaml_files};

/// The file of a project's lint settings.
pub(super) const LINT_FILE: &str = "partita.yaml";

/// Where documents are looked for.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// The folder people are in.
    pub root: PathBuf,
    /// Further folders with documents.
    pub libraries: Vec<PathBuf>,
    /// Texts that stand for the files of these paths, as an editor or a repair has them.
    pub unsaved: BTreeMap<PathBuf, String>,
}

impl Project {
    /// The project of a folder.
    pub fn new(root: impl Into<PathBuf>) -> Project {
        Project { root: root.into(), ..Project::default() }
    }

    /// The text of a file that may be a document: the unsaved one, else the one on disk.
    pub fn read(&self, path: &Path, expectation: Expectation) -> ProjectFile {
        match self.unsaved.get(path) {
            Some(text) => ProjectFile {
                name: path.display().to_string(),
                content: Ok(text.clone()),
                expectation,
            },
            None => read_document(path, expectation),
        }
    }

    /// Whether there is such a file.
    pub fn has(&self, path: &Path) -> bool {
        self.unsaved.contains_key(path) || path.is_file()
    }

    /// How findings are judged in this project: what its `partita.yaml` says, or another file.
    ///
    /// # Errors
    /// When the named file does not exist or is not lint settings, with what is wrong in it. A
    /// `partita.yaml` of the project with mistakes counts as far as it can be read; validating says
    /// what is wrong with it.
    pub fn lint_settings(&self, named: Option<&Path>) -> Result<LintSettings, Failure> {
        let own = self.shown(Path::new(LINT_FILE));
        let Some(path) = named.or_else(|| self.has(&own).then_some(own.as_path())) else {
            return Ok(LintSettings::default());
        };
        let library = Library::of_files([self.read(path, Expectation::Named)]);
        let body = library.documents().find_map(Document::body);
        match body {
            Some(Body::Lint(written)) => Ok(written.lint.clone()),
            _ if named.is_none() => Ok(LintSettings::default()),
            _ => {
                let found = library.diagnostics().to_vec();
                let message = format!("{} is no file of lint settings", path.display());
                let failure = Failure::new(FailureKind::Usage, message)
                    .hint("its top-level key is `lint:`; docs/lint.md shows one");
                Err(failure.with_diagnostics(library.sources(), found))
            }
        }
    }

    /// The documents in the project's folders and the further ones.
    pub fn files(&self) -> Vec<PathBuf> {
        let own = PROJECT_FOLDERS.iter().map(|folder| self.shown(Path::new(folder)));
        let folders = own.chain(self.libraries.iter().cloned());
        folders.flat_map(|folder| self.yaml_files(&folder)).collect()
    }

    /// The YAML files below a folder, those among them that are not saved yet, sorted.
    pub(super) fn yaml_files(&self, folder: &Path) -> Vec<PathBuf> {
        let mut files = yaml_files(folder);
        let below = |path: &&PathBuf| path.starts_with(folder) && is_yaml(path);
        files.extend(self.unsaved.keys().filter(below).cloned());
        files.sort();
        files.dedup();
        files
    }

    /// The library of one named file, with the project's files beside it.
    pub fn library(&self, named: Option<&Path>) -> Library {
        let named = named.map(|path| (path.to_path_buf(), Expectation::Named));
        self.library_of(named.as_slice())
    }

    /// The library of these files, with the project's files beside them. Names that none of
    /// them has are looked for beside the given files: `uses: review` finds `review.yaml`.
    pub fn library_of(&self, given: &[(PathBuf, Expectation)]) -> Library {
        self.reading(given).library
    }

    /// The library of the project's files, and the import that a name is of, if it is one's.
    pub(super) fn library_with(&self, name: &str) -> Library {
        let mut reading = self.reading(&[]);
        reading.import(name);
        reading.library
    }

    /// The library of the project's files, and of everything that it imports and can use.
    pub fn library_with_imports(&self) -> Library {
        let mut reading = self.reading(&[]);
        for place in reading.library.unread_imports() {
            reading.add_import(place);
        }
        reading.library
    }

    /// The same, to which files can be added.
    pub(super) fn reading(&self, given: &[(PathBuf, Expectation)]) -> Reading<'_> {
        let folders = given.iter().filter_map(|(path, _)| path.parent().map(Path::to_path_buf));
        let mut reading = Reading {
            project: self,
            library: Library::default(),
            folders: folders.collect(),
            known: BTreeSet::new(),
            imports: None,
        };
        let imports = self.shown(Path::new(IMPORTS_FILE));
        let imports = self.has(&imports).then_some((imports, Expectation::Found));
        let own = self.files().into_iter().map(|path| (path, Expectation::Found));
        reading.add(given.iter().cloned().chain(own).chain(imports));
        reading
    }

    /// A name of a document as it means the same wherever the project lies: relative to the root if
    /// the file is below it, with slashes.
    pub fn relative(&self, name: &str) -> String {
        let path = Path::new(name);
        let below = match (path.canonicalize(), self.shown(Path::new(".")).canonicalize()) {
            (Ok(file), Ok(root)) => file.strip_prefix(root).map(Path::to_path_buf).ok(),
            _ => None,
        };
        let path = below.unwrap_or_else(|| path.to_path_buf());
        path.display().to_string().replace(std::path::MAIN_SEPARATOR, "/")
    }

    /// A path below the root as people should see it: without the root where that is where they
    /// are.
    pub fn shown(&self, path: &Path) -> PathBuf {
        if self.root.as_os_str().is_empty() || self.root == Path::new(".") {
            path.to_path_buf()
        } else {
            self.root.join(path)
        }
    }
}

/// A library to which files can be added, each once, whatever paths lead there.
pub(super) struct Reading<'p> {
    project: &'p Project,
    pub(super) library: Library,
    /// Where names that no document has are looked for.
    folders: BTreeSet<PathBuf>,
    known: BTreeSet<PathBuf>,
    /// The files of each import that can be used, from when it is known what is imported.
    imports: Option<Vec<Vec<ProjectFile>>>,
}

impl Reading<'_> {
    pub(super) fn add(&mut self, given: impl IntoIterator<Item = (PathBuf, Expectation)>) {
        let mut files = self.read(given);
        while !files.is_empty() {
            let unresolved = self.library.add(files);
            self.read_imports();
            unresolved.iter().for_each(|name| self.import(name));
            let beside: Vec<PathBuf> = unresolved
                .iter()
                .filter(|name| ImportedName::parse(name).is_none())
                .flat_map(|name| self.folders.iter().map(move |folder| (folder, name)))
                .flat_map(|(folder, name)| {
                    ["yaml", "yml"].map(|ending| folder.join(format!("{name}.{ending}")))
                })
                .filter(|path| self.project.has(path))
                .collect();
            files = self.read(beside.into_iter().map(|path| (path, Expectation::Found)));
        }
    }

    /// Reads the documents of the import that a name is of, unless that is done or cannot be.
    fn import(&mut self, name: &str) {
        if let Some(place) = self.library.unread_import(name) {
            self.add_import(place);
        }
    }

    fn add_import(&mut self, place: usize) {
        let files = self.imports.as_ref().and_then(|imports| imports.get(place)).cloned();
        self.library.add_import(place, files.unwrap_or_default());
    }

    /// Finds out what is imported, once the project's `imports.yaml` is read.
    fn read_imports(&mut self) {
        if self.imports.is_some() {
            return;
        }
        let path = self.project.shown(Path::new(IMPORTS_FILE));
        let same = |name: &str| {
            let other = Path::new(name);
            other == path
                || matches!((other.canonicalize(), path.canonicalize()), (Ok(a), Ok(b)) if a == b)
        };
        let is_its = |document: &&Document| {
            let source = self.library.sources().get(document.source());
            document.kind() == DocumentKind::Imports
                && source.is_some_and(|source| same(source.name()))
        };
        let found = self.library.project_documents().find(is_its);
        let Some((imports, files)) = found.map(|found| read_imports(self.project, found)) else {
            return;
        };
        self.library.set_imports(imports);
        self.imports = Some(files);
    }

    fn read(
        &mut self,
        given: impl IntoIterator<Item = (PathBuf, Expectation)>,
    ) -> Vec<ProjectFile> {
        let mut files = Vec::new();
        for (path, expectation) in given {
            let identity = path.canonicalize().unwrap_or_else(|_| path.clone());
            if self.known.insert(identity) {
                files.push(self.project.read(&path, expectation));
            }
        }
        files
    }
}
