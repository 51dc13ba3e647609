//! The documents of tests that somebody means.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::interface::app::failure::{Failure, FailureKind};
use crate::interface::app::project::Project;
use crate::language::document::suggest::nearest;
use crate::language::document::{Document, DocumentKind, Expectation, Library};
use crate::language::source::SourceId;
use crate::runtime::workspace::is_yaml;

/// How the names of files end that hold the tests of the pattern beside them.
pub(super) const ENDING: &str = ".test";

/// The library, and which of its documents are the tests that are meant: all of the project, those
/// in files and folders, or those of patterns by their names. A built-in pattern has built-in ones.
///
/// # Errors
/// When there are none, or a name or a path is that of nothing.
pub(super) fn find(
    project: &Project,
    wanted: &[String],
) -> Result<(Library, Vec<SourceId>), Failure> {
    let (paths, names): (Vec<&String>, Vec<&String>) = wanted.iter().partition(|w| is_path(w));
    let mut given: Vec<(PathBuf, Expectation)> = Vec::new();
    for path in &paths {
        given.extend(files_at(project, Path::new(path))?);
    }
    let mut library = project.library_of(&given);
    for name in &names {
        library.require_orchestration(name);
        library.require_builtin_tests(name);
    }
    let named: BTreeSet<String> =
        given.iter().map(|(path, _)| path.display().to_string()).collect();
    let name_of = |document: &Document| {
        let source = library.sources().get(document.source());
        source.map(|source| source.name().to_owned()).unwrap_or_default()
    };
    // Whoever names the file of a pattern means its tests.
    let of_files: BTreeSet<&str> = library
        .documents()
        .filter(|document| named.contains(&name_of(document)))
        .filter(|document| is_orchestration(document))
        .filter_map(Document::name)
        .collect();
    for name in &names {
        if library.orchestration(name).is_none() {
            return Err(unknown(&library, name));
        }
    }
    let is_meant = |document: &&Document| {
        let tested = tested_by(document).unwrap_or_default();
        if wanted.is_empty() {
            return !library.is_builtin(document);
        }
        names.iter().any(|name| *name == tested)
            || of_files.contains(tested)
            || named.contains(&name_of(document))
    };
    let mut meant: Vec<&Document> = library
        .documents()
        .filter(|document| document.kind() == DocumentKind::Tests)
        .filter(is_meant)
        .collect();
    meant.sort_by_key(|document| name_of(document));
    let meant: Vec<SourceId> = meant.into_iter().map(Document::source).collect();
    let faulty = library.diagnostics().iter().map(|found| found.primary.span.source);
    let unread: BTreeSet<SourceId> = faulty
        .filter(|source| library.document_of(*source).is_none())
        .filter(|source| {
            library.sources().get(*source).is_some_and(|source| named.contains(source.name()))
        })
        .collect();
    if !unread.is_empty() {
        let found = library.diagnostics().iter();
        let found = found.filter(|found| unread.contains(&found.primary.span.source)).cloned();
        let failure = Failure::new(FailureKind::Failed, "there are files that cannot be read");
        return Err(failure.with_diagnostics(library.sources(), found.collect()));
    }
    if meant.is_empty() {
        return Err(none(wanted));
    }
    Ok((library, meant))
}

fn is_path(written: &str) -> bool {
    let path = Path::new(written);
    is_yaml(path) || written.contains(['/', '\\']) || path.is_dir()
}

fn is_orchestration(document: &Document) -> bool {
    matches!(document.kind(), DocumentKind::Pattern | DocumentKind::Pipeline)
}

/// The name of what a document tests.
fn tested_by(document: &Document) -> Option<&str> {
    document.value().pointer("/tests/pattern")?.as_str()
}

/// The files at a path; beside the file of a pattern that of its tests.
fn files_at(project: &Project, path: &Path) -> Result<Vec<(PathBuf, Expectation)>, Failure> {
    if path.is_dir() {
        let files = project.yaml_files(path);
        return Ok(files.into_iter().map(|path| (path, Expectation::Found)).collect());
    }
    if !project.has(path) {
        let failure =
            Failure::new(FailureKind::Usage, format!("there is no file {}", path.display()));
        let files: Vec<String> =
            project.files().iter().map(|file| file.display().to_string()).collect();
        let near = nearest(&path.display().to_string(), files.iter().map(String::as_str));
        return Err(match near {
            Some(near) => failure.hint(format!("did you mean {near}?")),
            None => failure.hint("name a pattern, a file of tests, or a folder"),
        });
    }
    let mut files = vec![(path.to_path_buf(), Expectation::Named)];
    if let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) {
        let beside = path.with_file_name(format!("{stem}{ENDING}.yaml"));
        files.extend(project.has(&beside).then_some((beside, Expectation::Found)));
    }
    Ok(files)
}

fn unknown(library: &Library, name: &str) -> Failure {
    let failure =
        Failure::new(FailureKind::Usage, format!("there is no pattern or pipeline `{name}`"));
    match library.near_orchestrations(name).as_slice() {
        [] => failure.hint("`partita patterns` lists what there is"),
        near => failure.hint(format!("did you mean `{}`?", near.join("`, `"))),
    }
}

fn none(wanted: &[String]) -> Failure {
    let failure = match wanted {
        [] => Failure::new(FailureKind::Usage, "there are no tests in patterns/ and pipelines/")
            .hint("`partita test product_launch` runs those of a built-in pattern"),
        [one] => Failure::new(FailureKind::Usage, format!("there are no tests of {one}")),
        _ => Failure::new(FailureKind::Usage, "there are no tests of any of these"),
    };
    failure.hint("tests of a pattern stand beside it in NAME.test.yaml; docs/testing.md shows how")
}
