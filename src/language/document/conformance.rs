//! From jsonschema's errors to findings that a person can act on.
//!
//! jsonschema reports every branch of an alternative. Here the branch is chosen first (a task's
//! by its verb, others by the type of the value or by their tag), and only what is wrong in that
//! branch is said.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::{Map, Value};

use super::repair::Repair;
use super::suggest::nearest;
use super::task::{VerbKind, VerbProblem, verb_of};
use super::wording::{describe, quoted, type_help, type_names};
use super::{DocumentKind, schema};
use crate::language::diagnostic::{Code, MAX_FINDINGS};

/// Something in a document that its schema does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// JSON pointer of the value that it is about.
    pub(super) pointer: String,
    /// What of that value to underline.
    pub(super) anchor: Anchor,
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// What would mend it; for a [key](Anchor::Key) at that key.
    pub(super) repair: Option<Repair>,
}

/// What of a value to underline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Anchor {
    /// The value.
    Value,
    /// The key under which the value stands: for what is missing in it.
    OwnKey,
    /// A key inside the value.
    Key(String),
}

/// What is said of a text, a list or a mapping without anything in it.
const EMPTY: &str = "this must not be empty";

/// Verbs of the language that this version does not run.
const FUTURE_VERBS: [&str; 3] = ["expand", "tool", "send"];

/// Modifiers of the language that this version does not know how to carry out.
const FUTURE_MODIFIERS: [&str; 10] = [
    "for_each",
    "repeat",
    "samples",
    "compensate",
    "skills",
    "complexity",
    "priority",
    "cache",
    "effect",
    "sla",
];

/// Values of the language that this version does not know: the key and the value.
const FUTURE_VALUES: [(&str, &str); 4] =
    [("gate", "review"), ("strategy", "vote"), ("strategy", "best_of"), ("on_failure", "escalate")];

/// Everything in a document that its schema does not allow, as far as it is shown; and how many errors more the validator has.
pub(super) fn findings(kind: DocumentKind, document: &Value) -> (Vec<Finding>, usize) {
    let mut explainer =
        Explainer { schema: schema::schema(kind), document, found: Vec::new(), more: 0 };
    let mut errors = schema::validator(kind).iter_errors(document);
    while explainer.found.len() < MAX_FINDINGS
        && let Some(error) = errors.next()
    {
        explainer.explain(&error);
    }
    let more = explainer.more + errors.count();
    let mut found: Vec<Finding> = Vec::new();
    for finding in explainer.found {
        if !found.contains(&finding) {
            found.push(finding);
        }
    }
    join_renames(&mut found);
    (found, more)
}

struct Explainer<'a> {
    schema: &'a Value,
    document: &'a Value,
    found: Vec<Finding>,
    /// How many findings were not kept.
    more: usize,
}

