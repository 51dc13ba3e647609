//! Every text of yaml-test-suite through the whole of validation: what is YAML for the suite is YAML
//! here and means the same, except for what is listed with its reason.

use std::collections::{BTreeMap, BTreeSet};

use partita::language::document::{Expectation, Library, ProjectFile};
use partita::language::plan::check_library;
use partita::language::source::{Source, SourceId, SyntaxError, parse};
use serde::Deserialize;
use serde_json::Value;

/// A text of the suite.
#[derive(Deserialize)]
struct Case {
    id: String,
    name: String,
    yaml: String,
    /// Whether it is not YAML.
    #[serde(default)]
    error: bool,
    /// Its documents, where they can be said as JSON.
    json: Option<Vec<Value>>,
}

/// What is YAML and refused all the same, by the code of the finding, with the reason.
const REFUSED: &[(&str, &str, &[&str])] = &[
    (
        "several-documents",
        "a file is one document: two in one would need names of their own",
        &[
            "35KP", "5TYM", "6WLZ", "6XDY", "6ZKB", "7Z25", "9DXL", "9KAX", "9WXW", "JHB9", "KSS4",
            "L383", "M7A3", "NKF9", "PUW8", "RZT7", "U9NS", "UT92", "W4TN",
        ],
    ),
    (
        "empty-document",
        "a file without a document says nothing: it is empty by mistake",
        &[
            "6XDY", "8G76", "98YD", "AVM7", "DK95/07", "HWV9", "MUS6/02", "MUS6/03", "MUS6/04",
            "MUS6/05", "MUS6/06", "QT73", "UKK6/02",
        ],
    ),
    (
        "unknown-tag",
        "tags that are not of the core schema name types of some program; here they would mean nothing",
        &[
            "2XXW", "565N", "5TYM", "6CK3", "6WLZ", "7FWL", "9WXW", "C4HZ", "CC74", "CUP7", "J7PZ",
            "M5C3", "P76L", "UGM3", "Z67P", "Z9M4",
        ],
    ),
    (
        "complex-key",
        "a key is text: JSON, which documents are read as, has no others",
        &[
            "4FJ6", "6BFJ", "6PBE", "9MMW", "KK5P", "LX3P", "M2N8/00", "M2N8/01", "M5DY", "Q9WF",
            "RZP5", "SBG9", "V9D5", "X38W", "XW4D",
        ],
    ),
    (
        "no-key",
        "a key that is not written cannot be told from one that was forgotten",
        &[
            "2JQS", "6M2F", "CFD4", "DFF7", "FH7J", "FRK4", "M2N8/00", "NHX8", "NKF9", "PW8X",
            "S3PD", "SM9W/01", "UKK6/00",
        ],
    ),
];

/// What is no YAML and accepted all the same, with the reason.
const ACCEPTED: &[(&str, &str)] = &[(
    "9C9N",
    "a list in brackets that goes on at the left margin, as JSON has it, can only mean one thing",
)];

/// How many texts have one document as JSON and are accepted.
const COMPARED: usize = 237;

fn cases() -> Vec<Case> {
    let text = include_str!("../fixtures/yaml-test-suite/cases.json");
    serde_json::from_str(text).expect("the cases")
}

/// The codes of what the parser says.
fn codes(case: &Case) -> BTreeSet<&'static str> {
    let source = Source::new(SourceId(0), case.id.clone(), case.yaml.clone());
    parse(&source).errors.iter().map(SyntaxError::code).collect()
}

#[test]
fn what_is_yaml_is_yaml_here() {
    let mut refused: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (code, _, ids) in REFUSED {
        for id in *ids {
            refused.entry(id).or_default().insert(code);
        }
    }
    let mut wrong = Vec::new();
    for case in cases() {
        let found = codes(&case);
        let expected = refused.get(case.id.as_str()).cloned().unwrap_or_default();
        let is_accepted = ACCEPTED.iter().any(|(id, _)| *id == case.id);
        let agrees = if case.error && !is_accepted {
            found.contains("yaml-syntax")
        } else {
            found == expected
        };
        if !agrees {
            wrong.push(format!("{} ({}): {found:?}", case.id, case.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_accepted_means_the_same() {
    let mut compared = 0;
    let mut wrong = Vec::new();
    for case in cases() {
        let source = Source::new(SourceId(0), case.id.clone(), case.yaml.clone());
        let parsed = parse(&source);
        let Some([expected]) = case.json.as_deref() else { continue };
        let Some(tree) = parsed.tree.filter(|_| parsed.errors.is_empty()) else { continue };
        compared += 1;
        if !same(&tree.to_json(), expected) {
            wrong.push(format!(
                "{} ({}): {} is not {expected}",
                case.id,
                case.name,
                tree.to_json()
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(compared, COMPARED);
}

/// Whether two values are the same; numbers by their size, however they are written.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| same(value, other)))
        }
        (a, b) => a == b,
    }
}

/// None of the texts is a document of ours, so each has a finding, and none is found to be our fault.
#[test]
fn every_text_comes_through_validation() {
    for case in cases() {
        let library = Library::of_files([ProjectFile {
            name: format!("{}.yaml", case.id),
            content: Ok(case.yaml.clone()),
            expectation: Expectation::Named,
        }]);
        let found = [library.diagnostics().to_vec(), check_library(&library)].concat();
        assert!(!found.is_empty(), "{} ({})", case.id, case.name);
        assert!(found.iter().all(|found| found.code.as_str() != "internal-error"), "{}", case.id);
    }
}
