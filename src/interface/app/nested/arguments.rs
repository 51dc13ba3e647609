//! What models give the tools of those who lead: judged by the schema that they are shown.

use serde_json::{Map, Value};

use crate::language::document::described_manager_tool;
use crate::language::document::suggest::nearest;

/// The arguments of a tool: only those that it takes, each of its type.
pub(super) struct Arguments<'a>(&'a Map<String, Value>);

impl<'a> Arguments<'a> {
    /// The arguments of a tool, or everything that is wrong with them.
    pub(super) fn of(tool: &str, given: &'a Value) -> Result<Arguments<'a>, String> {
        let Some((_, schema)) = described_manager_tool(tool) else {
            return Err(format!("there is no tool `{tool}`"));
        };
        let Some(given) = given.as_object() else {
            return Err("the arguments must be an object with a value for each name".to_owned());
        };
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        let known: Vec<&str> = properties.keys().map(String::as_str).collect();
        let mut wrong = Vec::new();
        for (name, value) in given {
            match properties.get(name) {
                Some(declared) => wrong.extend(misfit(name, value, declared)),
                None => wrong.push(match nearest(name, known.iter().copied()) {
                    Some(near) => format!("`{tool}` takes no `{name}`, did you mean `{near}`?"),
                    None => format!("`{tool}` takes no `{name}`; it takes {}", known.join(", ")),
                }),
            }
        }
        let required = schema["required"].as_array().into_iter().flatten();
        let missing = required.filter_map(Value::as_str).filter(|name| !given.contains_key(*name));
        wrong.extend(missing.map(|name| {
            let what = properties[name]["description"].as_str().unwrap_or_default();
            format!("`{name}` is missing ({what})")
        }));
        if wrong.is_empty() { Ok(Arguments(given)) } else { Err(wrong.join("; ")) }
    }

    /// A text; empty if it is not given.
    pub(super) fn text(&self, name: &str) -> &'a str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default().trim()
    }

    /// A mapping; empty if it is not given.
    pub(super) fn mapping(&self, name: &str) -> Map<String, Value> {
        self.0.get(name).and_then(Value::as_object).cloned().unwrap_or_default()
    }

    /// A list of texts; empty if it is not given.
    pub(super) fn texts(&self, name: &str) -> Vec<&'a str> {
        let texts = self.0.get(name).and_then(Value::as_array).into_iter().flatten();
        texts.filter_map(Value::as_str).collect()
    }
}

/// What does not fit, by the few types that these tools take.
fn misfit(name: &str, value: &Value, declared: &Value) -> Option<String> {
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
    let (fits, wanted) = match declared["type"].as_str() {
        Some("object") => (value.is_object(), "an object"),
        Some("array") => {
            (value.as_array().is_some_and(|items| items.iter().all(is_text)), "a list of texts")
        }
        _ => (is_text(value), "a text that is not empty"),
    };
    (!fits).then(|| format!("`{name}` must be {wanted}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(tool: &str, given: Value, expected: &str) {
        let found = Arguments::of(tool, &given).err().unwrap_or_default();
        assert_eq!(found, expected, "{given}");
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        check("start_workflow", json!({ "pattern": "review", "inputs": { "a": 1 } }), "");
        check(
            "start_workflow",
            json!({ "patern": "review", "inputs": [1] }),
            "`start_workflow` takes no `patern`, did you mean `pattern`?; `inputs` must be an object; \
             `pattern` is missing (The name of a pattern or pipeline)",
        );
        check("monitor_orchestration_health", json!({}), "");
        check(
            "monitor_orchestration_health",
            json!({ "run": "" }),
            "`run` must be a text that is not empty",
        );
        check(
            "create_project",
            json!({ "name": "n", "objective": "o", "tasks": ["a", 7] }),
            "`tasks` must be a list of texts",
        );
    }
}
