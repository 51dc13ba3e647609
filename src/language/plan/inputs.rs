//! The inputs of a run: what was given, with defaults filled in, checked against the declarations.

use serde_json::{Map, Value};

use super::model::Scope;
use super::values::misfits;
use crate::language::document::suggest::nearest;

/// What is wrong with a given input. The user's fault; `Display` is the final text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputProblem {
    /// A required input is not given.
    #[error("missing input `{name}`{}", described(.description.as_deref()))]
    Missing {
        /// Its name.
        name: String,
        /// What it is.
        description: Option<String>,
    },
    /// There is no such input.
    #[error("unknown input `{name}`{}", meant(.near.as_deref(), .known))]
    Unknown {
        /// The name that was given.
        name: String,
        /// The name that was probably meant.
        near: Option<String>,
        /// The inputs there are.
        known: Vec<String>,
    },
    /// A value does not fit its type.
    #[error("input `{name}`{}: {message}", at(.pointer))]
    Misfit {
        /// Its name.
        name: String,
        /// Where in the value, as a JSON pointer.
        pointer: String,
        /// What does not fit.
        message: String,
    },
}

fn described(description: Option<&str>) -> String {
    description.map(|text| format!(" ({text})")).unwrap_or_default()
}

fn meant(near: Option<&str>, known: &[String]) -> String {
    match near {
        Some(near) => format!(", did you mean `{near}`?"),
        None if known.is_empty() => "; there are no inputs".to_owned(),
        None => format!("; the inputs are {}", known.join(", ")),
    }
}

fn at(pointer: &str) -> String {
    if pointer.is_empty() { String::new() } else { format!(" at {pointer}") }
}

impl Scope {
    /// The values of all inputs: the given ones, else the defaults, in the declared order.
    ///
    /// # Errors
    /// Everything that is missing, unknown or does not fit, at once.
    pub fn bind_inputs(
        &self,
        given: &Map<String, Value>,
    ) -> Result<Map<String, Value>, Vec<InputProblem>> {
        let mut problems = Vec::new();
        for name in given.keys().filter(|name| !self.inputs.contains_key(*name)) {
            let near = nearest(name, self.inputs.keys().map(String::as_str)).map(str::to_owned);
            let known = self.inputs.keys().cloned().collect();
            problems.push(InputProblem::Unknown { name: name.clone(), near, known });
        }
        let mut bound = Map::new();
        for (name, input) in &self.inputs {
            match given.get(name).or(input.default.as_ref()) {
                None => problems.push(InputProblem::Missing {
                    name: name.clone(),
                    description: input.description.clone(),
                }),
                Some(value) => {
                    problems.extend(misfits(&input.schema, value).into_iter().map(|misfit| {
                        let (pointer, message) = (misfit.pointer, misfit.message);
                        InputProblem::Misfit { name: name.clone(), pointer, message }
                    }));
                    bound.insert(name.clone(), value.clone());
                }
            }
        }
        if problems.is_empty() { Ok(bound) } else { Err(problems) }
    }

    /// A value from a text that somebody typed: read by the declared type, so that `5` is a number
    /// where a number is wanted and a text where a text is.
    pub fn read_typed(&self, name: &str, text: &str) -> Value {
        let schema = self.inputs.get(name).map(|input| &input.schema);
        let fits = |value: &Value| schema.is_some_and(|schema| misfits(schema, value).is_empty());
        let as_text = Value::from(text);
        if fits(&as_text) {
            return as_text;
        }
        match serde_json::from_str::<Value>(text) {
            Ok(value) if fits(&value) || !text.trim_start().starts_with(['"']) => value,
            _ => as_text,
        }
    }
}
