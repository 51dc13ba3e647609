//! What a task is answered in a case.

use serde_json::{Map, Value, json};

use crate::language::document::TypeProblem;
use crate::language::document::simulation::Fault;
use crate::language::document::suggest::nearest;
use crate::language::plan::values::misfits;
use crate::language::source::child_pointer;

/// What one attempt meets.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// The answer as it stands.
    Text(String),
    /// A part of a structured answer; what it leaves out is invented.
    Part(Value),
    /// It goes wrong.
    Fault(Fault),
}

/// What the attempts of a task meet one after the other, as it is written; the last one holds for all
/// further ones. `output` is the type of the task's answer, if it is structured.
///
/// # Errors
/// Every place in it that cannot be an answer of this task.
pub fn scripted(written: &Value, output: Option<&Value>) -> Result<Vec<Reply>, Vec<TypeProblem>> {
    let mut problems = Vec::new();
    let mut replies = Vec::new();
    let mut read = |written: &Value, pointer: &str| match reply(written, output, pointer) {
        Ok(reply) => replies.push(reply),
        Err(found) => problems.extend(found),
    };
    match written {
        Value::Array(items) if items.is_empty() => {
            problems.push(problem("", "there is no answer in this list", None));
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                read(item, &format!("/{place}"));
            }
        }
        single => read(single, ""),
    }
    if problems.is_empty() { Ok(replies) } else { Err(problems) }
}

fn reply(
    written: &Value,
    output: Option<&Value>,
    pointer: &str,
) -> Result<Reply, Vec<TypeProblem>> {
    if let Some(fault) = fault_of(written) {
        return fault_as_written(fault, &format!("{pointer}/fault"));
    }
    match (written, output) {
        // What fits the type as a value is not meant as text that does not.
        (Value::String(text), Some(schema)) if misfits(schema, written).is_empty() => {
            Ok(Reply::Text(Value::from(text.as_str()).to_string()))
        }
        (Value::String(text), _) => Ok(Reply::Text(text.clone())),
        (_, None) => {
            let message = "this task answers in free text";
            Err(vec![problem(pointer, message, Some("write the answer as a text".to_owned()))])
        }
        (part, Some(schema)) => {
            let found = misfits(&relaxed(schema), part);
            if found.is_empty() {
                return Ok(Reply::Part(part.clone()));
            }
            let problems = found.into_iter().map(|misfit| {
                let unknown = unknown_field(schema, part, &misfit.pointer);
                let place = format!("{pointer}{}", misfit.pointer);
                match unknown {
                    Some((name, help)) => {
                        let message = format!("the answer has no field `{name}`");
                        problem(&child_pointer(&place, &name), &message, help)
                    }
                    None => problem(&place, &misfit.message, None),
                }
            });
            Err(problems.collect())
        }
    }
}

/// What goes wrong, where a value says that something does.
fn fault_of(written: &Value) -> Option<&Value> {
    written.as_object().filter(|map| map.len() == 1)?.get("fault")
}

fn fault_as_written(written: &Value, pointer: &str) -> Result<Reply, Vec<TypeProblem>> {
    const KINDS: [&str; 18] = [
        "down",
        "silent",
        "overloaded",
        "status",
        "stall",
        "disconnect",
        "crash",
        "unfinished",
        "slow",
        "malformed",
        "empty",
        "cut_by_length",
        "load_failure",
        "load_stall",
        "truncate",
        "tool_call",
        "refused",
        "garbage",
    ];
    let whole = match written {
        Value::String(kind) => json!({ "kind": kind }),
        other => other.clone(),
    };
    serde_json::from_value::<Fault>(whole.clone()).map(Reply::Fault).map_err(|error| {
        let (message, help) = match whole["kind"].as_str() {
            Some(kind) if KINDS.contains(&kind) => (
                format!("this is no fault: {error}"),
                "its fields are those of a fault in a simulation profile".to_owned(),
            ),
            Some(kind) => (
                format!("unknown fault `{kind}`"),
                match nearest(kind, KINDS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("a fault is one of {}", KINDS.join(", ")),
                },
            ),
            None => ("this is no fault".to_owned(), "write `{ fault: disconnect }`".to_owned()),
        };
        vec![problem(pointer, &message, Some(help))]
    })
}

