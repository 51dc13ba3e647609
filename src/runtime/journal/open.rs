//! Opening a journal, and writing steps into it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};

use super::addresses::{Newest, index_contents, insert_contents};
use super::answers::{answers_of, insert_answers};
use super::contents::JournalContents;
use super::durability::Durability;
use super::error::JournalError;
use super::late::Late;
use super::log::Log;
use super::runs::RunId;
use super::stored::{self, Misread};
use crate::engine::{Fact, Recorded, RunStatus};
use crate::language::digest::Digest;
use crate::language::plan::Plan;

/// How long the log grows, in pages of 4 KiB, before it is copied into the file: whoever stores facts
/// waits for that, and for the disk behind it. A page that is written often is copied once.
const MOST_LOGGED_PAGES: u32 = 16 * 1024;

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    pub(super) folder: PathBuf,
    pub(super) durability: Durability,
    /// Whether this has made the file, so that nobody has written to its log yet.
    pub(super) is_new: bool,
    /// The log, where transactions do not wait for the disk and somebody else does.
    pub(super) log: Option<Log>,
    /// What is still to be entered into indexes, where it may be late.
    pub(super) late: Option<Late>,
    /// Contents that are not in the index yet.
    pub(super) newest: Newest,
}

/// The facts of a step.
#[derive(Debug, Clone, Copy)]
pub struct NewFacts<'a> {
    /// The plan of the run.
    pub plan: &'a Plan,
    /// The facts, in order.
    pub facts: &'a [Recorded],
    /// The numbers of the notes that they come of.
    pub notes: &'a [i64],
}

impl Journal {
    /// Opens the journal in a folder, and makes both where they are not there.
    ///
    /// # Errors
    /// When the folder cannot be made, or what is there is no journal that this version knows.
    pub fn open(folder: &Path) -> Result<Journal, JournalError> {
        let path = folder.join("journal.db");
        private_folder(&folder.join("locks")).map_err(|error| {
            let path = folder.to_path_buf();
            JournalError::CannotOpen { path, reason: error.to_string() }
        })?;
        let is_new = !path.exists() && Journal::place(folder, &path);
        let connection =
            Connection::open(&path).map_err(|error| JournalError::of_sqlite(&path, &error))?;
        let mut journal = Journal {
            connection,
            path,
            folder: folder.to_path_buf(),
            durability: Durability::default(),
            is_new,
            log: None,
            late: None,
            newest: Newest::default(),
        };
        journal.check_writable()?;
        // Tables that are made need not be on the disk before something lies in them: whoever waits for
        // that waits for them as well.
        journal.let_transactions_wait(Durability::Process)?;
        journal.configure()?;
        journal.prepare_tables()?;
        journal.let_transactions_wait(Durability::Power)?;
        Ok(journal)
    }

    /// Opens the journal in a folder to look at it; `None` where there is none yet.
    ///
    /// # Errors
    /// When what is there is no journal that this version knows.
    pub fn open_existing(folder: &Path) -> Result<Option<Journal>, JournalError> {
        if folder.join("journal.db").exists() { Journal::open(folder).map(Some) } else { Ok(None) }
    }

    /// The folder that it lies in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder in which the runs of the journal agree about servers.
    pub fn shares_folder(&self) -> PathBuf {
        self.folder.join("shares")
    }

