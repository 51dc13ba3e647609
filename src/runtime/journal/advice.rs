//! Advice that was given, the runs that followed it, and what was learned of them. What their JSON means is not known here;
//! who wants to add to it decides inside the transaction that stores it, as with contexts.

use std::fmt;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::error::JournalError;
use super::open::Journal;
use super::stored_fact::StoredFact;
use crate::engine::Time;

/// Which advice: `A1`, `A2`, in the order in which it was given. A number is given out once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AdviceId(i64);

impl AdviceId {
    /// The id that somebody has written: `A7` or `a7`.
    pub fn read(text: &str) -> Option<AdviceId> {
        let digits = text.strip_prefix(['A', 'a'])?;
        // A sign would be a number as well.
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.parse().ok().filter(|number| is_number && *number > 0)?;
        Some(AdviceId(number))
    }
}

impl fmt::Display for AdviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "A{}", self.0)
    }
}

/// Advice as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAdvice {
    /// Which.
    pub id: AdviceId,
    /// When it was given.
    pub at: Time,
    /// The folder in which somebody asked for it.
    pub folder: String,
    /// What was asked.
    pub request: String,
    /// The number of the form of what was said.
    pub form: i64,
    /// What was said, as JSON.
    pub body: String,
}

/// Advice that is to be stored.
#[derive(Debug, Clone, Copy)]
pub struct NewAdvice<'a> {
    /// The folder in which somebody asked for it.
    pub folder: &'a str,
    /// What was asked.
    pub request: &'a str,
    /// The number of the form of what was said.
    pub form: i64,
    /// What was said, as JSON.
    pub body: &'a str,
}

/// What is to be added to what was learned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LearningChange {
    /// Facts as JSON, in order.
    pub bodies: Vec<String>,
    /// The number of their form.
    pub form: i64,
    /// Runs of which it is known now what came of them.
    pub settled: Vec<String>,
}

/// Which advice a run may follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdviceWish {
    /// This, whatever else follows it.
    Named(AdviceId),
    /// What was given in a folder since a moment and what no run has followed yet.
    Unused {
        /// The folder.
        folder: String,
        /// The moment.
        since: Time,
    },
    /// What an earlier run has followed that this one does again.
    OfRun(String),
}

/// A run that is entered together with the advice that it follows.
pub struct RunOnAdvice<'a> {
    /// Which advice it may follow.
    pub wish: AdviceWish,
    /// Given the run's id and the advice that it may follow, the newest first: what is followed, if any.
    pub choose: &'a ChooseAdvice<'a>,
}

/// How a run chooses the advice that it follows.
pub type ChooseAdvice<'a> = dyn Fn(&str, &[StoredAdvice]) -> Option<FollowedAdvice> + 'a;

/// The advice that a run follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowedAdvice {
    /// Which.
    pub id: AdviceId,
    /// The number of the form of the fact that says so.
    pub form: i64,
    /// That fact as JSON.
    pub body: String,
}

impl fmt::Debug for RunOnAdvice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunOnAdvice").field("wish", &self.wish).finish_non_exhaustive()
    }
}

impl Journal {
    /// Stores advice, and gives its id.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub fn record_advice(
        &mut self,
        new: NewAdvice<'_>,
        at: Time,
    ) -> Result<AdviceId, JournalError> {
        let stored = self.connection.execute(
            "INSERT INTO advice (folder, at, request, version, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![new.folder, at.0, new.request, new.form, new.body],
        );
        stored.map_err(|error| self.fail(&error))?;
        Ok(AdviceId(self.connection.last_insert_rowid()))
    }

    /// All advice, in the order in which it was given.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn advice(&self) -> Result<Vec<StoredAdvice>, JournalError> {
        let all = select(&self.connection, "ORDER BY number", []);
        all.map_err(|error| self.fail(&error))
    }

    /// The facts of what was learned, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn learning_facts(&self) -> Result<Vec<StoredFact>, JournalError> {
        facts_of(&self.connection).map_err(|error| self.fail(&error))
    }

    /// The advice that a run follows, if it follows any.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn advice_of_run(&self, run: &str) -> Result<Option<AdviceId>, JournalError> {
        advice_of(&self.connection, run).map_err(|error| self.fail(&error))
    }

    /// The runs that follow advice and of which it is not known yet what came of them.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn unsettled_advised_runs(&self) -> Result<Vec<String>, JournalError> {
        unsettled_runs(&self.connection).map_err(|error| self.fail(&error))
    }

    /// Adds to what was learned what follows from its facts, in one transaction. When there is nothing to add,
    /// nothing is written. Gives all facts with those that were added.
    ///
    /// # Errors
    /// The inner one is the caller's; the outer one says that nothing could be stored. Nothing is then.
    pub fn change_learning<E>(
        &mut self,
        at: Time,
        change: impl FnOnce(&[StoredFact]) -> Result<LearningChange, E>,
    ) -> Result<Result<Vec<StoredFact>, E>, JournalError> {
        let changed = change_in_transaction(&mut self.connection, at, change);
        changed.map_err(|error| self.fail(&error))
    }
}

