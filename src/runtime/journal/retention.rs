//! Retention: runs that are over and old go, and contents that no run needs any more.

use std::collections::BTreeSet;

use rusqlite::{Transaction, TransactionBehavior};
use serde::Deserialize;

use super::addresses::{mend_index, remove_contents};
use super::advice;
use super::contents::JournalContents;
use super::contexts::{forget_run, unsettled_runs};
use super::error::JournalError;
use super::open::Journal;
use super::runs::{ForkRecord, RunRecord};
use crate::engine::content::Contents;
use crate::engine::{Fork, Time};
use crate::language::digest::Digest;

/// Which runs stay. Only runs that are over are ever removed, and of those only the ones that both
/// limits let go; without a limit none goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// So many of the newest runs that are over stay.
    pub keep: Option<usize>,
    /// Only runs that ended before this moment go.
    pub ended_before: Option<Time>,
}

/// Whether anything is removed, or it is only found out what would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// It is removed.
    Real,
    /// Everything stays.
    Dry,
}

/// What was removed, or would be.
#[derive(Debug)]
pub struct Removed {
    /// The runs, the newest first.
    pub runs: Vec<RunRecord>,
    /// How many contents.
    pub contents: u64,
    /// The bytes of the facts and contents together.
    pub bytes: u64,
    /// A run that is under way in some process. As long as there is one all contents stay: it may
    /// be about to name one.
    pub under_way: Option<String>,
    /// The bytes that the journal takes on disk now.
    pub journal_bytes: u64,
}

impl Journal {
    /// Removes runs that are over, and contents that no run needs any more, in one transaction.
    /// What is under way in another process stays, whatever the journal says of it, and so does what a
    /// context, or whoever gave advice, has still to learn from. Contexts, advice and what was learned stay.
    ///
    /// # Errors
    /// When the journal cannot be written, or is damaged: what a fact needs that cannot be read is
    /// not known, and nothing is removed.
    pub fn remove(
        &mut self,
        retention: Retention,
        removal: Removal,
    ) -> Result<Removed, JournalError> {
        if removal == Removal::Real {
            self.mend_index()?;
        }
        // The journal is asked through a second connection while the transaction is open: it sees
        // what was before, and nobody else can write meanwhile.
        let before = self.reader()?;
        let path = self.path.clone();
        let cannot = |error: rusqlite::Error| JournalError::of_sqlite(&path, &error);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(cannot)?;
        let mut removed = remove(&transaction, &before, retention)?;
        drop(before);
        if removal == Removal::Real {
            transaction.commit().map_err(cannot)?;
            for run in &removed.runs {
                // Whoever was killed has left its file behind; that it stays does no harm.
                let _ = std::fs::remove_file(self.lock_path(&run.id));
            }
            self.remove_drafts();
            if removed.under_way.is_none() && removed.bytes > 0 {
                self.compact();
            }
        } else {
            transaction.rollback().map_err(cannot)?;
        }
        removed.journal_bytes = self.bytes_on_disk();
        Ok(removed)
    }

    /// Makes the index of contents anew where it is wrong: what it does not find looks as if it were gone.
    fn mend_index(&mut self) -> Result<(), JournalError> {
        let behavior = TransactionBehavior::Immediate;
        let mended = self.connection.transaction_with_behavior(behavior).and_then(|transaction| {
            mend_index(&transaction)?;
            transaction.commit()
        });
        mended.map_err(|error| self.fail(&error))
    }

    /// Gives free space back to the system. It can wait where there is no room to do it or somebody
    /// reads: the space is used again anyway.
    fn compact(&self) {
        let _ = self.connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);");
    }

    fn bytes_on_disk(&self) -> u64 {
        let file =
            |name: &str| std::fs::metadata(self.folder.join(name)).map_or(0, |file| file.len());
        file("journal.db") + file("journal.db-wal")
    }
}

