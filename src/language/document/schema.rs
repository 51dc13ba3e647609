//! The JSON Schemas (draft 2020-12), made from the types that read the documents.
//!
//! They are made once, by a test that writes `schemas/`, and what stands there is part of the binary: to
//! make them anew took a fifth of the start of every command.

use std::sync::OnceLock;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::simulation::SimulationDocument;
use super::{
    ClusterDocument, DocumentKind, ImportsDocument, LibraryIndex, LintDocument, PatternDocument,
    PipelineDocument, TeamDocument, TestsDocument, VocabularyDocument,
};

/// The text of the schema of a kind of document, as it lies in `schemas/`.
pub fn schema_text(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Pattern => include_str!("../../../schemas/pattern.json"),
        DocumentKind::Pipeline => include_str!("../../../schemas/pipeline.json"),
        DocumentKind::Cluster => include_str!("../../../schemas/cluster.json"),
        DocumentKind::Simulation => include_str!("../../../schemas/simulation.json"),
        DocumentKind::Team => include_str!("../../../schemas/team.json"),
        DocumentKind::LibraryIndex => include_str!("../../../schemas/library_index.json"),
        DocumentKind::Lint => include_str!("../../../schemas/lint.json"),
        DocumentKind::Tests => include_str!("../../../schemas/tests.json"),
        DocumentKind::Imports => include_str!("../../../schemas/imports.json"),
        DocumentKind::Vocabulary => include_str!("../../../schemas/vocabulary.json"),
    }
}

/// The schema of a kind of document.
pub fn schema(kind: DocumentKind) -> &'static Value {
    static ALL: [OnceLock<Value>; DocumentKind::ALL.len()] =
        [const { OnceLock::new() }; DocumentKind::ALL.len()];
    #[expect(clippy::expect_used, reason = "a test reads every one")]
    ALL[kind as usize].get_or_init(|| serde_json::from_str(schema_text(kind)).expect("JSON"))
}

/// The schema of a kind as the types say it now; a test holds `schemas/` against it.
pub fn schema_of_types(kind: DocumentKind) -> Value {
    match kind {
        DocumentKind::Pattern => schema_of::<PatternDocument>(),
        DocumentKind::Pipeline => schema_of::<PipelineDocument>(),
        DocumentKind::Cluster => schema_of::<ClusterDocument>(),
        DocumentKind::Simulation => schema_of::<SimulationDocument>(),
        DocumentKind::Team => schema_of::<TeamDocument>(),
        DocumentKind::LibraryIndex => schema_of::<LibraryIndex>(),
        DocumentKind::Lint => schema_of::<LintDocument>(),
        DocumentKind::Tests => schema_of::<TestsDocument>(),
        DocumentKind::Imports => schema_of::<ImportsDocument>(),
        DocumentKind::Vocabulary => schema_of::<VocabularyDocument>(),
    }
}

fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12();
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    tidy(&mut schema);
    schema
}

/// What the derive adds and nobody should see: nullable optional fields, number formats of Rust,
/// line breaks of doc comments.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            tidy_object(object);
            object.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

fn tidy_object(object: &mut Map<String, Value>) {
    // Doc comments are wrapped for the source; paragraphs stay.
    if let Some(Value::String(text)) = object.get_mut("description") {
        let paragraphs: Vec<String> =
            text.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect();
        *text = paragraphs.join("\n\n");
    }
    if object.get("default").is_some_and(Value::is_null) {
        object.shift_remove("default");
    }
    let number_format = |format: &str| {
        format.starts_with("uint") || format.starts_with("int") || matches!(format, "double")
    };
    if object.get("format").and_then(Value::as_str).is_some_and(number_format) {
        object.shift_remove("format");
    }
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(branches)) = object.get_mut("anyOf") {
        branches.retain(|branch| branch.get("type").is_none_or(|kind| kind != "null"));
        if let [Value::Object(only)] = branches.as_slice() {
            let only = only.clone();
            object.shift_remove("anyOf");
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_a_schema() {
        for kind in DocumentKind::ALL {
            let schema = schema(kind);
            assert!(jsonschema::draft202012::meta::is_valid(schema), "{}", kind.as_str());
            let text = schema.to_string();
            assert!(!text.contains("\"null\""), "{} has nullable fields", kind.as_str());
            assert!(!text.contains("uint32"), "{} shows Rust's formats", kind.as_str());
        }
    }

    #[test]
    fn every_property_is_described() {
        fn walk(value: &Value, path: &str, bare: &mut Vec<String>) {
            if let Some(Value::Object(properties)) = value.get("properties") {
                for (name, property) in properties {
                    let described = property.get("description").is_some()
                        || property.get("$ref").is_some()
                        || property.get("const").is_some();
                    if !described {
                        bare.push(format!("{path}/{name}"));
                    }
                }
            }
            match value {
                Value::Object(object) => object
                    .iter()
                    .filter(|(key, _)| *key != "examples" && *key != "default")
                    .for_each(|(key, value)| walk(value, &format!("{path}/{key}"), bare)),
                Value::Array(items) => items.iter().for_each(|value| walk(value, path, bare)),
                _ => {}
            }
        }
        for kind in DocumentKind::ALL {
            let mut bare = Vec::new();
            walk(schema(kind), "", &mut bare);
            assert!(bare.is_empty(), "{}: {bare:?}", kind.as_str());
        }
    }
}
