//! The JSON of seed 001 as a file: read from one, and written to one, whole, and never over what
//! somebody else has written since.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::find::ContextPlace;
use super::opened::{OpenedContext, change, change_by, folded};
use crate::engine::Time;
use crate::insight::context::{Context, ContextFact, Document};
use crate::interface::app::failure::{Failure, FailureKind};
use crate::language::digest::Digest;
use crate::runtime::journal::{BegunContext, ContextChange, Journal};
use crate::runtime::whole_file::{WholeFile, place_files, replace_file};

/// Whether what has changed since is written over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwriting {
    /// It stays, and that is said.
    Refused,
    /// Whoever asks wants it so.
    Forced,
}

/// A context that was read from a file.
pub struct ImportedContext {
    /// What it holds now.
    pub opened: OpenedContext,
    /// Whether it is new here.
    pub is_new: bool,
    /// Whether anything is other than before.
    pub has_changed: bool,
}

/// A file to which a context was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedContext {
    /// Where.
    pub path: PathBuf,
    /// Whether it is other than before.
    pub has_changed: bool,
}

/// Reads a context from a file into the folder's context, or makes that of it.
///
/// # Errors
/// When the file cannot be read or is no context, it is of another project, or what is known here has
/// changed since it was last read or written and would be lost.
pub fn import_context(
    place: ContextPlace<'_>,
    path: &Path,
    overwriting: Overwriting,
    now: Time,
) -> Result<ImportedContext, Failure> {
    let text = read_text(path)?;
    let document = Document::read(&text).map_err(|fault| {
        let message =
            format!("{}:{}:{}: {}", path.display(), fault.line, fault.column, fault.message);
        Failure::new(FailureKind::Failed, message)
            .hint("docs/context.md shows what a context looks like; nothing was read from the file")
    })?;
    let project = document.text("project_name").unwrap_or_default();
    if let Some(named) = place.project.filter(|named| *named != project) {
        return Err(other_project(path, &project, named));
    }
    let here = ContextPlace { project: None, ..place };
    let filed = ContextFact::Filed { file: file_name(path), digest: digest(&text) };
    let facts = [ContextFact::Imported { text: text.clone() }, filed.clone()];
    let mut journal = Journal::open(place.journal)?;
    let folder = here.folder_name()?;
    match journal.begin_context(&project, &folder, now, &change(&facts))? {
        BegunContext::New(record) => {
            let context = folded(&record, &journal.context_facts(record.id)?)?;
            let opened = OpenedContext { journal, record, context };
            Ok(ImportedContext { opened, is_new: true, has_changed: true })
        }
        BegunContext::Open(_) => {
            let OpenedContext { mut journal, record, context } = OpenedContext::find(here, now)?;
            if context.project != project {
                return Err(other_project(path, &project, &context.project));
            }
            let has_changed = context.document.to_text() != text;
            if has_changed && overwriting == Overwriting::Refused && context.has_unfiled_changes() {
                let message = format!(
                    "the context of `{project}` has changed since it was last written to a file"
                );
                return Err(Failure::new(FailureKind::Usage, message)
                    .hint("`partita context export` writes it, so that you can compare both")
                    .hint(
                        "`--force` has the file take its place; what only the context has is lost",
                    ));
            }
            let seen = context.sequence;
            let facts = if has_changed { facts.to_vec() } else { vec![filed] };
            let (_, context) =
                change_by(&mut journal, &record, now, |context| Ok(still(context, seen, &facts)))?;
            if has_changed && context.document.to_text() != text {
                return Err(meanwhile());
            }
            let opened = OpenedContext { journal, record, context };
            Ok(ImportedContext { opened, is_new: false, has_changed })
        }
    }
}

/// Facts, as long as nothing else was added since somebody looked.
fn still(context: &Context, seen: u64, facts: &[ContextFact]) -> ContextChange {
    if context.sequence == seen { change(facts) } else { ContextChange::default() }
}

fn meanwhile() -> Failure {
    Failure::new(FailureKind::Failed, "another process has changed the context meanwhile")
        .hint("try again; nothing was changed")
}

