//! Findings as a JUnit report: a test case a file, which build servers list.

use std::fmt::Write as _;

use super::diagnostics::{Place, diagnostic_line};
use crate::language::diagnostic::{Diagnostic, Severity};
use crate::language::source::SourceMap;

/// The report. A file fails when something in it is at least as bad as `threshold`.
pub fn diagnostics_junit(
    sources: &SourceMap,
    files: &[String],
    found: &[Diagnostic],
    threshold: Severity,
) -> String {
    let mut cases = String::new();
    let mut failures = 0;
    for file in files {
        let of_file = |found: &&Diagnostic| {
            Place::of(sources, found.primary.span).is_some_and(|place| place.file == file)
        };
        let found: Vec<&Diagnostic> = found.iter().filter(of_file).collect();
        let lines: Vec<String> =
            found.iter().map(|found| diagnostic_line(sources, found)).collect();
        let text = escaped(&lines.join("\n"));
        let bad = found.iter().filter(|found| found.severity >= threshold).count();
        let name = escaped(file);
        let _ = match (bad, lines.is_empty()) {
            (0, true) => writeln!(cases, "    <testcase classname=\"partita\" name=\"{name}\"/>"),
            (0, false) => writeln!(
                cases,
                "    <testcase classname=\"partita\" name=\"{name}\">\n      \
                 <system-out>{text}</system-out>\n    </testcase>"
            ),
            (bad, _) => {
                failures += 1;
                writeln!(
                    cases,
                    "    <testcase classname=\"partita\" name=\"{name}\">\n      <failure \
                     message=\"{}\">{text}</failure>\n    </testcase>",
                    super::units::counted(bad, "finding", "findings")
                )
            }
        };
    }
    let tests = files.len();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{tests}\" \
         failures=\"{failures}\" errors=\"0\">\n  <testsuite name=\"partita validate\" \
         tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" \
         skipped=\"0\">\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

/// Text in XML 1.0, which has no place for most control characters.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_has_its_own_marks() {
        assert_eq!(escaped("a<b & \"c\"\u{1}\n"), "a&lt;b &amp; &quot;c&quot;\u{fffd}&#10;");
    }
}
