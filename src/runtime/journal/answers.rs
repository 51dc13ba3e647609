//! Answers that may serve other runs: an index over what facts say, written with them.

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::error::JournalError;
use super::late::MOST_LATE_ANSWERS;
use super::open::Journal;
use super::runs::RunId;
use crate::engine::content::{KeptAnswer, kept_answer};
use crate::engine::{Recorded, Time};
use crate::language::digest::Digest;
use crate::language::plan::Plan;

/// So many answers of a key are looked at; of very many, the newest.
const MOST_ANSWERS: u32 = 100;

/// An answer that may serve other runs.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) key: Digest,
    pub(super) answer: KeptAnswer,
    pub(super) at: Time,
}

/// The answers that facts of a run bring.
pub(super) fn answers_of(plan: &Plan, run: &RunId, facts: &[Recorded]) -> Vec<Answer> {
    let answer = |recorded: &Recorded| {
        let (key, answer) = kept_answer(plan, run.as_str(), &recorded.fact)?;
        Some(Answer { key, answer, at: recorded.at })
    };
    facts.iter().filter_map(answer).collect()
}

/// Enters answers of a run.
pub(super) fn insert_answers(
    transaction: &Transaction<'_>,
    run: &RunId,
    answers: Vec<Answer>,
) -> rusqlite::Result<()> {
    for Answer { key, answer, at } in answers {
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
                at.0,
                elsewhere.then_some(asked_run),
                elsewhere.then_some(there),
            ])?;
    }
    Ok(())
}

impl Journal {
    /// Enters the answers of a run that a process may have died before it entered. `plan` is what it has
    /// grown to by these facts.
    ///
    /// # Errors
    /// When they cannot be stored.
    pub fn enter_late_answers(
        &mut self,
        run: &RunId,
        plan: &Plan,
        facts: &[Recorded],
    ) -> Result<(), JournalError> {
        let mut answers = answers_of(plan, run, facts);
        let late = answers.split_off(answers.len().saturating_sub(MOST_LATE_ANSWERS));
        let enter = |connection: &mut Connection| -> rusqlite::Result<()> {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            insert_answers(&transaction, run, late)?;
            transaction.commit()
        };
        enter(&mut self.connection).map_err(|error| self.fail(&error))
    }

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
