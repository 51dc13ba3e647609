//! What runs have to do with contexts: a run is entered into its context in the transaction that enters
//! the run itself, and what it brings follows from its facts, whenever somebody looks.

use std::path::Path;

use super::find::ContextPlace;
use super::opened::{caught_up, change, folded, memory};
use super::refusal::refused;
use crate::engine::Time;
use crate::insight::context::{BRIEFING_TOKENS, Context, RunEntry, RunNews, briefing};
use crate::interface::app::failure::{Failure, FailureKind};
use crate::language::plan::Plan;
use crate::runtime::journal::{
    ContextChange, ContextId, ContextRecord, Damage, Journal, JournalContents, JournalError,
    StoredFact,
};

/// In which context a run is to be started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ContextWish {
    /// In that of the folder, if one is open; a rehearsal in none.
    #[default]
    Usual,
    /// In that of the folder, or of the named project; there must be one.
    In(Option<String>),
    /// In none.
    Without,
}

/// The context in which a run is started.
#[derive(Debug, Clone)]
pub struct ContextOfRun {
    record: ContextRecord,
    /// What it holds.
    pub context: Context,
    task: Option<String>,
    is_rehearsal: bool,
}

impl ContextOfRun {
    /// The context in which a run is to be started, if in any.
    ///
    /// # Errors
    /// When one is wanted that is not open, the task that the run is to do is not active there, or the
    /// journal cannot be read.
    pub fn choose(
        place: ContextPlace<'_>,
        wish: &ContextWish,
        task: Option<&str>,
        is_rehearsal: bool,
        now: Time,
    ) -> Result<Option<ContextOfRun>, Failure> {
        // Whoever names a task means the context that has it.
        let is_meant = task.is_some() || matches!(wish, ContextWish::In(_));
        let place = match wish {
            ContextWish::In(Some(project)) => ContextPlace { project: Some(project), ..place },
            _ => ContextPlace { project: None, ..place },
        };
        let found = match wish {
            ContextWish::Without => None,
            _ if is_meant => Some(place.opened()?),
            _ if is_rehearsal => None,
            _ => match Journal::open_existing(place.journal)? {
                Some(journal) => place.open_record(&journal)?.map(|record| (journal, record)),
                None => None,
            },
        };
        let Some((mut journal, record)) = found else { return Ok(None) };
        let context = caught_up(&mut journal, &record, now)?;
        let task = task.map(|task| context.active_task(task).map_err(|error| refused(&error)));
        Ok(Some(ContextOfRun { record, context, task: task.transpose()?, is_rehearsal }))
    }

    /// The context in which a run was started, for those that it starts itself; none where it was started in none, or
    /// that has been closed.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub(in crate::interface::app) fn of_run(
        journal: &Path,
        run: &str,
        now: Time,
    ) -> Result<Option<ContextOfRun>, Failure> {
        let Some(mut journal) = Journal::open_existing(journal)? else { return Ok(None) };
        let Some(id) = journal.context_of_run(run)? else { return Ok(None) };
        let mut open = journal.contexts()?.into_iter();
        let Some(record) = open.find(|record| record.id == id && !record.closed) else {
            return Ok(None);
        };
        let context = caught_up(&mut journal, &record, now)?;
        Ok(Some(ContextOfRun { record, context, task: None, is_rehearsal: false }))
    }

    /// The project.
    pub fn project(&self) -> &str {
        &self.context.project
    }

    /// Which context.
    pub(in crate::interface::app) fn id(&self) -> ContextId {
        self.record.id
    }

    /// What those who lead are told of the project.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub(in crate::interface::app) fn briefing(
        &self,
        journal: &Journal,
        now: Time,
    ) -> Result<Option<String>, Failure> {
        let memory = memory(journal, &self.record, &self.context, now)?;
        let text = briefing(&self.context, &memory, BRIEFING_TOKENS);
        Ok((!text.is_empty()).then_some(text))
    }

    /// What those who lead would be told in a run that begins now.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn briefing_now(&self, journal: &Path, now: Time) -> Result<Option<String>, Failure> {
        match Journal::open_existing(journal)? {
            Some(journal) => self.briefing(&journal, now),
            None => Ok(None),
        }
    }

    /// What entering a run adds to the context.
    pub(in crate::interface::app) fn entry(
        &self,
        plan: &Plan,
        of: Option<&str>,
        run: &str,
        facts: &[StoredFact],
    ) -> Result<ContextChange, JournalError> {
        let context = folded(&self.record, facts)?;
        let entry = RunEntry {
            name: &plan.name,
            summary: &plan.summary,
            task: self.task.as_deref(),
            of,
            is_rehearsal: self.is_rehearsal,
        };
        let entered = context.enter_run(run, &entry);
        let facts = entered.map_err(|error| JournalError::NotInContext(error.to_string()))?;
        Ok(change(&facts))
    }
}

/// What a run has brought, as far as it can be read.
///
/// # Errors
/// When the journal cannot be opened any more.
pub(super) fn news(journal: &Journal, run: &str) -> Result<Option<RunNews>, Failure> {
    let contents = JournalContents::of(journal)?;
    let read = || -> Result<RunNews, JournalError> {
        let record = journal.find(run)?;
        let plan = journal.plan(&record)?;
        Ok(RunNews::of(run, plan, &journal.facts(&record.id)?, &contents))
    };
    Ok(read().ok())
}

/// Enters what a run has brought into its context, if it was started in one.
///
/// # Errors
/// When the journal cannot be read or written: it is entered when somebody looks at the context next.
pub fn settle_run(journal: &Path, run: &str, now: Time) -> Result<(), Failure> {
    let mut journal = Journal::open(journal)?;
    let Some(id) = journal.context_of_run(run)? else { return Ok(()) };
    match journal.contexts()?.into_iter().find(|record| record.id == id) {
        Some(record) => caught_up(&mut journal, &record, now).map(drop),
        None => Ok(()),
    }
}

/// Enters what runs have brought into all contexts of a journal.
///
/// # Errors
/// When the journal cannot be read or written.
pub(in crate::interface::app) fn settle_all(
    journal: &mut Journal,
    now: Time,
) -> Result<(), Failure> {
    for record in journal.contexts()? {
        match caught_up(journal, &record, now) {
            // What is damaged stays as it is, with its runs; `journal check` names it.
            Err(failure) if failure.kind != FailureKind::Failed => return Err(failure),
            _ => {}
        }
    }
    Ok(())
}

/// What is wrong with the contexts of a journal beside what the journal itself finds.
pub(in crate::interface::app) fn check_contexts(
    journal: &Journal,
) -> Result<Vec<Damage>, JournalError> {
    let mut damages = Vec::new();
    for record in journal.contexts()? {
        if let Err(error) = folded(&record, &journal.context_facts(record.id)?) {
            let what = match error {
                JournalError::Damaged(what) | JournalError::UnknownForm(what) => what,
                other => other.to_string(),
            };
            damages.push(Damage { run: None, fact: None, what });
        }
    }
    Ok(damages)
}
