//! Chat and generate: 20 to 31.

use serde_json::{Value, json};

use super::Named;
use crate::conformance::assertion::{
    Verdict, Wrong, error, expect, failed, not_applicable, number, same, status,
};
use crate::conformance::bench::{Bench, chat, saying};

pub(super) const ASSERTIONS: &[Named] = &[
    (20, "answers are streamed as lines of JSON, the last one is done", streams),
    (21, "the content types tell a stream from a whole answer", content_types),
    (22, "the pieces make the whole answer", pieces),
    (23, "the durations are whole numbers and add up", durations),
    (24, "an answer ends at its limit or by itself", limits),
    (25, "loads and unloads have no figures", no_figures),
    (26, "a request without messages loads the model", loads),
    (27, "with a keep_alive of 0 it unloads, loaded or not", unloads),
    (28, "nothing is sent before the first token", no_early_head),
    (29, "thinking is refused, comes first, or is left out", thinking),
    (30, "a model that can think does so unless told otherwise", thinks_unasked),
    (31, "a think value that is none is refused", think_values),
];

const DURATIONS: [&str; 4] =
    ["total_duration", "load_duration", "prompt_eval_duration", "eval_duration"];

/// The text of a piece.
fn content(object: &Value) -> &str {
    object["message"]["content"].as_str().unwrap_or_default()
}

fn thought(object: &Value) -> &str {
    object["message"]["thinking"].as_str().unwrap_or_default()
}

fn streams(bench: &Bench) -> Verdict {
    let mut body = chat(bench.any()?, json!({}));
    body.as_object_mut().and_then(|body| body.remove("stream"));
    let answer = bench.post("/api/chat", &body)?;
    status(&answer, 200)?;
    let lines = answer.lines()?;
    let Some((last, others)) = lines.split_last() else {
        return Err(failed("expected lines; came none"));
    };
    let going_on = others.iter().all(|line| line["done"] == json!(false));
    expect(
        !others.is_empty() && going_on,
        "`done` false in all lines but the last",
        others_of(&lines),
    )?;
    same("`done` of the last line", &last["done"], &json!(true))?;
    expect(last["done_reason"].is_string(), "a `done_reason` in the last line", last)
}

fn others_of(lines: &[Value]) -> &dyn std::fmt::Debug {
    lines.first().map_or(&"nothing", |line| line)
}

fn content_types(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    let whole = bench.ask(model, json!({}))?;
    same("the content type", &whole.header("content-type"), &"application/json; charset=utf-8")?;
    let lines = bench.ask(model, json!({ "stream": true }))?;
    same("the content type", &lines.header("content-type"), &"application/x-ndjson")
}

fn pieces(bench: &Bench) -> Verdict {
    let fixed = json!({ "seed": 7, "temperature": 0, "num_predict": 24 });
    let whole = bench.asked(bench.any()?, json!({ "options": fixed }))?;
    let answer = bench.ask(bench.any()?, json!({ "options": fixed, "stream": true }))?;
    let together: String = answer.lines()?.iter().map(content).collect();
    same("the pieces together", &together.as_str(), &content(&whole))
}

fn durations(bench: &Bench) -> Verdict {
    let answer = bench.asked(bench.any()?, json!({}))?;
    let mut parts = [0; 4];
    for (part, key) in parts.iter_mut().zip(DURATIONS) {
        *part = number(&answer, key)?;
    }
    let [total, load, reading, writing] = parts;
    expect(total >= load + reading + writing, "a total of at least its parts", &parts)
}

fn limits(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    let long = saying("Tell me a long story about a violin.");
    for limit in [0, 3] {
        let options = json!({ "num_predict": limit });
        let answer = bench.asked(model, json!({ "options": options, "messages": long }))?;
        same("`done_reason`", &answer["done_reason"], &json!("length"))?;
        let tokens = number(&answer, "eval_count")?;
        expect(tokens <= limit.max(1), &format!("at most {} tokens", limit.max(1)), &tokens)?;
    }
    let options = json!({ "num_predict": 4000 });
    let short = saying("Answer with the one word yes.");
    let answer = bench.asked(model, json!({ "options": options, "messages": short }))?;
    same("`done_reason`", &answer["done_reason"], &json!("stop"))
}

