//! The library that is part of the binary.

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};

static PATTERNS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/patterns");
static PIPELINES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/pipelines");

/// A document of the built-in library.
#[derive(Debug, Clone, Copy)]
pub struct Builtin {
    /// Its path in the library, such as `patterns/coordination/parallel_research.yaml`.
    pub path: &'static str,
    /// The file name without its ending, which is the document's name (a test proves it).
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// How the names of files end that hold the tests of the document beside them.
const TESTS_ENDING: &str = ".test";

/// The folder of sample inputs, which are no documents.
const SAMPLE_INPUTS: &str = "inputs";

/// The vocabularies of the advisor. They are no part of the library: nothing is run by their names.
pub fn builtin_vocabularies() -> [Builtin; 2] {
    let words = Builtin {
        path: "vocabulary/english.yaml",
        name: "english",
        text: include_str!("../../../vocabulary/english.yaml"),
    };
    let requests = Builtin {
        path: "vocabulary/english_requests.yaml",
        name: "english_requests",
        text: include_str!("../../../vocabulary/english_requests.yaml"),
    };
    [words, requests]
}

/// Every document of the built-in library, sorted by path, without their tests.
pub fn builtins() -> &'static [Builtin] {
    static BUILTINS: LazyLock<Vec<Builtin>> = LazyLock::new(|| shipped(false));
    &BUILTINS
}

/// The tests of the built-in library, sorted by path; each has the name of what it tests.
pub fn builtin_tests() -> &'static [Builtin] {
    static TESTS: LazyLock<Vec<Builtin>> = LazyLock::new(|| {
        let mut found = shipped(true);
        for tests in &mut found {
            tests.name = tests.name.strip_suffix(TESTS_ENDING).unwrap_or(tests.name);
        }
        found
    });
    &TESTS
}

fn shipped(tests: bool) -> Vec<Builtin> {
    let mut found = Vec::new();
    for folder in [&PATTERNS, &PIPELINES] {
        collect(folder, &mut found);
    }
    found.retain(|file| file.name.ends_with(TESTS_ENDING) == tests);
    found.sort_by_key(|builtin| builtin.path);
    found
}

fn collect(folder: &Dir<'static>, found: &mut Vec<Builtin>) {
    for file in folder.files() {
        let path = file.path();
        let is_yaml = path.extension().is_some_and(|ending| ending == "yaml");
        let parts = (path.to_str(), path.file_stem().and_then(|stem| stem.to_str()));
        if let (true, (Some(path), Some(name)), Some(text)) = (is_yaml, parts, file.contents_utf8())
        {
            found.push(Builtin { path, name, text });
        }
    }
    let of_documents = |inner: &&Dir<'_>| !inner.path().ends_with(SAMPLE_INPUTS);
    for inner in folder.dirs().filter(of_documents) {
        collect(inner, found);
    }
}
