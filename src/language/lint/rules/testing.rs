//! What a rule says of a document, for the tests beside the rules.

use crate::language::diagnostic::{Diagnostic, Severity};
use crate::language::document::{Audience, Expectation, Library, LintSettings, ProjectFile};
use crate::language::lint::{Rule, examine};
use crate::language::source::apply_edits;

/// The messages of a rule about a document, in the order of the text.
#[track_caller]
pub(super) fn check(rule: &Rule, text: &str, expected: &[&str]) {
    check_files(rule, &[("patterns/example.yaml", text)], expected);
}

/// The messages of a rule about a pattern of which only the tasks matter. The rest may have a team;
/// without one there are a writer, an editor and a market analyst.
#[track_caller]
pub(super) fn check_tasks(rule: &Rule, rest: &str, expected: &[&str]) {
    let team = "team: { name: desk, agents: [{ role: Writer }, { role: Editor }, \
        { role: Market Analyst }] }\n";
    let team = if rest.lines().any(|line| line.starts_with("team:")) { "" } else { team };
    let text = format!("pattern: {{ name: test, summary: A test. }}\n{team}{rest}");
    check(rule, &text, expected);
}

/// The messages of a rule about documents that use each other, file by file.
#[track_caller]
pub(super) fn check_files(rule: &Rule, files: &[(&str, &str)], expected: &[&str]) {
    let found = findings(rule, files);
    let messages: Vec<&str> = found.iter().map(|found| found.message.as_str()).collect();
    assert_eq!(messages, expected, "{}", files.last().map_or("", |(_, text)| text));
}

/// The document after the only repair that a rule offers for it.
#[track_caller]
pub(super) fn check_fix(rule: &Rule, text: &str, expected: &str) {
    let found = findings(rule, &[("patterns/example.yaml", text)]);
    let fixes: Vec<_> = found.into_iter().filter_map(|found| found.fix).collect();
    let [fix] = fixes.as_slice() else { panic!("{} repairs of {text}", fixes.len()) };
    assert_eq!(apply_edits(text, &fix.edits).as_deref(), Some(expected));
}

#[track_caller]
fn findings(rule: &Rule, files: &[(&str, &str)]) -> Vec<Diagnostic> {
    let files = files.iter().map(|(name, text)| ProjectFile {
        name: (*name).to_owned(),
        content: Ok((*text).to_owned()),
        expectation: Expectation::Named,
    });
    let library = Library::of_files(files);
    let settings = LintSettings { audience: Audience::Auditor, ..LintSettings::default() };
    let found = examine(&library, &settings, |_| true).diagnostics;
    // A mistake in the example would hide what the rule says.
    let mistakes: Vec<&Diagnostic> = found
        .iter()
        .filter(|found| found.severity == Severity::Error && found.code != rule.code)
        .collect();
    assert!(mistakes.is_empty(), "{mistakes:#?}");
    found.into_iter().filter(|found| found.code == rule.code).collect()
}
