//! The runs of a journal.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Params, Row, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::addresses::insert_contents;
use super::advice::{self, RunOnAdvice};
use super::contents::JournalContents;
use super::contexts::{self, RunInContext};
use super::durability::Durability;
use super::error::JournalError;
use super::open::Journal;
use crate::engine::content::{Contents as _, read_as, write_as};
use crate::engine::{Fork, RunStatus, Time};
use crate::language::digest::Digest;
use crate::language::document::simulation::Profile;
use crate::language::document::{Budget, ClusterSettings};
use crate::language::plan::Plan;

/// Which run: eight letters and digits for people, a number inside the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunId {
    text: String,
    pub(super) number: i64,
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl RunId {
    /// The eight letters and digits.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// A run as the journal lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    /// Which.
    pub id: RunId,
    /// The name of the pattern or pipeline.
    pub name: String,
    /// The fingerprint of the plan.
    pub plan: Digest,
    /// The values of its inputs.
    pub inputs: Digest,
    /// What it takes to go on with it.
    pub setup: Setup,
    /// Whether it ever had a simulated server.
    pub simulated: bool,
    /// How it stands, as far as its facts say.
    pub status: String,
    /// When it began.
    pub started: Time,
    /// When it ended, if it has.
    pub ended: Option<Time>,
    /// How long processes have worked on it, pauses left out.
    pub worked: Duration,
}

/// What it takes to go on with a run besides its plan and its facts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setup {
    /// The servers and how work is spread over them.
    pub cluster: ClusterSettings,
    /// How the servers behave, where they are simulated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub simulation: Option<Profile>,
    /// The model of tasks that name none, where it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What every task's seed follows from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Whether answers of earlier runs are taken where they serve.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cache: bool,
    /// Budgets that take the place of those of the documents, by the addresses of the tasks that they
    /// bound; that of the run has none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub budgets: BTreeMap<String, Budget>,
    /// Which run it is a fork of, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fork: Option<ForkRecord>,
    /// The folder in which it began, where its tools need one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// The run that started it, if a run did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<ParentRecord>,
}

/// The run that started another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParentRecord {
    /// Its id.
    pub run: String,
    /// The address of the task in it that did.
    pub task: String,
    /// The number of the attempt at that task.
    pub attempt: u32,
    /// Which of the attempt's calls of tools did.
    pub call: u32,
    /// How many runs stand above: 1 where a person has started the run that started it.
    pub depth: u32,
    /// How many levels of runs it may start itself at most.
    pub levels: u32,
}

/// Which run another one is a fork of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForkRecord {
    /// The earlier run.
    pub of: String,
    /// The address of the [`Fork`], for a process that takes up the run before it has begun.
    pub fork: Digest,
}

/// A run that is to be entered.
#[derive(Debug, Clone, Copy)]
pub struct NewRun<'a> {
    /// What is run.
    pub plan: &'a Plan,
    /// The values of its inputs.
    pub inputs: &'a Map<String, Value>,
    /// What it takes to go on with it.
    pub setup: &'a Setup,
    /// What it keeps of an earlier run.
    pub fork: Option<&'a Fork>,
    /// When it began.
    pub started: Time,
    /// The context in which it is started.
    pub context: Option<&'a RunInContext<'a>>,
    /// The advice that it may follow.
    pub advice: Option<&'a RunOnAdvice<'a>>,
}

impl Setup {
    /// These servers, and nothing else said.
    pub fn of_cluster(cluster: ClusterSettings) -> Setup {
        Setup {
            cluster,
            simulation: None,
            model: None,
            seed: None,
            cache: false,
            budgets: BTreeMap::new(),
            fork: None,
            folder: None,
            parent: None,
        }
    }
}

