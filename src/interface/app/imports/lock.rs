//! `partita patterns lock`: every version becomes a commit, every document gets its hash.
//!
//! What was fetched is kept before the lock file is written, so that after a crash the lock file says what
//! it said before, and nothing in it is missing.

use std::path::Path;

use super::declared::{Declared, all_of, declarations, lock_path, read_lock};
use super::found::documents;
use crate::interface::app::failure::{Failure, FailureKind};
use crate::interface::app::project::Project;
use crate::language::document::{LOCK_FILE, LockFile, LockedImport, VersionKind};
use crate::runtime::imports::{
    GitError, Repository, Resolved, SourceFile, Store, files_of_folder, read_locked, resolve,
};
use crate::runtime::whole_file::{WholeFile, place_files};

/// What becomes of a tag that is another commit than when it was locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovedTags {
    /// Nothing is locked: tags are not meant to move.
    Refused,
    /// It is locked as it is now.
    Accepted,
}

/// What locking came to.
#[derive(Debug)]
pub struct Locked {
    /// The sources, sorted as in the lock file.
    pub sources: Vec<LockedSource>,
    /// Whether the lock file was written; it says the same as before where it was not.
    pub is_written: bool,
    /// Files that could not be read, and why, by their source.
    pub unread: Vec<String>,
}

/// A source at a version that is locked.
#[derive(Debug)]
pub struct LockedSource {
    /// What is locked.
    pub import: LockedImport,
    /// How it differs from what was locked before.
    pub fresh: Fresh,
}

/// How what is locked differs from what was locked before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fresh {
    /// It does not.
    Same,
    /// It was not locked.
    New,
    /// It was another commit, which is given.
    Moved(String),
    /// Documents have changed.
    Changed,
}

/// Locks what a project imports: resolves and fetches, and writes the lock file.
///
/// # Errors
/// When `imports.yaml` is missing or faulty; when a source cannot be read; when a tag has moved and that is
/// refused; when something cannot be written. The lock file is as it was then.
pub fn lock_imports(project: &Project, moved: MovedTags) -> Result<Locked, Failure> {
    let declared = declarations(project)?;
    let root = project.shown(Path::new(""));
    let (before, text_before) = match read_lock(project) {
        Ok((file, text)) => (Some(file), Some(text)),
        Err(_) => (None, None),
    };
    let store = Store::of(&root);
    let has_repositories = all_of(&declared).any(|one| one.source.git.is_some());
    let changing = has_repositories.then(|| store.change()).transpose();
    let changing = changing.map_err(|error| cannot_keep(&error.to_string()))?;
    let mut locking = Locking { root: &root, before: before.as_ref(), moved, unread: Vec::new() };
    let mut imports = Vec::new();
    for (place, one) in all_of(&declared).enumerate() {
        let import = match (&one.source.git, &changing) {
            (Some(address), Some(changing)) => {
                let partial = changing.partial(&format!("fetch-{place}"));
                let (import, files) = locking.repository(&one, address, &partial)?;
                if let Some(files) = files {
                    changing
                        .keep(&import, &files)
                        .map_err(|error| cannot_keep(&error.to_string()))?;
                }
                import
            }
            _ => locking.folder(&one)?,
        };
        imports.push(import);
    }
    let unread = locking.unread;
    let file = LockFile::of(imports);
    let text = file.text();
    let is_written = text_before.as_deref() != Some(&*text);
    if is_written {
        let path = lock_path(project);
        let whole = WholeFile { path: &path, text: &text, replaces: true };
        place_files(&[whole]).map_err(|(_, error)| {
            let message = format!("{} cannot be written: {error}", path.display());
            Failure::new(FailureKind::Failed, message)
        })?;
    }
    let sources = file.imports.into_iter().map(|import| {
        let fresh = fresh(before.as_ref(), &import);
        LockedSource { import, fresh }
    });
    Ok(Locked { sources: sources.collect(), is_written, unread })
}

struct Locking<'l> {
    root: &'l Path,
    before: Option<&'l LockFile>,
    moved: MovedTags,
    unread: Vec<String>,
}

/// What is locked, and its files where they had to be read.
type Found = (LockedImport, Option<Vec<SourceFile>>);

