//! Findings as workflow commands of GitHub Actions, which show them beside the changed lines.
//!
//! GitHub shows ten annotations of a kind for each step and drops the rest, so the worst come first.

use std::cmp::Reverse;

use super::diagnostics::Place;
use crate::language::diagnostic::{Diagnostic, Severity};
use crate::language::source::SourceMap;

/// A line for each finding: errors first, and of one severity what is surest.
pub fn diagnostics_github(sources: &SourceMap, found: &[Diagnostic]) -> String {
    let mut sorted: Vec<&Diagnostic> = found.iter().collect();
    sorted.sort_by_key(|found| Reverse((found.severity, found.confidence)));
    sorted.into_iter().map(|found| command(sources, found)).collect()
}

fn command(sources: &SourceMap, found: &Diagnostic) -> String {
    let word = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let place = Place::of(sources, found.primary.span).map_or_else(String::new, |place| {
        let Place { file, start, end } = place;
        let file = property(file.trim_start_matches("./"));
        let columns = if start.line == end.line {
            format!(",col={},endColumn={}", start.column, end.column)
        } else {
            format!(",col={}", start.column)
        };
        format!("file={file},line={},endLine={}{columns},", start.line, end.line)
    });
    let text = match &found.help {
        Some(help) => format!("{}\n{help}", found.message),
        None => found.message.clone(),
    };
    format!("::{word} {place}title={}::{}\n", found.code, data(&text))
}

/// A message as the runner reads it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property's value as the runner reads it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_runner_would_read_otherwise_is_escaped() {
        assert_eq!(data("50 %\nmore: a, b"), "50 %25%0Amore: a, b");
        assert_eq!(property("a,b:c%.yaml"), "a%2Cb%3Ac%25.yaml");
    }
}