impl Journal {
    /// Enters a new run with its plan and its inputs, in one transaction: a process that dies
    /// behind it leaves a run that can be taken up.
    ///
    /// # Errors
    /// When it cannot be stored, the run that it is a fork of has been removed, or its context does not
    /// take it.
    pub fn enter(
        &mut self,
        new: NewRun<'_>,
        contents: &JournalContents,
    ) -> Result<RunId, JournalError> {
        let NewRun { plan, inputs, setup, fork, started, context, advice } = new;
        let plan_address = write_as(contents, plan);
        let inputs_address = write_as(contents, inputs);
        let fork_record =
            fork.map(|fork| ForkRecord { of: fork.of.clone(), fork: write_as(contents, fork) });
        let setup = Setup { fork: fork_record, ..setup.clone() };
        let setup_text = serde_json::to_string(&setup).unwrap_or_default();
        let invented = fork.is_some_and(|fork| fork.kept.iter().any(|kept| kept.simulated));
        let waiting = contents.take_waiting();
        let text = new_id();
        let enter = |connection: &mut Connection| -> rusqlite::Result<Entered> {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // With the earlier run the results may go that this one keeps.
            if let Some(fork) = fork
                && !is_there(&transaction, &fork.of)?
            {
                return Ok(Entered::Without(fork.of.clone()));
            }
            insert_contents(&transaction, &waiting)?;
            transaction.execute(
                "INSERT INTO runs (id, name, plan, inputs, setup, simulated, status, started, latest)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'running', ?7, ?7)",
                params![
                    text,
                    plan.name,
                    plan_address.as_str(),
                    inputs_address.as_str(),
                    setup_text,
                    setup.simulation.is_some() || invented,
                    started.0
                ],
            )?;
            let number = transaction.last_insert_rowid();
            if let Some(context) = context
                && let Err(error) = contexts::enter_run(&transaction, &text, started, context)?
            {
                return Ok(Entered::Refused(error));
            }
            if let Some(advice) = advice {
                advice::enter_run(&transaction, &text, started, advice)?;
            }
            transaction.commit()?;
            Ok(Entered::As(number))
        };
        // In a log that somebody has begun anew, its head must be on the disk before its pages. This one is
        // the first, and whoever writes it out apart writes all of it.
        let is_written_out = self.log.is_some() || self.durability == Durability::Process;
        let waits_for_nothing = self.is_new && is_written_out;
        if waits_for_nothing {
            self.let_no_transaction_wait()?;
        }
        let entered = enter(&mut self.connection).map_err(|error| self.fail(&error))?;
        if waits_for_nothing {
            self.let_transactions_wait(Durability::Process)?;
        }
        match entered {
            Entered::As(number) => Ok(RunId { text, number }),
            Entered::Without(earlier) => Err(JournalError::UnknownRun(earlier)),
            Entered::Refused(error) => Err(error),
        }
    }

    /// The plan of a run.
    ///
    /// # Errors
    /// When it is missing or of another form.
    pub fn plan(&self, record: &RunRecord) -> Result<Arc<Plan>, JournalError> {
        let contents = JournalContents::of(self)?;
        let plan = read_as(&contents, &record.plan);
        plan.map(Arc::new).map_err(|error| {
            let what = format!("the plan of run {}: {error}", record.id);
            // What is whole and no plan here is one elsewhere.
            match contents.read(&record.plan) {
                Ok(_) => JournalError::UnknownForm(what),
                Err(_) => JournalError::Damaged(what),
            }
        })
    }

    /// What a run keeps of an earlier one, as it was entered; `None` where it is no fork.
    ///
    /// # Errors
    /// When it is missing or of another form.
    pub fn fork(&self, record: &RunRecord) -> Result<Option<Fork>, JournalError> {
        let Some(fork) = &record.setup.fork else {
            return Ok(None);
        };
        let damaged = |what: String| {
            JournalError::Damaged(format!("what run {} keeps of {}: {what}", record.id, fork.of))
        };
        let kept = read_as(&JournalContents::of(self)?, &fork.fork);
        kept.map(Some).map_err(|error| damaged(error.to_string()))
    }