const SELECT: &str = "SELECT number, at, folder, request, version, body FROM advice";

/// So much advice is looked at that a run may follow: it is what was given last that is followed.
const LOOKED_AT: u32 = 50;

fn select(
    connection: &Connection,
    which: &str,
    values: impl rusqlite::Params,
) -> rusqlite::Result<Vec<StoredAdvice>> {
    let mut select = connection.prepare_cached(&format!("{SELECT} {which}"))?;
    let read = |row: &Row<'_>| {
        Ok(StoredAdvice {
            id: AdviceId(row.get(0)?),
            at: Time(row.get(1)?),
            folder: row.get(2)?,
            request: row.get(3)?,
            form: row.get(4)?,
            body: row.get(5)?,
        })
    };
    select.query_map(values, read)?.collect()
}

fn facts_of(connection: &Connection) -> rusqlite::Result<Vec<StoredFact>> {
    let mut select = connection.prepare_cached(
        "SELECT sequence, at, version, body FROM learning_facts ORDER BY sequence",
    )?;
    let rows = select.query_map([], StoredFact::of_row)?;
    rows.collect()
}

fn advice_of(connection: &Connection, run: &str) -> rusqlite::Result<Option<AdviceId>> {
    connection
        .prepare_cached("SELECT advice FROM advised_runs WHERE run = ?1")?
        .query_row([run], |row| row.get(0).map(AdviceId))
        .optional()
}

/// The runs of which it is not known yet what came of them.
pub(super) fn unsettled_runs(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut select = connection.prepare_cached("SELECT run FROM advised_runs WHERE settled = 0")?;
    select.query_map([], |row| row.get(0))?.collect()
}

fn change_in_transaction<E>(
    connection: &mut Connection,
    at: Time,
    change: impl FnOnce(&[StoredFact]) -> Result<LearningChange, E>,
) -> rusqlite::Result<Result<Vec<StoredFact>, E>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut facts = facts_of(&transaction)?;
    let change = match change(&facts) {
        Ok(change) => change,
        Err(error) => return Ok(Err(error)),
    };
    for body in &change.bodies {
        facts.push(add(&transaction, at, change.form, body)?);
    }
    for run in &change.settled {
        transaction
            .prepare_cached("UPDATE advised_runs SET settled = 1 WHERE run = ?1")?
            .execute([run])?;
    }
    transaction.commit()?;
    Ok(Ok(facts))
}

