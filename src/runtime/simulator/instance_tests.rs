use serde_json::json;

use super::*;

fn check(schema: &Value, seed: u64) {
    let validator = jsonschema::options().should_validate_formats(true).build(schema).unwrap();
    let made = instance(schema, "", &mut Dice::from_seed(seed));
    let problems: Vec<String> = validator
        .iter_errors(&made)
        .map(|problem| format!("{problem} at {}", problem.instance_path()))
        .collect();
    assert!(problems.is_empty(), "seed {seed}: {problems:?}\n{schema:#}\n{made:#}");
}

fn check_seeds(schema: &Value) {
    for seed in 0..50 {
        check(schema, seed);
    }
}

#[test]
fn everyday_schemas_are_met() {
    check_seeds(&json!({
        "type": "object",
        "properties": {
            "segments": {"type": "array", "items": {"type": "string"}},
            "risks": {"type": "array", "minItems": 3, "maxItems": 5, "items": {
                "type": "object",
                "properties": {
                    "risk": {"type": "string", "maxLength": 40},
                    "severity": {"enum": ["low", "medium", "high"]},
                    "owner": {"type": ["string", "null"]},
                },
                "required": ["risk", "severity"],
                "additionalProperties": false,
            }},
            "go": {"type": "boolean"},
            "launch_date": {"type": "string", "format": "date"},
            "ticket": {"type": "string", "pattern": "^[A-Z]{2,5}-[0-9]+$", "minLength": 9},
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            "kind": {"const": "launch"},
        },
        "required": ["segments", "risks", "go", "launch_date", "ticket", "confidence", "kind"],
        "additionalProperties": false,
    }));
}

#[test]
fn texts_match_regular_expressions() {
    for expression in [
        r"^[A-Z][a-z]*(-[0-9]{2,4})?$",
        r"^v\d+\.\d+(\.\d+)*$",
        r"^(yes|no|[^a-z ]{1,20})$",
        r"^\S+@\S+\.[a-z]{2,}$",
        r"tea|coffee.*",
    ] {
        check_seeds(&json!({ "type": "string", "pattern": expression }));
    }
    check_seeds(&json!({ "type": "string", "pattern": "^[a-z]+ [a-z]+$", "minLength": 30 }));
}

#[test]
fn what_pydantic_writes_is_met() {
    check_seeds(&json!({
        "$defs": {
            "Pet": {"properties": {
                "name": {"title": "Name", "type": "string"},
                "age": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": null},
            }, "required": ["name"], "title": "Pet", "type": "object"},
            "Colour": {"enum": ["red", "green"], "type": "string"},
        },
        "properties": {
            "pets": {"items": {"$ref": "#/$defs/Pet"}, "type": "array"},
            "colour": {"allOf": [{"$ref": "#/$defs/Colour"}]},
            "counts": {"additionalProperties": {"type": "integer"}, "type": "object"},
            "pair": {"prefixItems": [{"type": "integer"}, {"type": "string"}],
                     "minItems": 2, "maxItems": 2, "type": "array"},
        },
        "required": ["pets", "colour", "counts", "pair"],
        "type": "object",
    }));
}

