//! What a code means: the sections of `docs/diagnostics.md`, which a test keeps current.

use crate::language::lint::{Kind, kind_of};

const DOCUMENTATION: &str = include_str!("../../../docs/diagnostics.md");

/// The kind of finding that a code names and its section, in Markdown.
pub fn explanation(code: &str) -> Option<(Kind, &'static str)> {
    let kind = kind_of(code)?;
    let (_, rest) = DOCUMENTATION.split_once(&format!("## `{code}`\n"))?;
    let section = rest.split("\n## `").next().unwrap_or(rest);
    Some((kind, section.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::lint::kinds;

    #[test]
    fn every_code_is_explained() {
        for kind in kinds() {
            let (found, section) = explanation(kind.code.as_str()).unwrap();
            assert_eq!(found.code, kind.code);
            assert!(section.starts_with(kind.summary), "{}", kind.code);
        }
        assert!(explanation("no-such-code").is_none());
    }
}
