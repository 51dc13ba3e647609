//! Every code has a document that shows it, a snapshot of all that is said about that document,
//! and a section in `docs/diagnostics.md`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use partita::interface::app::{Project, check_online, validate};
use partita::interface::report::{Look, diagnostics_text};
use partita::language::diagnostic::Code;
use partita::language::document::{Level, LintSettings};
use partita::language::lint::{RULES, kinds};
use partita::language::source::SyntaxErrorKind;

use crate::online::sights;
use crate::support::{current, root};

/// Codes that no document in a folder can show; other tests do.
const SHOWN_ELSEWHERE: [&str; 10] = [
    "expectation-not-met",
    "outdated-recording",
    "advice-left-out",
    "unreadable-file",
    "file-too-large",
    "not-utf8",
    "too-many-nodes",
    "key-too-long",
    "too-many-errors",
    "internal-error",
];

const FOLDER: &str = "tests/fixtures/diagnostics";

/// The fixtures: a code and the file or folder that shows it.
fn fixtures() -> Vec<(String, PathBuf)> {
    let mut found: Vec<(String, PathBuf)> = fs::read_dir(root().join(FOLDER))
        .expect("a folder")
        .flatten()
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name.trim_end_matches(".yaml").to_owned(), Path::new(FOLDER).join(&name))
        })
        .collect();
    found.sort();
    found
}

/// What `partita validate` says of a fixture, and whether its code is among it.
fn findings(code: &str, path: &Path) -> String {
    // A folder without a library: each fixture stands for itself, and is a project if it says what it
    // imports.
    let is_project = root().join(path).join("imports.yaml").exists();
    let project = Project::new(if is_project { path } else { Path::new(FOLDER) });
    // A rule is shown whoever it speaks to.
    let mut settings = LintSettings::default();
    if let Some(rule) = RULES.iter().find(|rule| rule.code.as_str() == code) {
        let level = Level::ALL.into_iter().find(|level| level.severity() == Some(rule.severity));
        settings.rules.extend(level.map(|level| (code.to_owned(), level)));
    }
    let mut found = validate(&project, &[path.to_path_buf()], &settings)
        .unwrap_or_else(|failure| panic!("{code}: {}", failure.message));
    if Code::OF_A_CLUSTER.iter().any(|of_cluster| of_cluster.as_str() == code) {
        let sights = sights(&found, path);
        check_online(&mut found, &settings, &sights);
    }
    let codes: Vec<&str> = found.diagnostics.iter().map(|found| found.code.as_str()).collect();
    assert!(codes.contains(&code), "{code} is not found, but {codes:?}");
    let look = Look { colour: false, width: 100 };
    diagnostics_text(found.library.sources(), &found.diagnostics, look)
}

#[test]
fn every_code_has_a_fixture() {
    let shown: BTreeSet<String> = fixtures().into_iter().map(|(code, _)| code).collect();
    let elsewhere = SHOWN_ELSEWHERE.iter().map(|code| (*code).to_owned());
    let covered: BTreeSet<String> = shown.into_iter().chain(elsewhere).collect();
    let all: BTreeSet<String> = kinds().map(|kind| kind.code.as_str().to_owned()).collect();
    assert_eq!(covered, all);
    for code in SyntaxErrorKind::CODES {
        assert!(all.contains(*code), "{code} is not in the table of codes");
    }
}

#[test]
fn what_is_said_of_each_fixture() {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        for (code, path) in fixtures() {
            insta::assert_snapshot!(format!("diagnostic__{code}"), findings(&code, &path));
        }
    });
}

#[test]
fn the_documentation_is_current() {
    let mut text = String::from(
        "# Findings\n\nWhat `partita validate` can find, by code. Errors make it exit with 1; \
         warnings do so with `--strict`; remarks never do. Every example is a test, and what \
         stands below it is what Partita prints.\n",
    );
    let fixtures = fixtures();
    for kind in kinds() {
        let code = kind.code.as_str();
        let _ = write!(text, "\n## `{code}`\n\n{} ({}", kind.summary, kind.severity.as_str());
        if kind.is_rule {
            let (audience, confidence) = (kind.audience.as_str(), kind.confidence.as_str());
            let _ = write!(text, "; for {audience}, confidence {confidence}");
        }
        text.push_str(")\n");
        if !kind.explanation.is_empty() {
            let _ = write!(text, "\n{}\n", kind.explanation);
        }
        let Some((_, path)) = fixtures.iter().find(|(shown, _)| shown == code) else { continue };
        let Ok(example) = fs::read_to_string(root().join(path)) else { continue };
        let shown: Vec<&str> = example.lines().take(14).collect();
        let rest = if example.lines().count() > 14 { "\n…" } else { "" };
        let said = findings(code, path);
        let said: Vec<&str> = said.lines().map(str::trim_end).take(24).collect();
        let _ = write!(
            text,
            "\n```yaml\n{}{rest}\n```\n\n```text\n{}\n```\n",
            shown.join("\n"),
            said.join("\n").trim_end()
        );
    }
    current("docs/diagnostics.md", &text);
}