impl OpenedContext {
    /// Where the context is exported unless somebody says otherwise: below its folder, which may be the
    /// one that is at hand.
    pub fn usual_file(&self, at_hand: &Path) -> PathBuf {
        let own = Path::new(&self.record.folder);
        let is_here = at_hand.canonicalize().is_ok_and(|folder| folder == own);
        let folder = if is_here { at_hand.strip_prefix(".").unwrap_or(at_hand) } else { own };
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let name: String =
            self.context.project.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
        folder.join(".atlas").join("orchestrator").join(format!("{name}_context.json"))
    }

    /// Writes the context to a file, whole.
    ///
    /// # Errors
    /// When the file has changed since it was last read or written here, or cannot be written.
    pub fn export(
        &mut self,
        path: &Path,
        overwriting: Overwriting,
        now: Time,
    ) -> Result<ExportedContext, Failure> {
        let text = self.context.document.to_text();
        let file = file_name(path);
        let before = match fs::read(path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(unwritten(path, &error.to_string())),
        };
        let known = self.context.files.get(&file);
        let is_ours = |bytes: &[u8]| {
            bytes == text.as_bytes()
                || known.is_some_and(|known| *known == Digest::of(bytes).as_str())
        };
        if let Some(bytes) = before.as_deref().filter(|bytes| !is_ours(bytes)) {
            if overwriting == Overwriting::Refused {
                let message = match known {
                    Some(_) => format!("{} has changed since it was last written", path.display()),
                    None => {
                        format!("{} is there and was not written by this context", path.display())
                    }
                };
                return Err(Failure::new(FailureKind::Failed, message)
                    .hint(format!("`partita context import {}` reads it", path.display()))
                    .hint("`--force` writes over it"));
            }
            if String::from_utf8(bytes.to_vec()).is_err() {
                return Err(
                    unwritten(path, "what is there is no text").hint("write to another file")
                );
            }
        }
        let has_changed = before.as_deref() != Some(text.as_bytes());
        if has_changed {
            write(path, before.as_deref(), &text)
                .map_err(|error| unwritten(path, &error.to_string()))?;
        }
        // Its folder may be there only now.
        let filed = ContextFact::Filed { file: file_name(path), digest: digest(&text) };
        let seen = self.context.sequence;
        if has_changed || self.context.has_unfiled_changes() {
            let (_, context) = change_by(&mut self.journal, &self.record, now, |context| {
                Ok(still(context, seen, &[filed]))
            })?;
            self.context = context;
        }
        Ok(ExportedContext { path: path.to_owned(), has_changed })
    }
}

fn write(path: &Path, before: Option<&[u8]>, text: &str) -> std::io::Result<()> {
    if let Some(before) = before.and_then(|bytes| std::str::from_utf8(bytes).ok()) {
        return replace_file(path, before, text);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = WholeFile { path, text, replaces: false };
    place_files(&[file]).map_err(|(_, error)| error)
}

fn read_text(path: &Path) -> Result<String, Failure> {
    let unread = |what: String| {
        let message = format!("{} cannot be read: {what}", path.display());
        Failure::new(FailureKind::Failed, message)
            .hint("name the file of a context: `.atlas/orchestrator/PROJECT_context.json`")
    };
    let bytes = fs::read(path).map_err(|error| unread(error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| unread("it is not UTF-8".to_owned()))
}

fn other_project(path: &Path, theirs: &str, ours: &str) -> Failure {
    let message = format!("{} is the context of `{theirs}`, not of `{ours}`", path.display());
    Failure::new(FailureKind::Usage, message).hint(
        "`partita context close` puts the one of this folder away, so that it can have another",
    )
}

fn unwritten(path: &Path, what: &str) -> Failure {
    Failure::new(FailureKind::Failed, format!("{} cannot be written: {what}", path.display()))
}

/// The file by its one name, as far as it has one.
fn file_name(path: &Path) -> String {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize();
    match (folder, path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name).display().to_string(),
        _ => path.display().to_string(),
    }
}

fn digest(text: &str) -> String {
    Digest::of(text.as_bytes()).as_str().to_owned()
}
