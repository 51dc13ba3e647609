//! What an error of the validator means to an author.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value};

use super::renames::glued;
use super::{Anchor, Finding, limits};
use crate::language::diagnostic::{Code, MAX_FINDINGS};
use crate::language::document::commands::PROGRAM_PATTERN;
use crate::language::document::repair::Repair;
use crate::language::document::suggest::nearest;
use crate::language::document::task::VerbKind;
use crate::language::document::wording::{describe, quoted, type_help, type_names};
use crate::language::source::value_at;

/// A key without a value is, nearly always, the rest of a text with a comma in it.
const CUT_TEXT: &str = "a comma between braces begins a new key: where it belongs to a text, put the \
    text into quotes";

const NAMES: &str =
    "names begin with a small letter and have small letters, digits and underscores";

/// Gathers findings about one document.
pub(super) struct Explainer<'a> {
    schema: &'a Value,
    document: &'a Value,
    /// Pointer of the value that the validator was given.
    base: String,
    found: Vec<Finding>,
    /// How many findings were not kept.
    more: usize,
}

impl<'a> Explainer<'a> {
    pub(super) fn new(schema: &'a Value, document: &'a Value) -> Explainer<'a> {
        Explainer { schema, document, base: String::new(), found: Vec::new(), more: 0 }
    }

    /// The findings, each once, and how many there are more.
    pub(super) fn finish(self) -> (Vec<Finding>, usize) {
        let mut found: Vec<Finding> = Vec::new();
        for finding in self.found {
            if !found.contains(&finding) {
                found.push(finding);
            }
        }
        (found, self.more)
    }

    /// Explains the errors of the value at a pointer.
    pub(super) fn explain_all<'e>(
        &mut self,
        base: &str,
        errors: impl Iterator<Item = ValidationError<'e>>,
    ) {
        base.clone_into(&mut self.base);
        for error in errors {
            if self.is_full() {
                self.more += 1;
            } else {
                self.explain(&error);
            }
        }
    }

    fn is_full(&self) -> bool {
        self.found.len() >= MAX_FINDINGS
    }

    pub(super) fn say(&mut self, finding: Finding) {
        if self.is_full() {
            self.more += 1;
        } else {
            self.found.push(finding);
        }
    }

    fn explain(&mut self, error: &ValidationError<'_>) {
        let pointer = format!("{}{}", self.base, error.instance_path().as_str());
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                for key in unexpected {
                    self.unknown_key(&pointer, error.schema_path().as_str(), key);
                }
            }
            ValidationErrorKind::OneOfNotValid { context }
            | ValidationErrorKind::OneOfMultipleValid { context }
            | ValidationErrorKind::AnyOf { context } => self.alternatives(error, &pointer, context),
            ValidationErrorKind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                let help = self.example(error.schema_path().as_str(), key);
                let message = format!("missing key `{key}`");
                self.say(
                    Finding::new(&pointer, Anchor::OwnKey, Code::MISSING_KEY, message).help(help),
                );
            }
            ValidationErrorKind::PropertyNames { error: name } => {
                let key = name.instance().as_str().unwrap_or_default().to_owned();
                let message = format!("`{key}` cannot be used as a name");
                self.say(
                    Finding::new(&pointer, Anchor::Key(key), Code::INVALID_NAME, message)
                        .help(NAMES.to_owned()),
                );
            }
            ValidationErrorKind::Type { kind } => {
                self.say(wrong_type(&pointer, error.instance(), &type_names(kind)));
            }
            ValidationErrorKind::Enum { options } => {
                let options: Vec<&str> =
                    options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                self.say(unknown_value(&pointer, error.instance(), &options));
            }
            ValidationErrorKind::Constant { expected_value } => {
                let options: Vec<&str> = expected_value.as_str().into_iter().collect();
                self.say(unknown_value(&pointer, error.instance(), &options));
            }
            ValidationErrorKind::Pattern { .. } => self.pattern(error, &pointer),
            // Too short to be a duration, and so no duration: one mistake.
            ValidationErrorKind::MinLength { .. } if self.format(error).is_some() => {
                self.pattern(error, &pointer);
            }
            // It is said of both with the same words, and so once.
            ValidationErrorKind::Format { .. } if self.format(error) == Some("amount") => {
                self.pattern(error, &pointer);
            }
            ValidationErrorKind::Format { .. } => {
                let written = error.instance().as_str().unwrap_or_default();
                let message = format!("`{written}` is longer than ten years");
                self.say(
                    Finding::new(&pointer, Anchor::Value, Code::INVALID_DURATION, message)
                        .help("write a shorter one".to_owned()),
                );
            }
            _ => self.say(limits::finding(&pointer, error, self.description(error))),
        }
    }

    fn unknown_key(&mut self, pointer: &str, schema_path: &str, key: &str) {
        if self.is_full() {
            self.more += 1;
            return;
        }
        let finding = |message: String| {
            Finding::new(pointer, Anchor::Key(key.to_owned()), Code::UNKNOWN_KEY, message)
        };
        let holder = self.holder(schema_path);
        let title = holder.and_then(|holder| holder["title"].as_str());
        let task = VerbKind::ALL.into_iter().find(|kind| title == Some(kind.as_str()));
        let takes = |kind: &VerbKind| kind.takes(key);
        let takers = VerbKind::ALL.into_iter().filter(takes).map(VerbKind::as_str);
        let takers: Vec<&str> = takers.collect();
        if let Some(kind) = task.filter(|_| !takers.is_empty()) {
            let message = format!("`{key}` means nothing for `{}`", kind.as_str());
            let help = format!("it applies to {}", takers.join(", "));
            return self.say(finding(message).help(help));
        }
        let present = value_at(self.document, pointer).and_then(Value::as_object);
        let known: Vec<&str> = holder
            .and_then(|holder| holder["properties"].as_object())
            .into_iter()
            .flat_map(Map::keys)
            .map(String::as_str)
            .filter(|known| present.is_none_or(|map| !map.contains_key(*known)))
            .collect();
        let split = glued(key).filter(|(name, _)| known.contains(name));
        let near = nearest(key, known.iter().copied()).filter(|_| split.is_none());
        let help = match near {
            _ if split.is_some() => split
                .map(|(name, value)| format!("put a blank behind the colon: `{name}: {value}`")),
            Some(near) => Some(format!("did you mean `{near}`?")),
            None if present.is_some_and(|map| map.get(key) == Some(&Value::Null)) => {
                Some(CUT_TEXT.to_owned())
            }
            None if known.is_empty() => None,
            None => Some(format!("what may stand here: {}", known.join(", "))),
        };
        let repair = near.map(|near| Repair::Rename(near.to_owned()));
        self.say(finding(format!("unknown key `{key}`")).help(help).repair(repair));
    }

    /// The schema that holds the keyword at the end of a schema path.
    fn holder(&self, schema_path: &str) -> Option<&'a Value> {
        let (holder, _) = schema_path.rsplit_once('/')?;
        value_at(self.schema, holder)
    }

    /// What a missing key looks like, from the schema's examples.
    fn example(&self, schema_path: &str, key: &str) -> Option<String> {
        let property = self.holder(schema_path)?.get("properties")?.get(key)?;
        let reference = property.get("$ref").and_then(Value::as_str);
        let target = reference.and_then(|path| value_at(self.schema, path.trim_start_matches('#')));
        let example = property.get("examples").or_else(|| target?.get("examples"))?.get(0)?;
        let text = match example {
            Value::String(text) if !text.contains('\n') => text.clone(),
            other => other.to_string(),
        };
        Some(format!("for example `{key}: {text}`"))
    }

    /// The first line of what the schema says of the value.
    fn description(&self, error: &ValidationError<'_>) -> Option<&'a str> {
        let holder = self.holder(error.schema_path().as_str())?;
        holder["description"].as_str()?.lines().next()
    }

    /// What a text should look like that is not so, by the name of its format.
    fn format(&self, error: &ValidationError<'_>) -> Option<&'a str> {
        self.holder(error.schema_path().as_str())?["format"].as_str()
    }

    fn alternatives(
        &mut self,
        error: &ValidationError<'_>,
        pointer: &str,
        branches: &[Vec<ValidationError<'static>>],
    ) {
        if let Some(branch) = self.tagged_branch(error, branches) {
            return branch.iter().for_each(|error| self.explain(error));
        }
        if let Some(words) = only_words(branches) {
            return self.say(unknown_value(pointer, error.instance(), &words));
        }
        let fits = |branch: &&Vec<ValidationError<'static>>| {
            !branch.iter().any(|inner| {
                matches!(inner.kind(), ValidationErrorKind::Type { .. })
                    && inner.instance_path() == error.instance_path()
            })
        };
        match branches.iter().filter(fits).min_by_key(|branch| branch.len()) {
            Some(branch) => branch.iter().for_each(|error| self.explain(error)),
            None => self.say(wrong_type(pointer, error.instance(), &all_types(branches))),
        }
    }

    /// The branch of a tagged union whose tag the value has.
    fn tagged_branch<'e>(
        &self,
        error: &ValidationError<'_>,
        context: &'e [Vec<ValidationError<'static>>],
    ) -> Option<&'e Vec<ValidationError<'static>>> {
        let branches = value_at(self.schema, error.schema_path().as_str())?.as_array()?;
        let tag = |branch: &Value| {
            branch.get("properties")?.as_object()?.iter().find_map(|(key, property)| {
                Some((key.clone(), property.get("const")?.as_str()?.to_owned()))
            })
        };
        let tags: Vec<(String, String)> = branches.iter().filter_map(tag).collect();
        let (key, _) = tags.first().filter(|_| tags.len() == branches.len())?;
        let written = error.instance().get(key)?;
        tags.iter().position(|(_, tag)| written == tag).and_then(|place| context.get(place))
    }

    fn pattern(&mut self, error: &ValidationError<'_>, pointer: &str) {
        let written = error.instance().as_str().unwrap_or_default();
        let (code, message, help) = match self.format(error) {
            Some("duration-human") => (
                Code::INVALID_DURATION,
                format!("`{written}` is not a duration"),
                "write a number with a unit, such as 500ms, 30s, 10m or 1h30m".to_owned(),
            ),
            Some("backoff") => (
                Code::INVALID_DURATION,
                format!("`{written}` is not a range of durations"),
                "write the first and the longest pause, such as 1s..30s".to_owned(),
            ),
            Some("amount") => (
                Code::INVALID_VALUE,
                format!("`{written}` is not a number from 1 on"),
                "write a number, with `k` for thousands or `M` for millions: 100, 500k or 2M"
                    .to_owned(),
            ),
            _ if is_of_programs(error) => (
                Code::INVALID_NAME,
                format!("`{written}` is not the bare name of a program"),
                "write the name by which it is found on PATH, such as git: no folder, no arguments"
                    .to_owned(),
            ),
            _ => (
                Code::INVALID_NAME,
                format!("`{written}` cannot be used as a name"),
                format!("{NAMES}; names of documents may have hyphens"),
            ),
        };
        self.say(Finding::new(pointer, Anchor::Value, code, message).help(help));
    }
}

