//! Chats in the shape of OpenAI's: the request as a native one, the answer back, whole or as events.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use serde_json::{Map, Value, json};

/// What a request wants of its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wants {
    /// Events instead of one object.
    pub(super) stream: bool,
    /// A chunk with the usage before the end.
    usage: bool,
}

impl Wants {
    pub(super) fn of(asked: &Value) -> Wants {
        Wants {
            stream: asked["stream"] == true,
            usage: asked["stream_options"]["include_usage"] == true,
        }
    }
}

/// The native request, or what is wrong with this one.
pub(super) fn native(asked: &Value) -> Result<Value, String> {
    let messages = asked["messages"].as_array().map_or(&[][..], Vec::as_slice);
    if messages.is_empty() {
        return Err("[] is too short - 'messages'".to_owned());
    }
    let messages = messages.iter().map(message).collect::<Result<Vec<Value>, String>>()?;
    let mut options = Map::new();
    for (key, name) in [
        ("max_tokens", "num_predict"),
        ("temperature", "temperature"),
        ("top_p", "top_p"),
        ("seed", "seed"),
        ("presence_penalty", "presence_penalty"),
        ("frequency_penalty", "frequency_penalty"),
    ] {
        if let Some(value) = asked.get(key).filter(|value| !value.is_null()) {
            options.insert(name.to_owned(), value.clone());
        }
    }
    match &asked["stop"] {
        Value::String(text) => options.insert("stop".to_owned(), json!([text])),
        Value::Array(texts) => options.insert("stop".to_owned(), json!(texts)),
        _ => None,
    };
    // Unlike the native routes.
    for name in ["temperature", "top_p"] {
        options.entry(name).or_insert(json!(1.0));
    }
    let mut body = json!({
        "model": asked.get("model").cloned().unwrap_or_else(|| "".into()),
        "messages": messages,
        "stream": asked["stream"] == true,
        "options": options,
    });
    if let Some(tools) = asked.get("tools") {
        body["tools"] = tools.clone();
    }
    match asked["response_format"]["type"].as_str() {
        Some("json_object") => body["format"] = "json".into(),
        Some("json_schema") => {
            body["format"] = asked["response_format"]["json_schema"]["schema"].clone();
        }
        _ => {}
    }
    match asked["reasoning_effort"].as_str() {
        Some("none") => body["think"] = false.into(),
        Some(level @ ("low" | "medium" | "high" | "max")) => body["think"] = level.into(),
        Some(_) => body["think"] = true.into(),
        None => {}
    }
    Ok(body)
}

fn message(asked: &Value) -> Result<Value, String> {
    let mut message = asked.clone();
    if let Value::Array(parts) = &asked["content"] {
        let (mut text, mut images) = (String::new(), Vec::new());
        for part in parts {
            if let Some(piece) = part["text"].as_str() {
                text.push_str(piece);
            }
            let url = part["image_url"]["url"].as_str().or_else(|| part["image_url"].as_str());
            if let Some(url) = url {
                let data = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
                let (_, data) = data.ok_or_else(|| "invalid image input".to_owned())?;
                images.push(data.to_owned());
            }
        }
        message["content"] = text.into();
        message["images"] = images.into();
    }
    for call in message["tool_calls"].as_array_mut().into_iter().flatten() {
        let arguments = call["function"]["arguments"].as_str().unwrap_or("{}");
        let object: Value = serde_json::from_str(arguments)
            .map_err(|_| "invalid tool call arguments".to_owned())?;
        call["function"]["arguments"] = object;
    }
    Ok(message)
}

/// A native answer as a completion.
pub(super) fn completion(native: &Value) -> Value {
    let mut message = json!({ "role": "assistant", "content": native["message"]["content"] });
    if let Some(thinking) = native["message"].get("thinking") {
        message["reasoning"] = thinking.clone();
    }
    let calls = tool_calls(native);
    let has_called = !calls.is_empty();
    if has_called {
        message["tool_calls"] = calls.into();
    }
    json!({
        "id": ID,
        "object": "chat.completion",
        "created": created(native),
        "model": native["model"],
        "system_fingerprint": FINGERPRINT,
        "choices": [{
            "index": 0,
            "message": message,
            "finish_reason": finish_reason(native, has_called),
        }],
        "usage": usage(native),
    })
}

/// Ollama's ids are not unique either.
const ID: &str = "chatcmpl-1";
const FINGERPRINT: &str = "fp_ollama";

fn created(native: &Value) -> i64 {
    let at = native["created_at"].as_str().unwrap_or_default().parse::<jiff::Timestamp>();
    at.map_or(0, jiff::Timestamp::as_second)
}

fn finish_reason(native: &Value, has_called: bool) -> Value {
    match native["done_reason"].as_str() {
        Some("stop") if has_called => "tool_calls".into(),
        Some(reason) => reason.into(),
        None => Value::Null,
    }
}

fn usage(native: &Value) -> Value {
    let count = |key: &str| native[key].as_u64().unwrap_or(0);
    let (prompt, answer) = (count("prompt_eval_count"), count("eval_count"));
    json!({
        "prompt_tokens": prompt,
        "completion_tokens": answer,
        "total_tokens": prompt + answer,
    })
}

