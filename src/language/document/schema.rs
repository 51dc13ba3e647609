//! The JSON Schemas (draft 2020-12), made from the types that read the documents.

use std::sync::LazyLock;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::simulation::SimulationDocument;
use super::{
    ClusterDocument, DocumentKind, LibraryIndex, LintDocument, PatternDocument, PipelineDocument,
    TeamDocument, TestsDocument,
};

/// The schema of a kind of document.
pub fn schema(kind: DocumentKind) -> &'static Value {
    static PATTERN: LazyLock<Value> = LazyLock::new(schema_of::<PatternDocument>);
    static PIPELINE: LazyLock<Value> = LazyLock::new(schema_of::<PipelineDocument>);
    static CLUSTER: LazyLock<Value> = LazyLock::new(schema_of::<ClusterDocument>);
    static SIMULATION: LazyLock<Value> = LazyLock::new(schema_of::<SimulationDocument>);
    static TEAM: LazyLock<Value> = LazyLock::new(schema_of::<TeamDocument>);
    static LIBRARY_INDEX: LazyLock<Value> = LazyLock::new(schema_of::<LibraryIndex>);
    static LINT: LazyLock<Value> = LazyLock::new(schema_of::<LintDocument>);
    static TESTS: LazyLock<Value> = LazyLock::new(schema_of::<TestsDocument>);
    match kind {
        DocumentKind::Pattern => &PATTERN,
        DocumentKind::Pipeline => &PIPELINE,
        DocumentKind::Cluster => &CLUSTER,
        DocumentKind::Simulation => &SIMULATION,
        DocumentKind::Team => &TEAM,
        DocumentKind::LibraryIndex => &LIBRARY_INDEX,
        DocumentKind::Lint => &LINT,
        DocumentKind::Tests => &TESTS,
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