    /// All runs, the newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn runs(&self) -> Result<Vec<RunRecord>, JournalError> {
        self.select("ORDER BY number DESC", [])
    }

    /// The run that a person means: by the whole id or its beginning.
    ///
    /// # Errors
    /// When no run or several begin so.
    pub fn find(&self, given: &str) -> Result<RunRecord, JournalError> {
        let given = given.to_lowercase();
        let mut found = self.select("WHERE substr(id, 1, length(?1)) = ?1 LIMIT 10", [&given])?;
        match found.len() {
            0 => Err(JournalError::UnknownRun(given)),
            1 => Ok(found.remove(0)),
            _ => {
                let matches = found.iter().map(|record| record.id.to_string()).collect();
                Err(JournalError::Ambiguous { given, matches })
            }
        }
    }

    /// The runs that a run has started, in the order in which it did.
    ///
    /// # Errors
    /// When runs cannot be read.
    pub fn nested_runs(&self, run: &str) -> Result<Vec<RunRecord>, JournalError> {
        self.select("WHERE json_extract(setup, '$.parent.run') = ?1 ORDER BY number", [run])
    }

    /// The newest run that is not over.
    ///
    /// # Errors
    /// When runs cannot be read.
    pub fn unfinished(&self) -> Result<Vec<RunRecord>, JournalError> {
        self.select(
            "WHERE status IN ('running', 'waiting', 'interrupted') ORDER BY number DESC",
            [],
        )
    }

    fn select(&self, which: &str, values: impl Params) -> Result<Vec<RunRecord>, JournalError> {
        let query = || -> rusqlite::Result<Vec<(RunRecord, String)>> {
            let mut select = self.connection.prepare(&format!("{SELECT_RUN} {which}"))?;
            let rows = select.query_map(values, record_of)?;
            rows.collect()
        };
        let rows = query().map_err(|error| self.fail(&error))?;
        rows.into_iter().map(with_setup).collect()
    }
}

impl RunRecord {
    /// Whether it is over for good.
    pub fn is_over(&self) -> bool {
        let over = [RunStatus::Succeeded, RunStatus::Failed, RunStatus::Cancelled];
        over.iter().any(|status| status.as_str() == self.status)
    }
}

/// What came of the wish to enter a run.
enum Entered {
    /// It is there, under this number.
    As(i64),
    /// The run that it is a fork of is not there any more.
    Without(String),
    /// Its context does not take it.
    Refused(JournalError),
}

fn is_there(connection: &Connection, run: &str) -> rusqlite::Result<bool> {
    let found = connection
        .prepare_cached("SELECT 1 FROM runs WHERE id = ?1")?
        .query_row([run], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

const SELECT_RUN: &str =
    "SELECT number, id, name, plan, setup, simulated, status, started, ended, inputs, \
     worked + max(0, coalesce((SELECT at FROM facts WHERE run = number
       ORDER BY sequence DESC LIMIT 1), latest) - latest) FROM runs";

/// A row, with its setup still as text.
fn record_of(row: &Row<'_>) -> rusqlite::Result<(RunRecord, String)> {
    let setup: String = row.get(4)?;
    let record = RunRecord {
        id: RunId { number: row.get(0)?, text: row.get(1)? },
        name: row.get(2)?,
        plan: Digest::from_stored(row.get(3)?),
        inputs: Digest::from_stored(row.get(9)?),
        setup: Setup::of_cluster(ClusterSettings::of_urls([])),
        simulated: row.get(5)?,
        status: row.get(6)?,
        started: Time(row.get(7)?),
        ended: row.get::<_, Option<u64>>(8)?.map(Time),
        worked: Duration::from_micros(row.get(10)?),
    };
    Ok((record, setup))
}

fn with_setup((mut record, setup): (RunRecord, String)) -> Result<RunRecord, JournalError> {
    record.setup = serde_json::from_str(&setup)
        .map_err(|error| JournalError::Damaged(format!("the setup of {}: {error}", record.id)))?;
    Ok(record)
}

/// Eight letters and digits that are easy to read and to type: no vowels that could make words,
/// nothing that looks like something else.
fn new_id() -> String {
    const SIGNS: &[u8; 28] = b"23456789bcdfghjkmnpqrstvwxyz";
    let mut number = uuid::Uuid::now_v7().as_u128();
    let mut text = String::with_capacity(8);
    for _ in 0..8 {
        let place = usize::try_from(number % SIGNS.len() as u128).unwrap_or(0);
        text.push(char::from(SIGNS[place]));
        number /= SIGNS.len() as u128;
    }
    text
}
