//! Which context is meant, and which there are.

use std::path::Path;

use super::opened::folded;
use crate::insight::context::Context;
use crate::interface::app::failure::{Failure, FailureKind};
use crate::language::document::suggest::nearest;
use crate::runtime::journal::{ContextRecord, Journal};

/// Where a context is looked for.
#[derive(Debug, Clone, Copy)]
pub struct ContextPlace<'a> {
    /// The journal's folder.
    pub journal: &'a Path,
    /// The project's folder.
    pub folder: &'a Path,
    /// The project, where one is named.
    pub project: Option<&'a str>,
}

/// A context as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedContext {
    /// What the journal says.
    pub record: ContextRecord,
    /// What it holds, or why it cannot be read.
    pub context: Result<Context, String>,
}

/// All contexts of a journal, the newest first.
///
/// # Errors
/// When the journal cannot be read.
pub fn list_contexts(journal: &Path) -> Result<Vec<ListedContext>, Failure> {
    let Some(journal) = Journal::open_existing(journal)? else { return Ok(Vec::new()) };
    let mut listed = Vec::new();
    for record in journal.contexts()? {
        let context = folded(&record, &journal.context_facts(record.id)?);
        let context = context.map_err(|error| error.to_string());
        listed.push(ListedContext { record, context });
    }
    Ok(listed)
}

impl ContextPlace<'_> {
    /// The folder by its one name.
    ///
    /// # Errors
    /// When it is not there.
    pub(super) fn folder_name(&self) -> Result<String, Failure> {
        let folder = self.folder.canonicalize().map_err(|error| {
            let message = format!("the folder {} cannot be used: {error}", self.folder.display());
            Failure::new(FailureKind::Failed, message)
        })?;
        Ok(folder.display().to_string())
    }

    /// The project that is named, or the one that the folder is called.
    ///
    /// # Errors
    /// When the folder has no name.
    pub(super) fn project_name(&self) -> Result<String, Failure> {
        let usage = |message: &str| {
            Failure::new(FailureKind::Usage, message).hint("name the project with --project NAME")
        };
        if let Some(named) = self.project {
            let is_there = !named.trim().is_empty() && named.chars().all(|c| !c.is_control());
            return match is_there {
                true => Ok(named.trim().to_owned()),
                false => {
                    Err(usage("the name of the project is empty or has signs that no line has"))
                }
            };
        }
        let folder = self.folder_name()?;
        let name = Path::new(&folder).file_name().and_then(|name| name.to_str());
        name.map(str::to_owned).ok_or_else(|| usage("this folder has no name"))
    }

    /// The open context of the folder, or of the project that is named.
    ///
    /// # Errors
    /// When the journal cannot be read, or several contexts are meant.
    pub(super) fn open_record(&self, journal: &Journal) -> Result<Option<ContextRecord>, Failure> {
        let folder = self.folder_name()?;
        let mut open = journal.contexts()?;
        open.retain(|record| !record.closed);
        let here = open.iter().position(|record| record.folder == folder);
        let Some(project) = self.project else {
            return Ok(here.map(|place| open.swap_remove(place)));
        };
        if let Some(place) = here.filter(|place| open[*place].project == project) {
            return Ok(Some(open.swap_remove(place)));
        }
        let mut named: Vec<ContextRecord> =
            open.iter().filter(|record| record.project == project).cloned().collect();
        match named.len() {
            0 => {
                let names = || open.iter().map(|record| record.project.as_str());
                let message = match nearest(project, names()) {
                    Some(near) => {
                        format!("no context of `{project}` is open, did you mean `{near}`?")
                    }
                    None => format!("no context of `{project}` is open"),
                };
                Err(Failure::new(FailureKind::Usage, message)
                    .hint("`partita context list` lists those there are"))
            }
            1 => Ok(named.pop()),
            _ => {
                let folders: Vec<&str> =
                    named.iter().map(|record| record.folder.as_str()).collect();
                let message = format!("several contexts of `{project}` are open");
                Err(Failure::new(FailureKind::Usage, message)
                    .hint(format!("go to one of {}", folders.join(", "))))
            }
        }
    }

    /// Whether a context is open.
    ///
    /// # Errors
    /// When the journal cannot be read, or several contexts are meant.
    pub(in crate::interface::app) fn is_open(&self) -> Result<bool, Failure> {
        match Journal::open_existing(self.journal)? {
            Some(journal) => Ok(self.open_record(&journal)?.is_some()),
            None => Ok(false),
        }
    }

    /// The open context, which must be there.
    ///
    /// # Errors
    /// When none is, or the journal cannot be read.
    pub(super) fn opened(&self) -> Result<(Journal, ContextRecord), Failure> {
        let none = || {
            Failure::new(FailureKind::Usage, "no context is open for this folder")
                .hint("`partita context new` begins one")
                .hint("`partita context list` lists those of other folders: `--project NAME`")
        };
        let journal = Journal::open_existing(self.journal)?.ok_or_else(none)?;
        let record = self.open_record(&journal)?.ok_or_else(none)?;
        Ok((journal, record))
    }
}
