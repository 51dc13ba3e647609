//! One rule, applied to one document.

use crate::language::diagnostic::{Code, Severity};
use crate::language::document::{Expectation, Level, Library, LintSettings, ProjectFile};
use crate::language::lint::{Rule, examine};

/// What every document of the tests begins with, unless it has a team of its own.
const HEADER: &str = "pattern: { name: test, summary: A test. }\n";
const TEAM: &str = "team: { name: desk, agents: [{ role: Writer }, { role: Editor }, \
    { role: Market Analyst }] }\n";

/// Compares the messages of a rule about a document, whose header the rest is written below.
/// The document must be sound, apart from what this version does not run yet.
#[track_caller]
pub(super) fn check(rule: &Rule, rest: &str, expected: &[&str]) {
    let team = if rest.lines().any(|line| line.starts_with("team:")) { "" } else { TEAM };
    let file = ProjectFile {
        name: "test.yaml".to_owned(),
        content: Ok(format!("{HEADER}{team}{rest}")),
        expectation: Expectation::Named,
    };
    let library = Library::of_files([file]);
    let mut settings = LintSettings::default();
    let level = Level::ALL.into_iter().find(|level| level.severity() == Some(rule.severity));
    settings.rules.extend(level.map(|level| (rule.code.as_str().to_owned(), level)));
    let found = examine(&library, &settings, |_| true).diagnostics;
    for error in found.iter().filter(|found| found.severity == Severity::Error) {
        assert_eq!(error.code, Code::NOT_SUPPORTED_YET, "{}: {rest}", error.message);
    }
    let messages: Vec<&str> = found
        .iter()
        .filter(|found| found.code == rule.code)
        .map(|found| found.message.as_str())
        .collect();
    assert_eq!(messages, expected, "{rest}");
}
