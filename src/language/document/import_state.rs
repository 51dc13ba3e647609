//! What a library knows of the sources that its project imports, and why a name of one cannot be used.

use super::suggest::{near_matches, nearest};
use super::{ImportedName, VersionKind};
use crate::language::diagnostic::Code;
use crate::language::source::Span;

/// The file of a project that says what it imports.
pub const IMPORTS_FILE: &str = "imports.yaml";

/// The file of a project that says what exactly its imports are.
pub const LOCK_FILE: &str = "partita.lock";

/// What a project imports.
#[derive(Debug, Clone, Default)]
pub struct Imports {
    /// Whether there is an `imports.yaml`, and whether it could be read.
    pub file: ImportsFile,
    /// A source at a version each, in the author's order.
    pub declared: Vec<Import>,
}

/// Whether a project says what it imports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ImportsFile {
    /// There is no such file.
    #[default]
    Missing,
    /// It has mistakes; what it declares is not known.
    Faulty,
    /// It has been read.
    Read,
}

/// A source at a version.
#[derive(Debug, Clone)]
pub struct Import {
    /// The source's name.
    pub source: String,
    /// The declared version; a folder has none.
    pub version: Option<String>,
    /// Where it is declared.
    pub place: Span,
    /// JSON pointer of that place in `imports.yaml`.
    pub pointer: String,
    /// What kind of version it was when it was locked.
    pub kind: Option<VersionKind>,
    /// Whether its documents can be used.
    pub state: ImportState,
}

/// Whether the documents of a source can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportState {
    /// They are those that are locked.
    Ready,
    /// The lock file has nothing about it.
    NotLocked,
    /// The lock file was made for another declaration.
    DeclaredOtherwise,
    /// The lock file cannot be read: why.
    UnreadableLock(String),
    /// Locked, but these documents are not on this machine.
    NotFetched,
    /// A document is not as it is locked: its path in the source, and what is the matter with it.
    Changed(String, Change),
}

/// How a document differs from what is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Its content is another.
    Content,
    /// It is gone, or cannot be read.
    Gone,
}

/// Why a name of a source cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportProblem {
    /// What kind of trouble.
    pub code: Code,
    /// What it is, in lower case.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The name that was probably meant.
    pub near: Option<String>,
    /// Where the source is declared.
    pub declared: Option<Span>,
}

impl Import {
    /// How people know it: `shared`, or `shared@v1`.
    pub fn label(&self) -> String {
        match &self.version {
            Some(version) => format!("{}@{version}", self.source),
            None => self.source.clone(),
        }
    }

    /// Why nothing of it can be used, if that is so.
    pub fn problem(&self) -> Option<ImportProblem> {
        let label = self.label();
        let (code, message, help) = match &self.state {
            ImportState::Ready => return None,
            ImportState::NotLocked => (
                Code::IMPORT_NOT_LOCKED,
                format!("`{label}` is not locked"),
                "run `partita patterns lock`".to_owned(),
            ),
            ImportState::DeclaredOtherwise => (
                Code::IMPORT_NOT_LOCKED,
                format!("`{label}` is declared otherwise than it is locked"),
                "run `partita patterns lock`".to_owned(),
            ),
            ImportState::UnreadableLock(why) => (
                Code::UNREADABLE_LOCK,
                format!("{LOCK_FILE} cannot be read: {why}"),
                format!(
                    "take {LOCK_FILE} from the version control, or make it anew with `partita \
                     patterns lock`"
                ),
            ),
            ImportState::NotFetched => (
                Code::IMPORT_NOT_FETCHED,
                format!("`{label}` is locked, but not on this machine"),
                "`partita patterns lock --check` fetches what is locked".to_owned(),
            ),
            ImportState::Changed(path, change) => {
                let message = match change {
                    Change::Content => format!("`{path}` of `{label}` is not what is locked"),
                    Change::Gone => format!("`{path}` of `{label}` is locked and cannot be read"),
                };
                let help = match self.version {
                    Some(_) => {
                        "`partita patterns lock` fetches it anew; `partita patterns lock --check` \
                         says everything that differs"
                    }
                    None => "put it back, or lock what is there now with `partita patterns lock`",
                };
                (Code::IMPORT_CHANGED, message, help.to_owned())
            }
        };
        Some(ImportProblem { code, message, help, near: None, declared: Some(self.place) })
    }
}

