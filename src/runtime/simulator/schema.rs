//! Reading JSON Schemas: references, branches, bounds, and whether one makes sense at all.

use serde_json::{Map, Value};

/// The types that a schema may name.
const TYPES: [&str; 7] = ["object", "array", "string", "integer", "number", "boolean", "null"];

/// How many references and branches are followed before a schema counts as endless.
const HOPS: usize = 32;

/// A keyword that is a count.
pub(super) fn size(schema: &Map<String, Value>, key: &str) -> Option<usize> {
    let count = schema.get(key)?.as_f64()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts are small; a cast saturates"
    )]
    let count = count as usize;
    Some(count)
}

/// The names that an object must have.
pub(super) fn required(schema: &Map<String, Value>) -> Vec<&str> {
    match schema.get("required") {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The type to make. Of several the first that is not `null`, unless the value should end soon.
pub(super) fn kind(schema: &Map<String, Value>, ending: bool) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            let mut names = kinds.iter().filter_map(Value::as_str);
            if ending && names.clone().any(|kind| kind == "null") {
                return "null";
            }
            let first = names.next().unwrap_or("string");
            if first == "null" { names.next().unwrap_or("null") } else { first }
        }
        _ => implied_kind(schema),
    }
}

fn implied_kind(schema: &Map<String, Value>) -> &'static str {
    let has = |keys: &[&str]| keys.iter().any(|key| schema.contains_key(*key));
    if has(&["properties", "required", "additionalProperties", "minProperties"]) {
        "object"
    } else if has(&["items", "prefixItems", "minItems", "maxItems"]) {
        "array"
    } else if has(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]) {
        "number"
    } else {
        "string"
    }
}

/// One schema without references and branches: what `$ref`, `allOf`, and one branch of `anyOf`
/// or `oneOf` say, together. Absent where the schema says nothing.
///
/// The branch is the first; where the value should end soon, the first that ends at once.
pub(super) fn flatten(schema: &Value, root: &Value, ending: bool) -> Option<Map<String, Value>> {
    let mut flat = Map::new();
    collect(schema, root, ending, 0, &mut flat);
    (!flat.is_empty()).then_some(flat)
}

fn collect(schema: &Value, root: &Value, ending: bool, hops: usize, flat: &mut Map<String, Value>) {
    let Value::Object(schema) = schema else {
        return;
    };
    if hops > HOPS {
        return;
    }
    for (key, value) in schema {
        match (key.as_str(), value) {
            ("$ref", Value::String(place)) => {
                if let Some(target) = resolve(place, root) {
                    collect(target, root, ending, hops + 1, flat);
                }
            }
            ("allOf", Value::Array(parts)) => {
                for part in parts {
                    collect(part, root, ending, hops + 1, flat);
                }
            }
            ("anyOf" | "oneOf", Value::Array(branches)) => {
                let short = branches.iter().find(|branch| ending && ends(branch, root));
                if let Some(branch) = short.or(branches.first()) {
                    collect(branch, root, ending, hops + 1, flat);
                }
            }
            ("$defs" | "definitions", _) => {}
            _ => merge(flat, key, value),
        }
    }
}

