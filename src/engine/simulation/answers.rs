//! What virtual servers answer.

use serde_json::{Map, Value};

use crate::engine::content::Request;
use crate::language::document::simulation::Fault;
use crate::language::examples::example_of;

/// What virtual servers answer where the profile's rules do not say.
pub trait Answers {
    /// What an attempt at a task meets, whatever the profile's rules say.
    fn scripted(&self, _task: &str, _attempt: u32) -> Option<Scripted> {
        None
    }

    /// The text of the answer to a request for a task.
    fn answer(&self, task: &str, request: &Request) -> String;
}

/// What an attempt meets.
#[derive(Debug, Clone, PartialEq)]
pub enum Scripted {
    /// A part of a structured answer; the rest of it is invented.
    Part(Value),
    /// An answer as it stands.
    Text(String),
    /// Something goes wrong.
    Fault(Fault),
}

/// Answers that only say what would stand there: `‹market: segments›`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Placeholders;

impl Answers for Placeholders {
    fn answer(&self, task: &str, request: &Request) -> String {
        match &request.format {
            None => format!("‹answer of {task}›"),
            Some(schema) => placeholder_of(schema, task).to_string(),
        }
    }
}

/// A value of a type in which every text says what it stands for: the first of its examples if it
/// has some, else a placeholder with this name.
pub fn placeholder_of(schema: &Value, name: &str) -> Value {
    match schema["examples"].as_array().and_then(|examples| examples.first()) {
        Some(example) => example.clone(),
        None => placeholder(schema, schema, name, 0),
    }
}

/// A value of a type of which a part is known: what is missing says what it stands for.
pub(super) fn completed(schema: &Value, part: &Value, name: &str) -> Value {
    complete(schema, schema, part, name, 0)
}

fn complete(schema: &Value, root: &Value, part: &Value, name: &str, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return part.clone();
    }
    if let Some(path) = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#')) {
        let target = root.pointer(path).unwrap_or(&Value::Null);
        return complete(target, root, part, name, depth + 1);
    }
    match part {
        Value::Object(given) => {
            let Value::Object(mut whole) = placeholder(schema, root, name, depth) else {
                return part.clone();
            };
            for (key, value) in given {
                let property = &schema["properties"][key];
                let name = format!("{name}: {key}");
                whole.insert(key.clone(), complete(property, root, value, &name, depth + 1));
            }
            Value::Object(whole)
        }
        Value::Array(items) => {
            let items = items.iter();
            items.map(|item| complete(&schema["items"], root, item, name, depth + 1)).collect()
        }
        other => other.clone(),
    }
}

/// How deep a placeholder goes; types that hold themselves end there.
const MAX_DEPTH: usize = 12;

/// A value of a type in which every text says what it stands for.
fn placeholder(schema: &Value, root: &Value, name: &str, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    let inner = |schema: &Value, name: &str| placeholder(schema, root, name, depth + 1);
    if let Some(path) = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#')) {
        return inner(root.pointer(path).unwrap_or(&Value::Null), name);
    }
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    if let Some(first) = schema["enum"].as_array().and_then(|options| options.first()) {
        return first.clone();
    }
    for choice in ["anyOf", "oneOf", "allOf"] {
        if let Some(first) = schema[choice].as_array().and_then(|branches| branches.first()) {
            return inner(first, name);
        }
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    match kind {
        Some("string") => text(schema, name),
        Some("integer" | "number") => {
            schema.get("minimum").cloned().unwrap_or_else(|| Value::from(1))
        }
        Some("boolean") => Value::Bool(true),
        Some("array") => {
            let least = schema["minItems"].as_u64().unwrap_or(1).clamp(1, 50);
            (0..least).map(|_| inner(&schema["items"], name)).collect()
        }
        Some("null") => Value::Null,
        _ => {
            let properties = schema["properties"].as_object();
            let entries = properties
                .into_iter()
                .flatten()
                .map(|(key, property)| (key.clone(), inner(property, &format!("{name}: {key}"))));
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}

fn text(schema: &Value, name: &str) -> Value {
    match schema["format"].as_str() {
        Some("date") => "2027-01-01".into(),
        Some("date-time") => "2027-01-01T00:00:00Z".into(),
        Some("time") => "00:00:00Z".into(),
        Some("email") => "name@example.org".into(),
        Some("uri") => "https://example.org/".into(),
        _ => shaped(schema).unwrap_or_else(|| format!("‹{name}›")).into(),
    }
}

/// A text that the type's regular expression matches, where it has one.
fn shaped(schema: &Value) -> Option<String> {
    let least = schema["minLength"].as_u64().and_then(|least| usize::try_from(least).ok());
    example_of(schema["pattern"].as_str()?, least.unwrap_or(0), &mut |_| 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_missing_of_an_answer_is_invented() {
        let step = json!({
            "type": "object",
            "properties": { "work": { "type": "string" }, "days": { "type": "integer" } },
        });
        let schema = json!({
            "type": "object",
            "properties": { "steps": { "type": "array", "items": step }, "ready": { "type": "boolean" } },
        });
        assert_eq!(
            completed(&schema, &json!({ "steps": [{ "days": 3 }, {}] }), "plan"),
            json!({
                "steps": [{ "work": "‹plan: steps: work›", "days": 3 },
                          { "work": "‹plan: steps: work›", "days": 1 }],
                "ready": true,
            })
        );
        assert_eq!(completed(&json!({}), &json!(5), "plan"), json!(5));
    }

    #[test]
    fn placeholders_fit_their_type() {
        let schema = json!({
            "type": "object",
            "properties": {
                "risks": { "type": "array", "items": { "enum": ["low", "high"] } },
                "day": { "type": "string", "format": "date" },
                "why": { "type": "string" },
            },
            "required": ["risks", "day", "why"],
        });
        assert_eq!(
            placeholder(&schema, &schema, "plan", 0),
            json!({ "risks": ["low"], "day": "2027-01-01", "why": "‹plan: why›" })
        );
    }
}
