//! Types of inputs and answers: a shorthand that reads like the value itself, or JSON Schema.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::language::source::{child_pointer, escape_pointer};

/// The names of simple types and what they mean in JSON Schema.
const SIMPLE_TYPES: [(&str, &str, Option<&str>); 8] = [
    ("string", "string", None),
    ("number", "number", None),
    ("integer", "integer", None),
    ("boolean", "boolean", None),
    ("date", "string", Some("date")),
    ("datetime", "string", Some("date-time")),
    ("object", "object", None),
    ("any", "", None),
];

/// The keywords that a mapping must have nothing but, to be read as JSON Schema.
const SCHEMA_KEYWORDS: [&str; 32] = [
    "$defs",
    "$ref",
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "type",
    "enum",
    "const",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "items",
    "prefixItems",
    "minItems",
    "maxItems",
    "uniqueItems",
    "properties",
    "required",
    "additionalProperties",
    "anyOf",
    "oneOf",
    "allOf",
];

/// Keywords that JSON Schema has besides.
const FURTHER_KEYWORDS: [&str; 18] = [
    "not",
    "if",
    "then",
    "else",
    "contains",
    "minContains",
    "maxContains",
    "minProperties",
    "maxProperties",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
];

/// A type as an author writes it.
///
/// `string`, `number`, `integer`, `boolean`, `date`, `datetime`, `object`, `any`; `[T]` is a list
/// of T; a mapping has the fields it names (a `?` behind a name makes the field optional);
/// `{ enum: [a, b] }` is one of these; a mapping of JSON Schema keywords is JSON Schema.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct OutputType(pub Value);

/// Why a type cannot be read: where in it (a JSON pointer) and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeProblem {
    /// JSON pointer inside the type, empty for the whole.
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl OutputType {
    /// The type as JSON Schema.
    ///
    /// # Errors
    /// Every place in the type that cannot be read.
    pub fn to_schema(&self) -> Result<Value, Vec<TypeProblem>> {
        let mut problems = Vec::new();
        let schema = convert(&self.0, "", &mut problems);
        // What is made of the shorthand is JSON Schema; only what an author wrote has to be proven.
        if problems.is_empty()
            && holds_schema(&self.0)
            && let Err(error) = jsonschema::options().build(&schema)
        {
            problems.push(TypeProblem {
                pointer: error.instance_path().to_string(),
                message: format!("this is not a valid JSON Schema: {error}"),
                help: None,
            });
        }
        if problems.is_empty() { Ok(schema) } else { Err(problems) }
    }

    /// A mapping is JSON Schema when it has nothing but schema keywords and says what it is: by a
    /// `type` that JSON Schema knows, or by a keyword that cannot be a field of the shorthand.
    pub(crate) fn is_json_schema(map: &Map<String, Value>) -> bool {
        const JSON_TYPES: [&str; 7] =
            ["string", "number", "integer", "boolean", "object", "array", "null"];
        let says_type = match map.get("type") {
            Some(Value::String(name)) => JSON_TYPES.contains(&name.as_str()),
            Some(Value::Array(names)) => names
                .iter()
                .all(|name| name.as_str().is_some_and(|name| JSON_TYPES.contains(&name))),
            _ => false,
        };
        let says_choice = map.get("enum").is_some_and(Value::is_array)
            || ["anyOf", "oneOf", "allOf"]
                .iter()
                .any(|key| map.get(*key).is_some_and(Value::is_array))
            || map.contains_key("$ref")
            || map.contains_key("$schema")
            || map.contains_key("const");
        (says_type || says_choice) && map.keys().all(|key| SCHEMA_KEYWORDS.contains(&key.as_str()))
    }
}

/// Whether JSON Schema is written somewhere in a type.
fn holds_schema(written: &Value) -> bool {
    match written {
        Value::Object(map) => OutputType::is_json_schema(map) || map.values().any(holds_schema),
        Value::Array(items) => items.iter().any(holds_schema),
        _ => false,
    }
}

fn convert(written: &Value, pointer: &str, problems: &mut Vec<TypeProblem>) -> Value {
    match written {
        Value::String(name) => simple(name, pointer, problems),
        Value::Array(items) if items.len() == 1 => {
            let items = convert(&items[0], &format!("{pointer}/0"), problems);
            json!({ "type": "array", "items": items })
        }
        Value::Array(_) => {
            problems.push(TypeProblem {
                pointer: pointer.to_owned(),
                message: "a list type has exactly one entry, the type of its items".into(),
                help: Some("write `[string]`, or `[{ name: string, score: number }]`".into()),
            });
            json!({})
        }
        Value::Object(map) if OutputType::is_json_schema(map) => {
            empty_subschemas(map, pointer, problems);
            Value::Object(map.clone())
        }
        Value::Object(map) => fields(map, pointer, problems),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            problems.push(TypeProblem {
                pointer: pointer.to_owned(),
                message: format!("`{written}` is not a type"),
                help: Some(known_types()),
            });
            json!({})
        }
    }
}

fn simple(name: &str, pointer: &str, problems: &mut Vec<TypeProblem>) -> Value {
    let known = SIMPLE_TYPES.iter().find(|(simple, _, _)| *simple == name);
    let Some((_, kind, format)) = known else {
        let names = SIMPLE_TYPES.iter().map(|(simple, _, _)| *simple);
        let help = super::suggest::nearest(name, names)
            .map_or_else(known_types, |near| format!("did you mean `{near}`?"));
        problems.push(TypeProblem {
            pointer: pointer.to_owned(),
            message: format!("unknown type `{name}`"),
            help: Some(help),
        });
        return json!({});
    };
    match (kind, format) {
        (&"", _) => json!({}),
        (kind, Some(format)) => json!({ "type": kind, "format": format }),
        (kind, None) => json!({ "type": kind }),
    }
}

