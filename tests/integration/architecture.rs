//! The direction of imports, and one home for each outside library.

use std::fs;

use crate::support::{files_below, root};

/// The folders in the order in which they may use each other: each uses itself and those before.
const ORDER: [&str; 6] = ["organization", "language", "engine", "runtime", "insight", "interface"];

/// Parts of the language side in their order.
const LANGUAGE: [&str; 9] = [
    "workers",
    "examples",
    "source",
    "diagnostic",
    "digest",
    "template",
    "document",
    "plan",
    "lint",
];

/// Where outside libraries may be used, by their names in code.
const HOMES: [(&str, &[&str]); 29] = [
    ("bm25", &["insight/advisor/ranking.rs"]),
    ("rust_stemmers", &["insight/advisor/words.rs"]),
    ("granit_parser", &["language/source/"]),
    ("minijinja", &["language/template/"]),
    ("petgraph", &["language/plan/"]),
    ("jsonschema", &["language/document/", "language/plan/values.rs", "runtime/simulator/"]),
    ("schemars", &["language/document/"]),
    ("strsim", &["language/document/suggest.rs"]),
    ("include_dir", &["language/document/builtin.rs"]),
    ("blake3", &["language/digest.rs"]),
    ("rusqlite", &["runtime/journal/"]),
    ("uuid", &["runtime/journal/"]),
    ("reqwest", &["runtime/cluster/", "runtime/simulator/tests"]),
    ("axum", &["runtime/simulator/"]),
    ("hyper", &["runtime/simulator/"]),
    ("hyper_util", &["runtime/simulator/"]),
    ("regex_syntax", &["language/examples.rs"]),
    ("miette", &["interface/report/diagnostics.rs", "interface/report/snippet.rs"]),
    ("indicatif", &["interface/cli/live.rs"]),
    ("similar", &["interface/report/difference.rs"]),
    ("clap", &["interface/cli/"]),
    ("lsp_types", &["interface/lsp/"]),
    ("percent_encoding", &["interface/uri_path.rs"]),
    ("mimalloc", &["main.rs"]),
    ("rmcp", &["runtime/tools/"]),
    ("rustix", &["runtime/tools/"]),
    ("terminal_size", &["interface/cli/environment.rs"]),
    ("unicode_width", &["interface/report/width.rs"]),
    ("tokio", &["runtime/", "interface/"]),
];

fn sources() -> Vec<(String, String)> {
    let folder = root().join("src");
    files_below(&folder, "rs")
        .into_iter()
        .map(|path| {
            let name =
                path.strip_prefix(&folder).expect("below src").to_string_lossy().replace('\\', "/");
            (name, fs::read_to_string(&path).expect("a source"))
        })
        .collect()
}

/// The code of a file without comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.starts_with("//"))
}

/// The names that follow `crate::` in a line: `crate::engine::Time` gives `["engine", "Time"]`.
fn crate_paths(line: &str) -> Vec<Vec<&str>> {
    line.split("crate::")
        .skip(1)
        .map(|rest| {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
            rest[..end.unwrap_or(rest.len())].split("::").collect()
        })
        .collect()
}

#[test]
fn imports_go_one_way() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (name, text) in sources() {
        let mut folders = name.split('/');
        let folder = folders.next();
        let Some(own) = ORDER.iter().position(|known| Some(*known) == folder) else {
            continue;
        };
        let own_part = folders.next().map(|part| part.trim_end_matches(".rs"));
        for line in code(&text) {
            for path in crate_paths(line) {
                let Some(used) = ORDER.iter().position(|folder| *folder == path[0]) else {
                    continue;
                };
                seen += 1;
                // Runtime and insight do not know each other.
                let strangers = ORDER[own] == "insight" && ORDER[used] == "runtime";
                if used > own || strangers {
                    wrong.push(format!("{name} uses {}", path.join("::")));
                }
                if ORDER[own] == "language" && ORDER[used] == "language" {
                    let rank = |part: Option<&str>| LANGUAGE.iter().position(|p| Some(*p) == part);
                    if let (Some(own), Some(used)) = (rank(own_part), rank(path.get(1).copied()))
                        && used > own
                    {
                        wrong.push(format!("{name} uses {}", path.join("::")));
                    }
                }
            }
        }
    }
    assert!(seen > 300, "the test reads too little: {seen}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_outside_library_has_one_home() {
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        for (library, homes) in HOMES {
            let is_home = homes.iter().any(|home| name.starts_with(home));
            let words = [format!("{library}::"), format!("use {library}")];
            let used = code(&text).any(|line| {
                words.iter().any(|word| {
                    line.match_indices(word.as_str()).any(|(at, _)| {
                        !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                    })
                })
            });
            if used && !is_home {
                wrong.push(format!("{name} uses {library}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_engine_knows_no_clock_and_no_chance() {
    let forbidden = [
        "std::time::Instant",
        "SystemTime",
        "std::thread",
        "tokio",
        "rand",
        "HashMap",
        "async fn",
        "std::fs",
        "std::env",
    ];
    let mut wrong = Vec::new();
    for (name, text) in sources().iter().filter(|(name, _)| name.starts_with("engine/")) {
        for line in code(text) {
            for word in forbidden {
                if line.contains(word) {
                    wrong.push(format!("{name}: {line}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
