//! Answers that may serve other runs: an index over what facts say, written with them.

use rusqlite::{Transaction, params};

use super::open::Journal;
use super::runs::RunId;
use crate::engine::Recorded;
use crate::engine::content::{KeptAnswer, kept_answer};
use crate::language::digest::Digest;
use crate::language::plan::Plan;

/// So many answers of a key are looked at; of very many, the newest.
const MOST_ANSWERS: u32 = 100;

/// Enters the answers that facts of a run bring.
pub(super) fn insert_answers(
    transaction: &Transaction<'_>,
    plan: &Plan,
    run: &RunId,
    facts: &[Recorded],
) -> rusqlite::Result<()> {
    for recorded in facts {
        let Some((key, answer)) = kept_answer(plan, run.as_str(), &recorded.fact) else {
            continue;
        };
        let KeptAnswer { path, run: asked_run, there, output } = answer;
        // Where and what was asked is said only of what another run asked.
        let elsewhere = asked_run != run.as_str();
        transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO answers (key, run, task, output, at, asked_run, asked_task)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                key.as_str(),
                run.number,
                path,
                output.as_str(),
                recorded.at.0,
                elsewhere.then_some(asked_run),
                elsewhere.then_some(there),
            ])?;
    }
    Ok(())
}

impl Journal {
    /// The answers that are kept under a key: first those to the task at `path`, then those to
    /// other tasks, of each the newest first.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(super) fn answers(&self, key: &Digest, path: &str) -> rusqlite::Result<Vec<KeptAnswer>> {
        let mut select = self.connection.prepare_cached(
            "SELECT answers.task, coalesce(asked_run, runs.id), coalesce(asked_task, answers.task),
                    output
             FROM answers JOIN runs ON runs.number = answers.run
             WHERE key = ?1 ORDER BY answers.task = ?2 DESC, answers.run DESC LIMIT ?3",
        )?;
        let rows = select.query_map(params![key.as_str(), path, MOST_ANSWERS], |row| {
            Ok(KeptAnswer {
                path: row.get(0)?,
                run: row.get(1)?,
                there: row.get(2)?,
                output: Digest::from_stored(row.get(3)?),
            })
        })?;
        rows.collect()
    }
}
