//! Where fetched documents are kept: `.partita/imports` in the project's folder.
//!
//! What was fetched together lies in a folder whose name follows from its contents. It appears whole, by a
//! rename, and is never changed; what a crash leaves has another name, which nothing reads and the next
//! lock clears away. Whoever uses a document compares it with its hash.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{SourceFile, read_locked};
use crate::language::document::LockedImport;

/// Where it is, from the project's folder.
const FOLDER: &str = ".partita/imports";

/// How the names of what is not whole yet begin.
const PARTIAL: &str = ".partial-";

/// The folder for what was fetched.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

/// The right to change the store. The system takes it back when the process ends, however it ends.
#[derive(Debug)]
pub struct Changing<'s> {
    store: &'s Store,
    _file: File,
}

impl Store {
    /// The store of a project; nothing is made yet.
    pub fn of(root: &Path) -> Store {
        Store { folder: root.join(FOLDER) }
    }

    /// The folder of what is locked; whether it is there is another question.
    pub fn place(&self, import: &LockedImport) -> PathBuf {
        self.folder.join(import.store_name())
    }

    /// Takes the right to change the store, and clears away what a crash has left.
    ///
    /// # Errors
    /// When another process has it, or the folder cannot be made.
    pub fn change(&self) -> io::Result<Changing<'_>> {
        fs::create_dir_all(&self.folder)?;
        let ignored = self.folder.join(".gitignore");
        if !ignored.exists() {
            // What can be fetched at any time belongs into no repository.
            fs::write(&ignored, "*\n")?;
        }
        let file = File::create(self.folder.join(".lock"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message = "another process is at work on the imports of this project";
                return Err(io::Error::new(io::ErrorKind::WouldBlock, message));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        for entry in fs::read_dir(&self.folder)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(PARTIAL) {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(Changing { store: self, _file: file })
    }
}

impl Changing<'_> {
    /// A folder for what is not whole yet; a name is asked for once.
    pub fn partial(&self, name: &str) -> PathBuf {
        self.store.folder.join(format!("{PARTIAL}{name}"))
    }

    /// Keeps the documents of an import, unless they are there as they are locked.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn keep(&self, import: &LockedImport, files: &[SourceFile]) -> io::Result<()> {
        let place = self.store.place(import);
        if import.documents.iter().all(|document| read_locked(&place, document).is_ok()) {
            return Ok(());
        }
        let name = import.store_name();
        let partial = self.partial(&name);
        fs::create_dir(&partial)?;
        for document in &import.documents {
            let Some(file) = files.iter().find(|file| file.path == document.path) else { continue };
            let path = partial.join(&document.path);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut written = File::create(&path)?;
            written.write_all(file.text.as_bytes())?;
            written.sync_all()?;
        }
        if place.exists() {
            // Somebody has changed what is there. Between the two renames it is missing, which is told
            // as what is not fetched.
            fs::rename(&place, self.partial(&format!("old-{name}")))?;
        }
        fs::rename(&partial, &place)?;
        let old = self.partial(&format!("old-{name}"));
        if old.exists() {
            fs::remove_dir_all(old)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn import(files: &[SourceFile]) -> LockedImport {
        LockedImport {
            source: "shared".to_owned(),
            git: Some("../a".to_owned()),
            folder: None,
            version: Some("v1".to_owned()),
            kind: None,
            commit: Some("0".repeat(40)),
            documents: files.iter().map(SourceFile::locked).collect(),
        }
    }

    fn names(store: &Store) -> Vec<String> {
        let entries = fs::read_dir(&store.folder).unwrap();
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<String> =
            entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_kept_is_whole_and_mended_and_remains_are_cleared_away() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::of(root.path());
        let file = |path: &str, text: &str| SourceFile { path: path.into(), text: text.into() };
        let files = [file("patterns/a.yaml", "a"), file("patterns/deep/b.yaml", "b")];
        let import = import(&files);
        let place = store.place(&import);
        let changing = store.change().unwrap();
        assert!(store.change().is_err(), "two at a time");
        changing.keep(&import, &files).unwrap();
        assert_eq!(fs::read_to_string(place.join("patterns/deep/b.yaml")).unwrap(), "b");
        drop(changing);
        // A process that ended in the middle.
        let partial = store.folder.join(".partial-shared");
        fs::create_dir_all(partial.join("patterns")).unwrap();
        fs::write(partial.join("patterns/a.yaml"), "hal").unwrap();
        fs::write(place.join("patterns/a.yaml"), "changed").unwrap();
        let changing = store.change().unwrap();
        assert!(!partial.exists());
        changing.keep(&import, &files).unwrap();
        assert_eq!(fs::read_to_string(place.join("patterns/a.yaml")).unwrap(), "a");
        let name = place.file_name().unwrap().to_string_lossy().into_owned();
        assert_eq!(names(&store), [".gitignore", ".lock", &name]);
    }
}
