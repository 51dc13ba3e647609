//! A command that runs a pattern or pipeline as it stands, with a value for every required input.

use serde_json::Value;

use super::load::Loaded;
use crate::language::plan::{Scope, misfits};

/// A run that can be started at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What is run: a name or a file.
    pub target: String,
    /// The required inputs with values as they are typed.
    pub inputs: Vec<(String, String)>,
}

/// An example for what was loaded under this name or path.
pub fn example_of(loaded: &Loaded, target: &str) -> Example {
    let plan = &loaded.compiled.plan;
    let document = loaded.document();
    let declared = document.and_then(|document| document.value().get("inputs"));
    let scope = plan.root();
    let required = scope.inputs.iter().filter(|(_, input)| input.default.is_none());
    let inputs = required
        .map(|(name, input)| {
            let written = declared.and_then(|inputs| inputs.get(name)?.get("examples")?.as_array());
            let written = written.into_iter().flatten().cloned();
            let made = sample(&input.schema, name);
            let fitting = written.chain([made]).map(|value| typed(&value));
            let usable = fitting.filter(|text| is_usable(scope, name, text));
            // A pattern that no sample meets: whoever pastes it sees what to fill in.
            (name.clone(), usable.min_by_key(|text| text.contains('\n')).unwrap_or("VALUE".into()))
        })
        .collect();
    Example { target: target.to_owned(), inputs }
}

/// Whether a text gives a value of the input's type when it is typed.
fn is_usable(scope: &Scope, name: &str, text: &str) -> bool {
    let value = scope.read_typed(name, text);
    let schema = scope.inputs.get(name).map(|input| &input.schema);
    // What begins so is the name of a file.
    !text.starts_with('@') && schema.is_some_and(|schema| misfits(schema, &value).is_empty())
}

fn typed(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A value of a type, as far as its schema says what that is.
fn sample(schema: &Value, name: &str) -> Value {
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return first.clone();
    }
    for choice in ["anyOf", "oneOf", "allOf"] {
        if let Some(first) = schema[choice].as_array().and_then(|branches| branches.first()) {
            return sample(first, name);
        }
    }
    match schema["type"].as_str().or_else(|| schema["type"][0].as_str()) {
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(Value::from(1)),
        Some("boolean") => Value::Bool(true),
        Some("null") => Value::Null,
        Some("array") => {
            let least = schema["minItems"].as_u64().unwrap_or(1).clamp(1, 20);
            (0..least).map(|_| sample(&schema["items"], name)).collect()
        }
        Some("object") => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            Value::Object(
                properties.map(|(key, inner)| (key.clone(), sample(inner, key))).collect(),
            )
        }
        _ => text(schema, name),
    }
}

fn text(schema: &Value, name: &str) -> Value {
    let text = match schema["format"].as_str() {
        Some("date") => "2027-03-01".to_owned(),
        Some("date-time") => "2027-03-01T09:00:00Z".to_owned(),
        Some("time") => "09:00:00Z".to_owned(),
        Some("email") => "name@example.org".to_owned(),
        Some("uri") => "https://example.org/".to_owned(),
        _ => format!("a {}", name.replace('_', " ")),
    };
    let count = |key: &str| schema[key].as_u64().and_then(|count| usize::try_from(count).ok());
    let (least, most) = (count("minLength").unwrap_or(0).min(10_000), count("maxLength"));
    let long = format!("{text:.<least$}");
    long.chars().take(most.unwrap_or(usize::MAX)).collect::<String>().into()
}
