//! What of its imports a project can use now. Nothing is fetched and nothing is written.

use std::path::Path;

use super::declared::{all_of, read_lock};
use crate::interface::app::project::Project;
use crate::language::document::{
    Body, Change, Document, Expectation, Import, ImportState, Imports, ImportsFile, LockedImport,
    ProjectFile,
};
use crate::language::plan::import_faults;
use crate::language::source::child_pointer;
use crate::runtime::imports::{Store, read_locked};

/// What a project's `imports.yaml` declares with what is locked, and the files of each that can be used.
pub(in crate::interface::app) fn read_imports(
    project: &Project,
    document: &Document,
) -> (Imports, Vec<Vec<ProjectFile>>) {
    let Some(Body::Imports(declared)) = document.body() else {
        return (Imports { file: ImportsFile::Faulty, declared: Vec::new() }, Vec::new());
    };
    if !import_faults(document).is_empty() {
        return (Imports { file: ImportsFile::Faulty, declared: Vec::new() }, Vec::new());
    }
    let lock = read_lock(project);
    let mut imports = Imports { file: ImportsFile::Read, declared: Vec::new() };
    let mut files = Vec::new();
    for one in all_of(declared) {
        let locked = match &lock {
            Ok((lock, _)) => lock.find(one.name, one.source, one.version),
            Err(None) => Err(ImportState::NotLocked),
            Err(Some(why)) => Err(ImportState::UnreadableLock(why.clone())),
        };
        let kind = locked.as_ref().ok().and_then(|locked| locked.kind);
        let read = locked.and_then(|locked| read(project, locked));
        let pointer = child_pointer("/imports", one.name);
        imports.declared.push(Import {
            source: one.name.to_owned(),
            version: one.version.map(str::to_owned),
            place: document.key_span(&pointer),
            pointer,
            kind,
            state: read.as_ref().map_or_else(Clone::clone, |_| ImportState::Ready),
        });
        files.push(read.unwrap_or_default());
    }
    (imports, files)
}

/// The documents of an import as they are locked.
fn read(project: &Project, locked: &LockedImport) -> Result<Vec<ProjectFile>, ImportState> {
    let root = project.shown(Path::new(""));
    let folder = match (&locked.git, &locked.folder) {
        (None, Some(folder)) => root.join(folder),
        _ => Store::of(&root).place(locked),
    };
    if locked.git.is_some() && !folder.is_dir() {
        return Err(ImportState::NotFetched);
    }
    let mut files = Vec::new();
    for document in &locked.documents {
        let changed = |change: Change| ImportState::Changed(document.path.clone(), change);
        let text = read_locked(&folder, document).map_err(changed)?;
        files.push(ProjectFile {
            name: folder.join(&document.path).display().to_string(),
            content: Ok(text),
            expectation: Expectation::Found,
        });
    }
    Ok(files)
}
