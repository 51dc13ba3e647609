//! Answers that may serve other runs: an index over what facts say, written with them.

use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::error::JournalError;
use super::open::Journal;
use super::runs::RunId;
use crate::engine::content::{KeptAnswer, kept_answer};
use crate::engine::{Recorded, Time};
use crate::language::digest::Digest;
use crate::language::plan::Plan;

/// So many answers of a key are looked at; of very many, the newest.
const MOST_ANSWERS: u32 = 100;

/// So many answers are entered late at most, and so late.
const MOST_LATE: usize = 256;
const LATEST: Duration = Duration::from_secs(1);

/// Where steps follow one another sooner than this, answers are entered several at a time: the index is
/// in the order of keys, which are as good as random, so that each answer alone costs the writing of a
/// page.
const RUSH: Duration = Duration::from_millis(20);

/// An answer that may serve other runs.
#[derive(Debug)]
pub(super) struct Answer {
    key: Digest,
    answer: KeptAnswer,
    at: Time,
}

/// Answers that are entered later than the facts that bring them.
#[derive(Debug, Default)]
pub(super) struct LateAnswers {
    waiting: Vec<Answer>,
    /// When the first of them came, and when the last step was.
    since: Time,
    last: Time,
}

impl LateAnswers {
    /// Takes in the answers of a step; those that are to be entered with it.
    pub(super) fn due(&mut self, answers: Vec<Answer>, at: Time, rests: bool) -> Vec<Answer> {
        let is_rush = at.since(self.last) < RUSH;
        self.last = at;
        if self.waiting.is_empty() {
            self.since = at;
        }
        self.waiting.extend(answers);
        let is_late = self.waiting.len() >= MOST_LATE || at.since(self.since) >= LATEST;
        if is_rush && !is_late && !rests { Vec::new() } else { std::mem::take(&mut self.waiting) }
    }
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
    /// From now on answers may be entered into the index a moment later than the facts that bring them.
    /// Where the process dies before, [`Journal::enter_late_answers`] makes up for it.
    pub fn let_answers_be_late(&mut self) {
        self.late = Some(LateAnswers::default());
    }

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
        let late = answers.split_off(answers.len().saturating_sub(MOST_LATE));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(number: u64) -> Answer {
        let key = Digest::of(number.to_string().as_bytes());
        let (path, run, there) = ("a".to_owned(), "k7m2nnnn".to_owned(), "a".to_owned());
        let answer = KeptAnswer { path, run, there, output: key.clone() };
        Answer { key, answer, at: Time(number) }
    }

    /// Steps at these times, in milliseconds, each with an answer; how many answers each enters.
    fn entered(times: &[u64]) -> Vec<usize> {
        let mut late = LateAnswers::default();
        let step = |millis: &u64| late.due(vec![answer(*millis)], Time(millis * 1000), false).len();
        times.iter().map(step).collect()
    }

    #[test]
    fn answers_are_late_only_where_steps_are_many() {
        assert_eq!(entered(&[5_000, 10_000, 15_000]), [1, 1, 1]);
        assert_eq!(entered(&[5_000, 5_001, 5_002, 5_500]), [1, 0, 0, 3]);
        // Not later than a second.
        let times: Vec<u64> = (0..150).map(|step| 5_000 + step * 10).collect();
        assert_eq!(entered(&times).iter().filter(|count| **count > 1).count(), 1);
        let many = vec![5_000; 600];
        assert_eq!(entered(&many).into_iter().max(), Some(MOST_LATE));
    }

    #[test]
    fn nothing_is_late_when_a_run_rests() {
        let mut late = LateAnswers::default();
        assert_eq!(late.due(vec![answer(1)], Time(5_000_000), false).len(), 1);
        assert_eq!(late.due(vec![answer(2)], Time(5_000_001), false).len(), 0);
        assert_eq!(late.due(Vec::new(), Time(5_000_002), true).len(), 1);
        assert_eq!(late.due(Vec::new(), Time(9_000_000), true).len(), 0);
    }
}
