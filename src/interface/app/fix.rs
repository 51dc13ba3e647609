//! `partita validate --fix`: the repairs that findings offer, made in the texts.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::failure::{Failure, FailureKind};
use super::project::Project;
use super::validate::{Validation, validate};
use crate::language::diagnostic::{Code, Diagnostic, Fix, Safety, Severity};
use crate::language::document::LintSettings;
use crate::language::source::{Edit, SourceId, SourceMap, SyntaxErrorKind, apply_edits};
use crate::runtime::whole_file::replace_file;

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
/// A pass makes all that do not collide. Where documents have more errors then, its repairs are
/// tried one by one, and the first that does no harm is made alone.
///
/// # Errors
/// When there is nothing to validate.
pub fn repair(
    project: &Project,
    paths: &[PathBuf],
    settings: &LintSettings,
    limit: Safety,
) -> Result<Repairs, Failure> {
    let mut state = State {
        project: project.clone(),
        left: validate(project, paths, settings)?,
        files: BTreeMap::new(),
    };
    for _ in 0..MOST_PASSES {
        let fixes = state.fixes(limit);
        let mut attempts: Vec<&[Fix]> = vec![&fixes];
        attempts.extend(fixes.chunks(1).filter(|_| fixes.len() > 1));
        let mut better = None;
        for attempt in attempts.into_iter().filter(|attempt| !attempt.is_empty()) {
            better = state.after(attempt, paths, settings)?;
            if better.is_some() {
                break;
            }
        }
        match better {
            Some(better) => state = better,
            None => break,
        }
    }
    Ok(Repairs { files: state.files.into_values().collect(), left: state.left })
}

/// How far repairing has come.
struct State {
    project: Project,
    left: Validation,
    files: BTreeMap<PathBuf, Repaired>,
}

impl State {
    /// The repairs on offer that can all be made at once.
    fn fixes(&self, limit: Safety) -> Vec<Fix> {
        let sources = self.left.library.sources();
        let mut taken: Vec<Fix> = Vec::new();
        for finding in &self.left.diagnostics {
            let Some(fix) = &finding.fix else { continue };
            let collides = |edit: &Edit| {
                taken.iter().flat_map(|fix| &fix.edits).any(|other| other.collides_with(edit))
            };
            let is_ours = fix.safety <= limit && is_of_files(sources, fix);
            if is_ours && !fix.edits.iter().any(collides) {
                taken.push(fix.clone());
            }
        }
        taken
    }

    /// The state after some repairs; none where they do harm or nothing.
    fn after(
        &self,
        fixes: &[Fix],
        paths: &[PathBuf],
        settings: &LintSettings,
    ) -> Result<Option<State>, Failure> {
        let mut edits: BTreeMap<SourceId, Vec<Edit>> = BTreeMap::new();
        let mut titles: BTreeMap<SourceId, Vec<String>> = BTreeMap::new();
        for fix in fixes {
            for edit in &fix.edits {
                edits.entry(edit.span.source).or_default().push(edit.clone());
            }
            if let Some(first) = fix.edits.first() {
                titles.entry(first.span.source).or_default().push(fix.title.clone());
            }
        }
        let (mut project, mut files) = (self.project.clone(), self.files.clone());
        let mut has_changed = false;
        for (id, edits) in edits {
            let Some(source) = self.left.library.sources().get(id) else { continue };
            let Some(after) = apply_edits(source.text(), &edits) else { continue };
            has_changed |= after != source.text();
            let path = PathBuf::from(source.name());
            project.unsaved.insert(path.clone(), after.clone());
            let repaired = files.entry(path.clone()).or_insert_with(|| Repaired {
                path,
                before: source.text().to_owned(),
                after: String::new(),
                titles: Vec::new(),
            });
            repaired.after = after;
            repaired.titles.extend(titles.remove(&id).unwrap_or_default());
        }
        let left = validate(&project, paths, settings)?;
        let does_no_harm = errors(&left, |_| true) <= errors(&self.left, |_| true)
            && errors(&left, is_of_syntax) <= errors(&self.left, is_of_syntax);
        Ok((has_changed && does_no_harm).then_some(State { project, left, files }))
    }
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

/// How many errors of a kind there are.
fn errors(validation: &Validation, is_counted: fn(Code) -> bool) -> usize {
    let errors = validation.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    errors.filter(|found| is_counted(found.code)).count()
}

/// Whether it says that the text is not the YAML of a document.
fn is_of_syntax(code: Code) -> bool {
    SyntaxErrorKind::CODES.contains(&code.as_str())
}

/// Whether a repair changes files only: built-in documents cannot be.
fn is_of_files(sources: &SourceMap, fix: &Fix) -> bool {
    fix.edits.iter().all(|edit| {
        let source = sources.get(edit.span.source);
        source.is_some_and(|source| !source.name().starts_with("<built-in>"))
    })
}