fn remove(
    transaction: &Transaction<'_>,
    before: &Journal,
    retention: Retention,
) -> Result<Removed, JournalError> {
    let all = before.runs()?;
    let is_held = |run: &RunRecord| before.is_under_way(&run.id);
    let under_way = all.iter().find(|run| is_held(run)).map(|run| run.id.to_string());
    // Of these a context, or whoever gave advice, has still to learn what came of them.
    let mut unsettled = unsettled_runs(transaction).map_err(|error| before.fail(&error))?;
    unsettled.extend(advice::unsettled_runs(transaction).map_err(|error| before.fail(&error))?);
    let stays = |run: &RunRecord| is_held(run) || unsettled.iter().any(|id| id == run.id.as_str());
    let (runs, staying) = split(all, retention, stays);
    let mut removed = Removed { runs, contents: 0, bytes: 0, under_way, journal_bytes: 0 };
    for run in &removed.runs {
        let bytes = remove_run(transaction, run.id.number);
        removed.bytes += bytes.map_err(|error| before.fail(&error))?;
        forget_run(transaction, run.id.as_str()).map_err(|error| before.fail(&error))?;
    }
    forget_answers(transaction).map_err(|error| before.fail(&error))?;
    if removed.under_way.is_none() {
        let swept = remove_contents(transaction, &needed(before, &staying)?);
        let (count, bytes) = swept.map_err(|error| before.fail(&error))?;
        removed.contents = count;
        removed.bytes += bytes;
    }
    Ok(removed)
}

/// Runs that go and runs that stay, both in the order that they came in: the newest first.
fn split(
    all: Vec<RunRecord>,
    retention: Retention,
    stays: impl Fn(&RunRecord) -> bool,
) -> (Vec<RunRecord>, Vec<RunRecord>) {
    let says_nothing = retention.keep.is_none() && retention.ended_before.is_none();
    let mut newer = 0;
    all.into_iter().partition(|run| {
        if !run.is_over() {
            return false;
        }
        newer += 1;
        let is_surplus = retention.keep.is_none_or(|keep| newer > keep);
        let is_old = retention
            .ended_before
            .is_none_or(|moment| run.ended.is_some_and(|ended| ended < moment));
        !says_nothing && is_surplus && is_old && !stays(run)
    })
}

/// Removes a run, and gives the bytes of its facts.
fn remove_run(transaction: &Transaction<'_>, run: i64) -> rusqlite::Result<u64> {
    let bytes = transaction
        .prepare_cached(
            "SELECT coalesce(sum(length(CAST(body AS BLOB))), 0) FROM facts WHERE run = ?1",
        )?
        .query_row([run], |row| row.get(0))?;
    for statement in [
        "DELETE FROM facts WHERE run = ?1",
        "DELETE FROM notes WHERE run = ?1",
        "DELETE FROM runs WHERE number = ?1",
    ] {
        transaction.prepare_cached(statement)?.execute([run])?;
    }
    Ok(bytes)
}

/// Removes the answers of runs that there are no more from the index. Those that other runs have
/// reused are kept under these, with their contents.
fn forget_answers(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction
        .execute("DELETE FROM answers WHERE run NOT IN (SELECT number FROM runs)", [])
        .map(drop)
}

/// The addresses of everything that some runs need.
fn needed(journal: &Journal, runs: &[RunRecord]) -> Result<BTreeSet<Digest>, JournalError> {
    let mut needed = BTreeSet::new();
    let contents = JournalContents::of(journal)?;
    for run in runs {
        needed.extend([run.plan.clone(), run.inputs.clone()]);
        if let Some(ForkRecord { fork, .. }) = &run.setup.fork {
            needed.insert(fork.clone());
            // A fork that has not begun yet has no fact that names what it keeps.
            let damaged = |what: String| JournalError::Damaged(format!("run {}: {what}", run.id));
            let stored = contents.read(fork).map_err(|error| damaged(error.to_string()))?;
            let fork = Fork::deserialize(&*stored).map_err(|error| damaged(error.to_string()))?;
            needed.extend(fork.contents().cloned());
        }
        for recorded in journal.facts(&run.id)? {
            needed.extend(recorded.fact.contents().into_iter().cloned());
        }
    }
    Ok(needed)
}
