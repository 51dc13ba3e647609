//! Runs that the journal has, looked at from outside.

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

use super::failure::{Failure, FailureKind};
use super::nested::cancel_nested;
use crate::engine::{Engine, FoldError, Input, Recorded, Settings, State};
use crate::insight::History;
use crate::language::plan::Plan;
use crate::runtime::clock::Clock;
use crate::runtime::journal::{Journal, JournalContents, JournalError, NewFacts, Note, RunRecord};

/// A run that the journal has.
pub struct StoredRun {
    /// The journal.
    pub journal: Journal,
    /// The run.
    pub record: RunRecord,
    /// Its plan.
    pub plan: Arc<Plan>,
}

/// Finds a run: by its id or the beginning of it, or the newest that is neither over nor under way.
///
/// # Errors
/// When there is none, or several begin so.
pub fn find_run(folder: &Path, given: Option<&str>) -> Result<StoredRun, Failure> {
    let none = |message: String| {
        Failure::new(FailureKind::Usage, message)
            .hint(format!("the journal is in {}", folder.display()))
    };
    let journal =
        Journal::open_existing(folder)?.ok_or_else(|| none("there are no runs yet".to_owned()))?;
    let record = match given {
        Some(given) => journal.find(given)?,
        None => {
            let mut unfinished = journal.unfinished()?;
            // One that another run has started goes on with that one.
            let ids: Vec<String> = unfinished.iter().map(|run| run.id.to_string()).collect();
            unfinished.retain(|run| {
                run.setup.parent.as_ref().is_none_or(|parent| !ids.contains(&parent.run))
            });
            let free = unfinished.iter().position(|run| !journal.is_under_way(&run.id));
            match (free, unfinished.first()) {
                (Some(place), _) => unfinished.swap_remove(place),
                (None, Some(run)) => {
                    let message = format!("run {} is under way in another process", run.id);
                    return Err(Failure::new(FailureKind::Failed, message));
                }
                (None, None) => return Err(none("no run is waiting to be continued".to_owned())),
            }
        }
    };
    let plan = journal.plan(&record)?;
    Ok(StoredRun { journal, record, plan })
}

impl StoredRun {
    /// The run as the journal has it now.
    ///
    /// # Errors
    /// When it has been removed, or cannot be read.
    pub fn again(self) -> Result<StoredRun, Failure> {
        let record = self.journal.find(self.record.id.as_str())?;
        Ok(StoredRun { record, ..self })
    }

    /// Its facts. They follow from each other, and the contents that they name are as they were
    /// stored.
    ///
    /// # Errors
    /// When they cannot be read, or the journal is damaged.
    pub fn facts(&self) -> Result<Vec<Recorded>, Failure> {
        let facts = self.journal.facts(&self.record.id)?;
        State::of_facts(Arc::clone(&self.plan), &facts).map_err(|error| self.damaged(&error))?;
        for recorded in &facts {
            self.journal
                .verify(recorded.fact.contents())
                .map_err(|error| self.damaged(&format!("fact {}: {error}", recorded.sequence)))?;
        }
        Ok(facts)
    }

    /// What has happened.
    ///
    /// # Errors
    /// When the facts cannot be read, or the journal is damaged.
    pub fn history(&self) -> Result<History, Failure> {
        Ok(History::of_facts(Arc::clone(&self.plan), &self.facts()?))
    }

    /// That what the journal has of the run makes no sense.
    pub(super) fn damaged(&self, what: &dyn Display) -> Failure {
        Failure::from(JournalError::Damaged(format!("run {}: {what}", self.record.id)))
    }

    /// Its contents.
    ///
    /// # Errors
    /// When the journal cannot be opened any more.
    pub fn contents(&self) -> Result<JournalContents, Failure> {
        Ok(JournalContents::of(&self.journal)?)
    }
}

/// What came of the wish to end a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    /// It is over.
    Over,
    /// It is over when what it has done is undone, for which somebody has to take it up.
    ToBeUndone,
    /// Another process, in which it is under way, was told.
    Told,
}

/// Ends a run for good. One that is under way in another process is told to end there.
///
/// # Errors
/// When it is over already, or the journal cannot be written.
pub fn cancel_stored(stored: StoredRun, by: &str) -> Result<Cancelled, Failure> {
    let nested_of = stored.record.id.to_string();
    let folder = stored.journal.folder().to_owned();
    let by = by.to_owned();
    let Ok(lock) = stored.journal.lock(&stored.record.id) else {
        stored.journal.leave_note(&stored.record.id, &Note::Cancel { by })?;
        return Ok(Cancelled::Told);
    };
    let stored = stored.again()?;
    let facts = stored.journal.facts(&stored.record.id)?;
    let settings = Settings::of_cluster(&stored.record.setup.cluster, String::new());
    let mut engine = Engine::of_history(Arc::clone(&stored.plan), settings, &facts)
        .map_err(|error| stored.damaged(&error))?;
    let StoredRun { mut journal, record, plan } = stored;
    if engine.state().status.is_final() {
        let status = engine.state().status.as_str();
        let message = format!("run {} is over: {status}", record.id);
        return Err(Failure::new(FailureKind::Usage, message));
    }
    journal.enter_late_answers(&record.id, engine.state().plan(), &facts)?;
    let contents = JournalContents::of(&journal)?;
    let now = Clock::start().now();
    let wrong = |error: FoldError| Failure::new(FailureKind::Failed, error.to_string());
    let mut step = engine.handle(now, Input::Cancel { by }).map_err(wrong)?;
    let is_over = engine.state().status.is_final();
    if !is_over {
        // Nobody is there to undo anything.
        step.append(engine.handle(now, Input::Interrupt).map_err(wrong)?);
    }
    let plan = &plan;
    step.store(|facts| {
        journal.append(&record.id, NewFacts { plan, facts, notes: &[] }, &contents)
    })?;
    lock.finish();
    cancel_nested(&folder, &journal, &nested_of)?;
    Ok(if is_over { Cancelled::Over } else { Cancelled::ToBeUndone })
}
