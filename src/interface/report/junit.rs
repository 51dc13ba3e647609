//! JUnit reports, which build servers list: findings, a test case a file; and cases of patterns.

use std::fmt::Write as _;

use super::diagnostics::{Place, diagnostic_line};
use crate::language::diagnostic::{Diagnostic, Severity};
use crate::language::source::SourceMap;

/// Findings as a report. A file fails when something in it is at least as bad as `threshold`.
pub fn diagnostics_junit(
    sources: &SourceMap,
    files: &[String],
    found: &[Diagnostic],
    threshold: Severity,
) -> String {
    let case = |file: &String| {
        let of_file = |found: &&Diagnostic| {
            Place::of(sources, found.primary.span).is_some_and(|place| place.file == file)
        };
        let found: Vec<&Diagnostic> = found.iter().filter(of_file).collect();
        let lines: Vec<String> =
            found.iter().map(|found| diagnostic_line(sources, found)).collect();
        let bad = found.iter().filter(|found| found.severity >= threshold).count();
        let failure = (bad > 0).then(|| super::units::counted(bad, "finding", "findings"));
        JunitCase {
            class: "partita".to_owned(),
            name: file.clone(),
            failure,
            text: lines.join("\n"),
        }
    };
    let cases = files.iter().map(case).collect();
    junit(&[JunitSuite { name: "partita validate".to_owned(), cases }])
}

/// Cases that are listed together.
pub(super) struct JunitSuite {
    pub(super) name: String,
    pub(super) cases: Vec<JunitCase>,
}

/// A case as a build server lists it.
pub(super) struct JunitCase {
    /// What it is a case of.
    pub(super) class: String,
    pub(super) name: String,
    /// In a few words why it has failed, if it has.
    pub(super) failure: Option<String>,
    /// What there is to say.
    pub(super) text: String,
}

/// The report of some suites.
pub(super) fn junit(suites: &[JunitSuite]) -> String {
    let mut text = String::new();
    let (mut all, mut all_failures) = (0, 0);
    for suite in suites {
        let mut cases = String::new();
        for JunitCase { class, name, failure, text } in &suite.cases {
            let (class, name, text) = (escaped(class), escaped(name), escaped(text));
            let head = format!("    <testcase classname=\"{class}\" name=\"{name}\"");
            let _ = match (failure, text.is_empty()) {
                (None, true) => writeln!(cases, "{head}/>"),
                (None, false) => writeln!(
                    cases,
                    "{head}>\n      <system-out>{text}</system-out>\n    </testcase>"
                ),
                (Some(failure), _) => writeln!(
                    cases,
                    "{head}>\n      <failure message=\"{}\">{text}</failure>\n    </testcase>",
                    escaped(failure)
                ),
            };
        }
        let tests = suite.cases.len();
        let failures = suite.cases.iter().filter(|case| case.failure.is_some()).count();
        all += tests;
        all_failures += failures;
        let _ = writeln!(
            text,
            "  <testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" \
             skipped=\"0\">\n{cases}  </testsuite>",
            escaped(&suite.name)
        );
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{all}\" \
         failures=\"{all_failures}\" errors=\"0\">\n{text}</testsuites>\n"
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
