//! That it says what jsonschema says: of every document that there is, and of many with something wrong in them.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::{Value, json};

use super::FastCheck;
use crate::language::document::validators::Validators;
use crate::language::document::{DocumentKind, schema};
use crate::language::source::{Source, SourceId, parse};

/// So many times each document is changed.
const CHANGES: usize = 100;

fn yaml_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            yaml_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
}

/// The documents of the library and of tests, with their kinds.
fn documents() -> Vec<(PathBuf, DocumentKind, Value)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["patterns", "pipelines", "tests/fixtures/corpus"] {
        yaml_files(&root.join(folder), &mut files);
    }
    files.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).ok()?;
        let value =
            parse(&Source::new(SourceId(0), path.display().to_string(), text)).tree?.to_json();
        let kind = DocumentKind::detect(value.as_object()?).ok()?;
        Some((path, kind, value))
    };
    files.into_iter().filter_map(read).collect()
}

fn agrees(kind: DocumentKind, document: &Value) -> bool {
    let validators = Validators::of(kind);
    let conforms = validators.conforms(document);
    assert_eq!(conforms, validators.whole().is_valid(document), "{kind:?}: {document}");
    conforms
}

/// Some value in it.
fn any_place<'v>(value: &'v mut Value, rng: &mut TestRng) -> &'v mut Value {
    let children = match &*value {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        _ => 0,
    };
    // One in six stays where it is, so that mappings are changed as well.
    if children == 0 || below(6, rng) == 0 {
        return value;
    }
    let child = below(children, rng);
    let child = match value {
        Value::Array(items) => items.get_mut(child),
        Value::Object(fields) => fields.values_mut().nth(child),
        _ => None,
    };
    any_place(child.unwrap(), rng)
}

fn below(limit: usize, rng: &mut TestRng) -> usize {
    usize::try_from(rng.next_u64() % u64::try_from(limit).unwrap()).unwrap()
}

/// Something that stands, or could stand, somewhere else.
fn other_value(document: &Value, rng: &mut TestRng) -> Value {
    let made = json!([
        null, true, -1, 0, 1, 2.0, 1.5, 1e13, 18_446_744_073_709_551_615_u64, "", "x y", "5m", "2..3m", "90d9s",
        "1s..2s", "a/b@c d", "a/b@c\u{feff}", "a/b@c\u{85}", "٣k", "2.5k", "any", "all", "Ä", [], ["a"], ["a", "a"],
        [1, 1], {}, { "a": 1 }, { "x-a": 1 }, { "agent": "a", "prompt": "p" }, { "uses": "p" },
    ]);
    let places = made.as_array().unwrap();
    match below(2, rng) {
        0 => places[below(places.len(), rng)].clone(),
        _ => any_place(&mut document.clone(), rng).clone(),
    }
}

fn change(document: &mut Value, rng: &mut TestRng) {
    let other = other_value(document, rng);
    let place = any_place(document, rng);
    let what = below(4, rng);
    match place {
        Value::Object(fields) if what < 3 && !fields.is_empty() => {
            let name = fields.keys().nth(below(fields.len(), rng)).unwrap().clone();
            match what {
                0 => drop(fields.shift_remove(&name)),
                1 => drop(fields.insert(format!("{name}x"), other)),
                _ => drop(fields.insert(format!("x-{name}"), other)),
            }
        }
        Value::Array(items) if what < 2 && !items.is_empty() => {
            let item = items[below(items.len(), rng)].clone();
            items.push(if what == 0 { item } else { other });
        }
        _ => *place = other,
    }
}

#[test]
fn every_schema_has_one() {
    for kind in DocumentKind::ALL {
        assert!(FastCheck::of(schema::schema_text(kind)).is_some(), "{}", kind.as_str());
    }
}

#[test]
fn it_says_what_jsonschema_says() {
    let mut rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let (mut conforming, mut faulty) = (0, 0);
    for (_, kind, document) in documents() {
        agrees(kind, &document);
        for _ in 0..CHANGES {
            let mut changed = document.clone();
            for _ in 0..=below(2, &mut rng) {
                change(&mut changed, &mut rng);
            }
            match agrees(kind, &changed) {
                true => conforming += 1,
                false => faulty += 1,
            }
        }
    }
    assert!(conforming > 1000 && faulty > 1000, "{conforming} conform, {faulty} do not");
}

#[test]
fn a_keyword_that_is_not_known_has_no_check() {
    assert!(FastCheck::of(r#"{ "multipleOf": 2 }"#).is_none());
    assert!(FastCheck::of(r#"{ "const": 1 }"#).is_none(), "1.0 is 1 as well");
    assert!(FastCheck::of(r#"{ "pattern": "\\w" }"#).is_none());
    assert!(FastCheck::of(r#"{ "properties": { "a": { "format": "date" } } }"#).is_none());
    assert!(FastCheck::of(r#"{ "properties": { "a": { "format": "amount" } } }"#).is_some());
}