#[test]
fn endless_schemas_end() {
    check_seeds(&json!({
        "$ref": "#/$defs/node",
        "$defs": {"node": {
            "type": "object",
            "properties": {
                "value": {"type": "integer"},
                "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
            "required": ["value", "next", "children"],
        }},
    }));
}

#[test]
fn schemas_without_a_type_are_met() {
    check_seeds(&json!({"properties": {"a": {}, "b": true}, "required": ["a", "c"]}));
    check_seeds(&json!({"items": {"type": "integer"}, "minItems": 4}));
    check_seeds(&json!({"minimum": 4}));
    check_seeds(&json!(true));
    check_seeds(&json!({"type": "object", "minProperties": 3}));
    check_seeds(&json!({"type": "object", "maxProperties": 1,
        "properties": {"a": {}, "b": {}, "c": {}}, "required": ["b"]}));
    check_seeds(&json!({"type": "array", "uniqueItems": true, "items": {"type": "boolean"}}));
    check_seeds(&json!({"type": "array", "prefixItems": [{"type": "null"}], "items": false}));
}

#[test]
fn truth_is_more_likely() {
    let schema = json!({"type": "boolean"});
    let mut dice = Dice::from_seed(0);
    let truths =
        (0..1000).filter(|_| instance(&schema, "go", &mut dice) == Value::Bool(true)).count();
    assert!((750..850).contains(&truths), "{truths}");
}

#[test]
fn free_texts_say_that_they_are_simulated() {
    let schema = json!({"type": "object", "properties": {"summary": {"type": "string"}}});
    let made = instance(&schema, "", &mut Dice::from_seed(1));
    assert!(made["summary"].as_str().unwrap().contains("simulated"));
}

/// Many random schemas: a failing seed is printed with its schema.
#[test]
fn random_schemas_are_met() {
    for seed in 0..2000 {
        let mut dice = Dice::from_seed(seed);
        let mut schema = random_schema(&mut dice, 0);
        if let Value::Object(entries) = &mut schema {
            entries.insert("$defs".into(), json!({"leaf": random_leaf(&mut dice)}));
        }
        check(&schema, seed);
    }
}

fn random_schema(dice: &mut Dice, depth: usize) -> Value {
    match dice.below(if depth < 4 { 10 } else { 5 }) {
        0..=3 => random_leaf(dice),
        4 => json!({"$ref": "#/$defs/leaf"}),
        5 | 6 => random_object(dice, depth),
        7 | 8 => random_array(dice, depth),
        _ => {
            let kind = *dice.pick(&["anyOf", "allOf"]);
            let parts = if kind == "allOf" {
                vec![random_object(dice, depth), json!({"required": ["a"]})]
            } else {
                vec![random_schema(dice, depth + 1), random_schema(dice, depth + 1)]
            };
            json!({kind: parts})
        }
    }
}

fn random_object(dice: &mut Dice, depth: usize) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for name in ["a", "risk", "taskId", "confidence", "items"] {
        if dice.below(2) == 0 {
            properties.insert(name.into(), random_schema(dice, depth + 1));
            if dice.below(2) == 0 {
                required.push(name);
            }
        }
    }
    let mut schema = json!({"type": "object", "properties": properties, "required": required});
    match dice.below(4) {
        0 => schema["additionalProperties"] = random_leaf(dice),
        1 => schema["minProperties"] = json!(dice.below(7)),
        _ => {}
    }
    schema
}

fn random_array(dice: &mut Dice, depth: usize) -> Value {
    let mut schema = json!({"type": "array", "items": random_schema(dice, depth + 1)});
    let least = dice.below(4);
    if dice.below(2) == 0 {
        schema["minItems"] = json!(least);
    }
    if dice.below(2) == 0 {
        schema["maxItems"] = json!(least + dice.below(3));
    }
    schema
}

fn random_leaf(dice: &mut Dice) -> Value {
    let low = i64::try_from(dice.below(200)).unwrap() - 100;
    let high = low + i64::try_from(dice.below(50)).unwrap();
    match dice.below(9) {
        0 => json!({"type": "integer", "minimum": low, "maximum": high}),
        1 => json!({"type": "number", "exclusiveMinimum": low, "maximum": high + 1}),
        2 => json!({"type": "string", "minLength": high - low, "maxLength": high - low + 5}),
        3 => json!({"type": "string", "format": dice.pick(&[
            "date", "date-time", "time", "email", "uri", "uuid", "ipv4", "ipv6", "hostname",
        ])}),
        4 => json!({"enum": ["x", 1, null, {"y": true}]}),
        5 => json!({"const": [low]}),
        6 => json!({"type": ["null", "boolean"]}),
        7 => json!({"type": "integer", "multipleOf": 3}),
        _ => json!({"type": "string"}),
    }
}
