//! How things are named in documents.

/// Tasks, inputs, outputs and waves: names that a template can say without quotes.
pub(crate) const IDENTIFIER_PATTERN: &str = "^[a-z][a-z0-9_]*$";

/// Patterns, pipelines, teams and clusters, whose names are also file names.
pub(crate) const DOCUMENT_NAME_PATTERN: &str = "^[a-z][a-z0-9_-]*$";
