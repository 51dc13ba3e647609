//! Whether values fit the types that were declared for them.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value;

/// A place in a value that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// JSON pointer inside the value; empty for the whole.
    pub pointer: String,
    /// What does not fit, in lower case.
    pub message: String,
}

/// Every place where a value does not fit a JSON Schema. A schema that is none fits nothing.
pub fn misfits(schema: &Value, value: &Value) -> Vec<Misfit> {
    let validator = jsonschema::draft202012::options().should_validate_formats(true).build(schema);
    let validator = match validator {
        Ok(validator) => validator,
        Err(error) => {
            let message = format!("its type is no JSON Schema: {error}");
            return vec![Misfit { pointer: String::new(), message }];
        }
    };
    validator
        .iter_errors(value)
        .map(|error| Misfit {
            pointer: error.instance_path().as_str().to_owned(),
            message: explain(error.kind(), error.instance(), &error.to_string()),
        })
        .collect()
}

fn explain(kind: &ValidationErrorKind, value: &Value, otherwise: &str) -> String {
    match kind {
        ValidationErrorKind::Type { kind: TypeKind::Single(wanted) } => {
            format!("expected {wanted}, found `{}`", shortened(value))
        }
        ValidationErrorKind::Enum { options } => {
            let options: Vec<String> = options
                .as_array()
                .into_iter()
                .flatten()
                .map(|option| option.as_str().map_or_else(|| option.to_string(), str::to_owned))
                .collect();
            format!("`{}` is none of {}", shortened(value), options.join(", "))
        }
        ValidationErrorKind::Format { format } => {
            format!("`{}` is not of the format `{format}`", shortened(value))
        }
        ValidationErrorKind::Required { property } => {
            format!("`{}` is missing", property.as_str().unwrap_or_default())
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            format!("`{}` is not expected", unexpected.join("`, `"))
        }
        _ => otherwise.to_owned(),
    }
}

fn shortened(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Why a text is no regular expression.
pub(super) fn unreadable_pattern(pattern: &str) -> Option<String> {
    let schema = serde_json::json!({ "pattern": pattern });
    let built = jsonschema::draft202012::options().build(&schema);
    built.err().map(|error| error.to_string())
}
