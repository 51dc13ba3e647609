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

/// Every document of the built-in library, sorted by path.
pub fn builtins() -> &'static [Builtin] {
    static BUILTINS: LazyLock<Vec<Builtin>> = LazyLock::new(|| {
        let mut found = Vec::new();
        for folder in [&PATTERNS, &PIPELINES] {
            collect(folder, &mut found);
        }
        found.sort_by_key(|builtin| builtin.path);
        found
    });
    &BUILTINS
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
    for inner in folder.dirs() {
        collect(inner, found);
    }
}
