//! Calls of tools that models write into their text instead of making them.

use serde_json::Value;

/// What models that were trained on calls begin one with.
const MARKS: [&str; 5] =
    ["<tool_call>", "[TOOL_CALLS]", "<|python_tag|>", "<function=", "<|tool_call"];

/// Whether a text is nothing but the call of a tool.
pub(super) fn is_tool_call(text: &str) -> bool {
    let text = text.trim();
    if MARKS.iter().any(|mark| text.starts_with(mark)) {
        return true;
    }
    let inside = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    let inside =
        inside.map(|inside| inside.trim_start_matches(|c: char| c.is_ascii_alphanumeric()));
    match serde_json::from_str(inside.unwrap_or(text)) {
        Ok(Value::Array(calls)) => !calls.is_empty() && calls.iter().all(is_call),
        Ok(value) => is_call(&value),
        Err(_) => false,
    }
}

/// Whether a value has the form of a call, and nothing besides.
fn is_call(value: &Value) -> bool {
    let Some(object) = value.as_object() else {
        return false;
    };
    if let (Some(function), Some("function")) =
        (object.get("function"), object.get("type").and_then(Value::as_str))
    {
        return is_call(function);
    }
    let arguments = object.get("arguments").or_else(|| object.get("parameters"));
    let has_only = |key: &str| ["name", "arguments", "parameters", "id", "type"].contains(&key);
    object.get("name").is_some_and(Value::is_string)
        && arguments.is_some_and(Value::is_object)
        && object.keys().all(|key| has_only(key))
}

#[cfg(test)]
mod tests {
    use super::is_tool_call;

    #[test]
    fn calls_are_told_from_answers() {
        for call in [
            r#"{"name": "search", "arguments": {"query": "tea"}}"#,
            "```json\n{\"name\": \"search\", \"parameters\": {}}\n```",
            r#"[{"name": "a", "arguments": {}}]"#,
            r#"{"type": "function", "function": {"name": "a", "arguments": {}}}"#,
            "<tool_call>\n{\"name\": \"a\"}\n</tool_call>",
        ] {
            assert!(is_tool_call(call), "{call}");
        }
        for answer in [
            "Call the function `search` with tea.",
            r#"{"name": "Assam", "arguments": ["strong", "malty"]}"#,
            r#"{"name": "Assam", "arguments": {}, "price": 3}"#,
            r#"{"name": "Assam"}"#,
            "[]",
            "",
        ] {
            assert!(!is_tool_call(answer), "{answer}");
        }
    }
}
