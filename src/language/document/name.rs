//! How things are named in documents.

/// Tasks, inputs, outputs and waves: names that a template can say without quotes.
pub(crate) const IDENTIFIER_PATTERN: &str = "^[a-z][a-z0-9_]*$";

/// Patterns, pipelines, teams and clusters, whose names are also file names.
pub(crate) const DOCUMENT_NAME_PATTERN: &str = "^[a-z][a-z0-9_-]*$";

/// Whether a text can be the name of a document.
pub(crate) fn is_document_name(text: &str) -> bool {
    let is_known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(is_known)
}
