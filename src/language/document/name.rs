//! How things are named in documents.

/// Tasks, inputs, outputs and waves: names that a template can say without quotes.
pub(crate) const IDENTIFIER_PATTERN: &str = "^[a-z][a-z0-9_]*$";

/// Patterns, pipelines, teams and clusters, whose names are also file names.
pub(crate) const DOCUMENT_NAME_PATTERN: &str = "^[a-z][a-z0-9_-]*$";

/// The name of a document: of the project or the built-in library, or `SOURCE/NAME` of an import,
/// perhaps with `@VERSION`.
pub(crate) const REFERENCE_PATTERN: &str = r"^[a-z][a-z0-9_-]*(/[a-z][a-z0-9_-]*(@\S+)?)?$";

/// Whether a text can be the name of a task, an input, an output or a wave.
pub fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_ascii_lowercase())
        && characters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Whether a text can be the name of a pattern, a pipeline, a team or a cluster.
pub fn is_document_name(text: &str) -> bool {
    is_identifier(&text.replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_the_patterns_of_the_schemas_allow() {
        for (text, identifier, document_name) in [
            ("market", true, true),
            ("a1_b", true, true),
            ("a-b", false, true),
            ("-a", false, false),
            ("1a", false, false),
            ("A", false, false),
            ("é", false, false),
            ("", false, false),
        ] {
            assert_eq!(is_identifier(text), identifier, "{text}");
            assert_eq!(is_document_name(text), document_name, "{text}");
        }
    }
}
