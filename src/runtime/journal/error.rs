//! What can be wrong with a journal.

use std::path::PathBuf;

/// What can be wrong with a journal. `Display` is the final text.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The folder or the file cannot be made or opened. The environment's fault.
    #[error("the journal {} cannot be opened: {reason}", .path.display())]
    CannotOpen {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The file is not a journal.
    #[error("{} is not a journal of Partita", .path.display())]
    NotAJournal {
        /// The file.
        path: PathBuf,
    },
    /// A newer Partita has written it.
    #[error(
        "the journal {} has format {found}; this version of Partita knows formats up to {known}",
        .path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format known here.
        known: i64,
    },
    /// Nothing can be written: the disk is full, the folder is read-only.
    #[error("the journal {} cannot be written: {reason}", .path.display())]
    CannotWrite {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// What was stored does not make sense.
    #[error("the journal is damaged: {0}")]
    Damaged(String),
    /// What was stored makes sense to another version of Partita.
    #[error("this version of Partita does not know the form of {0}")]
    UnknownForm(String),
    /// Another process is at work on the run.
    #[error("run {run} is under way in another process")]
    Busy {
        /// The run.
        run: String,
    },
    /// The context in which a run was to be started does not take it; the text says why.
    #[error("{0}")]
    NotInContext(String),
    /// There is no such run.
    #[error("there is no run `{0}`")]
    UnknownRun(String),
    /// Several runs begin so.
    #[error("`{given}` means several runs: {}", .matches.join(", "))]
    Ambiguous {
        /// What was given.
        given: String,
        /// The runs it could mean.
        matches: Vec<String>,
    },
}

impl JournalError {
    /// The error for what SQLite says, with the file it says it of.
    pub(super) fn of_sqlite(path: &std::path::Path, error: &rusqlite::Error) -> JournalError {
        use rusqlite::ErrorCode as Code;
        let reason = error.to_string();
        let path = path.to_path_buf();
        match error.sqlite_error_code() {
            Some(Code::NotADatabase) => JournalError::NotAJournal { path },
            Some(
                Code::ReadOnly
                | Code::DiskFull
                | Code::SystemIoFailure
                | Code::TooBig
                | Code::OutOfMemory,
            ) => JournalError::CannotWrite { path, reason },
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => {
                let reason = "another process keeps it locked".to_owned();
                JournalError::CannotWrite { path, reason }
            }
            Some(Code::CannotOpen | Code::PermissionDenied) => {
                JournalError::CannotOpen { path, reason }
            }
            _ => JournalError::Damaged(reason),
        }
    }
}
