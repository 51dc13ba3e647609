//! Calls of tools that models write into their text instead of making them.
//!
//! Which shapes there are is what the chat templates of common models teach: a JSON object, the same
//! behind a mark, and the call of a function as programmers write it.

use serde_json::{Map, Value};

use super::request::ToolCall;

/// What models that were trained on calls begin one with.
const MARKS: [&str; 5] =
    ["<tool_call>", "[TOOL_CALLS]", "<|python_tag|>", "<function=", "<|tool_call"];

/// Whether a text is nothing but the call of a tool.
pub(super) fn is_tool_call(text: &str) -> bool {
    let text = text.trim();
    if MARKS.iter().any(|mark| text.starts_with(mark)) {
        return true;
    }
    match serde_json::from_str(inside_fence(text)) {
        Ok(Value::Array(calls)) => !calls.is_empty() && calls.iter().all(is_call),
        Ok(value) => is_call(&value),
        Err(_) => false,
    }
}

/// The calls that a text consists of, or has between marks, of tools that are known; none where any of
/// them is of an unknown one: what looks like a call may be an answer.
pub fn written_calls(text: &str, is_known: impl Fn(&str) -> bool) -> Vec<ToolCall> {
    let text = text.trim();
    let written = marked(text).or_else(|| whole(inside_fence(text))).unwrap_or_default();
    if written.iter().all(|call| is_known(&call.function.name)) { written } else { Vec::new() }
}

/// The calls behind the marks of a text; `None` where it has none.
fn marked(text: &str) -> Option<Vec<ToolCall>> {
    if text.contains("<tool_call>") {
        let parts = text.split("<tool_call>").skip(1);
        let bodies = parts.map(|part| part.split("</tool_call>").next().unwrap_or(part));
        return gathered(bodies.map(whole));
    }
    if text.contains("<function=") {
        let parts = text.split("<function=").skip(1);
        return gathered(parts.map(|part| {
            let (name, rest) = part.split_once('>')?;
            let body = rest.split("</function>").next().unwrap_or(rest);
            let arguments = if body.trim().is_empty() { "{}" } else { body.trim() };
            Some(vec![ToolCall::new(name.trim(), object(serde_json::from_str(arguments).ok()?)?)])
        }));
    }
    ["[TOOL_CALLS]", "<|python_tag|>"]
        .into_iter()
        .find_map(|mark| text.split_once(mark))
        .and_then(|(_, rest)| whole(rest))
}

/// All calls, where every part is some.
fn gathered(parts: impl Iterator<Item = Option<Vec<ToolCall>>>) -> Option<Vec<ToolCall>> {
    let calls: Vec<Vec<ToolCall>> = parts.collect::<Option<_>>()?;
    Some(calls.concat())
}

/// The calls that a text is, in JSON or as programmers write them.
fn whole(text: &str) -> Option<Vec<ToolCall>> {
    let text = inside_fence(text.trim());
    match serde_json::from_str(text) {
        Ok(Value::Array(values)) if !values.is_empty() => values.iter().map(call_of).collect(),
        Ok(value) => call_of(&value).map(|call| vec![call]),
        Err(_) => function_call(text).map(|call| vec![call]),
    }
}

fn inside_fence(text: &str) -> &str {
    let text = text.trim();
    let inside = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    inside.map_or(text, |inside| inside.trim_start_matches(word)).trim()
}

/// Whether a value has the form of a call, and nothing besides.
fn is_call(value: &Value) -> bool {
    call_of(value).is_some()
}

/// The call that a value has the form of, with nothing besides.
fn call_of(value: &Value) -> Option<ToolCall> {
    let fields = value.as_object()?;
    if let (Some(function), Some("function")) =
        (fields.get("function"), fields.get("type").and_then(Value::as_str))
    {
        return call_of(function);
    }
    let is_known = |key: &str| ["name", "arguments", "parameters", "id", "type"].contains(&key);
    if !fields.keys().all(|key| is_known(key)) {
        return None;
    }
    let arguments = fields.get("arguments").or_else(|| fields.get("parameters"))?;
    // Some write the arguments as a text that holds JSON, as OpenAI's protocol does.
    let arguments = match arguments {
        Value::String(text) => serde_json::from_str(text).ok()?,
        other => other.clone(),
    };
    Some(ToolCall::new(fields.get("name")?.as_str()?, object(arguments)?))
}

