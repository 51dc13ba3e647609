//! Whether a journal is as it was written: the file, the facts, the contents that they name.

use std::collections::BTreeSet;
use std::sync::Arc;

use rusqlite::Row;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::addresses::count_misplaced;
use super::error::JournalError;
use super::mailbox::Note;
use super::open::Journal;
use super::runs::Setup;
use super::stored;
use crate::engine::{Fork, Recorded, State};
use crate::language::digest::Digest;
use crate::language::plan::Plan;

/// What was looked at, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Examination {
    /// How many runs.
    pub runs: u64,
    /// How many facts.
    pub facts: u64,
    /// How many contents.
    pub contents: u64,
    /// How many contexts.
    pub contexts: u64,
    /// How many pieces of advice.
    pub advice: u64,
    /// What is damaged.
    pub damages: Vec<Damage>,
    /// Whether the index of contents is among it: what it does not find is called missing.
    pub is_index_wrong: bool,
}

/// Something that is not as it was written. Not the user's fault, and not one of documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The run, where it is about one.
    pub run: Option<String>,
    /// The number of the fact, where it is about one.
    pub fact: Option<u64>,
    /// What is wrong, in lower case.
    pub what: String,
}

/// A row of `runs`, as far as the check needs it.
struct RunRow {
    number: i64,
    id: String,
    plan: Digest,
    inputs: Digest,
    setup: String,
    status: String,
}

impl Journal {
    /// Looks at everything: SQLite's own check, the hashes of all contents, and of every run its
    /// plan, its inputs, and its facts, which must follow from each other without gaps.
    ///
    /// # Errors
    /// When the journal cannot be read at all.
    pub fn check(&self) -> Result<Examination, JournalError> {
        let mut check =
            Check { journal: self, sound: BTreeSet::new(), found: Examination::default() };
        let looked = check.look();
        if let Err(error) = looked {
            // What SQLite cannot read any more is damage too; what was found before it stands.
            check.damage(None, None, error.to_string());
        }
        Ok(check.found)
    }
}

struct Check<'j> {
    journal: &'j Journal,
    /// Contents that are what their addresses say.
    sound: BTreeSet<Digest>,
    found: Examination,
}

