//! What a project declares and what its lock file says, as a lock or a check begins with it.

use std::path::PathBuf;

use crate::interface::app::failure::{Failure, FailureKind};
use crate::interface::app::project::Project;
use crate::language::document::{
    Body, Document, Expectation, IMPORTS_FILE, ImportSource, ImportsDocument, LOCK_FILE, Library,
    LockFile,
};
use crate::language::plan::import_faults;
use crate::runtime::workspace::read_text;

/// A source at a version, as it is declared.
pub(super) struct Declared<'d> {
    pub(super) name: &'d str,
    pub(super) source: &'d ImportSource,
    pub(super) version: Option<&'d str>,
}

impl Declared<'_> {
    /// How people know it: `shared`, or `shared@v1`.
    pub(super) fn label(&self) -> String {
        label(self.name, self.version)
    }
}

/// How people know a source at a version.
pub(super) fn label(name: &str, version: Option<&str>) -> String {
    version.map_or_else(|| name.to_owned(), |version| format!("{name}@{version}"))
}

/// Everything that is declared, in the author's order.
pub(super) fn all_of(imports: &ImportsDocument) -> impl Iterator<Item = Declared<'_>> {
    imports.imports.iter().flat_map(|(name, source)| {
        let versions = source.versions().into_iter();
        versions.map(move |version| Declared { name, source, version })
    })
}

/// The project's `imports.yaml`.
///
/// # Errors
/// When there is none, or it has mistakes, with all of them.
pub(super) fn declarations(project: &Project) -> Result<ImportsDocument, Failure> {
    let path = project.shown(std::path::Path::new(IMPORTS_FILE));
    if !project.has(&path) {
        let message = format!("there is no {IMPORTS_FILE} here");
        return Err(Failure::new(FailureKind::Usage, message)
            .hint("docs/imports.md shows one; without imports nothing has to be locked"));
    }
    let library = Library::of_files([project.read(&path, Expectation::Named)]);
    let document: Option<&Document> = library.documents().next();
    let mut found = library.diagnostics().to_vec();
    found.extend(document.into_iter().flat_map(import_faults));
    match document.and_then(Document::body) {
        Some(Body::Imports(imports)) if found.is_empty() => Ok(imports.clone()),
        _ => {
            let message = format!("{IMPORTS_FILE} does not say what is imported");
            let failure = Failure::new(FailureKind::Failed, message)
                .hint("its top-level key is `imports:`; docs/imports.md shows one");
            Err(failure.with_diagnostics(library.sources(), found))
        }
    }
}

/// Where the lock file lies.
pub(super) fn lock_path(project: &Project) -> PathBuf {
    project.shown(std::path::Path::new(LOCK_FILE))
}

/// The lock file, and its text.
///
/// # Errors
/// Why it cannot be read, in words; `None` where there is none.
pub(super) fn read_lock(project: &Project) -> Result<(LockFile, String), Option<String>> {
    let path = lock_path(project);
    if !path.exists() {
        return Err(None);
    }
    let text = read_text(&path).map_err(|unreadable| Some(unreadable.message))?;
    let file = LockFile::parse(&text).map_err(|error| Some(error.to_string()))?;
    Ok((file, text))
}
