//! The tables of a journal, and bringing those of earlier formats up to the present one.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::addresses::index_contents;
use super::error::JournalError;
use super::open::Journal;

/// Says that a file is ours: "PART" in ASCII.
const APPLICATION_ID: i64 = 0x5041_5254;

/// The newest format that this version knows. Older ones are brought up to it.
const FORMAT: i64 = 5;

/// The tables that are as they were in format 1.
const TABLES: &str = "
CREATE TABLE runs (
  number     INTEGER PRIMARY KEY,
  id         TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  plan       TEXT NOT NULL,
  inputs     TEXT NOT NULL,
  setup      TEXT NOT NULL,
  simulated  INTEGER NOT NULL,
  status     TEXT NOT NULL,
  started    INTEGER NOT NULL,
  ended      INTEGER,
  latest     INTEGER NOT NULL,
  worked     INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE facts (
  run        INTEGER NOT NULL REFERENCES runs (number),
  sequence   INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  version    INTEGER NOT NULL,
  body       TEXT NOT NULL,
  PRIMARY KEY (run, sequence)
) WITHOUT ROWID;
CREATE TABLE notes (
  number     INTEGER PRIMARY KEY,
  run        INTEGER NOT NULL REFERENCES runs (number),
  body       TEXT NOT NULL
);
";

/// Contents in the order in which they came, and the index of their addresses up to one of them ([`super::addresses`]).
/// Addresses are as good as random: in format 1, where bodies lay in their order, each new one cost the reading and
/// writing of some page of a large file; until format 4, where the index had each of them at once, that of some page
/// of the index.
const CONTENTS: &str = "
CREATE TABLE contents (
  number     INTEGER PRIMARY KEY,
  address    TEXT NOT NULL,
  body       BLOB NOT NULL
);
CREATE TABLE addresses (
  address    TEXT PRIMARY KEY,
  number     INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE indexed_contents (
  upto       INTEGER NOT NULL,
  sweeps     INTEGER NOT NULL DEFAULT 0
);
INSERT INTO indexed_contents (upto) VALUES (0);
";

/// What format 2 adds: the index of answers that may serve other runs. Runs of format 1 are not in
/// it, since they do not say which file a model was. `run` refers to `runs` without saying so: SQLite
/// would look through the whole index for every run that is removed.
const ANSWERS: &str = "
CREATE TABLE answers (
  key        TEXT NOT NULL,
  run        INTEGER NOT NULL,
  task       TEXT NOT NULL,
  output     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  asked_run  TEXT,
  asked_task TEXT,
  PRIMARY KEY (key, run, task)
) WITHOUT ROWID;
";

/// What format 3 adds: contexts, their facts, and which runs belong to them. A run is `settled` when its
/// context knows what came of it; until then it stays.
const CONTEXTS: &str = "
CREATE TABLE contexts (
  number     INTEGER PRIMARY KEY,
  project    TEXT NOT NULL,
  folder     TEXT NOT NULL,
  state      TEXT NOT NULL,
  began      INTEGER NOT NULL
);
CREATE UNIQUE INDEX open_contexts ON contexts (folder) WHERE state = 'open';
CREATE TABLE context_facts (
  context    INTEGER NOT NULL REFERENCES contexts (number),
  sequence   INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  version    INTEGER NOT NULL,
  body       TEXT NOT NULL,
  PRIMARY KEY (context, sequence)
) WITHOUT ROWID;
CREATE TABLE context_runs (
  run        TEXT PRIMARY KEY,
  context    INTEGER NOT NULL REFERENCES contexts (number),
  settled    INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
";

/// What format 4 adds: advice, the runs that follow it, and the facts of what was learned. A run is `settled` when it is
/// known what came of it; until then it stays.
const ADVICE: &str = "
CREATE TABLE advice (
  number     INTEGER PRIMARY KEY,
  folder     TEXT NOT NULL,
  at         INTEGER NOT NULL,
  request    TEXT NOT NULL,
  version    INTEGER NOT NULL,
  body       TEXT NOT NULL
);
CREATE INDEX advice_by_folder ON advice (folder, at);
CREATE TABLE advised_runs (
  run        TEXT PRIMARY KEY,
  advice     INTEGER NOT NULL REFERENCES advice (number),
  settled    INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE learning_facts (
  sequence   INTEGER PRIMARY KEY,
  at         INTEGER NOT NULL,
  version    INTEGER NOT NULL,
  body       TEXT NOT NULL
);
";

impl Journal {
    /// Makes the tables that are not there yet. What is there must be a journal, of no newer format.
    pub(super) fn prepare_tables(&mut self) -> Result<(), JournalError> {
        let fail = |error| JournalError::of_sqlite(&self.path, &error);
        let application = number(&self.connection, "application_id").map_err(fail)?;
        let format = number(&self.connection, "user_version").map_err(fail)?;
        let tables = count_tables(&self.connection).map_err(fail)?;
        let path = || self.path.clone();
        if format > FORMAT && application == APPLICATION_ID {
            return Err(JournalError::Newer { path: path(), found: format, known: FORMAT });
        }
        if tables > 0 && application != APPLICATION_ID {
            return Err(JournalError::NotAJournal { path: path() });
        }
        if format < FORMAT {
            let brought_up = bring_up(&mut self.connection);
            brought_up.map_err(|error| self.fail(&error))?;
        }
        Ok(())
    }
}

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0))
}

fn count_tables(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))
}

