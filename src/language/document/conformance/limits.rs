//! Values outside of their limits.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;

use super::{Anchor, Finding};
use crate::language::diagnostic::Code;

/// What is said of a value that breaks a limit; `description` is what its schema says of it.
pub(super) fn finding(
    pointer: &str,
    error: &ValidationError<'_>,
    description: Option<&str>,
) -> Finding {
    let (message, help) = match error.kind() {
        ValidationErrorKind::MinItems { limit: 1 }
        | ValidationErrorKind::MinProperties { limit: 1 }
        | ValidationErrorKind::MinLength { limit: 1 } => {
            ("this must not be empty".to_owned(), None)
        }
        kind => (broken(kind, error), description),
    };
    Finding::new(pointer, Anchor::Value, Code::INVALID_VALUE, message).help(help.map(str::to_owned))
}

fn broken(kind: &ValidationErrorKind, error: &ValidationError<'_>) -> String {
    let value = error.instance();
    match kind {
        ValidationErrorKind::Minimum { limit } => format!("{value} is less than {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("{value} is more than {limit}"),
        ValidationErrorKind::ExclusiveMinimum { limit } => {
            format!("{value} is not more than {limit}")
        }
        ValidationErrorKind::ExclusiveMaximum { limit } => {
            format!("{value} is not less than {limit}")
        }
        ValidationErrorKind::MinItems { limit } => format!("fewer than {limit} items"),
        ValidationErrorKind::MaxItems { limit } => format!("more than {limit} items"),
        ValidationErrorKind::MinLength { limit } => format!("shorter than {limit} characters"),
        ValidationErrorKind::MaxLength { limit } => format!("longer than {limit} characters"),
        _ => error.to_string(),
    }
}