/// The first field of a part that its type does not have, where the type at a place allows no others.
fn unknown_field(schema: &Value, part: &Value, pointer: &str) -> Option<(String, Option<String>)> {
    let schema = schema_at(schema, pointer)?;
    if schema.get("additionalProperties") != Some(&Value::Bool(false)) {
        return None;
    }
    let known = schema.get("properties")?.as_object()?;
    let written = part.pointer(pointer)?.as_object()?;
    let name = written.keys().find(|name| !known.contains_key(*name))?;
    let free = known.keys().filter(|name| !written.contains_key(*name)).map(String::as_str);
    let help = match nearest(name, free) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its fields are {}", known.keys().cloned().collect::<Vec<_>>().join(", ")),
    };
    Some((name.clone(), Some(help)))
}

/// The type of what lies at a place in values of a type, as far as it can be followed.
pub(super) fn schema_at<'s>(schema: &'s Value, pointer: &str) -> Option<&'s Value> {
    let tokens = pointer.split('/').skip(1);
    tokens.into_iter().try_fold(schema, |schema, token| {
        let token = token.replace("~1", "/").replace("~0", "~");
        let property = schema.get("properties").and_then(|properties| properties.get(&token));
        property.or_else(|| {
            let is_index = token.bytes().all(|byte| byte.is_ascii_digit());
            schema.get("items").filter(|_| is_index)
        })
    })
}

/// The type of parts of values: nothing has to be there.
fn relaxed(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            // A property may be called `required`; it has a type then, and the keyword a list.
            let kept = map.iter().filter(|(key, value)| {
                !(*key == "required" && value.is_array() || *key == "minItems")
            });
            let kept = kept.map(|(key, value)| {
                let is_value = matches!(key.as_str(), "const" | "enum" | "examples" | "default");
                (key.clone(), if is_value { value.clone() } else { relaxed(value) })
            });
            Value::Object(kept.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(relaxed).collect(),
        other => other.clone(),
    }
}

fn problem(pointer: &str, message: &str, help: Option<String>) -> TypeProblem {
    TypeProblem { pointer: pointer.to_owned(), message: message.to_owned(), help }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn review() -> Value {
        json!({
            "type": "object",
            "properties": {
                "verdict": { "enum": ["ready", "not_ready"] },
                "gaps": { "type": "array", "minItems": 1, "items": { "type": "string" } },
            },
            "required": ["verdict", "gaps"],
            "additionalProperties": false,
        })
    }

    fn check(written: Value, expected: &[Reply]) {
        assert_eq!(scripted(&written, Some(&review())), Ok(expected.to_vec()), "{written}");
    }

    fn check_bad(written: Value, pointer: &str, message: &str, help: Option<&str>) {
        let problems = scripted(&written, Some(&review())).expect_err("it is none");
        let found: Vec<_> = problems
            .iter()
            .map(|found| (found.pointer.as_str(), found.message.as_str(), found.help.as_deref()))
            .collect();
        assert_eq!(found, [(pointer, message, help)], "{written}");
    }

    #[test]
    fn answers_are_read_by_what_they_are() {
        let part = json!({ "verdict": "ready" });
        check(part.clone(), &[Reply::Part(part.clone())]);
        let text = Reply::Text("no JSON".to_owned());
        check(json!(["no JSON", part]), &[text, Reply::Part(part)]);
        check(json!({ "fault": "malformed" }), &[Reply::Fault(Fault::Malformed)]);
        let slow = json!({ "fault": { "kind": "slow", "factor": 9.0 } });
        check(slow, &[Reply::Fault(Fault::Slow { factor: 9.0 })]);
        assert_eq!(scripted(&json!("Tea"), None), Ok(vec![Reply::Text("Tea".to_owned())]));
        let one_of = json!({ "enum": ["a", "b"] });
        assert_eq!(scripted(&json!("a"), Some(&one_of)), Ok(vec![Reply::Text("\"a\"".to_owned())]));
    }

    #[test]
    fn what_can_be_no_answer_has_its_place() {
        let near = Some("did you mean `verdict`?");
        check_bad(json!({ "verdit": 1 }), "/verdit", "the answer has no field `verdit`", near);
        let none = "`maybe` is none of ready, not_ready";
        check_bad(json!([{ "verdict": "maybe" }]), "/0/verdict", none, None);
        let near = Some("did you mean `malformed`?");
        check_bad(json!({ "fault": "malformd" }), "/fault", "unknown fault `malformd`", near);
        check_bad(json!([]), "", "there is no answer in this list", None);
    }
}
