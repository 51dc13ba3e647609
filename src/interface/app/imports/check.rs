//! `partita patterns lock --check`: whether the lock file, `imports.yaml` and the documents agree.
//!
//! The lock file is never written. What is locked and not on this machine is fetched, by its commit alone, so
//! that a fresh checkout can be checked and used.

use std::path::Path;

use super::declared::{all_of, declarations, label, read_lock};
use super::found::documents;
use super::lock::{cannot_keep, cannot_lock};
use crate::interface::app::failure::Failure;
use crate::interface::app::project::Project;
use crate::language::document::{
    Change, ImportState, ImportsDocument, LockFile, LockedDocument, LockedImport,
};
use crate::runtime::imports::{Repository, SourceFile, Store, files_of_folder, read_locked};

/// What a check came to.
#[derive(Debug, Default)]
pub struct CheckedLock {
    /// The sources, the declared ones in the author's order.
    pub imports: Vec<CheckedImport>,
    /// What is the matter with the lock file as a whole, in words.
    pub whole: Option<String>,
}

/// A source at a version, and how it differs.
#[derive(Debug)]
pub struct CheckedImport {
    /// How people know it: `shared`, or `shared@v1`.
    pub label: String,
    /// How many documents are locked.
    pub documents: usize,
    /// Everything that differs.
    pub differences: Vec<Difference>,
}

/// How an import differs from what is locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// It is declared and not locked.
    NotLocked,
    /// It is declared otherwise than it is locked.
    DeclaredOtherwise,
    /// It is locked and not declared.
    NotDeclared,
    /// A document has another content.
    Content(String),
    /// A document is not there, or cannot be read.
    Gone(String),
    /// A document is there and not locked.
    Added(String),
    /// It cannot be read at all: why.
    Unreadable(String),
}

impl CheckedLock {
    /// Whether nothing differs.
    pub fn is_current(&self) -> bool {
        self.whole.is_none() && self.imports.iter().all(|import| import.differences.is_empty())
    }
}

/// Compares what a project imports with what is locked.
///
/// # Errors
/// When `imports.yaml` is missing or faulty, or what has to be fetched cannot be.
pub fn check_lock(project: &Project) -> Result<CheckedLock, Failure> {
    let declared = declarations(project)?;
    let lock = match read_lock(project) {
        Ok((lock, _)) => lock,
        Err(why) => {
            let whole =
                why.map_or("it is missing".to_owned(), |why| format!("it cannot be read: {why}"));
            return Ok(CheckedLock { imports: Vec::new(), whole: Some(whole) });
        }
    };
    let root = project.shown(Path::new(""));
    let mut checked = CheckedLock::default();
    for (place, one) in all_of(&declared).enumerate() {
        let found = lock.find(one.name, one.source, one.version);
        let (documents, differences) = match found {
            Ok(locked) => {
                (locked.documents.len(), differences(&root, place, &one.label(), locked)?)
            }
            Err(ImportState::NotLocked) => (0, vec![Difference::NotLocked]),
            Err(_) => (0, vec![Difference::DeclaredOtherwise]),
        };
        checked.imports.push(CheckedImport { label: one.label(), documents, differences });
    }
    checked.imports.extend(undeclared(&declared, &lock));
    Ok(checked)
}

/// What is locked of sources and versions that nobody declares.
fn undeclared<'l>(
    declared: &'l ImportsDocument,
    lock: &'l LockFile,
) -> impl Iterator<Item = CheckedImport> + 'l {
    let is_declared = |locked: &LockedImport| {
        all_of(declared)
            .any(|one| one.name == locked.source && one.version == locked.version.as_deref())
    };
    lock.imports.iter().filter(move |locked| !is_declared(locked)).map(|locked| CheckedImport {
        label: label(&locked.source, locked.version.as_deref()),
        documents: locked.documents.len(),
        differences: vec![Difference::NotDeclared],
    })
}

fn differences(
    root: &Path,
    place: usize,
    label: &str,
    locked: &LockedImport,
) -> Result<Vec<Difference>, Failure> {
    let (Some(address), Some(commit)) = (&locked.git, &locked.commit) else {
        return Ok(of_folder(&root.join(locked.folder.as_deref().unwrap_or_default()), locked));
    };
    let store = Store::of(root);
    let kept = store.place(locked);
    if kept.is_dir() {
        return Ok(of_kept(&kept, &locked.documents));
    }
    let changing = store.change().map_err(|error| cannot_keep(&error.to_string()))?;
    let partial = changing.partial(&format!("fetch-{place}"));
    let read = Repository::fetch(root, address, commit, &partial)
        .and_then(|repository| repository.files(locked.folder.as_deref()));
    let (files, _) = read.map_err(|error| cannot_lock(label, &error))?;
    let files = documents(label, files)?;
    let found = compared(&locked.documents, &files);
    if found.is_empty() {
        changing.keep(locked, &files).map_err(|error| cannot_keep(&error.to_string()))?;
    }
    Ok(found)
}

fn of_kept(folder: &Path, locked: &[LockedDocument]) -> Vec<Difference> {
    let differs = |document: &LockedDocument| match read_locked(folder, document) {
        Ok(_) => None,
        Err(Change::Content) => Some(Difference::Content(document.path.clone())),
        Err(Change::Gone) => Some(Difference::Gone(document.path.clone())),
    };
    locked.iter().filter_map(differs).collect()
}

fn of_folder(folder: &Path, locked: &LockedImport) -> Vec<Difference> {
    let files = match files_of_folder(folder) {
        Ok((files, _)) => files,
        Err(error) => return vec![Difference::Unreadable(error.to_string())],
    };
    // Two of one name, or none at all, show as what is added or gone.
    let files = documents(&locked.source, files.clone()).unwrap_or(files);
    compared(&locked.documents, &files)
}

fn compared(locked: &[LockedDocument], files: &[SourceFile]) -> Vec<Difference> {
    let of_locked = locked.iter().filter_map(|document| {
        match files.iter().find(|file| file.path == document.path) {
            None => Some(Difference::Gone(document.path.clone())),
            Some(file) if file.locked() != *document => {
                Some(Difference::Content(document.path.clone()))
            }
            Some(_) => None,
        }
    });
    let is_locked = |file: &&SourceFile| locked.iter().any(|document| document.path == file.path);
    let added = files.iter().filter(|file| !is_locked(file));
    of_locked.chain(added.map(|file| Difference::Added(file.path.clone()))).collect()
}
