//! What kind of document a mapping is, told by its top-level keys.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::suggest::nearest;

/// The kinds of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// `pattern:`.
    Pattern,
    /// `pipeline:`.
    Pipeline,
    /// `cluster:` alone.
    Cluster,
    /// `simulation:` alone.
    Simulation,
    /// `team:` with `agents:`.
    Team,
    /// Keys that end in `_patterns`.
    LibraryIndex,
    /// `lint:` alone.
    Lint,
    /// `tests:` with `cases:`.
    Tests,
    /// `imports:` alone.
    Imports,
    /// `vocabulary:`.
    Vocabulary,
}

/// Why a mapping is no document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KindProblem {
    /// No key says what it is. The key that was probably meant to, and what it should be.
    Unknown(Option<(String, &'static str)>),
    /// Two keys say different things.
    Several(&'static str, &'static str),
}

impl DocumentKind {
    /// All kinds.
    pub const ALL: [DocumentKind; 10] = [
        DocumentKind::Pattern,
        DocumentKind::Pipeline,
        DocumentKind::Cluster,
        DocumentKind::Simulation,
        DocumentKind::Team,
        DocumentKind::LibraryIndex,
        DocumentKind::Lint,
        DocumentKind::Tests,
        DocumentKind::Imports,
        DocumentKind::Vocabulary,
    ];

    /// The kind's name, as `partita schema` takes it.
    pub fn as_str(self) -> &'static str {
        match self {
            DocumentKind::Pattern => "pattern",
            DocumentKind::Pipeline => "pipeline",
            DocumentKind::Cluster => "cluster",
            DocumentKind::Simulation => "simulation",
            DocumentKind::Team => "team",
            DocumentKind::LibraryIndex => "library_index",
            DocumentKind::Lint => "lint",
            DocumentKind::Tests => "tests",
            DocumentKind::Imports => "imports",
            DocumentKind::Vocabulary => "vocabulary",
        }
    }

    /// The kind of a document by its top-level keys. A pattern has a `team:` and a pipeline a
    /// `cluster:` and a `simulation:` of its own, so those keys decide last.
    pub(crate) fn detect(document: &Map<String, Value>) -> Result<DocumentKind, KindProblem> {
        match (document.contains_key("pattern"), document.contains_key("pipeline")) {
            (true, true) => return Err(KindProblem::Several("pattern", "pipeline")),
            (true, false) => return Ok(DocumentKind::Pattern),
            (false, true) => return Ok(DocumentKind::Pipeline),
            (false, false) => {}
        }
        // Files of other tools have a list under `tests`.
        if document.contains_key("cases") || document.get("tests").is_some_and(Value::is_object) {
            return match document.contains_key("tests") {
                true => Ok(DocumentKind::Tests),
                false => Err(KindProblem::Unknown(meant(document))),
            };
        }
        let lone = [
            ("team", DocumentKind::Team),
            ("cluster", DocumentKind::Cluster),
            ("simulation", DocumentKind::Simulation),
            ("lint", DocumentKind::Lint),
            ("imports", DocumentKind::Imports),
            ("vocabulary", DocumentKind::Vocabulary),
        ];
        // Tasks are there to be run: without `pattern` or `pipeline` that key is missing or misspelt,
        // whatever else is there.
        if document.contains_key("waves") || document.contains_key("tasks") {
            return Err(KindProblem::Unknown(meant(document)));
        }
        let mut found = lone.iter().filter(|(key, _)| document.contains_key(*key));
        match (found.next(), found.next()) {
            (Some((_, kind)), None) => return Ok(*kind),
            (Some((first, _)), Some((second, _))) => {
                return Err(KindProblem::Several(first, second));
            }
            _ => {}
        }
        if document.keys().any(|key| key.ends_with("_patterns")) {
            return Ok(DocumentKind::LibraryIndex);
        }
        Err(KindProblem::Unknown(meant(document)))
    }
}

/// The key that was probably meant to say the kind.
fn meant(document: &Map<String, Value>) -> Option<(String, &'static str)> {
    const KEYS: [&str; 8] =
        ["pattern", "pipeline", "team", "cluster", "simulation", "lint", "imports", "vocabulary"];
    // Without cases beside it, a key like `tests` is rather meant as `tasks`.
    let tests = document.contains_key("cases").then_some("tests");
    let mut unknown = document.keys().filter(|key| !KEYS.contains(&key.as_str()));
    unknown
        .find_map(|key| nearest(key, KEYS.into_iter().chain(tests)).map(|near| (key.clone(), near)))
}

/// Whether a mapping without a kind looks as if it was meant as one of our documents: in a
/// folder with other YAML files, only those are worth a complaint.
pub(crate) fn looks_like_ours(document: &Map<String, Value>) -> bool {
    let ours = ["waves", "tasks", "agents", "inputs", "success_criteria"];
    let keys = ours.iter().filter(|key| document.contains_key(**key)).count();
    keys >= 2 || (keys >= 1 && meant(document).is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(document: Value, expected: Result<DocumentKind, KindProblem>) {
        let found = DocumentKind::detect(document.as_object().unwrap());
        assert_eq!(found, expected, "{document}");
    }

    #[test]
    fn top_level_keys_name_the_kind() {
        check(json!({ "pattern": {}, "team": "t" }), Ok(DocumentKind::Pattern));
        check(json!({ "pipeline": {}, "cluster": "c" }), Ok(DocumentKind::Pipeline));
        check(json!({ "team": {}, "agents": [] }), Ok(DocumentKind::Team));
        check(json!({ "engineering_patterns": [] }), Ok(DocumentKind::LibraryIndex));
        check(json!({ "tests": {}, "cases": {} }), Ok(DocumentKind::Tests));
        check(json!({ "imports": {} }), Ok(DocumentKind::Imports));
        check(json!({ "vocabulary": {}, "synonyms": [] }), Ok(DocumentKind::Vocabulary));
        check(
            json!({ "test": {}, "cases": {} }),
            Err(KindProblem::Unknown(Some(("test".into(), "tests")))),
        );
        check(json!({ "tests": [{ "vars": {} }] }), Err(KindProblem::Unknown(None)));
        check(
            json!({ "pattern": {}, "pipeline": {} }),
            Err(KindProblem::Several("pattern", "pipeline")),
        );
        check(
            json!({ "patern": {}, "waves": [] }),
            Err(KindProblem::Unknown(Some(("patern".into(), "pattern")))),
        );
        check(json!({ "services": {} }), Err(KindProblem::Unknown(None)));
        check(
            json!({ "patern": {}, "team": {}, "tasks": {} }),
            Err(KindProblem::Unknown(Some(("patern".into(), "pattern")))),
        );
    }
}
