//! The contexts of a journal: what is known of projects over many runs. What their facts mean is not
//! known here; who wants to add some is shown those there are inside the transaction that stores them, so
//! that what is decided by them holds, whoever else writes.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::error::JournalError;
use super::open::Journal;
use super::stored_fact::StoredFact;
use crate::engine::Time;

/// Which context: a number inside the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContextId(i64);

/// A context as the journal lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextRecord {
    /// Which.
    pub id: ContextId,
    /// The project.
    pub project: String,
    /// The folder of the project.
    pub folder: String,
    /// Whether it was put away.
    pub closed: bool,
    /// When it was begun.
    pub began: Time,
}

/// What is to be added to a context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContextChange {
    /// Facts as JSON, in order.
    pub bodies: Vec<String>,
    /// The number of their form.
    pub form: i64,
    /// Runs of which the context knows now what came of them.
    pub settled: Vec<String>,
    /// Whether it is put away.
    pub closes: bool,
}

/// What came of the wish to begin a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BegunContext {
    /// It was begun.
    New(ContextRecord),
    /// One is open for the folder already.
    Open(ContextRecord),
}

/// A run that is entered into a context with itself: given its id and the facts of the context, what is
/// added to it.
pub struct RunInContext<'a> {
    /// The context.
    pub context: ContextId,
    /// What is added.
    pub change: &'a EnterRun<'a>,
}

/// What entering a run adds to a context, given the run's id and the facts of the context.
pub type EnterRun<'a> = dyn Fn(&str, &[StoredFact]) -> Result<ContextChange, JournalError> + 'a;

impl std::fmt::Debug for RunInContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunInContext").field("context", &self.context).finish_non_exhaustive()
    }
}

impl Journal {
    /// All contexts, the newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn contexts(&self) -> Result<Vec<ContextRecord>, JournalError> {
        let query = || -> rusqlite::Result<Vec<ContextRecord>> {
            let mut select =
                self.connection.prepare_cached(&format!("{SELECT} ORDER BY number DESC"))?;
            select.query_map([], record_of)?.collect()
        };
        query().map_err(|error| self.fail(&error))
    }

    /// The facts of a context, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn context_facts(&self, id: ContextId) -> Result<Vec<StoredFact>, JournalError> {
        facts_of(&self.connection, id).map_err(|error| self.fail(&error))
    }

    /// The context in which a run was started, if it was in one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn context_of_run(&self, run: &str) -> Result<Option<ContextId>, JournalError> {
        let query = || {
            self.connection
                .prepare_cached("SELECT context FROM context_runs WHERE run = ?1")?
                .query_row([run], |row| row.get(0).map(ContextId))
                .optional()
        };
        query().map_err(|error| self.fail(&error))
    }

    /// Begins a context with its first facts, unless one is open for the folder.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub fn begin_context(
        &mut self,
        project: &str,
        folder: &str,
        at: Time,
        first: &ContextChange,
    ) -> Result<BegunContext, JournalError> {
        let begun = begin(&mut self.connection, project, folder, at, first);
        begun.map_err(|error| self.fail(&error))
    }

    /// Adds to a context what follows from its facts, in one transaction. When there is nothing to add,
    /// nothing is written. Gives the facts of the context with those that were added.
    ///
    /// # Errors
    /// The inner one is the caller's; the outer one says that nothing could be stored. Nothing is then.
    pub fn change_context<E>(
        &mut self,
        id: ContextId,
        at: Time,
        change: impl FnOnce(&[StoredFact]) -> Result<ContextChange, E>,
    ) -> Result<Result<Vec<StoredFact>, E>, JournalError> {
        let changed = change_in_transaction(&mut self.connection, id, at, change);
        changed.map_err(|error| self.fail(&error))
    }
}

const SELECT: &str = "SELECT number, project, folder, state, began FROM contexts";

fn record_of(row: &Row<'_>) -> rusqlite::Result<ContextRecord> {
    let state: String = row.get(3)?;
    Ok(ContextRecord {
        id: ContextId(row.get(0)?),
        project: row.get(1)?,
        folder: row.get(2)?,
        closed: state != "open",
        began: Time(row.get(4)?),
    })
}

fn facts_of(connection: &Connection, id: ContextId) -> rusqlite::Result<Vec<StoredFact>> {
    let mut select = connection.prepare_cached(
        "SELECT sequence, at, version, body FROM context_facts WHERE context = ?1 ORDER BY sequence",
    )?;
    let rows = select.query_map([id.0], StoredFact::of_row)?;
    rows.collect()
}

fn begin(
    connection: &mut Connection,
    project: &str,
    folder: &str,
    at: Time,
    first: &ContextChange,
) -> rusqlite::Result<BegunContext> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let open = transaction
        .prepare_cached(&format!("{SELECT} WHERE folder = ?1 AND state = 'open'"))?
        .query_row([folder], record_of)
        .optional()?;
    if let Some(open) = open {
        return Ok(BegunContext::Open(open));
    }
    transaction.execute(
        "INSERT INTO contexts (project, folder, state, began) VALUES (?1, ?2, 'open', ?3)",
        params![project, folder, at.0],
    )?;
    let id = ContextId(transaction.last_insert_rowid());
    add(&transaction, id, at, &[], first)?;
    transaction.commit()?;
    let (project, folder) = (project.to_owned(), folder.to_owned());
    Ok(BegunContext::New(ContextRecord { id, project, folder, closed: false, began: at }))
}