fn known_types() -> String {
    let names: Vec<&str> = SIMPLE_TYPES.iter().map(|(name, _, _)| *name).collect();
    format!("a type is one of {}, a list `[type]`, or a mapping of fields", names.join(", "))
}

fn fields(map: &Map<String, Value>, pointer: &str, problems: &mut Vec<TypeProblem>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, written) in map {
        let place = child_pointer(pointer, name);
        let field = name.strip_suffix('?');
        if field.is_none() {
            required.push(Value::from(name.as_str()));
        }
        let value = convert(written, &place, problems);
        properties.insert(field.unwrap_or(name).to_owned(), value);
    }
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The shorthand inside JSON Schema says nothing and is accepted by every validator; that is never
/// meant.
fn empty_subschemas(map: &Map<String, Value>, pointer: &str, problems: &mut Vec<TypeProblem>) {
    let nested = |key: &str| map.get(key).map(|value| (format!("{pointer}/{key}"), value));
    let mut subschemas: Vec<(String, &Value)> =
        ["items", "additionalProperties"].into_iter().filter_map(nested).collect();
    for key in ["properties", "$defs"] {
        for (name, value) in map.get(key).and_then(Value::as_object).into_iter().flatten() {
            subschemas.push((format!("{pointer}/{key}/{}", escape_pointer(name)), value));
        }
    }
    for key in ["anyOf", "oneOf", "allOf", "prefixItems"] {
        for (place, value) in
            map.get(key).and_then(Value::as_array).into_iter().flatten().enumerate()
        {
            subschemas.push((format!("{pointer}/{key}/{place}"), value));
        }
    }
    for (place, value) in subschemas {
        let Value::Object(schema) = value else { continue };
        let says_something = |key: &String| {
            SCHEMA_KEYWORDS.contains(&key.as_str()) || FURTHER_KEYWORDS.contains(&key.as_str())
        };
        match schema.keys().next() {
            Some(first) if !schema.keys().any(says_something) => problems.push(TypeProblem {
                pointer: place,
                message: format!("`{first}` is no keyword of JSON Schema, so this allows anything"),
                help: Some(
                    "write `{ type: object, properties: { … } }`, or all of the type in the shorthand"
                        .to_owned(),
                ),
            }),
            _ => empty_subschemas(schema, &place, problems),
        }
    }
}

impl JsonSchema for OutputType {
    fn schema_name() -> Cow<'static, str> {
        "OutputType".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = SIMPLE_TYPES.iter().map(|(name, _, _)| *name).collect();
        let nested = generator.subschema_for::<OutputType>();
        json_schema!({
            "description": "A type: a simple one by name, `[T]` for a list of T, a mapping of \
                fields (a `?` behind a name makes the field optional), `{ enum: [a, b] }`, or \
                JSON Schema.",
            "anyOf": [
                { "type": "string", "enum": names, "title": "a simple type" },
                { "type": "array", "items": nested, "minItems": 1, "maxItems": 1,
                  "title": "a list of a type" },
                { "type": "object", "minProperties": 1,
                  "title": "fields, or JSON Schema" },
            ],
            "examples": [
                "string",
                ["string"],
                { "score": "integer", "reasons": ["string"], "risk": { "enum": ["low", "high"] } },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: Value, expected: Value) {
        assert_eq!(OutputType(written.clone()).to_schema(), Ok(expected), "{written}");
    }

    fn check_bad(written: Value, pointer: &str, message: &str) {
        let problems = OutputType(written.clone()).to_schema().unwrap_err();
        let found: Vec<_> =
            problems.iter().map(|p| (p.pointer.as_str(), p.message.as_str())).collect();
        assert_eq!(found, [(pointer, message)], "{written}");
    }

    #[test]
    fn shorthand_reads_like_the_value() {
        check(json!("string"), json!({ "type": "string" }));
        check(json!("date"), json!({ "type": "string", "format": "date" }));
        check(json!("any"), json!({}));
        check(json!(["string"]), json!({ "type": "array", "items": { "type": "string" } }));
        check(
            json!({ "risk": { "enum": ["low", "high"] }, "note?": "string" }),
            json!({
                "type": "object",
                "properties": { "risk": { "enum": ["low", "high"] }, "note": { "type": "string" } },
                "required": ["risk"],
                "additionalProperties": false,
            }),
        );
    }

    #[test]
    fn json_schema_is_told_by_its_keywords() {
        let schema = json!({ "type": "integer", "minimum": 0, "description": "a share" });
        check(schema.clone(), schema);
        // A field called `type` beside a field that is no keyword is a field.
        check(
            json!({ "type": "string", "name": "string" }),
            json!({
                "type": "object",
                "properties": { "type": { "type": "string" }, "name": { "type": "string" } },
                "required": ["type", "name"],
                "additionalProperties": false,
            }),
        );
    }

    #[test]
    fn every_problem_has_its_place() {
        check_bad(json!("strng"), "", "unknown type `strng`");
        check_bad(json!({ "a": ["txt"] }), "/a/0", "unknown type `txt`");
        check_bad(json!({ "a": 5 }), "/a", "`5` is not a type");
        check_bad(
            json!({ "type": "array", "items": { "a": "string" } }),
            "/items",
            "`a` is no keyword of JSON Schema, so this allows anything",
        );
        check_bad(
            json!(["string", "number"]),
            "",
            "a list type has exactly one entry, the type of its items",
        );
    }
}