/// Adds a keyword so that both what was there and what comes hold.
fn merge(flat: &mut Map<String, Value>, key: &str, value: &Value) {
    let Some(old) = flat.get_mut(key) else {
        flat.insert(key.to_owned(), value.clone());
        return;
    };
    match (key, old, value) {
        ("properties", Value::Object(old), Value::Object(new)) => {
            for (name, schema) in new {
                match old.get_mut(name) {
                    Some(known) => {
                        let both = vec![known.take(), schema.clone()];
                        *known = Value::Object(Map::from_iter([(
                            "allOf".to_owned(),
                            Value::Array(both),
                        )]));
                    }
                    None => {
                        old.insert(name.clone(), schema.clone());
                    }
                }
            }
        }
        ("required", Value::Array(old), Value::Array(new)) => old.extend(new.iter().cloned()),
        ("enum", Value::Array(old), Value::Array(new)) => old.retain(|item| new.contains(item)),
        ("minimum" | "exclusiveMinimum", old, new) => replace_if(old, new, |a, b| b > a),
        ("maximum" | "exclusiveMaximum", old, new) => replace_if(old, new, |a, b| b < a),
        ("minLength" | "minItems" | "minProperties", old, new) => {
            replace_if(old, new, |a, b| b > a);
        }
        ("maxLength" | "maxItems" | "maxProperties", old, new) => {
            replace_if(old, new, |a, b| b < a);
        }
        ("type", old, new) => narrow_type(old, new),
        (_, old, new) => *old = new.clone(),
    }
}

fn replace_if(old: &mut Value, new: &Value, tighter: fn(f64, f64) -> bool) {
    if let (Some(was), Some(is)) = (old.as_f64(), new.as_f64())
        && tighter(was, is)
    {
        *old = new.clone();
    }
}

/// Keeps the types that both sides allow; an integer is a number.
fn narrow_type(old: &mut Value, new: &Value) {
    let (was, is) = (types(old), types(new));
    let both: Vec<Value> = was
        .iter()
        .filter_map(|kind| match *kind {
            kind if is.contains(&kind) => Some(Value::from(kind)),
            "number" if is.contains(&"integer") => Some(Value::from("integer")),
            "integer" if is.contains(&"number") => Some(Value::from("integer")),
            _ => None,
        })
        .collect();
    *old = Value::Array(both);
}

fn types(value: &Value) -> Vec<&str> {
    match value {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether a branch has nothing in it that could go deeper.
fn ends(branch: &Value, root: &Value) -> bool {
    match flatten(branch, root, false) {
        Some(flat) => {
            flat.contains_key("const")
                || flat.contains_key("enum")
                || !matches!(kind(&flat, true), "object" | "array")
        }
        None => true,
    }
}

/// What a reference inside the document points at.
fn resolve<'a>(place: &str, root: &'a Value) -> Option<&'a Value> {
    let pointer = place.strip_prefix('#')?;
    root.pointer(&pointer.replace("%24", "$").replace("%20", " "))
}

/// Why a grammar cannot be made of a schema; the client's fault.
pub(super) fn problem(schema: &Value, root: &Value) -> Option<String> {
    let Value::Object(entries) = schema else {
        return (!schema.is_boolean()).then(|| format!("Unrecognized schema: {schema}"));
    };
    if let Some(named) = entries.get("type") {
        let names = types(named);
        let known = !names.is_empty() && names.iter().all(|name| TYPES.contains(name));
        if !known {
            return Some(format!("Unrecognized schema: {schema}"));
        }
    }
    if let Some(Value::String(place)) = entries.get("$ref")
        && resolve(place, root).is_none()
    {
        return Some(format!("Error resolving ref {place}"));
    }
    let inner = |key: &str| entries.get(key).into_iter();
    let branches = ["anyOf", "oneOf", "allOf", "prefixItems"];
    let listed = branches
        .iter()
        .flat_map(|key| inner(key).flat_map(|list| list.as_array().into_iter().flatten()));
    let named = ["properties", "$defs", "definitions"]
        .iter()
        .flat_map(|key| inner(key).flat_map(|map| map.as_object().into_iter().flatten()))
        .map(|(_, schema)| schema);
    let single = inner("items").chain(inner("additionalProperties"));
    let shapes = ["properties", "$defs", "definitions"];
    if shapes.iter().any(|key| inner(key).any(|map| !map.is_object()))
        || branches.iter().any(|key| inner(key).any(|list| !list.is_array()))
    {
        return Some(format!("Unrecognized schema: {schema}"));
    }
    listed.chain(named).chain(single).find_map(|part| problem(part, root))
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
