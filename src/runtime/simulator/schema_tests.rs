use serde_json::json;

use super::*;

fn flat(schema: &Value) -> Value {
    flatten(schema, schema, false).map_or(Value::Null, Value::Object)
}

#[test]
fn references_and_parts_become_one_schema() {
    let schema = json!({
        "$ref": "#/$defs/a",
        "$defs": {"a": {"type": "object", "required": ["x"], "properties": {"x": {"type": "number"}}}},
        "allOf": [{"required": ["y"], "properties": {"x": {"minimum": 1}, "y": {}}}],
    });
    let flat = flat(&schema);
    assert_eq!(flat["required"], json!(["x", "y"]));
    assert_eq!(flat["properties"]["x"], json!({"allOf": [{"type": "number"}, {"minimum": 1}]}));
}

#[test]
fn the_first_branch_is_taken_unless_the_value_should_end() {
    let schema = json!({"anyOf": [{"type": "array", "items": {"$ref": "#"}}, {"type": "null"}]});
    assert_eq!(flat(&schema)["type"], "array");
    let ending = flatten(&schema, &schema, true).unwrap();
    assert_eq!(ending["type"], "null");
}

#[test]
fn types_are_narrowed() {
    let schema = json!({"type": ["string", "number"], "allOf": [{"type": "integer"}]});
    let flat = flatten(&schema, &schema, false).unwrap();
    assert_eq!(kind(&flat, false), "integer");
    let flat = json!({"type": ["null", "string"]});
    assert_eq!(kind(flat.as_object().unwrap(), false), "string");
    assert_eq!(kind(flat.as_object().unwrap(), true), "null");
}

#[test]
fn a_schema_that_makes_no_sense_has_a_problem() {
    for schema in [
        json!({"type": "objekt"}),
        json!({"type": 5}),
        json!({"properties": {"a": {"$ref": "#/$defs/none"}}}),
        json!({"properties": []}),
        json!({"items": {"anyOf": {}}}),
        json!({"properties": {"a": 5}}),
    ] {
        assert!(problem(&schema, &schema).is_some(), "{schema}");
    }
    for schema in [json!({}), json!({"properties": {"a": true}, "type": ["null", "object"]})] {
        assert_eq!(problem(&schema, &schema), None, "{schema}");
    }
}
