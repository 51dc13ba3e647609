//! `partita validate --fix`: the repairs that findings offer, made in the texts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::failure::{Failure, FailureKind};
use super::project::Project;
use super::validate::{Validation, validate};
use crate::language::diagnostic::{Diagnostic, Fix, Safety, Severity};
use crate::language::document::LintSettings;
use crate::language::source::{Edit, SourceId, SourceMap, apply_edits};
use crate::runtime::workspace::replace_file;

/// One repair makes another possible; more passes than this are a circle.
const MOST_PASSES: usize = 20;

/// A file before and after its repairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// Where it lies.
    pub path: PathBuf,
    /// As it was.
    pub before: String,
    /// As it should be.
    pub after: String,
    /// What was done, in the order in which it was.
    pub titles: Vec<String>,
}

/// What repairing came to.
#[derive(Debug)]
pub struct Repairs {
    /// The files that change, by path. Nothing has been written yet.
    pub files: Vec<Repaired>,
    /// What is left to complain about then.
    pub left: Validation,
}

/// Makes the repairs that are at most as risky as `limit`, in memory.
///
/// A pass takes those that do not collide, so that every file still parses; a repair after which a
/// file has errors that it had not is taken back with its pass.
///
/// # Errors
/// When there is nothing to validate.
pub fn repair(
    project: &Project,
    paths: &[PathBuf],
    settings: &LintSettings,
    limit: Safety,
) -> Result<Repairs, Failure> {
    let mut project = project.clone();
    let mut left = validate(&project, paths, settings)?;
    let mut files: BTreeMap<PathBuf, Repaired> = BTreeMap::new();
    for _ in 0..MOST_PASSES {
        let pass = Pass::of(&left, limit);
        if pass.by_source.is_empty() {
            break;
        }
        let mut tried = project.clone();
        let mut changed = Vec::new();
        for (source, (edits, titles)) in pass.by_source {
            let Some(source) = left.library.sources().get(source) else { continue };
            let Some(after) = apply_edits(source.text(), &edits) else { continue };
            let path = PathBuf::from(source.name());
            tried.unsaved.insert(path.clone(), after.clone());
            changed.push((path, source.text().to_owned(), after, titles));
        }
        let then = validate(&tried, paths, settings)?;
        if changed.is_empty() || errors(&then) > errors(&left) {
            break;
        }
        for (path, before, after, titles) in changed {
            let repaired = files.entry(path.clone()).or_insert_with(|| Repaired {
                path,
                before,
                after: String::new(),
                titles: Vec::new(),
            });
            repaired.after = after;
            repaired.titles.extend(titles);
        }
        (project, left) = (tried, then);
    }
    Ok(Repairs { files: files.into_values().collect(), left })
}

/// Writes the repaired files, each whole or not at all.
///
/// # Errors
/// At the first file that cannot be written, or that somebody has changed meanwhile; those before
/// are written.
pub fn write_repairs(files: &[Repaired]) -> Result<(), Failure> {
    for file in files {
        let written = replace_file(&file.path, &file.before, &file.after);
        written.map_err(|error| {
            Failure::new(FailureKind::Failed, format!("{}: {error}", file.path.display()))
                .hint("the file is as it was; files named before it are repaired")
        })?;
    }
    Ok(())
}

/// How many findings can be repaired.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fixable {
    /// With `--fix`.
    pub safe: usize,
    /// Only with `--fix=all`.
    pub risky: usize,
}

impl Fixable {
    /// Counts them.
    pub fn of(found: &[Diagnostic]) -> Fixable {
        let count = |safety| {
            let fixes = found.iter().filter_map(|found| found.fix.as_ref());
            fixes.filter(|fix| fix.safety == safety).count()
        };
        Fixable { safe: count(Safety::Safe), risky: count(Safety::Unsafe) }
    }
}

fn errors(validation: &Validation) -> usize {
    validation.diagnostics.iter().filter(|found| found.severity == Severity::Error).count()
}

/// The edits of one pass: for each file those that do not collide.
#[derive(Debug, Default)]
struct Pass {
    by_source: BTreeMap<SourceId, (Vec<Edit>, Vec<String>)>,
}

impl Pass {
    fn of(validation: &Validation, limit: Safety) -> Pass {
        let mut pass = Pass::default();
        let sources = validation.library.sources();
        for finding in &validation.diagnostics {
            if let Some(fix) = &finding.fix
                && fix.safety <= limit
                && is_of_a_file(sources, fix)
            {
                pass.take(fix);
            }
        }
        pass
    }

    /// Takes a repair, if all of its edits can be made beside those taken before.
    fn take(&mut self, fix: &Fix) {
        let collides = |edit: &Edit| {
            let taken = self.by_source.get(&edit.span.source);
            taken.is_some_and(|(taken, _)| taken.iter().any(|other| other.collides_with(edit)))
        };
        if fix.edits.iter().any(collides) {
            return;
        }
        for edit in &fix.edits {
            let (edits, titles) = self.by_source.entry(edit.span.source).or_default();
            edits.push(edit.clone());
            if titles.last() != Some(&fix.title) {
                titles.push(fix.title.clone());
            }
        }
    }
}

/// Whether a repair changes files only: built-in documents cannot be.
fn is_of_a_file(sources: &SourceMap, fix: &Fix) -> bool {
    let names = fix.edits.iter().map(|edit| sources.get(edit.span.source));
    names.into_iter().all(|source| {
        source.is_some_and(|source| !Path::new(source.name()).starts_with("<built-in>"))
    })
}
