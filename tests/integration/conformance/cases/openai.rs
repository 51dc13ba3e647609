//! The routes in the shape of OpenAI's, and the cloud: 75 to 79.

use serde_json::{Value, json};

use super::Named;
use crate::conformance::assertion::{
    Verdict, error, expect, failed, list, not_applicable, number, same, status,
};
use crate::conformance::bench::{Bench, saying};
use crate::conformance::http::Answer;

pub(super) const ASSERTIONS: &[Named] = &[
    (75, "chats, their streams and their errors have OpenAI's shape", chats),
    (76, "a stream that fails has neither an end nor a reason", failed_stream),
    (77, "the models are those of the list", listed),
    (78, "what cannot be is refused, and vectors come as base64", refused),
    (79, "a model of the cloud is refused where the cloud is off", cloud),
];

const CHATS: &str = "/v1/chat/completions";

fn body(bench: &Bench, more: Value) -> Result<Value, crate::conformance::assertion::Wrong> {
    let mut body = json!({
        "model": bench.any()?,
        "messages": saying("Say in one sentence what a partita is."),
        "max_tokens": 24,
    });
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    Ok(body)
}

/// The payloads of the events of a stream.
fn events(answer: &Answer) -> Vec<&str> {
    answer.text.lines().filter_map(|line| line.strip_prefix("data: ")).collect()
}

/// An error of OpenAI's shape.
fn nested(answer: &Answer, expected: u16, kind: &str) -> Verdict {
    status(answer, expected)?;
    let body = answer.json()?;
    expect(body["error"]["message"].is_string(), "a text in `error.message`", &body)?;
    same("`error.type`", &body["error"]["type"], &json!(kind))
}

fn chats(bench: &Bench) -> Verdict {
    let whole = bench.post(CHATS, &body(bench, json!({}))?)?.success()?;
    same("`object`", &whole["object"], &json!("chat.completion"))?;
    let choice = &whole["choices"][0];
    expect(choice["message"]["content"].is_string(), "a text in the message", &whole)?;
    let reason = choice["finish_reason"].as_str().unwrap_or_default();
    expect(["stop", "length"].contains(&reason), "a `finish_reason`", choice)?;
    let usage = &whole["usage"];
    let sum = number(usage, "prompt_tokens")? + number(usage, "completion_tokens")?;
    same("`total_tokens`", &number(usage, "total_tokens")?, &sum)?;

    let stream = json!({ "stream": true, "stream_options": { "include_usage": true } });
    let answer = bench.post(CHATS, &body(bench, stream)?)?;
    let kind = answer.header("content-type");
    expect(kind.starts_with("text/event-stream"), "the content type text/event-stream", &kind)?;
    let events = events(&answer);
    let Some((last, chunks)) = events.split_last() else {
        return Err(failed(format!("expected events; came {}", answer.shown())));
    };
    same("the last event", last, &"[DONE]")?;
    let chunks: Vec<Value> =
        chunks.iter().filter_map(|chunk| serde_json::from_str(chunk).ok()).collect();
    let first = chunks.first().unwrap_or(&Value::Null);
    same("`object`", &first["object"], &json!("chat.completion.chunk"))?;
    same("the role", &first["choices"][0]["delta"]["role"], &json!("assistant"))?;
    let finished = chunks.iter().any(|chunk| chunk["choices"][0]["finish_reason"].is_string());
    expect(finished, "a chunk with a `finish_reason`", &chunks.last())?;
    let counted = chunks.iter().any(|chunk| chunk["usage"]["total_tokens"].is_u64());
    expect(counted, "a chunk with the usage", &chunks.last())?;

    let nobody = body(bench, json!({ "model": "partita-conformance-none" }))?;
    nested(&bench.post(CHATS, &nobody)?, 404, "not_found_error")
}

fn failed_stream(bench: &Bench) -> Verdict {
    let crash = bench.spell("crash")?;
    let more = json!({ "stream": true, "messages": saying(&crash), "max_tokens": 100 });
    let answer = bench.post(CHATS, &body(bench, more)?)?;
    status(&answer, 200)?;
    let events = events(&answer);
    expect(!events.contains(&"[DONE]"), "no `[DONE]`", &events.last())?;
    let finished = events.iter().any(|event| {
        let chunk: Value = serde_json::from_str(event).unwrap_or_default();
        chunk["choices"][0]["finish_reason"].is_string()
    });
    expect(!finished, "no `finish_reason`", &events.last())
}

fn listed(bench: &Bench) -> Verdict {
    let tags = bench.get("/api/tags")?.success()?;
    let names: Vec<&Value> = list(&tags, "models")?.iter().map(|model| &model["name"]).collect();
    let models = bench.get("/v1/models")?.success()?;
    same("`object`", &models["object"], &json!("list"))?;
    let data = list(&models, "data")?;
    let ids: Vec<&Value> = data.iter().map(|model| &model["id"]).collect();
    same("the ids", &ids, &names)?;
    let official =
        data.iter().filter(|model| !model["id"].as_str().is_some_and(|id| id.contains('/')));
    let owned = official.clone().all(|model| model["owned_by"] == json!("library"));
    expect(owned, "`owned_by` to be `library`", &models)
}

fn refused(bench: &Bench) -> Verdict {
    let empty = bench.post(CHATS, &body(bench, json!({ "messages": [] }))?)?;
    nested(&empty, 400, "invalid_request_error")?;
    let image = json!([{ "role": "user", "content": [
        { "type": "text", "text": "What is this?" },
        { "type": "image_url", "image_url": { "url": "http://127.0.0.1/x.png" } },
    ] }]);
    let image = bench.post(CHATS, &body(bench, json!({ "messages": image }))?)?;
    nested(&image, 400, "invalid_request_error")?;
    let vectors = json!({ "model": bench.m()?, "input": "a violin", "encoding_format": "base64" });
    let made = bench.post("/v1/embeddings", &vectors)?.success()?;
    let text = made["data"][0]["embedding"].as_str().unwrap_or_default();
    let is_base64 = text.len() >= 8
        && text.len().is_multiple_of(4)
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
    expect(is_base64, "base64 text in `embedding`", &made)
}

fn cloud(bench: &Bench) -> Verdict {
    let known = bench.get("/api/status")?;
    if known.status != 200 || known.json()?["cloud"]["disabled"] != json!(true) {
        return Err(not_applicable("the cloud is not switched off there"));
    }
    let text = "ollama cloud is disabled: remote model is unavailable";
    error(&bench.ask("partita-conformance:cloud", json!({}))?, 403, Some(text))
}