impl Check<'_> {
    fn look(&mut self) -> rusqlite::Result<()> {
        self.file()?;
        self.contents()?;
        let runs = self.rows(
            "SELECT number, id, plan, inputs, setup, status FROM runs ORDER BY number",
            |row| {
                Ok(RunRow {
                    number: row.get(0)?,
                    id: row.get(1)?,
                    plan: Digest::from_stored(row.get(2)?),
                    inputs: Digest::from_stored(row.get(3)?),
                    setup: row.get(4)?,
                    status: row.get(5)?,
                })
            },
        )?;
        for run in &runs {
            self.run(run)?;
        }
        self.strays("facts")?;
        self.strays("notes")?;
        self.strays("answers")?;
        self.answers()?;
        self.notes()?;
        self.contexts()?;
        self.advice()
    }

    fn damage(&mut self, run: Option<&RunRow>, fact: Option<u64>, what: String) {
        let run = run.map(|run| run.id.clone());
        self.found.damages.push(Damage { run, fact, what });
    }

    fn rows<T>(
        &self,
        query: &str,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        self.journal.connection.prepare(query)?.query_map([], read)?.collect()
    }

    fn file(&mut self) -> rusqlite::Result<()> {
        let said = self.rows("PRAGMA integrity_check(50)", |row| row.get::<_, String>(0))?;
        for line in said.into_iter().filter(|line| line != "ok") {
            self.damage(None, None, format!("SQLite says: {line}"));
        }
        Ok(())
    }

    fn contents(&mut self) -> rusqlite::Result<()> {
        let mut select = self.journal.connection.prepare("SELECT address, body FROM contents")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let address = Digest::from_stored(row.get(0)?);
            let body = row.get_ref(1)?.as_bytes()?;
            let trouble = if Digest::of(body) != address {
                Some("is not what was stored".to_owned())
            } else {
                serde_json::from_slice::<IgnoredAny>(body).err().map(|e| format!("is no JSON: {e}"))
            };
            self.found.contents += 1;
            match trouble {
                Some(trouble) => {
                    self.damage(None, None, format!("the content {address} {trouble}"));
                }
                None => drop(self.sound.insert(address)),
            }
        }
        let misplaced = count_misplaced(&self.journal.connection)?;
        if misplaced > 0 {
            self.found.is_index_wrong = true;
            let remedy = "`partita gc` makes it anew";
            let wrong = format!("the index of contents is wrong about {misplaced}; {remedy}");
            self.damage(None, None, wrong);
        }
        Ok(())
    }

    fn run(&mut self, run: &RunRow) -> rusqlite::Result<()> {
        self.found.runs += 1;
        if !self.sound.contains(&run.inputs) {
            self.damage(Some(run), None, "its inputs are missing or damaged".to_owned());
        }
        match serde_json::from_str::<Setup>(&run.setup) {
            Ok(setup) => self.fork(run, &setup),
            Err(error) => self.damage(Some(run), None, format!("its setup: {error}")),
        }
        let facts = self.facts(run)?;
        match self.read::<Plan>(&run.plan) {
            Ok(plan) => self.fold(run, plan, &facts),
            Err(trouble) => self.damage(Some(run), None, format!("its plan: {trouble}")),
        }
        Ok(())
    }

    fn fork(&mut self, run: &RunRow, setup: &Setup) {
        let Some(record) = &setup.fork else {
            return;
        };
        match self.read::<Fork>(&record.fork) {
            Ok(fork) => fork.contents().for_each(|address| self.named(run, None, address)),
            Err(trouble) => {
                let what = format!("what it keeps of run {}: {trouble}", record.of);
                self.damage(Some(run), None, what);
            }
        }
    }

    /// The facts of a run that can be read; that the others cannot is noted.
    fn facts(&mut self, run: &RunRow) -> rusqlite::Result<Vec<Recorded>> {
        let mut select = self.journal.connection.prepare_cached(
            "SELECT sequence, at, version, body FROM facts WHERE run = ?1 ORDER BY sequence",
        )?;
        let mut rows = select.query([run.number])?;
        let mut facts = Vec::new();
        while let Some(row) = rows.next()? {
            self.found.facts += 1;
            let sequence = row.get(0)?;
            let body: String = row.get(3)?;
            match stored::recorded(sequence, row.get(1)?, row.get(2)?, &body) {
                Ok(recorded) => {
                    for address in recorded.fact.contents() {
                        self.named(run, Some(sequence), address);
                    }
                    facts.push(recorded);
                }
                Err(misread) => self.damage(Some(run), Some(sequence), misread.to_string()),
            }
        }
        Ok(facts)
    }

    fn named(&mut self, run: &RunRow, fact: Option<u64>, address: &Digest) {
        if !self.sound.contains(address) {
            let what = format!("it names the content {address}, which is missing or damaged");
            self.damage(Some(run), fact, what);
        }
    }

    fn fold(&mut self, run: &RunRow, plan: Plan, facts: &[Recorded]) {
        match State::of_facts(Arc::new(plan), facts) {
            Err(error) => self.damage(Some(run), Some(error.sequence()), error.to_string()),
            Ok(state) if state.status.as_str() != run.status => {
                let (listed, said) = (&run.status, state.status.as_str());
                let what = format!("it is listed as {listed}, and its facts say that it is {said}");
                self.damage(Some(run), None, what);
            }
            Ok(_) => {}
        }
    }

    /// A content of a known type.
    fn read<T: for<'de> Deserialize<'de>>(&self, address: &Digest) -> Result<T, String> {
        let body = self.journal.body(address).map_err(|error| error.to_string())?;
        serde_json::from_slice(&body).map_err(|error| error.to_string())
    }

    /// Rows of runs that there are not.
    fn strays(&mut self, table: &str) -> rusqlite::Result<()> {
        let query =
            format!("SELECT count(*) FROM {table} WHERE run NOT IN (SELECT number FROM runs)");
        let count: u64 = self.journal.connection.query_row(&query, [], |row| row.get(0))?;
        if count > 0 {
            self.damage(None, None, format!("{count} {table} belong to no run"));
        }
        Ok(())
    }

    /// Answers that may serve other runs and are not there any more. Such a run would ask again.
    fn answers(&mut self) -> rusqlite::Result<()> {
        let read = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
        for (task, output) in self.rows("SELECT task, output FROM answers", read)? {
            if !self.sound.contains(&Digest::from_stored(output.clone())) {
                let what = format!(
                    "an answer to `{task}` is the content {output}, which is missing or damaged"
                );
                self.damage(None, None, what);
            }
        }
        Ok(())
    }

    /// Contexts, as far as they can be looked at without knowing what their facts mean.
    fn contexts(&mut self) -> rusqlite::Result<()> {
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?));
        for (number, project) in self.rows("SELECT number, project FROM contexts", read)? {
            self.found.contexts += 1;
            let mut select = self.journal.connection.prepare_cached(
                "SELECT sequence, body FROM context_facts WHERE context = ?1 ORDER BY sequence",
            )?;
            let facts = select
                .query_map([number], |row| Ok((row.get::<_, u64>(0)?, row.get::<_, String>(1)?)))?;
            let facts: Vec<(u64, String)> = facts.collect::<rusqlite::Result<_>>()?;
            let mut damages = Vec::new();
            if facts.is_empty() {
                damages.push("it has no facts".to_owned());
            }
            for (expected, (sequence, body)) in (1..).zip(&facts) {
                if *sequence != expected {
                    damages.push(format!("fact {expected} is missing"));
                    break;
                }
                if let Err(error) = serde_json::from_str::<IgnoredAny>(body) {
                    damages.push(format!("fact {sequence}: {error}"));
                }
            }
            for what in damages {
                self.damage(None, None, format!("the context of `{project}`: {what}"));
            }
        }
        self.strays_of_contexts()
    }

    /// Facts and runs of contexts that there are not, and runs that went before their contexts knew what
    /// came of them.
    fn strays_of_contexts(&mut self) -> rusqlite::Result<()> {
        let contexts = "context NOT IN (SELECT number FROM contexts)";
        for (table, condition, what) in [
            ("context_facts", contexts, "facts belong to no context"),
            ("context_runs", contexts, "runs belong to a context that there is not"),
            (
                "context_runs",
                "settled = 0 AND run NOT IN (SELECT id FROM runs)",
                "runs are gone whose contexts do not know what came of them",
            ),
        ] {
            let query = format!("SELECT count(*) FROM {table} WHERE {condition}");
            let count: u64 = self.journal.connection.query_row(&query, [], |row| row.get(0))?;
            if count > 0 {
                self.damage(None, None, format!("{count} {what}"));
            }
        }
        Ok(())
    }

    /// Advice and what was learned of it, as far as that can be looked at without knowing what it means.
    fn advice(&mut self) -> rusqlite::Result<()> {
        let read = |row: &Row<'_>| Ok((row.get::<_, u64>(0)?, row.get::<_, String>(1)?));
        for (number, body) in self.rows("SELECT number, body FROM advice", read)? {
            self.found.advice += 1;
            if let Err(error) = serde_json::from_str::<IgnoredAny>(&body) {
                self.damage(None, None, format!("the advice A{number}: {error}"));
            }
        }
        let facts = "SELECT sequence, body FROM learning_facts ORDER BY sequence";
        for (expected, (sequence, body)) in (1..).zip(self.rows(facts, read)?) {
            if sequence != expected {
                self.damage(None, None, format!("what was learned: fact {expected} is missing"));
                break;
            }
            if let Err(error) = serde_json::from_str::<IgnoredAny>(&body) {
                self.damage(None, None, format!("what was learned: fact {sequence}: {error}"));
            }
        }
        for (condition, what) in [
            ("advice NOT IN (SELECT number FROM advice)", "runs follow advice that there is not"),
            (
                "settled = 0 AND run NOT IN (SELECT id FROM runs)",
                "runs that follow advice are gone, and it is not known what came of them",
            ),
        ] {
            let query = format!("SELECT count(*) FROM advised_runs WHERE {condition}");
            let count: u64 = self.journal.connection.query_row(&query, [], |row| row.get(0))?;
            if count > 0 {
                self.damage(None, None, format!("{count} {what}"));
            }
        }
        Ok(())
    }

    fn notes(&mut self) -> rusqlite::Result<()> {
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?));
        for (number, body) in self.rows("SELECT number, body FROM notes", read)? {
            if let Err(error) = serde_json::from_str::<Note>(&body) {
                self.damage(None, None, format!("note {number}: {error}"));
            }
        }
        Ok(())
    }
}
