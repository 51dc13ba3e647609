//! The upkeep of the journal: what is removed from it, and whether it is sound.

use std::path::Path;
use std::time::Duration;

use super::context::{check_contexts, settle_all};
use super::failure::Failure;
use super::learning::{check_learning, settle_learning};
use crate::engine::Time;
use crate::runtime::clock::Clock;
use crate::runtime::journal::{
    Damage, Examination, Journal, JournalError, Removal, Removed, Retention,
};

/// Removes runs that are over from the journal in a folder, and contents that no run needs any more;
/// `None` where there is no journal. Without a number and an age no run goes.
///
/// # Errors
/// When the journal cannot be written, or is damaged.
pub fn remove_old_runs(
    folder: &Path,
    keep: Option<usize>,
    older_than: Option<Duration>,
    removal: Removal,
) -> Result<Option<Removed>, Failure> {
    let Some(mut journal) = Journal::open_existing(folder)? else {
        return Ok(None);
    };
    let now = Clock::start().now();
    // What runs have brought stays in their contexts when they go, and what was learned of them stays.
    settle_all(&mut journal, now)?;
    settle_learning(&mut journal, now)?;
    let ended_before = older_than.map(|age| {
        let micros = u64::try_from(age.as_micros()).unwrap_or(u64::MAX);
        Time(now.0.saturating_sub(micros))
    });
    Ok(Some(journal.remove(Retention { keep, ended_before }, removal)?))
}

/// Looks whether the journal in a folder is as it was written; `None` where there is none.
///
/// # Errors
/// When it cannot be opened for another reason than damage.
pub fn check_journal(folder: &Path) -> Result<Option<Examination>, Failure> {
    match Journal::open_existing(folder).and_then(|journal| match journal {
        Some(journal) => {
            let mut found = journal.check()?;
            let known =
                |damage: &Damage| found.damages.iter().any(|known| known.what == damage.what);
            let mut more: Vec<Damage> = check_contexts(&journal)?;
            more.extend(check_learning(&journal)?);
            let new: Vec<Damage> = more.into_iter().filter(|damage| !known(damage)).collect();
            found.damages.extend(new);
            Ok(Some(found))
        }
        None => Ok(None),
    }) {
        Err(JournalError::Damaged(what)) => {
            let damages = vec![Damage { run: None, fact: None, what }];
            Ok(Some(Examination { damages, ..Examination::default() }))
        }
        other => Ok(other?),
    }
}
