//! What a tool gave, as the task that called it declares it.

use serde_json::Value;

use crate::engine::failure::{Failure, FailureClass};
use crate::language::plan::{PlannedTool, misfits};

/// The key under which servers put what is no object, since structured results are objects.
const WRAPPER: &str = "result";

/// The output of a task that called a tool, from what the tool gave in words and in form. Without a
/// declared type it is the text.
///
/// # Errors
/// When nothing of it fits the declared type.
pub fn tool_output(tool: &PlannedTool, text: &str, form: Option<&Value>) -> Result<Value, Failure> {
    let Some(schema) = &tool.output else { return Ok(text.into()) };
    let read = serde_json::from_str::<Value>(text.trim()).ok();
    let only = form.and_then(Value::as_object).filter(|fields| fields.len() == 1);
    let unwrapped = only.and_then(|fields| fields.get(WRAPPER));
    let words = Value::from(text);
    let candidates: Vec<&Value> =
        [form, unwrapped, read.as_ref(), Some(&words)].into_iter().flatten().collect();
    if let Some(fitting) = candidates.iter().find(|value| misfits(schema, value).is_empty()) {
        return Ok((*fitting).clone());
    }
    let nearest = form.or(read.as_ref()).unwrap_or(&words);
    let misfit = misfits(schema, nearest).into_iter().next();
    let what = misfit.map_or_else(String::new, |misfit| match misfit.pointer.as_str() {
        "" => format!(": {}", misfit.message),
        place => format!(" at {place}: {}", misfit.message),
    });
    let message = format!("what `{}` gave does not fit its type{what}", tool.tool);
    Err(Failure::new(FailureClass::Malformed, message))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(output: Value, text: &str, form: Option<Value>, expected: Result<Value, &str>) {
        let tool = json!({ "tool": "desk.list", "output": output });
        let tool: PlannedTool = serde_json::from_value(tool).expect("a tool");
        let found = tool_output(&tool, text, form.as_ref()).map_err(|failure| failure.message);
        assert_eq!(found, expected.map_err(str::to_owned));
    }

    #[test]
    fn what_fits_is_taken() {
        let list = json!({ "type": "array", "items": { "type": "integer" } });
        check(list.clone(), "[1, 2]", None, Ok(json!([1, 2])));
        check(list.clone(), "1\n2", Some(json!({ "result": [1, 2] })), Ok(json!([1, 2])));
        let open = json!({ "type": "object", "required": ["open"] });
        check(open.clone(), "no JSON", Some(json!({ "open": 2 })), Ok(json!({ "open": 2 })));
        check(json!({ "enum": ["up", "down"] }), "up", None, Ok(json!("up")));
        check(
            list,
            "many",
            None,
            Err("what `desk.list` gave does not fit its type: expected array, found `many`"),
        );
        check(
            open,
            "",
            Some(json!({ "shut": 1 })),
            Err("what `desk.list` gave does not fit its type: `open` is missing"),
        );
    }

    #[test]
    fn without_a_type_it_is_the_text() {
        let tool: PlannedTool = serde_json::from_value(json!({ "tool": "read_file" })).expect("it");
        assert_eq!(tool_output(&tool, "[1]", Some(&json!([1]))), Ok(json!("[1]")));
    }
}