impl Explainer<'_> {
    fn say(
        &mut self,
        pointer: &str,
        anchor: Anchor,
        code: Code,
        message: String,
        help: Option<String>,
    ) {
        self.say_and_mend(pointer, anchor, code, message, help, None);
    }

    fn say_and_mend(
        &mut self,
        pointer: &str,
        anchor: Anchor,
        code: Code,
        message: String,
        help: Option<String>,
        repair: Option<Repair>,
    ) {
        let pointer = pointer.to_owned();
        if self.found.len() < MAX_FINDINGS {
            self.found.push(Finding { pointer, anchor, code, message, help, repair });
        } else {
            self.more += 1;
        }
    }

    fn explain(&mut self, error: &ValidationError<'_>) {
        let pointer = error.instance_path().as_str().to_owned();
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
                let message = format!("missing key `{key}`");
                let help = self.example(error.schema_path().as_str(), key);
                self.say(&pointer, Anchor::OwnKey, Code::MISSING_KEY, message, help);
            }
            ValidationErrorKind::PropertyNames { error: name } => {
                let key = name.instance().as_str().unwrap_or_default().to_owned();
                let message = format!("`{key}` cannot be used as a name");
                let help = Some(
                    "names begin with a small letter and have small letters, digits \
                    and underscores"
                        .to_owned(),
                );
                self.say(&pointer, Anchor::Key(key), Code::INVALID_NAME, message, help);
            }
            ValidationErrorKind::Type { kind } => self.wrong_type(error, &pointer, kind),
            ValidationErrorKind::Enum { options } => {
                let options: Vec<&str> =
                    options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                self.unknown_value(&pointer, error.instance(), &options);
            }
            ValidationErrorKind::Constant { expected_value } => {
                let options: Vec<&str> = expected_value.as_str().into_iter().collect();
                self.unknown_value(&pointer, error.instance(), &options);
            }
            ValidationErrorKind::Pattern { .. } => self.pattern(error, &pointer),
            // Too short to be a duration, and so no duration: one mistake.
            ValidationErrorKind::MinLength { .. } if self.format(error).is_some() => {
                self.pattern(error, &pointer);
            }
            ValidationErrorKind::Format { .. } => {
                let written = error.instance().as_str().unwrap_or_default();
                let message = format!("`{written}` is longer than ten years");
                let help = Some("write a shorter one".to_owned());
                self.say(&pointer, Anchor::Value, Code::INVALID_DURATION, message, help);
            }
            _ => {
                let (message, help) = self.limit(error);
                self.say(&pointer, Anchor::Value, Code::INVALID_VALUE, message, help);
            }
        }
    }

    fn unknown_key(&mut self, pointer: &str, schema_path: &str, key: &str) {
        if self.found.len() >= MAX_FINDINGS {
            self.more += 1;
            return;
        }
        let anchor = Anchor::Key(key.to_owned());
        let holder = self.holder(schema_path);
        let is_task = VerbKind::ALL
            .iter()
            .find(|kind| holder.and_then(|h| h["title"].as_str()) == Some(kind.as_str()));
        if is_task.is_some() && (FUTURE_MODIFIERS.contains(&key) || FUTURE_VERBS.contains(&key)) {
            return self.not_yet(pointer, anchor, key);
        }
        if let Some(kind) = is_task {
            let takers: Vec<&str> = VerbKind::ALL
                .iter()
                .filter(|other| other.modifiers().contains(&key))
                .map(|other| other.as_str())
                .collect();
            if !takers.is_empty() {
                let message = format!("`{key}` means nothing for `{}`", kind.as_str());
                let help = Some(format!("it applies to {}", takers.join(", ")));
                return self.say(pointer, anchor, Code::UNKNOWN_KEY, message, help);
            }
        }
        if key == "capacity" && pointer.contains("/agents/") {
            return self.not_yet(pointer, anchor, key);
        }
        let present = self.document.pointer(pointer).and_then(Value::as_object);
        let known: Vec<&str> = holder
            .and_then(|holder| holder["properties"].as_object())
            .into_iter()
            .flat_map(Map::keys)
            .map(String::as_str)
            .filter(|known| present.is_none_or(|map| !map.contains_key(*known)))
            .collect();
        let split = glued(key).filter(|(name, _)| known.contains(name));
        let near = nearest(key, known.iter().copied()).filter(|_| split.is_none());
        let repair = near.map(|near| Repair::Rename(near.to_owned()));
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
        let message = format!("unknown key `{key}`");
        self.say_and_mend(pointer, anchor, Code::UNKNOWN_KEY, message, help, repair);
    }

    fn not_yet(&mut self, pointer: &str, anchor: Anchor, word: &str) {
        let message = format!("`{word}` is not supported yet");
        let help = "this version runs `agent`, `uses`, `synthesize` (merge_all, \
            use_first_result, consensus, custom), `gate: check` and `gate: approval`";
        self.say(pointer, anchor, Code::NOT_SUPPORTED_YET, message, Some(help.to_owned()));
    }

    /// The schema that holds the keyword at the end of a schema path.
    fn holder(&self, schema_path: &str) -> Option<&Value> {
        let (holder, _) = schema_path.rsplit_once('/')?;
        self.schema.pointer(holder)
    }

    /// What a missing key looks like, from the schema's examples.
    fn example(&self, schema_path: &str, key: &str) -> Option<String> {
        let property = self.holder(schema_path)?.get("properties")?.get(key)?;
        let reference = property.get("$ref").and_then(Value::as_str);
        let target = reference.and_then(|path| self.schema.pointer(path.trim_start_matches('#')));
        let example = property.get("examples").or_else(|| target?.get("examples"))?.get(0)?;
        let text = match example {
            Value::String(text) if !text.contains('\n') => text.clone(),
            other => other.to_string(),
        };
        Some(format!("for example `{key}: {text}`"))
    }

    fn alternatives(
        &mut self,
        error: &ValidationError<'_>,
        pointer: &str,
        context: &[Vec<ValidationError<'static>>],
    ) {
        if error.schema_path().as_str() == "/$defs/Task/oneOf" {
            return self.task(pointer, error.instance(), context);
        }
        if let Some(branch) = self.tagged_branch(error, context) {
            return branch.iter().for_each(|error| self.explain(error));
        }
        let words: Vec<&str> = context
            .iter()
            .flatten()
            .filter_map(|error| match error.kind() {
                ValidationErrorKind::Constant { expected_value } => expected_value.as_str(),
                _ => None,
            })
            .collect();
        let only_words = context.iter().all(|branch| {
            branch.iter().all(|error| {
                matches!(
                    error.kind(),
                    ValidationErrorKind::Constant { .. } | ValidationErrorKind::Type { .. }
                )
            })
        });
        if only_words && !words.is_empty() {
            return self.unknown_value(pointer, error.instance(), &words);
        }
        let fits = |branch: &&Vec<ValidationError<'static>>| {
            !branch.iter().any(|inner| {
                matches!(inner.kind(), ValidationErrorKind::Type { .. })
                    && inner.instance_path() == error.instance_path()
            })
        };
        match context.iter().filter(fits).min_by_key(|branch| branch.len()) {
            Some(branch) => branch.iter().for_each(|error| self.explain(error)),
            None => {
                let mut expected: Vec<String> = Vec::new();
                for inner in context.iter().flatten() {
                    if let ValidationErrorKind::Type { kind } = inner.kind() {
                        let name = type_names(kind);
                        if !expected.contains(&name) {
                            expected.push(name);
                        }
                    }
                }
                let expected = expected.join(" or ");
                let found = describe(error.instance());
                let message = format!("expected {expected}, found {found}");
                let help = type_help(error.instance(), &expected);
                let repair = Repair::of_type(error.instance(), &expected);
                let (anchor, code) = (Anchor::Value, Code::WRONG_TYPE);
                self.say_and_mend(pointer, anchor, code, message, help, repair);
            }
        }
    }

    /// The branch of a tagged union whose tag the value has.
    fn tagged_branch<'e>(
        &mut self,
        error: &ValidationError<'_>,
        context: &'e [Vec<ValidationError<'static>>],
    ) -> Option<&'e Vec<ValidationError<'static>>> {
        let branches = self.schema.pointer(error.schema_path().as_str())?.as_array()?;
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

    fn task(&mut self, pointer: &str, task: &Value, context: &[Vec<ValidationError<'static>>]) {
        let Value::Object(map) = task else {
            let message = format!("expected a mapping, found {}", describe(task));
            let help = "a task has a verb, for example `agent:` with a `prompt:`".to_owned();
            return self.say(pointer, Anchor::Value, Code::WRONG_TYPE, message, Some(help));
        };
        let kind = match verb_of(map) {
            Ok(kind) => Some(kind),
            Err(VerbProblem::Several(keys)) => {
                let message = format!("a task has one verb, this one has {}", quoted(&keys));
                let help = "make a task of each, and let one need the other".to_owned();
                let anchor = Anchor::Key(keys.last().copied().unwrap_or_default().to_owned());
                self.say(pointer, anchor, Code::SEVERAL_VERBS, message, Some(help));
                return;
            }
            Err(VerbProblem::UnknownGate) => {
                let gate = format!("{pointer}/gate");
                return self.unknown_value(&gate, &map["gate"], &["check", "approval"]);
            }
            Err(VerbProblem::None) => {
                if let Some(verb) = FUTURE_VERBS.iter().find(|verb| map.contains_key(**verb)) {
                    return self.not_yet(pointer, Anchor::Key((*verb).to_owned()), verb);
                }
                meant_verb(map)
            }
        };
        let Some(kind) = kind else {
            let message = "this task has no verb".to_owned();
            let help = "say what kind of work it is: `agent`, `uses`, `synthesize` or `gate`";
            return self.say(
                pointer,
                Anchor::OwnKey,
                Code::NO_VERB,
                message,
                Some(help.to_owned()),
            );
        };
        let branch = VerbKind::ALL.iter().position(|known| *known == kind);
        for error in branch.and_then(|place| context.get(place)).into_iter().flatten() {
            self.explain(error);
        }
    }

    fn unknown_value(&mut self, pointer: &str, value: &Value, options: &[&str]) {
        let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let key = pointer.rsplit('/').next().unwrap_or_default();
        if FUTURE_VALUES.contains(&(key, written.as_str())) {
            return self.not_yet(pointer, Anchor::Value, &format!("{key}: {written}"));
        }
        let message = format!("unknown value `{written}`");
        let choice = quoted(options);
        let near = nearest(&written, options.iter().copied());
        let repair = near.map(|near| Repair::Respell(near.to_owned()));
        let help = match near {
            Some(near) if options.len() > 1 => format!("did you mean `{near}`? allowed: {choice}"),
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("allowed: {choice}"),
        };
        let (anchor, code) = (Anchor::Value, Code::INVALID_VALUE);
        self.say_and_mend(pointer, anchor, code, message, Some(help), repair);
    }

    fn wrong_type(&mut self, error: &ValidationError<'_>, pointer: &str, kind: &TypeKind) {
        let expected = type_names(kind);
        let message = format!("expected {expected}, found {}", describe(error.instance()));
        let help = type_help(error.instance(), &expected);
        let repair = Repair::of_type(error.instance(), &expected);
        let (anchor, code) = (Anchor::Value, Code::WRONG_TYPE);
        self.say_and_mend(pointer, anchor, code, message, help, repair);
    }

    /// What a text should look like that is not so, by the name of its format.
    fn format(&self, error: &ValidationError<'_>) -> Option<&str> {
        self.holder(error.schema_path().as_str())?["format"].as_str()
    }

    fn pattern(&mut self, error: &ValidationError<'_>, pointer: &str) {
        let written = error.instance().as_str().unwrap_or_default();
        let (code, message, help) = match self.format(error) {
            Some("duration-human") => (
                Code::INVALID_DURATION,
                format!("`{written}` is not a duration"),
                "write a number with a unit, such as 500ms, 30s, 10m or 1h30m",
            ),
            Some("backoff") => (
                Code::INVALID_DURATION,
                format!("`{written}` is not a range of durations"),
                "write the first and the longest pause, such as 1s..30s",
            ),
            _ => (
                Code::INVALID_NAME,
                format!("`{written}` cannot be used as a name"),
                "names begin with a small letter and have small letters, digits and underscores; \
                 names of documents may have hyphens",
            ),
        };
        self.say(pointer, Anchor::Value, code, message, Some(help.to_owned()));
    }

    fn limit(&self, error: &ValidationError<'_>) -> (String, Option<String>) {
        let value = error.instance();
        let message = match error.kind() {
            ValidationErrorKind::Minimum { limit } => format!("{value} is less than {limit}"),
            ValidationErrorKind::Maximum { limit } => format!("{value} is more than {limit}"),
            ValidationErrorKind::ExclusiveMinimum { limit } => {
                format!("{value} is not more than {limit}")
            }
            ValidationErrorKind::ExclusiveMaximum { limit } => {
                format!("{value} is not less than {limit}")
            }
            ValidationErrorKind::MinItems { limit: 1 }
            | ValidationErrorKind::MinProperties { limit: 1 }
            | ValidationErrorKind::MinLength { limit: 1 } => EMPTY.to_owned(),
            ValidationErrorKind::MinItems { limit } => format!("fewer than {limit} items"),
            ValidationErrorKind::MaxItems { limit } => format!("more than {limit} items"),
            ValidationErrorKind::MinLength { limit } => format!("shorter than {limit} characters"),
            ValidationErrorKind::MaxLength { limit } => format!("longer than {limit} characters"),
            _ => error.to_string(),
        };
        if message == EMPTY {
            return (message, None);
        }
        let description = self
            .holder(error.schema_path().as_str())
            .and_then(|holder| holder["description"].as_str())
            .map(|text| text.split("\n").next().unwrap_or(text).to_owned());
        (message, description)
    }
}

/// A key without a value is, nearly always, the rest of a text with a comma in it.
const CUT_TEXT: &str = "a comma between braces begins a new key: where it belongs to a text, put the \
    text into quotes";

/// The verb that a task without one was probably meant to have, by its other keys.
fn meant_verb(task: &Map<String, Value>) -> Option<VerbKind> {
    const TELLING: [(&str, VerbKind); 9] = [
        ("prompt", VerbKind::Agent),
        ("with", VerbKind::Uses),
        ("agents", VerbKind::Uses),
        ("strategy", VerbKind::Synthesize),
        ("from", VerbKind::Synthesize),
        ("condition", VerbKind::Check),
        ("ask", VerbKind::Approval),
        ("deadline", VerbKind::Approval),
        ("options", VerbKind::Approval),
    ];
    let near = |key: &String| {
        let near = nearest(key, ["agent", "uses", "synthesize", "gate"])?;
        VerbKind::ALL.into_iter().find(|kind| kind.key().0 == near)
    };
    let by_other_keys =
        || TELLING.iter().find(|(key, _)| task.contains_key(*key)).map(|(_, kind)| *kind);
    by_other_keys().or_else(|| task.keys().find_map(near))
}

/// The key and the value of `key:value`, which YAML takes for one word.
fn glued(written: &str) -> Option<(&str, &str)> {
    written.split_once(':').filter(|(name, value)| !name.is_empty() && !value.is_empty())
}

/// An unknown key that is near a missing one is a misspelling: one finding, not two.
fn join_renames(found: &mut Vec<Finding>) {
    let missing: Vec<(String, String)> = found
        .iter()
        .filter(|finding| finding.code == Code::MISSING_KEY)
        .filter_map(|finding| {
            let key = finding.message.split('`').nth(1)?;
            Some((finding.pointer.clone(), key.to_owned()))
        })
        .collect();
    let mut explained: Vec<(String, String)> = Vec::new();
    for finding in found.iter_mut().filter(|finding| finding.code == Code::UNKNOWN_KEY) {
        let Anchor::Key(written) = &finding.anchor else {
            continue;
        };
        let here = missing.iter().filter(|(pointer, _)| *pointer == finding.pointer);
        let mut here = here.map(|(_, key)| key.as_str());
        if let Some((name, _)) = glued(written) {
            explained.extend(
                here.any(|key| key == name).then(|| (finding.pointer.clone(), name.to_owned())),
            );
        } else if let Some(meant) = nearest(written, here) {
            finding.help = Some(format!("did you mean `{meant}`?"));
            finding.repair = Some(Repair::Rename(meant.to_owned()));
            explained.push((finding.pointer.clone(), meant.to_owned()));
        }
    }
    found.retain(|finding| {
        finding.code != Code::MISSING_KEY
            || !explained.iter().any(|(pointer, key)| {
                *pointer == finding.pointer && finding.message == format!("missing key `{key}`")
            })
    });
}
