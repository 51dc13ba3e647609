//! What a code means: the sections of `docs/diagnostics.md`, which a test keeps current.

use crate::language::diagnostic::{Code, CodeEntry};

const DOCUMENTATION: &str = include_str!("../../../docs/diagnostics.md");

/// The entry of a code and its section, in Markdown.
pub fn explanation(code: &str) -> Option<(&'static CodeEntry, &'static str)> {
    let entry = Code::ALL.iter().find(|entry| entry.code.as_str() == code)?;
    let (_, rest) = DOCUMENTATION.split_once(&format!("## `{code}`\n"))?;
    let section = rest.split("\n## `").next().unwrap_or(rest);
    Some((entry, section.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained() {
        for entry in Code::ALL {
            let (found, section) = explanation(entry.code.as_str()).unwrap();
            assert_eq!(found.code, entry.code);
            assert!(section.starts_with(entry.summary), "{}", entry.code);
        }
        assert!(explanation("no-such-code").is_none());
    }
}
