//! The documents that a command can see: those of the project, those that were named, and the
//! built-in library.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::language::document::{Expectation, Library, ProjectFile};
use crate::runtime::workspace::{PROJECT_FOLDERS, read_document, yaml_files};

/// Where documents are looked for.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder people are in.
    pub root: PathBuf,
    /// Further folders with documents.
    pub libraries: Vec<PathBuf>,
}

impl Project {
    /// The documents in the project's folders and the further ones.
    pub fn files(&self) -> Vec<PathBuf> {
        let own = PROJECT_FOLDERS.iter().map(|folder| self.shown(Path::new(folder)));
        let folders = own.chain(self.libraries.iter().cloned());
        folders.flat_map(|folder| yaml_files(&folder)).collect()
    }

    /// The library of one named file, with the project's files beside it.
    pub fn library(&self, named: Option<&Path>) -> Library {
        let named = named.map(|path| (path.to_path_buf(), Expectation::Named));
        self.library_of(named.as_slice())
    }

    /// The library of these files, with the project's files beside them. Names that none of
    /// them has are looked for beside the given files: `uses: review` finds `review.yaml`.
    pub fn library_of(&self, given: &[(PathBuf, Expectation)]) -> Library {
        let mut files = Files::default();
        for (path, expectation) in given {
            files.add(path, *expectation);
        }
        for path in self.files() {
            files.add(&path, Expectation::Found);
        }
        loop {
            let library = Library::of_files(files.read());
            let before = files.paths.len();
            let folders: BTreeSet<PathBuf> =
                given.iter().filter_map(|(path, _)| path.parent().map(Path::to_path_buf)).collect();
            for name in library.unresolved_names() {
                for folder in &folders {
                    for ending in ["yaml", "yml"] {
                        let path = folder.join(format!("{name}.{ending}"));
                        if path.is_file() {
                            files.add(&path, Expectation::Found);
                        }
                    }
                }
            }
            if files.paths.len() == before {
                return library;
            }
        }
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

/// Files in the order of adding, each once, whatever paths lead there.
#[derive(Default)]
struct Files {
    paths: Vec<(PathBuf, Expectation)>,
    known: BTreeSet<PathBuf>,
    texts: BTreeMap<PathBuf, ProjectFile>,
}

impl Files {
    fn add(&mut self, path: &Path, expectation: Expectation) {
        let identity = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        if self.known.insert(identity) {
            self.paths.push((path.to_path_buf(), expectation));
        }
    }

    fn read(&mut self) -> Vec<ProjectFile> {
        self.paths
            .iter()
            .map(|(path, expectation)| {
                let text = self.texts.entry(path.clone());
                text.or_insert_with(|| read_document(path, *expectation)).clone()
            })
            .collect()
    }
}