fn object(value: Value) -> Option<Value> {
    value.is_object().then_some(value)
}

/// `name(key="value", other=3)`, and nothing besides.
fn function_call(text: &str) -> Option<ToolCall> {
    let (name, rest) = text.split_once('(')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if name.is_empty() || !name.chars().all(is_name) {
        return None;
    }
    let mut rest = rest.strip_suffix(')')?.trim();
    let mut arguments = Map::new();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=')?;
        let key = key.trim();
        if key.is_empty() || !key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return None;
        }
        let (value, after) = literal(after.trim_start())?;
        arguments.insert(key.to_owned(), value);
        rest = after.trim_start();
        if !rest.is_empty() {
            rest = rest.strip_prefix(',')?.trim_start();
        }
    }
    Some(ToolCall::new(name, Value::Object(arguments)))
}

/// The value at the front of a text, and what comes behind it.
fn literal(text: &str) -> Option<(Value, &str)> {
    for (word, value) in
        [("True", Value::Bool(true)), ("False", Value::Bool(false)), ("None", Value::Null)]
    {
        if let Some(rest) = text.strip_prefix(word) {
            return Some((value, rest));
        }
    }
    if let Some(inside) = text.strip_prefix('\'') {
        return single_quoted(inside);
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = values.next()?.ok()?;
    Some((value, &text[values.byte_offset()..]))
}

/// A text in single quotes, from behind the first.
fn single_quoted(inside: &str) -> Option<(Value, &str)> {
    let mut value = String::new();
    let mut characters = inside.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\'' => return Some((Value::from(value), &inside[at + 1..])),
            '\\' => match characters.next()?.1 {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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

    /// The names and arguments of the calls in a text, where `search` and `desk__list` are known.
    fn check(text: &str, expected: &[(&str, Value)]) {
        let calls = written_calls(text, |name| ["search", "desk__list"].contains(&name));
        let found: Vec<(&str, Value)> = calls
            .iter()
            .map(|call| (call.function.name.as_str(), call.function.arguments.clone()))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn known_shapes_are_read() {
        let tea = || json!({ "query": "tea" });
        check(r#"{"name": "search", "arguments": {"query": "tea"}}"#, &[("search", tea())]);
        check(
            "```json\n{\"name\": \"search\", \"parameters\": {\"query\": \"tea\"}}\n```",
            &[("search", tea())],
        );
        check(r#"{"name": "search", "arguments": "{\"query\": \"tea\"}"}"#, &[("search", tea())]);
        check(
            "I look.\n<tool_call>\n{\"name\": \"search\", \"arguments\": {\"query\": \"tea\"}}\n</tool_call>\n\
             <tool_call>{\"name\": \"desk__list\", \"arguments\": {}}</tool_call>",
            &[("search", tea()), ("desk__list", json!({}))],
        );
        check(
            "[TOOL_CALLS] [{\"name\": \"search\", \"arguments\": {\"query\": \"tea\"}}]",
            &[("search", tea())],
        );
        check("<function=search>{\"query\": \"tea\"}</function>", &[("search", tea())]);
        check("<|python_tag|>search(query=\"tea\")", &[("search", tea())]);
        check(
            "```tool_code\nsearch(query='Ann\\'s tea', most=3, exact=True, tags=[\"a\"])\n```",
            &[("search", json!({ "query": "Ann's tea", "most": 3, "exact": true, "tags": ["a"] }))],
        );
        check("desk__list()", &[("desk__list", json!({}))]);
    }

    #[test]
    fn what_may_be_an_answer_is_left_one() {
        check(r#"{"name": "Assam", "arguments": {"strong": true}}"#, &[]);
        check("search(tea)", &[]);
        check("I would call search(query=\"tea\") now.", &[]);
        check("<tool_call>nonsense</tool_call>", &[]);
        check(
            "[{\"name\": \"search\", \"arguments\": {}}, {\"name\": \"delete\", \"arguments\": {}}]",
            &[],
        );
        check("", &[]);
    }
}
