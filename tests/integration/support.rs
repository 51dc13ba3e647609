//! What several tests need.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use partita::engine::{Server, Settings};
use partita::language::diagnostic::{Diagnostic, Severity, sort};
use partita::language::document::simulation::Profile;
use partita::language::document::{ClusterSettings, Expectation, Library, ProjectFile};
use partita::language::plan::{Plan, check_library, compile};

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A library of texts with names.
pub(crate) fn library(texts: &[(&str, &str)]) -> Library {
    Library::of_files(texts.iter().map(|(name, text)| ProjectFile {
        name: (*name).to_owned(),
        content: Ok((*text).to_owned()),
        expectation: Expectation::Named,
    }))
}

/// Everything that is wrong with a library's documents.
pub(crate) fn findings(library: &Library) -> Vec<Diagnostic> {
    let mut found = library.diagnostics().to_vec();
    found.extend(check_library(library));
    sort(&mut found);
    found
}

/// The plan of the first of some texts; they must be without fault.
pub(crate) fn plan(texts: &[(&str, &str)]) -> Arc<Plan> {
    let library = library(texts);
    let errors: Vec<String> = findings(&library)
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .map(|found| found.message.clone())
        .collect();
    assert!(errors.is_empty(), "{errors:?}\n{}", texts[0].1);
    let document = library.documents().next().expect("a document");
    let compiled = compile(&library, document).expect("a plan");
    Arc::new(compiled.plan)
}

/// The files below a folder with an ending, sorted.
pub(crate) fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![folder.to_path_buf()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A small generator of numbers: the same seed gives the same numbers everywhere.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// True once in so many times.
    pub(crate) fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// That a generated file is current. With `UPDATE_FILES=1` it is written instead.
pub(crate) fn current(path: &str, text: &str) {
    let file = root().join(path);
    if std::env::var("UPDATE_FILES").is_ok() {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, text).expect("a file");
        return;
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == text, "{path} is not current: run UPDATE_FILES=1 cargo test");
}

/// The settings of a run in virtual time on the servers of a profile.
pub(crate) fn settings_of(profile: &Profile, model: &str) -> Settings {
    let cluster = ClusterSettings::of_urls(profile.servers.iter().map(|s| s.name.clone()));
    let settings = Settings::of_cluster(&cluster, model.to_owned());
    Settings { servers: servers_of(profile), ..settings }
}

/// The servers of a profile, as an engine in virtual time knows them.
pub(crate) fn servers_of(profile: &Profile) -> Vec<Server> {
    let servers = profile.servers.iter().map(|server| Server {
        name: server.name.clone(),
        url: String::new(),
        slots: server.slots,
        max_models: server.max_loaded_models,
        tags: Vec::new(),
        weight: server.speed,
        simulated: true,
    });
    servers.collect()
}
