//! A new journal: its file appears whole, with all its tables and on the disk, or not at all.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::addresses::Newest;
use super::durability::Durability;
use super::error::JournalError;
use super::open::Journal;

/// What the names of drafts begin and end with.
const BEGINNING: &str = ".journal.";
const END: &str = ".partial";

/// A journal that is made beside its place, under a name that nobody reads.
struct Draft {
    path: PathBuf,
}

impl Journal {
    /// Makes the file of a new journal. Whether this did it: where another process has been faster, or
    /// something is in the way, whoever opens the journal finds that or says so.
    pub(super) fn place(folder: &Path, path: &Path) -> bool {
        let draft =
            Draft { path: folder.join(format!("{BEGINNING}{}{END}", uuid::Uuid::now_v7())) };
        // A link is made only where nothing is.
        draft.write(folder).is_ok() && fs::hard_link(&draft.path, path).is_ok()
    }

    /// Removes the drafts of processes that died over them. Where there is a journal, nobody needs one; that one stays
    /// does no harm.
    pub(super) fn remove_drafts(&self) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(BEGINNING) && name.ends_with(END) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

impl Draft {
    /// Writes the file with its tables, and waits for the disk once.
    fn write(&self, folder: &Path) -> Result<(), JournalError> {
        let fail = |error| JournalError::of_sqlite(&self.path, &error);
        let connection = Connection::open(&self.path).map_err(fail)?;
        let mut journal = Journal {
            connection,
            path: self.path.clone(),
            folder: folder.to_path_buf(),
            durability: Durability::Process,
            is_new: true,
            log: None,
            late: None,
            newest: Newest::default(),
        };
        // Nobody else knows of the file, and what comes of it when this fails is dropped.
        let alone = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY;";
        journal.connection.execute_batch(alone).map_err(fail)?;
        journal.let_no_transaction_wait()?;
        journal.prepare_tables()?;
        journal.configure()?;
        journal.connection.close().map_err(|(_, error)| fail(error))?;
        // Opened only now: closing a file drops the locks that SQLite has on it.
        let written = File::open(&self.path).and_then(|file| file.sync_all());
        written.map_err(|error| {
            let (path, reason) = (self.path.clone(), error.to_string());
            JournalError::CannotWrite { path, reason }
        })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Where one stays behind, nothing reads it.
        let _ = fs::remove_file(&self.path);
    }
}
