//! Notes from one process to the one that works on a run: they are kept until they are taken, so
//! that nothing is lost when nobody is there.

use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::error::JournalError;
use super::open::Journal;
use super::runs::RunId;

/// What somebody wants of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub enum Note {
    /// A gate is decided.
    Decide {
        /// The gate's address.
        task: String,
        /// The choice.
        choice: String,
        /// Who.
        by: String,
    },
    /// The run is to end.
    Cancel {
        /// Who.
        by: String,
    },
}

impl Journal {
    /// Leaves a note for whoever works on a run, now or later.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub fn leave_note(&self, run: &RunId, note: &Note) -> Result<(), JournalError> {
        let body = serde_json::to_string(note).unwrap_or_default();
        self.connection
            .execute("INSERT INTO notes (run, body) VALUES (?1, ?2)", params![run.number, body])
            .map(drop)
            .map_err(|error| self.fail(&error))
    }

    /// The notes for a run with their numbers, oldest first. They stay until the facts that come
    /// of them are stored ([`Journal::append`]).
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn notes(&self, run: &RunId) -> Result<Vec<(i64, Note)>, JournalError> {
        let query = || -> rusqlite::Result<Vec<(i64, String)>> {
            let mut select = self
                .connection
                .prepare_cached("SELECT number, body FROM notes WHERE run = ?1 ORDER BY number")?;
            let rows = select.query_map([run.number], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        let rows = query().map_err(|error| self.fail(&error))?;
        let read = |(number, body): (i64, String)| {
            serde_json::from_str(&body)
                .map(|note| (number, note))
                .map_err(|error| JournalError::Damaged(format!("note {number}: {error}")))
        };
        rows.into_iter().map(read).collect()
    }

    /// A number that changes whenever another process writes; cheap to ask for.
    ///
    /// # Errors
    /// When the file is gone.
    pub fn data_version(&self) -> Result<i64, JournalError> {
        self.connection
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut pragma| pragma.query_row([], |row| row.get(0)))
            .map_err(|error| self.fail(&error))
    }
}
