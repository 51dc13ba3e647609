//! Chat and generate, what shapes an answer: 32 to 42.

use serde_json::{Value, json};

use super::Named;
use crate::conformance::assertion::{
    Verdict, error, expect, failed, list, not_applicable, number, same, status,
};
use crate::conformance::bench::{Bench, saying};

pub(super) const ASSERTIONS: &[Named] = &[
    (32, "tools are refused with the model's whole name", tools_refused),
    (33, "a tool call has an object of arguments, an index and an id", tool_calls),
    (34, "formats that are none are refused", formats),
    (35, "an answer conforms to the schema", conforms),
    (36, "a wrong type of an option is an error 500 that names it", option_types),
    (37, "probabilities come with their tokens and bytes", logprobs),
    (38, "raw with system, and suffix without insert are refused", generate_fields),
    (39, "generate gives its context back unless raw", context),
    (40, "a seed or a temperature of 0 repeats the answer", repeats),
    (41, "too long a prompt is cut or refused as its version does", too_long),
    (42, "angle brackets are escaped", escaped),
];

fn tools() -> Value {
    json!([{ "type": "function", "function": {
        "name": "weather",
        "description": "The weather of a city",
        "parameters": {
            "type": "object",
            "required": ["city"],
            "properties": { "city": { "type": "string" } },
        },
    } }])
}

fn tools_refused(bench: &Bench) -> Verdict {
    let model = bench.c()?;
    let full = if model.contains(':') { model.to_owned() } else { format!("{model}:latest") };
    let full = match full.matches('/').count() {
        0 => format!("registry.ollama.ai/library/{full}"),
        1 => format!("registry.ollama.ai/{full}"),
        _ => full,
    };
    let text = format!("{full} does not support tools");
    error(&bench.ask(model, json!({ "tools": tools() }))?, 400, Some(&text))
}

fn tool_calls(bench: &Bench) -> Verdict {
    let more = json!({
        "tools": tools(),
        "think": false,
        "stream": true,
        "options": { "num_predict": 200, "temperature": 0 },
        "messages": saying("Call the tool for the weather in Prague."),
    });
    let lines = bench.ask(bench.t()?, more)?.lines()?;
    let calls = lines.iter().filter_map(|line| line["message"]["tool_calls"].as_array());
    let calls: Vec<&Value> = calls.flatten().collect();
    let Some(call) = calls.first() else {
        return Err(not_applicable("the model did not call the tool"));
    };
    let function = &call["function"];
    expect(function["arguments"].is_object(), "an object of arguments", call)?;
    expect(call["id"].is_string() && call.get("type").is_none(), "an id and no type", call)?;
    if bench.is_from((0, 13, 0)) || function.get("index").is_some() {
        expect(function["index"].is_u64(), "a whole number in `index`", call)?;
    }
    let last = lines.last().unwrap_or(&Value::Null);
    same("`done_reason`", &last["done_reason"], &json!("stop"))
}

fn formats(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    for format in [json!("xml"), json!(["json"])] {
        error(&bench.ask(model, json!({ "format": format }))?, 500, None)?;
    }
    for format in [json!(""), Value::Null] {
        status(&bench.ask(model, json!({ "format": format }))?, 200)?;
    }
    let bad = json!({ "format": { "type": "objekt" } });
    let expected = if bench.has_child_runners() { 400 } else { 500 };
    error(&bench.ask(model, bad)?, expected, None)
}

fn conforms(bench: &Bench) -> Verdict {
    let schema = json!({
        "type": "object",
        "required": ["city", "people"],
        "properties": { "city": { "type": "string" }, "people": { "type": "integer" } },
    });
    let more = json!({
        "format": schema,
        "options": { "num_predict": 200 },
        "messages": saying("Name a city and how many people live there, as JSON."),
    });
    let answer = bench.asked(bench.any()?, more)?;
    if answer["done_reason"] == json!("length") {
        return Err(not_applicable("the model did not come to an end"));
    }
    let text = answer["message"]["content"].as_str().unwrap_or_default();
    let value: Value = serde_json::from_str(text)
        .map_err(|problem| failed(format!("expected JSON; came `{text}`: {problem}")))?;
    let fits = value["city"].is_string() && value["people"].is_i64();
    expect(fits, "a value that conforms to the schema", &value)
}

fn option_types(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    for (name, value, kind) in [
        ("num_ctx", json!("big"), "integer"),
        ("temperature", json!("hot"), "float32"),
        ("stop", json!("\n"), "array"),
    ] {
        let text = format!("option \"{name}\" must be of type {kind}");
        let answer = bench.ask(model, json!({ "options": { name: value } }))?;
        error(&answer, 500, Some(&text))?;
    }
    Ok(())
}