fn change_in_transaction<E>(
    connection: &mut Connection,
    id: ContextId,
    at: Time,
    change: impl FnOnce(&[StoredFact]) -> Result<ContextChange, E>,
) -> rusqlite::Result<Result<Vec<StoredFact>, E>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut facts = facts_of(&transaction, id)?;
    let change = match change(&facts) {
        Ok(change) => change,
        Err(error) => return Ok(Err(error)),
    };
    let added = add(&transaction, id, at, &facts, &change)?;
    transaction.commit()?;
    facts.extend(added);
    Ok(Ok(facts))
}

/// Adds what follows on facts that are there.
fn add(
    transaction: &Transaction<'_>,
    id: ContextId,
    at: Time,
    before: &[StoredFact],
    change: &ContextChange,
) -> rusqlite::Result<Vec<StoredFact>> {
    let last = before.last().map_or(0, |fact| fact.sequence);
    let mut insert = transaction.prepare_cached(
        "INSERT INTO context_facts (context, sequence, at, version, body) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut added = Vec::with_capacity(change.bodies.len());
    for (sequence, body) in (last + 1..).zip(&change.bodies) {
        insert.execute(params![id.0, sequence, at.0, change.form, body])?;
        added.push(StoredFact { sequence, at, form: change.form, body: body.clone() });
    }
    for run in &change.settled {
        transaction
            .prepare_cached("UPDATE context_runs SET settled = 1 WHERE run = ?1 AND context = ?2")?
            .execute(params![run, id.0])?;
    }
    if change.closes {
        transaction.execute("UPDATE contexts SET state = 'closed' WHERE number = ?1", [id.0])?;
    }
    Ok(added)
}

/// Enters a run into its context, inside the transaction that enters the run.
pub(super) fn enter_run(
    transaction: &Transaction<'_>,
    run: &str,
    at: Time,
    entry: &RunInContext<'_>,
) -> rusqlite::Result<Result<(), JournalError>> {
    let facts = facts_of(transaction, entry.context)?;
    let change = match (entry.change)(run, &facts) {
        Ok(change) => change,
        Err(error) => return Ok(Err(error)),
    };
    add(transaction, entry.context, at, &facts, &change)?;
    transaction.execute(
        "INSERT INTO context_runs (run, context) VALUES (?1, ?2)",
        params![run, entry.context.0],
    )?;
    Ok(Ok(()))
}

/// Forgets that a run belonged to a context, which knows what came of it.
pub(super) fn forget_run(transaction: &Transaction<'_>, run: &str) -> rusqlite::Result<()> {
    let forget = "DELETE FROM context_runs WHERE run = ?1";
    transaction.prepare_cached(forget)?.execute([run]).map(drop)
}

/// The runs of which their contexts do not know yet what came of them.
pub(super) fn unsettled_runs(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut select = connection.prepare_cached("SELECT run FROM context_runs WHERE settled = 0")?;
    select.query_map([], |row| row.get(0))?.collect()
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn change(bodies: &[&str]) -> ContextChange {
        let bodies = bodies.iter().map(|body| (*body).to_owned()).collect();
        ContextChange { bodies, form: 1, ..ContextChange::default() }
    }

    fn begun(journal: &mut Journal, folder: &str) -> ContextRecord {
        match journal.begin_context("p", folder, Time(1), &change(&["{}"])).unwrap() {
            BegunContext::New(record) => record,
            BegunContext::Open(record) => panic!("{record:?}"),
        }
    }

    #[test]
    fn a_folder_has_one_open_context() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path()).unwrap();
        let first = begun(&mut journal, "/a");
        let again = journal.begin_context("q", "/a", Time(2), &change(&["{}"])).unwrap();
        assert_eq!(again, BegunContext::Open(first.clone()));
        begun(&mut journal, "/b");
        let closing = ContextChange { closes: true, ..change(&["{}"]) };
        let facts =
            journal.change_context(first.id, Time(3), |_| Ok::<_, ()>(closing)).unwrap().unwrap();
        assert_eq!(facts.iter().map(|fact| fact.sequence).collect::<Vec<_>>(), [1, 2]);
        begun(&mut journal, "/a");
        assert_eq!(journal.contexts().unwrap().len(), 3);
    }

    #[test]
    fn who_is_refused_has_stored_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path()).unwrap();
        let context = begun(&mut journal, "/a");
        let refused = journal.change_context(context.id, Time(2), |_| Err("no")).unwrap();
        assert_eq!(refused, Err("no"));
        assert_eq!(journal.context_facts(context.id).unwrap().len(), 1);
    }

    #[test]
    fn writers_at_once_lose_nothing() {
        const WRITERS: usize = 4;
        const EACH: usize = 25;
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path()).unwrap();
        let context = begun(&mut journal, "/a");
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| {
                let path = folder.path().to_owned();
                thread::spawn(move || {
                    let mut journal = Journal::open(&path).unwrap();
                    for _ in 0..EACH {
                        let next = |facts: &[StoredFact]| {
                            Ok::<_, ()>(change(&[&format!("{{\"number\":{}}}", facts.len())]))
                        };
                        journal.change_context(context.id, Time(2), next).unwrap().unwrap();
                    }
                })
            })
            .collect();
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        let facts = journal.context_facts(context.id).unwrap();
        assert_eq!(facts.len(), 1 + WRITERS * EACH);
        for (place, fact) in (0u64..).zip(&facts) {
            assert_eq!(fact.sequence, place + 1);
            // Each saw all that were stored before it.
            assert!(place == 0 || fact.body == format!("{{\"number\":{place}}}"), "{fact:?}");
        }
        assert!(journal.check().unwrap().damages.is_empty());
    }
}
