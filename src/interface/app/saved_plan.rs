//! Plans in files: saved, read again, and refused where a document has changed since.

use std::path::Path;

use super::failure::{Failure, FailureKind};
use super::load::Loaded;
use super::project::Project;
use crate::language::digest::Digest;
use crate::language::document::builtin_text;
use crate::language::plan::{SavedDocument, SavedPlan, SavedPlanError};
use crate::runtime::whole_file::{Placed, is_taken, place_file, replace_file};
use crate::runtime::workspace::read_text;

/// Saves what was loaded. A file that is there is replaced only if it is a saved plan.
///
/// # Errors
/// When the file is something else, or cannot be written.
pub fn save_plan(project: &Project, loaded: &Loaded, path: &Path) -> Result<(), Failure> {
    let shown = path.display();
    let before = read_text(path).ok();
    let is_something_else = || {
        let message = format!("{shown} is there already, and is no saved plan");
        Failure::new(FailureKind::Usage, message).hint("choose another name, or remove it first")
    };
    if is_taken(path) && !before.as_deref().is_some_and(SavedPlan::is_one) {
        return Err(is_something_else());
    }
    let saved = saved_plan(project, loaded);
    let text = saved.to_text();
    // A plan that could not be read again would be found out too late.
    if SavedPlan::read(&text).as_ref() != Ok(&saved) {
        let message = format!("the plan of `{}` cannot be saved", loaded.compiled.plan.name);
        return Err(
            Failure::new(FailureKind::Failed, message).hint("please report this with the document")
        );
    }
    let placed = match before {
        Some(before) => replace_file(path, &before, &text).map(|()| Placed::Written),
        None => place_file(path, &text),
    };
    match placed {
        Ok(Placed::Written) => Ok(()),
        Ok(Placed::AlreadyThere) => Err(is_something_else()),
        Err(error) => Err(Failure::new(FailureKind::Failed, format!("{shown}: {error}"))),
    }
}

/// What was loaded, as it is saved.
fn saved_plan(project: &Project, loaded: &Loaded) -> SavedPlan {
    let sources = loaded.library.sources();
    let documents = loaded.documents().into_iter().filter_map(|document| {
        let source = sources.get(document.source())?;
        let digest = Digest::of(source.text().as_bytes());
        Some(SavedDocument { name: project.relative(source.name()), digest })
    });
    SavedPlan::new(loaded.compiled.clone(), documents.collect())
}

/// Reads a saved plan, whether or not its documents have changed.
///
/// # Errors
/// When the file cannot be read or is no saved plan that can be used.
pub(super) fn read_saved_plan(path: &Path) -> Result<SavedPlan, Failure> {
    let shown = path.display();
    let text = read_text(path).map_err(|unreadable| {
        Failure::new(FailureKind::Usage, format!("{shown}: {}", unreadable.message))
    })?;
    SavedPlan::read(&text).map_err(|error| {
        let failure = match error {
            SavedPlanError::NotASavedPlan => Failure::new(FailureKind::Usage, String::new())
                .hint("`partita plan NAME --save FILE` makes one"),
            _ => Failure::new(FailureKind::Failed, String::new())
                .hint(format!("save it again: partita plan NAME --save {shown}")),
        };
        Failure { message: format!("{shown}: {error}"), ..failure }
    })
}

/// Reads a saved plan that is to be run: exactly as it was saved, as long as every document that
/// it was made of is still the same.
///
/// # Errors
/// When it cannot be used, or a document has changed, with the names of all that have.
pub(super) fn current_saved_plan(project: &Project, path: &Path) -> Result<SavedPlan, Failure> {
    let saved = read_saved_plan(path)?;
    let changes: Vec<String> =
        saved.documents.iter().filter_map(|document| change(project, document)).collect();
    let Some((first, others)) = changes.split_first() else {
        return Ok(saved);
    };
    let shown = path.display();
    let message = format!("{shown} is out of date: {first} since it was saved");
    let mut failure = Failure::new(FailureKind::Failed, message);
    for other in others {
        failure = failure.hint(format!("also, {other}"));
    }
    let name = name_of(&saved);
    let exists = saved.document().is_none_or(|document| {
        document.name.starts_with('<') || project.shown(Path::new(&document.name)).exists()
    });
    if !exists {
        return Err(failure);
    }
    Err(failure
        .hint(format!("see what is different: partita diff {shown} {name}"))
        .hint(format!("save it again: partita plan {name} --save {shown}")))
}

/// How the command line names what a plan was made of.
fn name_of(saved: &SavedPlan) -> &str {
    match saved.document() {
        Some(document) if builtin_text(&document.name).is_none() => &document.name,
        _ => &saved.plan.name,
    }
}

/// What has happened to a document, if anything has.
fn change(project: &Project, document: &SavedDocument) -> Option<String> {
    let SavedDocument { name, digest } = document;
    let is_same = |text: &str| Digest::of(text.as_bytes()) == *digest;
    if name.starts_with('<') {
        return match builtin_text(name) {
            Some(text) if is_same(text) => None,
            Some(_) => Some(format!("this version of Partita has another `{name}`, changed")),
            None => Some(format!("this version of Partita has no `{name}`, removed")),
        };
    }
    match read_text(&project.shown(Path::new(name))) {
        Ok(text) if is_same(&text) => None,
        Ok(_) => Some(format!("`{name}` has changed")),
        Err(_) if project.shown(Path::new(name)).exists() => {
            Some(format!("`{name}` has become unreadable"))
        }
        Err(_) => Some(format!("`{name}` has gone")),
    }
}
