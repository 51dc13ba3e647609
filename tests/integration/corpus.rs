//! Documents with mistakes in them, as people make them, and documents that only look like it.
//!
//! `tests/fixtures/corpus/` says in comments what is to be found in each file, and where:
//!
//! ```yaml
//! #~ 4: template-syntax "}}"            of line 4, which cannot have a comment of its own
//! tasks:
//!   draft: { agent: wrtier }    #~ unknown-agent "wrtier" missing-key "draft"
//! ```
//!
//! Every file is validated once, and what is found has to be what is expected: the code, the line
//! and the underlined text. Warnings and remarks count where the file expects their code, and
//! always in `clean/`.

mod expectation;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use partita::interface::app::{Project, Validation, validate};
use partita::language::diagnostic::{Diagnostic, Severity};

use self::expectation::{Expectation, Place};
use crate::support::files_below;

/// No folder of it has one of the names in which a project keeps its documents.
const FOLDER: &str = "tests/fixtures/corpus";

/// The files of the corpus with what they expect, in the order of their names.
fn corpus() -> Vec<(PathBuf, Expectation)> {
    let mut files = files_below(Path::new(FOLDER), "yaml");
    files.extend(files_below(Path::new(FOLDER), "yml"));
    files
        .into_iter()
        .map(|path| {
            let expectation = Expectation::of_file(&path);
            (path, expectation)
        })
        .collect()
}

fn is_clean(path: &Path) -> bool {
    path.starts_with(Path::new(FOLDER).join("clean"))
}

fn validated(project: &Project, path: &Path, expectation: &Expectation) -> Validation {
    let beside = expectation.with.iter().map(|name| path.with_file_name(name));
    let mut paths: Vec<PathBuf> = std::iter::once(path.to_path_buf()).chain(beside).collect();
    // Of two files with one name the second is wrong, whichever was named first.
    paths.sort();
    validate(project, &paths, &expectation.settings)
        .unwrap_or_else(|failure| panic!("{}: {}", path.display(), failure.message))
}

/// What was found in one of the validated files, as far as it counts there.
fn found_in(found: &Validation, name: &str, expectation: &Expectation) -> Vec<Place> {
    let sources = found.library.sources();
    let counts = |finding: &&Diagnostic| {
        finding.severity == Severity::Error
            || is_clean(Path::new(name))
            || expectation.places.iter().any(|place| place.code == finding.code.as_str())
    };
    let mut places: Vec<Place> = found
        .diagnostics
        .iter()
        .filter(counts)
        .filter_map(|finding| {
            let span = finding.primary.span;
            let source = sources.get(span.source).filter(|source| source.name() == name)?;
            Some(Place {
                line: source.position(span.start).line,
                code: finding.code.as_str().to_owned(),
                text: source.span_text(span).to_owned(),
            })
        })
        .collect();
    places.sort();
    places
}

/// What differs in one file, a line for each place; empty where nothing does.
fn difference(name: &str, expected: &[Place], found: &[Place]) -> String {
    let mut text = String::new();
    let mut missing = expected.to_vec();
    for place in found {
        match missing.iter().position(|expected| expected == place) {
            Some(at) => drop(missing.remove(at)),
            None => _ = writeln!(text, "  found, not expected: {place}"),
        }
    }
    for place in missing {
        let _ = writeln!(text, "  expected, not found: {place}");
    }
    if text.is_empty() { text } else { format!("{name}\n{text}") }
}

#[test]
fn every_mistake_is_found_where_it_is_and_nothing_else() {
    let project = Project::new(FOLDER);
    let mut differences = String::new();
    for (path, expectation) in corpus() {
        let found = validated(&project, &path, &expectation);
        for name in &found.files {
            let expected = Expectation::of_file(Path::new(name));
            let places = found_in(&found, name, &expected);
            differences += &difference(name, &expected.places, &places);
        }
    }
    assert!(differences.is_empty(), "\n{differences}");
}

/// A comment that says what is wrong must not be what is wrong.
#[test]
fn the_comments_of_the_corpus_change_nothing() {
    let with_comments = Project::new(FOLDER);
    for (path, expectation) in corpus() {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let mut without_comments = with_comments.clone();
        without_comments.unsaved.insert(path.clone(), expectation::without_comments(&text));
        let found = |project: &Project| {
            let found = validated(project, &path, &expectation);
            found_in(&found, &path.display().to_string(), &expectation)
        };
        assert_eq!(found(&without_comments), found(&with_comments), "{}", path.display());
    }
}

#[test]
fn the_corpus_is_large() {
    let corpus = corpus();
    let (clean, rest): (Vec<_>, Vec<_>) = corpus.iter().partition(|(path, _)| is_clean(path));
    for (path, expectation) in &clean {
        assert!(expectation.places.is_empty(), "{} is not clean", path.display());
    }
    let mut kinds: BTreeSet<&str> = BTreeSet::new();
    let mut broken = 0;
    for (path, expectation) in &rest {
        assert!(
            expectation.places.is_empty() == expectation.is_sound,
            "{} expects nothing, and does not say that it is sound",
            path.display()
        );
        kinds.extend(expectation.places.iter().map(|place| place.code.as_str()));
        broken += usize::from(!expectation.is_sound);
    }
    assert!(broken >= 150, "{broken} files with mistakes");
    assert!(kinds.len() >= 40, "{} kinds of mistakes: {kinds:?}", kinds.len());
    assert!(clean.len() >= 25, "{} clean files", clean.len());
}
