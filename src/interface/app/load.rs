//! From a name or a path to a plan.

use std::path::Path;

use super::failure::{Failure, FailureKind};
use super::project::Project;
use crate::language::document::suggest::nearest;
use crate::language::document::{Document, DocumentKind, IMPORTS_FILE, ImportedName, Library};
use crate::language::plan::{Compiled, compile};
use crate::language::source::{Source, SourceId};
use crate::runtime::workspace::is_yaml;

/// A compiled pattern or pipeline with the library that it comes from.
#[derive(Debug)]
pub struct Loaded {
    /// The documents.
    pub library: Library,
    /// The plan and where it runs.
    pub compiled: Compiled,
    /// The document that was named.
    document: SourceId,
    /// The folder of its file, for paths inside it; none for a built-in one.
    pub folder: Option<std::path::PathBuf>,
}

impl Loaded {
    /// The document that was named.
    pub fn document(&self) -> Option<&Document> {
        self.library.document_of(self.document)
    }

    /// The document that was named, and everything that it uses, directly or not.
    pub fn documents(&self) -> Vec<&Document> {
        self.library.reachable(self.document())
    }
}

/// Finds a pattern or pipeline by its name, or by the path of its file, and compiles it.
///
/// # Errors
/// When there is none, with the names that are near; when it is faulty, with every finding.
pub fn load(project: &Project, name_or_path: &str) -> Result<Loaded, Failure> {
    let path = Path::new(name_or_path);
    let imports = project.shown(Path::new(IMPORTS_FILE));
    let is_imported =
        ImportedName::parse(name_or_path).is_some() && !path.exists() && project.has(&imports);
    let is_path = !is_imported && (is_yaml(path) || name_or_path.contains(['/', '\\']));
    let library = if is_path {
        if !path.is_file() {
            return Err(no_file(project, name_or_path));
        }
        project.library(Some(path))
    } else {
        let mut library = project.library_with(name_or_path);
        library.require_orchestration(name_or_path);
        library
    };
    let document = if is_path {
        let source = library.sources().iter().find(|source| source.name() == name_or_path);
        let document = source.and_then(|source| library.document_of(source.id()));
        match (source, document) {
            (_, Some(document)) => document,
            (source, None) => {
                let found = library.diagnostics().iter();
                let found = found
                    .filter(|found| Some(found.primary.span.source) == source.map(Source::id))
                    .cloned()
                    .collect();
                let message = format!("{name_or_path} is not a document that can be run");
                return Err(Failure::new(FailureKind::Failed, message)
                    .with_diagnostics(library.sources(), found));
            }
        }
    } else {
        library.orchestration(name_or_path).ok_or_else(|| unknown(&library, name_or_path))?
    };
    runnable(document, name_or_path)?;
    let compiled = compile(&library, document).map_err(|found| {
        let message = format!("`{name_or_path}` cannot be run as it is");
        Failure::new(FailureKind::Failed, message).with_diagnostics(library.sources(), found)
    })?;
    let folder = library
        .is_own(document)
        .then(|| library.sources().get(document.source()))
        .flatten()
        .and_then(|source| Path::new(source.name()).parent().map(Path::to_path_buf));
    let document = document.source();
    Ok(Loaded { compiled, folder, document, library })
}

fn no_file(project: &Project, path: &str) -> Failure {
    if Path::new(path).is_dir() {
        return Failure::new(FailureKind::Usage, format!("{path} is a folder"))
            .hint("name a pattern or pipeline, or one file");
    }
    let failure = Failure::new(FailureKind::Usage, format!("there is no file {path}"));
    let files: Vec<String> =
        project.files().iter().map(|file| file.display().to_string()).collect();
    match nearest(path, files.iter().map(String::as_str)) {
        Some(near) => failure.hint(format!("did you mean {near}?")),
        None => failure.hint("`partita patterns` lists what there is"),
    }
}

fn unknown(library: &Library, name: &str) -> Failure {
    if let Some(problem) = library.names().pattern_problem(name) {
        let failure = Failure::new(FailureKind::Usage, problem.message).hint(problem.help);
        let declared = problem.declared.map(|_| format!("it is declared in {IMPORTS_FILE}"));
        return declared.into_iter().fold(failure, Failure::hint);
    }
    let failure =
        Failure::new(FailureKind::Usage, format!("there is no pattern or pipeline `{name}`"));
    let near = library.near_orchestrations(name);
    let failure = match near.as_slice() {
        [] => failure,
        near => failure.hint(format!("did you mean `{}`?", near.join("`, `"))),
    };
    failure.hint("`partita patterns` lists what there is")
}

fn runnable(document: &Document, name: &str) -> Result<(), Failure> {
    match document.kind() {
        DocumentKind::Pattern | DocumentKind::Pipeline => Ok(()),
        other => Err(Failure::new(
            FailureKind::Usage,
            format!("{name} is a {}, which cannot be run", other.as_str()),
        )
        .hint("a pattern or a pipeline can be")),
    }
}