/// Calls with their arguments as text and a type, which the native ones do not have.
fn tool_calls(native: &Value) -> Vec<Value> {
    let calls = native["message"]["tool_calls"].as_array().into_iter().flatten();
    let shaped = calls.map(|call| {
        json!({
            "id": call["id"],
            "index": call["function"]["index"],
            "type": "function",
            "function": {
                "name": call["function"]["name"],
                "arguments": call["function"]["arguments"].to_string(),
            },
        })
    });
    shaped.collect()
}

/// A native stream of lines as events.
pub(super) fn events(lines: Body, wants: Wants) -> Body {
    let reading = Events { wants, rest: Vec::new(), begun: false, has_called: false, over: false };
    let native = lines.into_data_stream();
    let events = stream::unfold((native, reading), |(mut native, mut reading)| async move {
        while !reading.over {
            let Some(Ok(bytes)) = native.next().await else { return None };
            let text = reading.take(&bytes);
            if !text.is_empty() {
                return Some((Ok::<Bytes, Infallible>(text.into()), (native, reading)));
            }
        }
        // The rest of the native stream is its end; it is read so that it is there.
        while native.next().await.is_some() {}
        None
    });
    Body::from_stream(events)
}

struct Events {
    wants: Wants,
    rest: Vec<u8>,
    begun: bool,
    has_called: bool,
    over: bool,
}

impl Events {
    /// The events that more bytes of the native stream make.
    fn take(&mut self, bytes: &[u8]) -> String {
        self.rest.extend_from_slice(bytes);
        let mut out = String::new();
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            if let Ok(native) = serde_json::from_slice::<Value>(&line) {
                self.push(&native, &mut out);
            }
        }
        out
    }

    fn push(&mut self, native: &Value, out: &mut String) {
        let mut chunk = |model: &Value, choices: Value, usage: Option<Value>| {
            let mut chunk = json!({
                "id": ID,
                "object": "chat.completion.chunk",
                "created": created(native),
                "model": model,
                "system_fingerprint": FINGERPRINT,
                "choices": choices,
            });
            if let Some(usage) = usage {
                chunk["usage"] = usage;
            }
            out.push_str(&format!("data: {chunk}\n\n"));
        };
        let choice = |delta: Value, reason: Value| json!([{ "index": 0, "delta": delta, "finish_reason": reason }]);
        if native.get("error").is_some() {
            // All that is to be seen of a failure.
            chunk(&"".into(), choice(json!({ "content": "" }), Value::Null), None);
            return;
        }
        let calls = tool_calls(native);
        self.has_called |= !calls.is_empty();
        let text = native["message"]["content"].as_str().unwrap_or_default();
        let is_done = native["done"] == true;
        let thinking = native["message"].get("thinking");
        if !is_done || !text.is_empty() || !calls.is_empty() || thinking.is_some() {
            let mut delta = json!({ "content": text });
            if !self.begun {
                delta["role"] = "assistant".into();
                self.begun = true;
            }
            if let Some(thinking) = thinking {
                delta["reasoning"] = thinking.clone();
            }
            if !calls.is_empty() {
                delta["tool_calls"] = calls.into();
            }
            chunk(&native["model"], choice(delta, Value::Null), None);
        }
        if is_done {
            let reason = finish_reason(native, self.has_called);
            chunk(&native["model"], choice(json!({ "content": "" }), reason), None);
            if self.wants.usage {
                chunk(&native["model"], json!([]), Some(usage(native)));
            }
            out.push_str("data: [DONE]\n\n");
            self.over = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_becomes_a_native_one() {
        let asked = json!({
            "model": "c",
            "messages": [{ "role": "user", "content": [
                { "type": "text", "text": "What is " },
                { "type": "text", "text": "this?" },
                { "type": "image_url", "image_url": { "url": "data:image/png;base64,aGk=" } },
            ] }],
            "max_tokens": 5,
            "stop": "x",
            "response_format": { "type": "json_object" },
            "reasoning_effort": "none",
        });
        let native = native(&asked).unwrap();
        assert_eq!(native["messages"][0]["content"], "What is this?");
        assert_eq!(native["messages"][0]["images"], json!(["aGk="]));
        let options = json!({ "num_predict": 5, "stop": ["x"], "temperature": 1.0, "top_p": 1.0 });
        assert_eq!(native["options"], options);
        assert_eq!((&native["format"], &native["think"]), (&json!("json"), &json!(false)));
    }

    #[test]
    fn calls_of_tools_have_arguments_as_text() {
        let native = json!({
            "message": { "content": "", "tool_calls": [
                { "id": "call_1", "function": { "index": 0, "name": "f", "arguments": { "a": 1 } } },
            ] },
            "done_reason": "stop",
        });
        let completion = completion(&native);
        let choice = &completion["choices"][0];
        assert_eq!(choice["finish_reason"], "tool_calls");
        let call = &choice["message"]["tool_calls"][0];
        assert_eq!(call["function"]["arguments"], r#"{"a":1}"#);
        assert_eq!(call["type"], "function");
    }
}
