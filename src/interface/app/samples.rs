//! Inputs that nobody has given, invented so that prompts can be looked at.

use serde_json::{Map, Value};

use super::failure::Failure;
use super::given::Given;
use crate::engine::simulation::placeholder_of;
use crate::language::plan::{Input, Scope, misfits};

/// The inputs of a scope, some of them invented.
#[derive(Debug, Default)]
pub struct Sampled {
    /// The values of all inputs.
    pub inputs: Map<String, Value>,
    /// The names of those that are invented.
    pub invented: Vec<String>,
}

impl Sampled {
    /// What was given, and a sample for each required input that was not. An input for which no
    /// sample fits its type stays missing.
    ///
    /// # Errors
    /// Everything that is missing, unknown or does not fit, at once.
    pub fn of(given: &Given, scope: &Scope) -> Result<Sampled, Failure> {
        let mut inputs = given.values(scope)?;
        let mut invented = Vec::new();
        let mut impossible = Vec::new();
        for (name, input) in &scope.inputs {
            if input.default.is_some() || inputs.contains_key(name) {
                continue;
            }
            match sample(name, input) {
                Some(sample) => {
                    inputs.insert(name.clone(), sample);
                    invented.push(name.clone());
                }
                None => impossible.push(name.as_str()),
            }
        }
        let bound =
            Given::bound(scope, &inputs).map_err(|failure| match impossible.as_slice() {
                [] => failure,
                names => failure.hint(format!(
                    "no sample that fits can be invented for {}; give it with -i NAME=VALUE",
                    names.join(", ")
                )),
            })?;
        Ok(Sampled { inputs: bound, invented })
    }
}

/// A text that must be longer has to be given.
const LONGEST_SAMPLE: usize = 10_000;

/// A value that fits the type of an input and says what it stands for.
fn sample(name: &str, input: &Input) -> Option<Value> {
    let schema = &input.schema;
    let label = match input.description.as_deref().map(str::trim) {
        Some(description) if !description.is_empty() => format!("{name}: {description}"),
        _ => name.to_owned(),
    };
    let count =
        |keyword: &str| schema[keyword].as_u64().and_then(|count| usize::try_from(count).ok());
    let shortest = count("minLength").unwrap_or(0);
    let longest = count("maxLength").unwrap_or(usize::MAX);
    let repeated =
        format!("‹{label}› ").chars().cycle().take(shortest.min(LONGEST_SAMPLE)).collect();
    let cut = label.chars().take(longest).collect();
    let candidates = [
        placeholder_of(schema, &label),
        Value::String(cut),
        Value::String(repeated),
        schema["maximum"].clone(),
        Value::from(0),
        Value::from(100),
    ];
    candidates.into_iter().find(|candidate| misfits(schema, candidate).is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(schema: Value, expected: Value) {
        let input = Input {
            description: Some("What it is".to_owned()),
            schema,
            default: None,
            learned: None,
        };
        assert_eq!(sample("subject", &input).unwrap_or_default(), expected);
    }

    #[test]
    fn samples_fit_and_say_what_they_stand_for() {
        check(json!({ "type": "string" }), json!("‹subject: What it is›"));
        check(json!({ "type": "string", "maxLength": 4 }), json!("subj"));
        check(json!({ "type": "string", "minLength": 26 }), json!("‹subject: What it is› ‹sub"));
        check(json!({ "type": "string", "examples": ["tea"] }), json!("tea"));
        check(json!({ "type": "string", "enum": ["a", "b"] }), json!("a"));
        check(json!({ "type": "string", "format": "date" }), json!("2027-01-01"));
        check(json!({ "type": "integer", "minimum": 5 }), json!(5));
        check(json!({ "type": "integer", "maximum": -5 }), json!(-5));
        check(json!({ "type": "array", "items": { "type": "integer" } }), json!([1]));
        check(json!({ "type": "string", "pattern": "^[A-Z]{2}-[0-9]+$" }), json!("AA-0"));
        check(json!({ "type": "string", "pattern": "^(?=x)y" }), Value::Null);
    }
}
