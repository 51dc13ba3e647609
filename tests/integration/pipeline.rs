//! Everything that validation does with the bytes of a file, and what must hold whatever they are.
//! The fuzz target `validate` runs the same.

use partita::interface::report::{
    Look, diagnostics_github, diagnostics_json, diagnostics_junit, diagnostics_sarif,
    diagnostics_text,
};
use partita::language::diagnostic::{Severity, sort};
use partita::language::document::{Audience, Expectation, Library, LintSettings, ProjectFile};
use partita::language::lint::examine;
use partita::language::plan::compile;
use partita::language::source::{apply_edits, decode};

/// Runs it. Bytes that are no text are refused by `decode` and nothing more.
pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = decode(bytes.to_vec()) else {
        return;
    };
    let library = Library::of_files([ProjectFile {
        name: "file.yaml".to_owned(),
        content: Ok(text),
        expectation: Expectation::Named,
    }]);
    // Every rule speaks.
    let settings = LintSettings { audience: Audience::Auditor, ..LintSettings::default() };
    let mut examined = examine(&library, &settings, |_| true);
    let mut found = examined.diagnostics;
    found.append(&mut examined.suppressed);
    sort(&mut found);
    let sources = library.sources();
    for finding in &found {
        assert_ne!(finding.code.as_str(), "internal-error", "{}", finding.message);
        let labels = finding.related.iter().chain([&finding.primary]);
        for span in labels.map(|label| label.span) {
            let source = sources.get(span.source).expect("a source of the library");
            let range = span.start as usize..span.end as usize;
            assert!(source.text().get(range).is_some(), "{span:?} of {}", finding.message);
        }
    }
    for fix in found.iter().filter_map(|finding| finding.fix.as_ref()) {
        let source = fix.edits.first().and_then(|edit| sources.get(edit.span.source));
        let repaired = source.and_then(|source| apply_edits(source.text(), &fix.edits));
        assert!(repaired.is_some(), "{fix:?}");
    }
    let files = ["file.yaml".to_owned()];
    let look = Look { colour: false, width: 100 };
    let reports = [
        diagnostics_text(sources, &found, look),
        diagnostics_json(sources, &found).to_string(),
        diagnostics_sarif(sources, &found, &[]).to_string(),
        diagnostics_github(sources, &found),
        diagnostics_junit(sources, &files, &found, Severity::Error),
    ];
    assert!(reports.iter().all(|report| !report.chars().any(is_obeyed)), "{reports:?}");
    let is_faulty = found.iter().any(|finding| finding.severity == Severity::Error);
    for document in library.project_documents() {
        if let Ok(compiled) = compile(&library, document) {
            assert!(!is_faulty, "a faulty document has a plan");
            assert!(!compiled.plan.fingerprint().as_str().is_empty());
        }
    }
}

/// Whether a terminal would obey the character.
fn is_obeyed(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\t')
}