    /// Makes the folder in which the runs of the journal agree about servers, if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make_shares_folder(&self) -> Result<PathBuf, JournalError> {
        let path = self.shares_folder();
        match private_folder(&path) {
            Ok(()) => Ok(path),
            Err(error) => Err(JournalError::CannotWrite { path, reason: error.to_string() }),
        }
    }

    /// A second connection to the same journal, for another thread.
    ///
    /// # Errors
    /// When it cannot be opened any more.
    pub fn reader(&self) -> Result<Journal, JournalError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)
            .map_err(|error| JournalError::of_sqlite(&self.path, &error))?;
        let (path, folder) = (self.path.clone(), self.folder.clone());
        let durability = self.durability;
        let (is_new, log, late, newest) = (false, None, None, Newest::default());
        let journal = Journal { connection, path, folder, durability, is_new, log, late, newest };
        journal.configure()?;
        journal.let_transactions_wait(Durability::Power)?;
        Ok(journal)
    }

    pub(super) fn fail(&self, error: &rusqlite::Error) -> JournalError {
        JournalError::of_sqlite(&self.path, error)
    }

    pub(super) fn configure(&self) -> Result<(), JournalError> {
        self.connection
            .busy_timeout(Duration::from_secs(20))
            .and_then(|()| self.connection.execute_batch("PRAGMA journal_mode = WAL;"))
            .and_then(|()| {
                self.connection.pragma_update(None, "wal_autocheckpoint", MOST_LOGGED_PAGES)
            })
            .map_err(|error| self.fail(&error))
    }

    /// SQLite opens a read-only file without a word and fails at the first write; say it at once.
    fn check_writable(&self) -> Result<(), JournalError> {
        let read_only = self.connection.is_readonly("main").map_err(|error| self.fail(&error))?;
        if read_only {
            let reason = "it is read-only".to_owned();
            return Err(JournalError::CannotWrite { path: self.path.clone(), reason });
        }
        Ok(())
    }

    /// Stores the facts of a step with the contents that are waiting to be stored and the answers
    /// that may serve other runs, as far as these may not be late, and drops the notes that they come of, in
    /// one transaction.
    ///
    /// # Errors
    /// When they cannot be stored; nothing of them is then.
    pub fn append(
        &mut self,
        run: &RunId,
        new: NewFacts<'_>,
        contents: &JournalContents,
    ) -> Result<(), JournalError> {
        // A content that no fact names yet is stored with the first that does.
        if new.facts.is_empty() && new.notes.is_empty() {
            return Ok(());
        }
        let waiting = contents.take_waiting();
        let stored = self.store(run, new, &waiting);
        stored.map_err(|error| self.fail(&error))
    }

    fn store(
        &mut self,
        run: &RunId,
        new: NewFacts<'_>,
        contents: &[(Digest, Arc<[u8]>)],
    ) -> rusqlite::Result<()> {
        let NewFacts { plan, facts, notes } = new;
        let status = facts.iter().rev().find_map(new_status);
        let answers = answers_of(plan, run, facts);
        let due = match (&mut self.late, facts.last()) {
            (Some(late), Some(last)) => {
                late.due(answers, contents.len(), last.at, status.is_some())
            }
            _ => Some(answers),
        };
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            insert_contents(&transaction, contents)?;
            let mut insert = transaction.prepare_cached(
                "INSERT INTO facts (run, sequence, at, version, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for recorded in facts {
                insert.execute(params![
                    run.number,
                    recorded.sequence,
                    recorded.at.0,
                    stored::VERSION,
                    stored::body(&recorded.fact),
                ])?;
            }
            if let Some(answers) = due {
                insert_answers(&transaction, run, answers)?;
                index_contents(&transaction)?;
            }
            for note in notes {
                transaction
                    .prepare_cached("DELETE FROM notes WHERE number = ?1")?
                    .execute([note])?;
            }
            if let Some((status, ended)) = status {
                transaction
                    .prepare_cached("UPDATE runs SET status = ?2, ended = ?3 WHERE number = ?1")?
                    .execute(params![run.number, status.as_str(), ended])?;
            }
            let taken_up = facts.iter().find_map(|recorded| {
                recorded.fact.settings().map(|settings| (recorded.at.0, settings))
            });
            if let (Some(first), Some((at, settings))) = (facts.first(), taken_up) {
                let simulated = settings.servers.iter().any(|server| server.simulated);
                // Until then worked who had the run before, however that ended.
                let before = first.sequence.saturating_sub(1);
                transaction
                    .prepare_cached(
                        "UPDATE runs SET simulated = max(simulated, ?4), latest = ?3,
                         worked = worked + max(0, coalesce((SELECT at FROM facts
                           WHERE run = ?1 AND sequence = ?2), latest) - latest)
                         WHERE number = ?1",
                    )?
                    .execute(params![run.number, before, at, simulated])?;
            }
        }
        transaction.commit()
    }

    /// The facts of a run, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn facts(&self, run: &RunId) -> Result<Vec<Recorded>, JournalError> {
        let query = || -> rusqlite::Result<Vec<(u64, u64, i64, String)>> {
            let mut select = self.connection.prepare_cached(
                "SELECT sequence, at, version, body FROM facts WHERE run = ?1 ORDER BY sequence",
            )?;
            let rows = select.query_map([run.number], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })?;
            rows.collect()
        };
        let rows = query().map_err(|error| self.fail(&error))?;
        rows.into_iter()
            .map(|(sequence, at, version, body)| {
                stored::recorded(sequence, at, version, &body).map_err(|misread| {
                    let what = format!("run {run}: {misread}");
                    match misread {
                        Misread::Damaged(..) => JournalError::Damaged(what),
                        Misread::UnknownForm(..) => JournalError::UnknownForm(what),
                    }
                })
            })
            .collect()
    }
}

/// Makes a folder with those around it. What is new is its owner's alone: prompts and answers are
/// nobody else's business.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The status that a fact gives its run, and when the run ended if it did.
fn new_status(recorded: &Recorded) -> Option<(RunStatus, Option<u64>)> {
    match &recorded.fact {
        Fact::RunStarted { .. } | Fact::RunResumed { .. } => Some((RunStatus::Running, None)),
        Fact::RunPaused { reason } => Some((reason.status(), None)),
        Fact::RunEnded { status, .. } => Some((*status, Some(recorded.at.0))),
        _ => None,
    }
}