fn logprobs(bench: &Bench) -> Verdict {
    bench.require((0, 12, 11), "probabilities came with 0.12.11")?;
    let model = bench.any()?;
    let most = bench.ask(model, json!({ "logprobs": true, "top_logprobs": 21 }))?;
    error(&most, 400, Some("top_logprobs must be between 0 and 20"))?;
    let answer = bench.asked(model, json!({ "logprobs": true, "top_logprobs": 2 }))?;
    let entries = list(&answer, "logprobs")?;
    let Some(entry) = entries.first() else {
        return Err(failed("expected probabilities; came an empty list"));
    };
    let has = |entry: &Value| {
        entry["token"].is_string() && entry["logprob"].is_number() && entry["bytes"].is_array()
    };
    expect(has(entry), "token, logprob and bytes", entry)?;
    let others = list(entry, "top_logprobs")?;
    expect(!others.is_empty() && others.iter().all(has), "the same of other tokens", entry)
}

fn generate_fields(bench: &Bench) -> Verdict {
    let model = bench.c()?;
    let raw = json!({ "model": model, "prompt": "x", "raw": true, "system": "s" });
    let text = "raw mode does not support template, system, or context";
    error(&bench.post("/api/generate", &raw)?, 400, Some(text))?;
    let suffix = json!({ "model": model, "prompt": "x", "suffix": "y" });
    error(&bench.post("/api/generate", &suffix)?, 400, None)
}

fn context(bench: &Bench) -> Verdict {
    let ask = |raw: bool| {
        let options = json!({ "num_predict": 4 });
        let model = bench.any()?;
        let body = json!({ "model": model, "prompt": "x", "raw": raw, "stream": false,
                           "options": options });
        bench.post("/api/generate", &body)?.success()
    };
    let plain = ask(false)?;
    let numbers = list(&plain, "context")?;
    let all = !numbers.is_empty() && numbers.iter().all(Value::is_u64);
    expect(all, "whole numbers in `context`", &plain)?;
    let raw = ask(true)?;
    expect(raw.get("context").is_none(), "no `context`", &raw)
}

fn repeats(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    for options in [
        json!({ "seed": 11, "temperature": 1.2, "num_predict": 24 }),
        json!({ "temperature": 0, "num_predict": 24 }),
    ] {
        let ask = || bench.asked(model, json!({ "options": options }));
        let (one, two) = (ask()?, ask()?);
        same("the second answer", &two["message"]["content"], &one["message"]["content"])?;
    }
    Ok(())
}

fn too_long(bench: &Bench) -> Verdict {
    const WINDOW: u64 = 512;
    let model = bench.any()?;
    let ask = |more: Value| {
        let mut body = json!({
            "messages": saying(&"many words ".repeat(1000)),
            "options": { "num_ctx": WINDOW, "num_predict": 4 },
        });
        if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
            body.extend(more);
        }
        bench.ask(model, body)
    };
    let answer = ask(json!({}))?;
    if answer.status == 400 && bench.has_child_runners() {
        let text = answer.json()?["error"].as_str().unwrap_or_default().to_owned();
        let inner: Value = serde_json::from_str(&text).unwrap_or_default();
        let inner = inner.get("error").unwrap_or(&inner);
        same("the type", &inner["type"], &json!("exceed_context_size_error"))?;
        same("`n_ctx`", &number(inner, "n_ctx")?, &WINDOW)?;
    } else {
        let read = number(&answer.success()?, "prompt_eval_count")?;
        let is_cut = if bench.has_child_runners() { read <= WINDOW } else { read == WINDOW };
        expect(is_cut, &format!("a prompt cut to {WINDOW} tokens"), &read)?;
    }
    error(&ask(json!({ "truncate": false }))?, 400, None)
}

fn escaped(bench: &Bench) -> Verdict {
    let more = json!({
        "messages": saying("Repeat exactly: <a & b>"),
        "options": { "temperature": 0, "num_predict": 48 },
    });
    let answer = bench.ask(bench.any()?, more)?;
    let object = answer.success()?;
    let content = object["message"]["content"].as_str().unwrap_or_default();
    expect(!answer.text.contains('<'), "no bare `<`", &answer.text)?;
    if !content.contains('<') {
        return Err(not_applicable("the model did not repeat it"));
    }
    expect(answer.text.contains("\\u003c"), "`<` written as \\u003c", &answer.text)
}