impl Locking<'_> {
    fn repository(
        &mut self,
        one: &Declared<'_>,
        address: &str,
        partial: &Path,
    ) -> Result<Found, Failure> {
        let label = one.label();
        let version = one.version.unwrap_or_default();
        let Resolved { kind, commit } =
            resolve(self.root, address, version).map_err(|error| cannot_lock(&label, &error))?;
        let before = self.before.and_then(|lock| lock.find(one.name, one.source, one.version).ok());
        if let Some(before) = before {
            let was = before.commit.as_deref().unwrap_or_default();
            if before.kind == Some(VersionKind::Tag) && was != commit {
                self.allow_move(&label, was, &commit)?;
            }
            let place = Store::of(self.root).place(before);
            let is_there =
                || before.documents.iter().all(|document| read_locked(&place, document).is_ok());
            if was == commit && before.kind == Some(kind) && is_there() {
                return Ok((before.clone(), None));
            }
        }
        let read = Repository::fetch(self.root, address, &commit, partial)
            .and_then(|repository| repository.files(one.source.folder.as_deref()));
        let (files, unread) = read.map_err(|error| cannot_lock(&label, &error))?;
        self.say_unread(&label, unread);
        let files = documents(&label, files)?;
        let mut import = locked(one, &files);
        import.kind = Some(kind);
        import.commit = Some(commit);
        Ok((import, Some(files)))
    }

    fn folder(&mut self, one: &Declared<'_>) -> Result<LockedImport, Failure> {
        let label = one.label();
        let written = one.source.folder.as_deref().unwrap_or_default();
        let (files, unread) = files_of_folder(&self.root.join(written)).map_err(|error| {
            let message = format!("`{label}` cannot be locked: {written} cannot be read: {error}");
            Failure::new(FailureKind::Failed, message)
                .hint("the path of a folder begins at the folder of imports.yaml")
        })?;
        self.say_unread(&label, unread);
        let files = documents(&label, files)?;
        Ok(locked(one, &files))
    }

    fn allow_move(&self, label: &str, was: &str, is: &str) -> Result<(), Failure> {
        if self.moved == MovedTags::Accepted {
            return Ok(());
        }
        let message = format!("the tag of `{label}` has moved from {was} to {is}");
        Err(Failure::new(FailureKind::Failed, message)
            .hint("a tag is not meant to move: ask whoever moved it, and look at what changed")
            .hint("`partita patterns lock --accept-moved-tags` locks what it is now"))
    }

    fn say_unread(&mut self, label: &str, unread: Vec<String>) {
        self.unread.extend(unread.into_iter().map(|file| format!("{label}: {file}")));
    }
}

fn locked(one: &Declared<'_>, files: &[SourceFile]) -> LockedImport {
    LockedImport {
        source: one.name.to_owned(),
        git: one.source.git.clone(),
        folder: one.source.folder.clone(),
        version: one.version.map(str::to_owned),
        kind: None,
        commit: None,
        documents: files.iter().map(SourceFile::locked).collect(),
    }
}

fn fresh(before: Option<&LockFile>, import: &LockedImport) -> Fresh {
    let mut of_before = before.into_iter().flat_map(|lock| &lock.imports);
    let same = |one: &&LockedImport| one.source == import.source && one.version == import.version;
    match of_before.find(same) {
        None => Fresh::New,
        Some(before) if before.commit != import.commit => match &before.commit {
            Some(commit) => Fresh::Moved(commit.clone()),
            None => Fresh::New,
        },
        Some(before) if before.documents != import.documents => Fresh::Changed,
        Some(_) => Fresh::Same,
    }
}

/// That a source could not be read, with what to do about it.
pub(super) fn cannot_lock(label: &str, error: &GitError) -> Failure {
    let failure =
        Failure::new(FailureKind::Failed, format!("`{label}` cannot be fetched: {error}"));
    match error {
        GitError::NoProgram(_) => failure.hint("install git; repositories are read with it"),
        GitError::Local(_) => failure,
        GitError::Failed { .. } => failure.hint(
            "nobody is asked for a password: set up a key, a credential helper, or another address",
        ),
        GitError::UnknownVersion(version) if is_short(version) => {
            failure.hint("a commit is written with all its digits")
        }
        GitError::UnknownVersion(_) => failure.hint("`git ls-remote ADDRESS` lists what there is"),
    }
    .hint(format!("{LOCK_FILE} is as it was"))
}

fn is_short(version: &str) -> bool {
    version.len() >= 7 && version.bytes().all(|byte| byte.is_ascii_hexdigit())
}

pub(super) fn cannot_keep(reason: &str) -> Failure {
    let message = format!("what is fetched cannot be kept in .partita/imports: {reason}");
    Failure::new(FailureKind::Failed, message)
}