/// Two processes may open a journal at once: whoever comes second finds it brought up.
fn bring_up(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let format = number(&transaction, "user_version")?;
    if format < FORMAT {
        add_tables(&transaction, format)?;
    }
    transaction.commit()
}

fn add_tables(transaction: &Transaction<'_>, format: i64) -> rusqlite::Result<()> {
    if format < 1 {
        transaction.execute_batch(TABLES)?;
        transaction.execute_batch(CONTENTS)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    } else if format < 5 {
        transaction.execute_batch("ALTER TABLE contents RENAME TO earlier_contents")?;
        transaction.execute_batch(CONTENTS)?;
        transaction.execute_batch(
            "INSERT INTO contents (address, body) SELECT address, body FROM earlier_contents;
             DROP TABLE earlier_contents",
        )?;
        index_contents(transaction)?;
    }
    if format < 2 {
        transaction.execute_batch(ANSWERS)?;
    }
    if format < 3 {
        transaction.execute_batch(CONTEXTS)?;
    }
    if format < 4 {
        transaction.execute_batch(ADVICE)?;
    }
    transaction.pragma_update(None, "user_version", FORMAT)
}

#[cfg(test)]
mod tests {
    use super::super::contexts::ContextChange;
    use super::*;
    use crate::engine::Time;

    #[test]
    fn older_journals_get_the_tables_that_they_lack() {
        const WITH_ALL_INDEXED: &str =
            "DROP TABLE addresses; DROP TABLE indexed_contents; PRAGMA user_version = 4;";
        const WITHOUT_ADVICE: &str =
            "DROP TABLE learning_facts; DROP TABLE advised_runs; DROP TABLE advice;
             DROP TABLE addresses; DROP TABLE indexed_contents; PRAGMA user_version = 3;";
        const WITHOUT_CONTEXTS: &str =
            "DROP TABLE context_runs; DROP TABLE context_facts; DROP TABLE contexts;
             PRAGMA user_version = 2;";
        for take_back in [
            WITH_ALL_INDEXED.to_owned(),
            WITHOUT_ADVICE.to_owned(),
            format!("{WITHOUT_ADVICE}{WITHOUT_CONTEXTS}"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let mut journal = Journal::open(folder.path()).unwrap();
            let first = ContextChange { bodies: vec!["{}".to_owned()], ..ContextChange::default() };
            journal.begin_context("p", "/a", Time(1), &first).unwrap();
            journal.connection.execute_batch(&take_back).unwrap();
            drop(journal);
            let journal = Journal::open(folder.path()).unwrap();
            assert_eq!(number(&journal.connection, "user_version").unwrap(), FORMAT);
            let kept = usize::from(!take_back.contains("contexts"));
            assert_eq!(journal.contexts().unwrap().len(), kept);
            assert_eq!(journal.advice().unwrap(), []);
            assert_eq!(journal.learning_facts().unwrap(), []);
            assert!(journal.check().unwrap().damages.is_empty());
        }
    }
}
