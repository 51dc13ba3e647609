//! The organisation of a run, or of all.

use std::path::Path;
use std::sync::Arc;

use crate::engine::Time;
use crate::insight::History;
use crate::insight::organization::{Organization, has_work};
use crate::interface::app::{Failure, FailureKind, StoredRun, find_run};
use crate::language::document::suggest::nearest;
use crate::runtime::journal::{Journal, JournalError, RunRecord};

/// Of so many runs one has pieces of work, wherever somebody works with an organisation.
const RUNS_FOR_EACH: usize = 10;

/// A run with what its facts say of its organisation.
pub struct OrganizationRun {
    /// Which.
    pub run: String,
    /// The name of its pattern or pipeline.
    pub name: String,
    /// Whether it is a rehearsal.
    pub simulated: bool,
    /// What its facts say.
    pub organization: Organization,
}

/// All runs of a journal that have pieces of work.
#[derive(Default)]
pub struct Organizations {
    /// The newest first.
    pub runs: Vec<OrganizationRun>,
    /// Runs that could not be read, with the reason.
    pub unreadable: Vec<(String, String)>,
}

impl Organizations {
    /// Those that were rehearsed, or those that were not.
    pub(super) fn of_kind(&self, is_simulated: bool) -> impl Iterator<Item = &Organization> {
        let runs = self.runs.iter().filter(move |run| run.simulated == is_simulated);
        runs.map(|run| &run.organization)
    }
}

/// The organisation of a run, or of the newest that has pieces of work. `now` is the time.
///
/// # Errors
/// When there is no such run, or it cannot be read.
pub fn organization_of(
    folder: &Path,
    given: Option<&str>,
    now: Time,
) -> Result<OrganizationRun, Failure> {
    if let Some(given) = given {
        return read(&find_run(folder, Some(given))?, now);
    }
    let none = || {
        Failure::new(FailureKind::Usage, "no run of the journal has pieces of work")
            .hint("a pattern has them whose tasks say `lifecycle`; name any other run")
            .hint(format!("the journal is in {}", folder.display()))
    };
    let mut journal = Journal::open_existing(folder)?.ok_or_else(none)?;
    for record in journal.runs()? {
        // Whoever names no run wants none that cannot be read.
        let Some(plan) = journal.plan(&record).ok().filter(|plan| has_work(plan)) else { continue };
        let stored = StoredRun { journal, record, plan };
        let found = read(&stored, now)?;
        // What an agent may plan need not be planned.
        if !found.organization.work.items.is_empty() {
            return Ok(found);
        }
        journal = stored.journal;
    }
    Err(none())
}

/// The organisations of all runs that have pieces of work.
///
/// # Errors
/// When the journal cannot be read.
pub fn all_organizations(folder: &Path, now: Time) -> Result<Organizations, Failure> {
    newest_organizations(folder, usize::MAX, now)
}

/// The same of so many runs, the newest of them. Of those that are older than so many others nobody looks whether they have
/// any: a journal may be large.
///
/// # Errors
/// When the journal cannot be read.
pub(super) fn newest_organizations(
    folder: &Path,
    most: usize,
    now: Time,
) -> Result<Organizations, Failure> {
    let mut all = Organizations::default();
    let Some(mut journal) = Journal::open_existing(folder)? else { return Ok(all) };
    for record in journal.runs()?.into_iter().take(most.saturating_mul(RUNS_FOR_EACH)) {
        if all.runs.len() >= most {
            break;
        }
        let id = record.id.to_string();
        let plan = match journal.plan(&record) {
            Ok(plan) if !has_work(&plan) => continue,
            Ok(plan) => plan,
            Err(error) => {
                all.unreadable.push((id, error.to_string()));
                continue;
            }
        };
        let stored = StoredRun { journal, record, plan };
        match read(&stored, now) {
            Ok(found) if found.organization.work.items.is_empty() => {}
            Ok(found) => all.runs.push(found),
            Err(failure) => all.unreadable.push((id, failure.message)),
        }
        journal = stored.journal;
    }
    Ok(all)
}

/// Shows every run that is not over, with its history or why it cannot be read.
///
/// # Errors
/// When the journal cannot be read.
pub(super) fn each_open_run(
    folder: &Path,
    mut look: impl FnMut(&RunRecord, Result<History, JournalError>),
) -> Result<(), Failure> {
    let Some(journal) = Journal::open_existing(folder)? else { return Ok(()) };
    for record in journal.unfinished()? {
        let history = journal.plan(&record).and_then(|plan| {
            let facts = journal.facts(&record.id)?;
            Ok(History::of_facts(plan, &facts))
        });
        look(&record, history);
    }
    Ok(())
}

fn read(stored: &StoredRun, now: Time) -> Result<OrganizationRun, Failure> {
    let facts = stored.facts()?;
    let contents = stored.contents()?;
    let organization = Organization::of(Arc::clone(&stored.plan), &facts, &contents, now);
    Ok(OrganizationRun {
        run: stored.record.id.to_string(),
        name: stored.record.name.clone(),
        simulated: stored.record.simulated,
        organization,
    })
}

impl OrganizationRun {
    /// The piece of work that somebody means: by its address, the end of it, or its title.
    ///
    /// # Errors
    /// When there is none, or several are meant.
    pub fn work(&self, word: &str) -> Result<usize, Failure> {
        let items = &self.organization.work.items;
        let usage = |message: String| Failure::new(FailureKind::Usage, message);
        let all = || items.iter().enumerate();
        if let Some((place, _)) = all().find(|(_, item)| item.address == word) {
            return Ok(place);
        }
        let is_meant = |address: &str, title: &str| {
            let key = format!("[{word}]");
            address.ends_with(&key)
                || address.ends_with(&format!("/{word}"))
                || title.eq_ignore_ascii_case(word)
        };
        let found: Vec<usize> = all()
            .filter(|(_, item)| is_meant(&item.address, item.title()))
            .map(|(place, _)| place)
            .collect();
        let addresses = || items.iter().map(|item| item.address.as_str());
        match found.as_slice() {
            [one] => Ok(*one),
            [] => {
                let failure = usage(format!("run {} has no piece of work `{word}`", self.run));
                Err(match nearest(word, addresses()) {
                    Some(near) => failure.hint(format!("did you mean `{near}`?")),
                    None => failure.hint(format!("`partita org board {}` shows all", self.run)),
                })
            }
            several => {
                let names: Vec<&str> = several.iter().map(|p| items[*p].address.as_str()).collect();
                Err(usage(format!("`{word}` may be several pieces of work"))
                    .hint(format!("name one of {}", names.join(", "))))
            }
        }
    }
}
