//! The inputs and decisions that somebody gives on the command line.

use std::path::Path;

use serde_json::{Map, Value};

use super::failure::{Failure, FailureKind};
use crate::engine::DecidedAhead;
use crate::language::document::suggest::nearest;
use crate::language::plan::{Gate, NoDecision, Plan, Scope, Work, in_plan};
use crate::language::source::{self, Source, SourceId, Tree};
use crate::runtime::workspace::read_text;

/// Inputs as they were given: a file's first, single ones over them.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// The values of a file.
    pub file: Map<String, Value>,
    /// `name=value` as typed.
    pub single: Vec<String>,
}

impl Given {
    /// The values of all inputs of a scope.
    ///
    /// # Errors
    /// Everything that is missing, unknown or does not fit, at once.
    pub fn bind(&self, scope: &Scope) -> Result<Map<String, Value>, Failure> {
        Given::bound(scope, &self.values(scope)?)
    }

    /// The values that were given, typed as their inputs are declared.
    ///
    /// # Errors
    /// When something is no input, or a file cannot be read.
    pub fn values(&self, scope: &Scope) -> Result<Map<String, Value>, Failure> {
        let mut values = self.file.clone();
        for text in &self.single {
            let Some((name, value)) = text.split_once('=') else {
                let message = format!("`{text}` is no input");
                return Err(Failure::new(FailureKind::Usage, message)
                    .hint("write --input name=value; a value @FILE is read from the file"));
            };
            let value = match value.strip_prefix('@') {
                Some(path) => read_text(Path::new(path)).map_err(|unreadable| {
                    let message = format!("input `{name}`: {path}: {}", unreadable.message);
                    Failure::new(FailureKind::Usage, message)
                })?,
                None => value.to_owned(),
            };
            values.insert(name.trim().to_owned(), scope.read_typed(name.trim(), &value));
        }
        Ok(values)
    }

    /// The values of all inputs of a scope: these, else the defaults.
    ///
    /// # Errors
    /// Everything that is missing, unknown or does not fit, at once.
    pub fn bound(
        scope: &Scope,
        values: &Map<String, Value>,
    ) -> Result<Map<String, Value>, Failure> {
        scope.bind_inputs(values).map_err(|problems| {
            let mut problems = problems.iter().map(ToString::to_string);
            let first = problems.next().unwrap_or_default();
            let failure = Failure::new(FailureKind::Usage, first);
            problems.fold(failure, Failure::hint)
        })
    }
}

/// Reads a file of inputs: a YAML or JSON mapping.
///
/// # Errors
/// When it cannot be read or is no mapping.
pub fn read_inputs_file(path: &Path) -> Result<Map<String, Value>, Failure> {
    let (_, tree) = read_tree(path)?;
    match tree.map(|tree| tree.to_json()) {
        Some(Value::Object(values)) => Ok(values),
        _ => {
            let message = format!("{}: a mapping of inputs is expected", path.display());
            Err(Failure::new(FailureKind::Usage, message))
        }
    }
}

/// Reads a file that somebody names on the command line: YAML or JSON. There is no tree in an empty one.
///
/// # Errors
/// When it cannot be read, or is not YAML: with the place.
pub(super) fn read_tree(path: &Path) -> Result<(Source, Option<Tree>), Failure> {
    let usage = |message: String| Failure::new(FailureKind::Usage, message);
    let source = Source::new(SourceId(0), path.display().to_string(), read_text_file(path)?);
    let parsed = source::parse(&source);
    if let Some(error) = parsed.errors.first() {
        let place = source.position(error.span.start);
        return Err(usage(format!("{}:{}:{}: {error}", path.display(), place.line, place.column)));
    }
    Ok((source, parsed.tree))
}

/// A text from a file that somebody has named.
///
/// # Errors
/// When it cannot be read.
pub fn read_text_file(path: &Path) -> Result<String, Failure> {
    read_text(path).map_err(|unreadable| {
        let message = format!("{}: {}", path.display(), unreadable.message);
        let failure = Failure::new(FailureKind::Usage, message);
        unreadable.help.into_iter().fold(failure, Failure::hint)
    })
}

/// Decisions on gates, typed as `TASK=CHOICE`. A gate may be one of a later item or round: `cities[oslo]/ok`, or
/// `cities[*]/ok` for all of them.
///
/// # Errors
/// When one names no gate, or no option of it.
pub fn read_decisions(
    plan: &Plan,
    written: &[String],
    by: &str,
) -> Result<Vec<DecidedAhead>, Failure> {
    let decision = |text: &String| {
        let usage = |message: String| Failure::new(FailureKind::Usage, message);
        let (path, choice) = text.split_once('=').ok_or_else(|| {
            usage(format!("`{text}` decides nothing")).hint("write --decide TASK=CHOICE")
        })?;
        let gate = plan.gate(path).ok_or_else(|| no_gate(plan, path))?;
        check_decision(gate, path, choice)?;
        let (address, choice, by) = (path.to_owned(), choice.to_owned(), by.to_owned());
        Ok(DecidedAhead { address, choice, by })
    };
    written.iter().map(decision).collect()
}

/// Why nothing can be decided at an address.
fn no_gate(plan: &Plan, path: &str) -> Failure {
    let tasks = plan.all_tasks();
    let is_there = |path: &String| tasks.iter().any(|task| task.path == *path);
    let message = match in_plan(path).iter().any(is_there) {
        true => format!("`{path}` is no gate that a person decides"),
        false => format!("there is no task `{path}`"),
    };
    let gates = tasks.iter().filter(|task| matches!(task.work, Work::Approve { .. }));
    let gates: Vec<&str> = gates.map(|task| task.path.as_str()).collect();
    let failure = Failure::new(FailureKind::Usage, message);
    match (nearest(path, gates.iter().copied()), gates.as_slice()) {
        (Some(near), _) => failure.hint(format!("did you mean `{near}`?")),
        (None, []) => failure.hint("people decide nothing in it"),
        (None, gates) => failure.hint(format!("people decide {}", gates.join(", "))),
    }
}

/// Whether a person can decide so at a gate.
///
/// # Errors
/// When that is no option, or does not fit what comes out of the task.
pub fn check_decision(gate: Gate<'_>, path: &str, choice: &str) -> Result<(), Failure> {
    gate.check(choice).map_err(|problem| {
        let usage = |message: String| Failure::new(FailureKind::Usage, message);
        match problem {
            NoDecision::NoOption { options, .. } => {
                usage(format!("`{choice}` is no option of `{path}`"))
                    .hint(format!("the options are {}", options.join(", ")))
            }
            NoDecision::Misfit(problem) => {
                usage(format!("this cannot come out of `{path}`: {problem}"))
            }
        }
    })
}
