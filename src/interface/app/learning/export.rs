//! All that was learned as a file.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::stored::{folded, settle_learning};
use crate::engine::Time;
use crate::insight::learning::Experiences;
use crate::interface::app::context::Overwriting;
use crate::interface::app::failure::{Failure, FailureKind};
use crate::runtime::journal::Journal;
use crate::runtime::whole_file::{WholeFile, is_taken, place_files};

/// A file with what was learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Where.
    pub path: PathBuf,
    /// How many pieces of advice are in it.
    pub advice: usize,
    /// How many runs.
    pub runs: usize,
}

/// Writes all that was learned into a file, in the form that `written` gives it.
///
/// # Errors
/// When the journal cannot be read, or the file is there already or cannot be written.
pub fn export_learnings(
    journal: &Path,
    path: &Path,
    overwriting: Overwriting,
    now: Time,
    written: impl FnOnce(&Experiences) -> Value,
) -> Result<Exported, Failure> {
    let experiences = match Journal::open_existing(journal)? {
        Some(mut journal) => {
            settle_learning(&mut journal, now)?;
            folded(&journal)?
        }
        None => Experiences::default(),
    };
    let replaces = overwriting == Overwriting::Forced;
    if is_taken(path) && !replaces {
        let message = format!("{} is there already", path.display());
        return Err(Failure::new(FailureKind::Usage, message)
            .hint("name another file, or have it replaced with --force"));
    }
    let text = format!("{:#}\n", written(&experiences));
    place_files(&[WholeFile { path, text: &text, replaces }]).map_err(|(_, error)| {
        let message = format!("{} cannot be written: {error}", path.display());
        Failure::new(FailureKind::Failed, message)
    })?;
    let (advice, runs) = (experiences.advice.len(), experiences.runs.len());
    Ok(Exported { path: path.to_path_buf(), advice, runs })
}