fn add(
    transaction: &Transaction<'_>,
    at: Time,
    form: i64,
    body: &str,
) -> rusqlite::Result<StoredFact> {
    let last: u64 = transaction
        .prepare_cached("SELECT coalesce(max(sequence), 0) FROM learning_facts")?
        .query_row([], |row| row.get(0))?;
    let sequence = last + 1;
    transaction
        .prepare_cached(
            "INSERT INTO learning_facts (sequence, at, version, body) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![sequence, at.0, form, body])?;
    Ok(StoredFact { sequence, at, form, body: body.to_owned() })
}

/// Enters a run with the advice that it follows, inside the transaction that enters the run: of two runs that begin at
/// once only one follows what nobody has followed yet.
pub(super) fn enter_run(
    transaction: &Transaction<'_>,
    run: &str,
    at: Time,
    entry: &RunOnAdvice<'_>,
) -> rusqlite::Result<()> {
    let open = match &entry.wish {
        AdviceWish::Named(id) => select(transaction, "WHERE number = ?1", [id.0])?,
        AdviceWish::OfRun(earlier) => match advice_of(transaction, earlier)? {
            Some(id) => select(transaction, "WHERE number = ?1", [id.0])?,
            None => Vec::new(),
        },
        AdviceWish::Unused { folder, since } => select(
            transaction,
            "WHERE folder = ?1 AND at >= ?2 AND number NOT IN (SELECT advice FROM advised_runs)
             ORDER BY number DESC LIMIT ?3",
            params![folder, since.0, LOOKED_AT],
        )?,
    };
    let Some(followed) = (entry.choose)(run, &open) else { return Ok(()) };
    add(transaction, at, followed.form, &followed.body)?;
    transaction
        .prepare_cached("INSERT INTO advised_runs (run, advice) VALUES (?1, ?2)")?
        .execute(params![run, followed.id.0])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn advise(journal: &mut Journal, folder: &str) -> AdviceId {
        let new = NewAdvice { folder, request: "x", form: 1, body: "{}" };
        journal.record_advice(new, Time(1)).unwrap()
    }

    #[test]
    fn ids_are_read_as_they_are_written() {
        let mut journal = Journal::open(tempfile::tempdir().unwrap().path()).unwrap();
        assert_eq!(advise(&mut journal, "/a").to_string(), "A1");
        assert_eq!(advise(&mut journal, "/b").to_string(), "A2");
        assert_eq!(AdviceId::read("a2"), Some(journal.advice().unwrap()[1].id));
        for wrong in ["", "A", "7", "A0", "A+7", "A-1", "B7", "A99999999999999999999"] {
            assert_eq!(AdviceId::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn one_run_follows_advice_that_nobody_has_followed() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path()).unwrap();
        let (first, second) = (advise(&mut journal, "/a"), advise(&mut journal, "/a"));
        let newest = |run: &str, open: &[StoredAdvice]| {
            let body = format!("{{\"run\":\"{run}\"}}");
            open.first().map(|found| FollowedAdvice { id: found.id, form: 1, body })
        };
        let mut enter = |run: &str, wish: AdviceWish| {
            let transaction = journal.connection.transaction().unwrap();
            let entry = RunOnAdvice { wish, choose: &newest };
            enter_run(&transaction, run, Time(2), &entry).unwrap();
            let found = advice_of(&transaction, run).unwrap();
            transaction.commit().unwrap();
            found
        };
        let unused =
            |since: u64| AdviceWish::Unused { folder: "/a".to_owned(), since: Time(since) };
        assert_eq!(enter("r0", unused(2)), None, "it was given before");
        assert_eq!(enter("r1", unused(1)), Some(second));
        assert_eq!(enter("r2", unused(1)), Some(first));
        assert_eq!(enter("r3", unused(1)), None);
        assert_eq!(enter("r4", AdviceWish::Named(first)), Some(first));
        assert_eq!(enter("r5", AdviceWish::OfRun("r1".to_owned())), Some(second));
        assert_eq!(enter("r6", AdviceWish::OfRun("r0".to_owned())), None);
        let sequences = journal.learning_facts().unwrap();
        let sequences: Vec<u64> = sequences.iter().map(|fact| fact.sequence).collect();
        assert_eq!(sequences, [1, 2, 3, 4]);
        assert_eq!(journal.unsettled_advised_runs().unwrap(), ["r1", "r2", "r4", "r5"]);
        let settles =
            LearningChange { settled: vec!["r1".to_owned()], ..LearningChange::default() };
        journal.change_learning(Time(3), |_| Ok::<_, ()>(settles)).unwrap().unwrap();
        assert_eq!(journal.unsettled_advised_runs().unwrap(), ["r2", "r4", "r5"]);
        let refused = journal.change_learning(Time(3), |_| Err("no")).unwrap();
        assert_eq!(refused, Err("no"));
        assert_eq!(journal.learning_facts().unwrap().len(), 4);
    }

    #[test]
    fn writers_at_once_lose_nothing_and_no_id_is_given_out_twice() {
        const WRITERS: usize = 4;
        const EACH: usize = 20;
        let folder = tempfile::tempdir().unwrap();
        Journal::open(folder.path()).unwrap();
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| {
                let path = folder.path().to_owned();
                thread::spawn(move || {
                    let mut journal = Journal::open(&path).unwrap();
                    let mut given = Vec::new();
                    for _ in 0..EACH {
                        given.push(advise(&mut journal, "/a"));
                        let next = |facts: &[StoredFact]| {
                            let bodies = vec![format!("{{\"seen\":{}}}", facts.len())];
                            Ok::<_, ()>(LearningChange { bodies, ..LearningChange::default() })
                        };
                        journal.change_learning(Time(2), next).unwrap().unwrap();
                    }
                    given
                })
            })
            .collect();
        let given = writers.into_iter().flat_map(|writer| writer.join().unwrap());
        let given: std::collections::BTreeSet<AdviceId> = given.collect();
        assert_eq!(given.len(), WRITERS * EACH);
        let journal = Journal::open(folder.path()).unwrap();
        for (place, fact) in (0u64..).zip(&journal.learning_facts().unwrap()) {
            assert_eq!(fact.sequence, place + 1);
            assert_eq!(fact.body, format!("{{\"seen\":{place}}}"), "each saw all before it");
        }
        assert_eq!(journal.check().unwrap().advice, (WRITERS * EACH) as u64);
        assert!(journal.check().unwrap().damages.is_empty());
    }
}
