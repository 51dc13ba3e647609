//! `partita validate`: every problem of every file in one pass.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::failure::{Failure, FailureKind};
use super::project::{LINT_FILE, Project};
use crate::language::diagnostic::{Code, Diagnostic, sort};
use crate::language::document::{
    Body, ClusterReference, Document, Expectation, IMPORTS_FILE, Library, LintSettings,
};
use crate::language::lint::{Examination, examine};
use crate::language::source::{Source, SourceId, Span};

/// What validating came to.
#[derive(Debug)]
pub struct Validation {
    /// The documents.
    pub library: Library,
    /// What is wrong with those that were asked about, sorted.
    pub diagnostics: Vec<Diagnostic>,
    /// What comments in them allow, sorted.
    pub suppressed: Vec<Diagnostic>,
    /// The files that were looked at, sorted.
    pub files: Vec<String>,
    /// How many YAML files in searched folders are none of ours.
    pub passed_over: usize,
}

impl Validation {
    /// Whether a source is one of the files that were checked.
    pub(super) fn is_subject(&self, source: SourceId) -> bool {
        let source = self.library.sources().get(source);
        source.is_some_and(|source| self.files.iter().any(|file| file == source.name()))
    }
}

/// Validates files and folders; without any, the project's own.
///
/// # Errors
/// When there is nothing to validate.
pub fn validate(
    project: &Project,
    paths: &[PathBuf],
    settings: &LintSettings,
) -> Result<Validation, Failure> {
    let mut subjects: Vec<(PathBuf, Expectation)> = Vec::new();
    for path in paths {
        if path.is_dir() {
            let files = project.yaml_files(path);
            if files.is_empty() {
                let message = format!("there is no YAML file in {}", path.display());
                return Err(Failure::new(FailureKind::Usage, message));
            }
            subjects.extend(files.into_iter().map(|path| (path, Expectation::Found)));
        } else {
            subjects.push((path.clone(), Expectation::Named));
        }
    }
    if paths.is_empty() {
        let mut own = project.files();
        for name in ["cluster.yaml", LINT_FILE, IMPORTS_FILE] {
            let path = project.shown(Path::new(name));
            own.extend(project.has(&path).then_some(path));
        }
        subjects.extend(own.into_iter().map(|path| (path, Expectation::Found)));
        if subjects.is_empty() {
            let message = "there are no documents in patterns/, pipelines/ or teams/";
            return Err(Failure::new(FailureKind::Usage, message)
                .hint("name files or folders: `partita validate FILE…`"));
        }
    }
    Ok(validate_files(project, subjects, settings))
}

/// Validates these files with the project's beside them, and what they use.
pub fn validate_files(
    project: &Project,
    mut subjects: Vec<(PathBuf, Expectation)>,
    settings: &LintSettings,
) -> Validation {
    let mut reading = project.reading(&subjects);
    let clusters = cluster_files(&reading.library).into_iter().map(|(_, path)| path);
    let clusters = clusters.filter(|path| project.has(path));
    let clusters: Vec<_> = clusters.map(|path| (path, Expectation::Named)).collect();
    reading.add(clusters.iter().cloned());
    subjects.extend(clusters);
    let library = reading.library;
    let named: BTreeSet<String> =
        subjects.iter().map(|(path, _)| path.display().to_string()).collect();
    // What a document uses is validated with it: one cannot run without the other.
    let source_name = |document: &Document| {
        let source = library.sources().get(document.source());
        source.map(|source| source.name().to_owned()).unwrap_or_default()
    };
    let used =
        library.project_documents().filter(|document| named.contains(&source_name(document)));
    let used = library.reachable(used).into_iter();
    let used = used.filter(|document| !library.is_builtin(document)).map(source_name);
    let names: BTreeSet<String> = used.chain(named.iter().cloned()).collect();
    let is_subject = |source: SourceId| {
        let source = library.sources().get(source);
        source.is_some_and(|source| names.contains(source.name()))
    };
    let Examination { mut diagnostics, suppressed } = examine(&library, settings, is_subject);
    let missing = cluster_files(&library).into_iter().filter(|(_, path)| !project.has(path));
    let missing = missing.filter(|(span, _)| is_subject(span.source));
    diagnostics.extend(missing.map(|(span, path)| {
        let message = format!("there is no file {}", path.display());
        Diagnostic::new(Code::UNREADABLE_FILE, span, message)
            .help("the path of a cluster file begins at the folder of the pipeline")
    }));
    sort(&mut diagnostics);
    let others: BTreeSet<&str> = library
        .passed_over()
        .iter()
        .filter_map(|source| library.sources().get(*source))
        .map(Source::name)
        .collect();
    let (passed_over, files): (Vec<String>, Vec<String>) =
        names.into_iter().partition(|name| others.contains(name.as_str()));
    Validation { diagnostics, suppressed, files, passed_over: passed_over.len(), library }
}

/// The cluster files that the project's pipelines name, and where they do.
fn cluster_files(library: &Library) -> Vec<(Span, PathBuf)> {
    let of_document = |document: &Document| {
        let Some(Body::Pipeline(pipeline)) = document.body() else {
            return None;
        };
        let Some(ClusterReference::File(name)) = &pipeline.cluster else {
            return None;
        };
        let source = library.sources().get(document.source())?;
        let folder = Path::new(source.name()).parent().unwrap_or(Path::new(""));
        Some((document.span("/cluster"), folder.join(name)))
    };
    library.project_documents().filter_map(of_document).collect()
}
