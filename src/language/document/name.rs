//! How things are named in documents.

/// Tasks, inputs, outputs and waves: names that a template can say without quotes.
pub(crate) const IDENTIFIER_PATTERN: &str = "^[a-z][a-z0-9_]*$";

/// Patterns, pipelines, teams and clusters, whose names are also file names.
pub(crate) const DOCUMENT_NAME_PATTERN: &str = "^[a-z][a-z0-9_-]*$";

/// Whether a text can name a task, an input, an output or a wave.
pub(crate) fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    characters
        .next()
        .is_some_and(|first| first.is_ascii_lowercase())
        && characters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