/// Whether a value was to be the name of a program.
fn is_of_programs(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), ValidationErrorKind::Pattern { pattern } if pattern == PROGRAM_PATTERN)
}

/// The words that a value may be, where every alternative is a word.
fn only_words<'e>(branches: &'e [Vec<ValidationError<'static>>]) -> Option<Vec<&'e str>> {
    let errors = || branches.iter().flatten();
    let words: Vec<&str> = errors()
        .filter_map(|error| match error.kind() {
            ValidationErrorKind::Constant { expected_value } => expected_value.as_str(),
            _ => None,
        })
        .collect();
    let is_of_words = errors().all(|error| {
        matches!(
            error.kind(),
            ValidationErrorKind::Constant { .. } | ValidationErrorKind::Type { .. }
        )
    });
    (is_of_words && !words.is_empty()).then_some(words)
}

/// The types of all alternatives, in words.
fn all_types(branches: &[Vec<ValidationError<'static>>]) -> String {
    let mut expected: Vec<String> = Vec::new();
    for error in branches.iter().flatten() {
        if let ValidationErrorKind::Type { kind } = error.kind() {
            let name = type_names(kind);
            if !expected.contains(&name) {
                expected.push(name);
            }
        }
    }
    expected.join(" or ")
}

fn wrong_type(pointer: &str, value: &Value, expected: &str) -> Finding {
    let message = format!("expected {expected}, found {}", describe(value));
    Finding::new(pointer, Anchor::Value, Code::WRONG_TYPE, message)
        .help(type_help(value, expected))
        .repair(Repair::of_type(value, expected))
}

pub(super) fn unknown_value(pointer: &str, value: &Value, options: &[&str]) -> Finding {
    let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let choice = quoted(options);
    let near = nearest(&written, options.iter().copied());
    let help = match near {
        Some(near) if options.len() > 1 => format!("did you mean `{near}`? allowed: {choice}"),
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("allowed: {choice}"),
    };
    let message = format!("unknown value `{written}`");
    Finding::new(pointer, Anchor::Value, Code::INVALID_VALUE, message)
        .help(help)
        .repair(near.map(|near| Repair::Respell(near.to_owned())))
}