impl Imports {
    /// The source at the version that a name means: the one that is written; where none is, the only
    /// one that is declared.
    pub(super) fn meant(&self, name: &ImportedName<'_>) -> Option<usize> {
        let mut of_source = self.of_source(name.source);
        match (name.version, of_source.next(), of_source.next()) {
            (Some(version), ..) => self
                .of_source(name.source)
                .find(|(_, import)| import.version.as_deref() == Some(version))
                .map(|(place, _)| place),
            (None, Some((only, _)), None) => Some(only),
            (None, ..) => None,
        }
    }

    /// Why a name of a source means no document. `names` are those of the documents there, where it can
    /// be used; `what` is what is looked for.
    pub(super) fn problem(
        &self,
        written: &str,
        name: &ImportedName<'_>,
        what: &str,
        names: &[&str],
    ) -> ImportProblem {
        let problem =
            |code, message, help| ImportProblem { code, message, help, near: None, declared: None };
        let Some((_, first)) = self.of_source(name.source).next() else {
            return self.unknown_source(name);
        };
        let declared = Some(first.place);
        if let Some(place) = self.meant(name) {
            let import = &self.declared[place];
            if let Some(found) = import.problem() {
                return found;
            }
            let near = near_matches(name.name, names.iter().copied(), 1).first().copied();
            let near = near.map(|near| name.renamed(near));
            let help = match (&near, names) {
                (Some(near), _) => format!("did you mean `{near}`?"),
                (None, []) => format!("there is no {what} in `{}`", import.label()),
                (None, names) => format!("it has {}", listed(names)),
            };
            let message = format!("`{}` has no {what} `{}`", import.label(), name.name);
            let code = if what == "team" { Code::UNKNOWN_TEAM } else { Code::UNKNOWN_PATTERN };
            return ImportProblem { near, declared, ..problem(code, message, help) };
        }
        let versions: Vec<&str> =
            self.of_source(name.source).filter_map(|(_, one)| one.version.as_deref()).collect();
        let source = name.source;
        let (message, help) = match (name.version, versions.as_slice()) {
            (Some(version), []) => (
                format!("`{source}` is a folder and has no version `{version}`"),
                format!("write `{source}/{}`", name.name),
            ),
            (Some(version), versions) => (
                format!("`{source}` is not declared at `{version}`"),
                format!("{IMPORTS_FILE} declares {}", listed(versions)),
            ),
            (None, versions) => (
                format!("`{written}` says no version, and `{source}` is declared at several"),
                format!("write `{written}@VERSION` with one of {}", listed(versions)),
            ),
        };
        ImportProblem { declared, ..problem(Code::UNDECLARED_VERSION, message, help) }
    }

    fn unknown_source(&self, name: &ImportedName<'_>) -> ImportProblem {
        let source = name.source;
        let declare = format!("`imports: {{ {source}: {{ folder: ../{source} }} }}`");
        let (message, help) = match self.file {
            ImportsFile::Missing => (
                format!("there is no source `{source}`, because there is no {IMPORTS_FILE}"),
                format!("declare it in {IMPORTS_FILE}, in the folder of the project: {declare}"),
            ),
            ImportsFile::Faulty => (
                format!("{IMPORTS_FILE} cannot be read, so that `{source}` is not known"),
                format!("`partita validate {IMPORTS_FILE}` says what is wrong with it"),
            ),
            ImportsFile::Read => (
                format!("{IMPORTS_FILE} declares no source `{source}`"),
                format!("declare it: {declare}"),
            ),
        };
        let known = self.declared.iter().map(|import| import.source.as_str());
        let near = nearest(source, known)
            .map(|near| ImportedName { source: near, ..*name }.renamed(name.name));
        let help = near.as_ref().map_or(help, |near| format!("did you mean `{near}`?"));
        ImportProblem { code: Code::UNKNOWN_SOURCE, message, help, near, declared: None }
    }

    fn of_source<'i>(&'i self, source: &'i str) -> impl Iterator<Item = (usize, &'i Import)> {
        self.declared.iter().enumerate().filter(move |(_, import)| import.source == source)
    }
}

/// Names in backticks; of many the first.
fn listed(names: &[&str]) -> String {
    const MOST: usize = 8;
    let shown: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(MOST);
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