/// A request that asks for nothing, which must end at once for the given reason.
fn manage(bench: &Bench, path: &str, body: &Value, reason: &str) -> Result<Value, Wrong> {
    let answer = bench.post(path, body)?;
    let object = answer.success()?;
    same("`done`", &object["done"], &json!(true))?;
    same("`done_reason`", &object["done_reason"], &json!(reason))?;
    Ok(object)
}

fn no_figures(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    let load = manage(bench, "/api/generate", &json!({ "model": model }), "load")?;
    let body = json!({ "model": model, "keep_alive": 0 });
    let unload = manage(bench, "/api/generate", &body, "unload")?;
    for object in [load, unload] {
        let counts = ["prompt_eval_count", "eval_count"];
        let has = DURATIONS.iter().chain(&counts).any(|key| object.get(key).is_some());
        expect(!has, "no figures", &object)?;
    }
    Ok(())
}

fn loads(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    for (path, body) in [
        ("/api/chat", json!({ "model": model, "messages": [] })),
        ("/api/generate", json!({ "model": model })),
    ] {
        bench.unload(model)?;
        manage(bench, path, &body, "load")?;
        let resident = bench.resident(model)?;
        expect(resident.is_some(), "/api/ps to list the model", &bench.loaded()?)?;
    }
    Ok(())
}

fn unloads(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    bench.asked(model, json!({}))?;
    for path in ["/api/chat", "/api/generate"] {
        manage(bench, path, &json!({ "model": model, "keep_alive": 0 }), "unload")?;
        bench.until_gone(model)?;
    }
    Ok(())
}

fn no_early_head(bench: &Bench) -> Verdict {
    if let Ok(silent) = bench.spell("silence") {
        let body = chat(bench.any()?, json!({ "stream": true, "messages": saying(&silent) }));
        let mut pending = bench.send(&body)?;
        return expect(pending.is_silent()?, "not a byte before the first token", &"some");
    }
    if !bench.get("/api/version")?.header("x-partita-simulated").is_empty() {
        return Err(not_applicable("a simulated server tells durations of simulated time"));
    }
    // Elsewhere the load has to be seen: the head comes no sooner than it is over.
    bench.unload(bench.any()?)?;
    let begun = std::time::Instant::now();
    let pending = bench.send(&chat(bench.any()?, json!({ "stream": true })))?;
    let streaming = pending.head()?;
    let waited = begun.elapsed().as_nanos();
    let lines = streaming.rest()?.lines()?;
    let load = number(lines.last().unwrap_or(&Value::Null), "load_duration")?;
    expect(waited * 5 >= u128::from(load) * 4, &format!("no head before {load} ns"), &waited)
}

fn thinking(bench: &Bench) -> Verdict {
    let c = bench.c()?;
    let refused = format!("\"{c}\" does not support thinking");
    error(&bench.ask(c, json!({ "think": true }))?, 400, Some(&refused))?;
    status(&bench.ask(c, json!({ "think": false }))?, 200)?;
    thoughts_first(bench, json!({ "stream": true, "think": true }))
}

fn thoughts_first(bench: &Bench, more: Value) -> Verdict {
    let lines = bench.ask(bench.t()?, more)?.lines()?;
    let first_content = lines.iter().position(|line| !content(line).is_empty());
    let last_thought = lines.iter().rposition(|line| !thought(line).is_empty());
    let Some(last_thought) = last_thought else {
        return Err(failed(format!("expected thoughts; came {:?}", lines.first())));
    };
    let is_before = first_content.is_none_or(|first| last_thought < first);
    expect(is_before, "all thoughts before the answer", &(last_thought, first_content))
}

fn thinks_unasked(bench: &Bench) -> Verdict {
    bench.require((0, 12, 4), "before 0.12.4 models think only when told to")?;
    // What is `null` is not said.
    thoughts_first(bench, json!({ "stream": true, "think": null }))
}

fn think_values(bench: &Bench) -> Verdict {
    for value in [json!("extreme"), json!(3)] {
        error(&bench.ask(bench.t()?, json!({ "think": value }))?, 400, None)?;
    }
    Ok(())
}
