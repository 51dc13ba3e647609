//! What is loaded, and what waits for what: 51 to 68.
//!
//! That something does not come is only seen for a moment: a slow machine lets such an assertion
//! pass, and never fails it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::Named;
use crate::conformance::assertion::{
    Verdict, Wrong, error, expect, failed, not_applicable, number, same, status,
};
use crate::conformance::bench::{Bench, chat, is_name, saying};
use crate::conformance::http::{Http, Streaming};

pub(super) const ASSERTIONS: &[Named] = &[
    (51, "/api/ps lists what is loaded, until when, and its window", listed),
    (52, "a keep_alive stays until another is given", keep_alive),
    (53, "a model that is being loaded is not listed", loading_is_not_listed),
    (54, "changed load options load again, others do not", reloads),
    (55, "`shift` decides how a model is loaded", shift),
    (56, "a window above the trained one is that one", clamped),
    (57, "no more than the slots get on at a time", slots),
    (58, "a full load queue refuses at once, and hot models answer", full_queue),
    (59, "a hot model is never too busy", flood),
    (60, "loads come one after the other", serial_loads),
    (61, "the idle model with the shortest time makes room", eviction),
    (62, "a client that goes away frees its slot", hung_up),
    (63, "a client that goes away aborts its load, and the next one loads", aborted_load),
    (64, "a reload waits for what is under way, and lets others pass", patient_reload),
    (65, "a dead runner ends with an error, stays listed, and is loaded again", crash),
    (66, "a runner that ends early ends without `done`", early_end),
    (67, "a prompt that was read before is read faster", prefix),
    (68, "a server that starts accepts and is silent", starting),
];

/// Seconds from now until a moment that a server names.
fn seconds_until(text: &str) -> Result<i64, Wrong> {
    let at: jiff::Timestamp =
        text.parse().map_err(|problem| failed(format!("`{text}`: {problem}")))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Ok(at.as_second() - i64::try_from(now).unwrap_or(i64::MAX))
}

fn expiry(resident: &Value) -> Result<i64, Wrong> {
    seconds_until(resident["expires_at"].as_str().unwrap_or_default())
}

/// What `/api/ps` says of a model that must be there.
fn resident(bench: &Bench, model: &str) -> Result<Value, Wrong> {
    let found = bench.resident(model)?;
    found.ok_or_else(|| failed(format!("expected /api/ps to list {model}; it does not")))
}

/// Runs a case, and takes back what it may have left loaded.
fn tidy(bench: &Bench, case: impl FnOnce() -> Verdict) -> Verdict {
    bench.unload_all()?;
    let verdict = case();
    let tidied = bench.unload_all();
    verdict.and(tidied)
}

fn listed(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    tidy(bench, || {
        let options = json!({ "num_ctx": 1024, "num_predict": 4 });
        bench.asked(model, json!({ "keep_alive": "10m", "options": options }))?;
        let found = resident(bench, model)?;
        expect(is_name(found["name"].as_str(), model), "the name with its tag", &found)?;
        same("`context_length`", &found["context_length"], &json!(1024))?;
        let left = expiry(&found)?;
        expect((480..=660).contains(&left), "an expiry in about 600 s", &left)?;
        same("the number of models", &bench.loaded()?.len(), &1)
    })
}

fn keep_alive(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    tidy(bench, || {
        bench.asked(model, json!({ "keep_alive": "1h" }))?;
        bench.asked(model, json!({}))?;
        let left = expiry(&resident(bench, model)?)?;
        expect((3300..=3700).contains(&left), "an expiry in an hour still", &left)?;
        bench.asked(model, json!({ "keep_alive": -1 }))?;
        let left = expiry(&resident(bench, model)?)?;
        expect(left > 100 * 365 * 24 * 3600, "an expiry far away", &left)?;
        bench.asked(model, json!({ "keep_alive": 0 }))?;
        bench.until_gone(model)
    })
}

fn loading_is_not_listed(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    let never = bench.spell("never load")?;
    tidy(bench, || {
        let mut load = bench.send(&chat(model, json!({ "messages": saying(&never) })))?;
        expect(load.is_silent()?, "no answer while the model is loaded", &"one")?;
        same("what is loaded", &bench.loaded()?, &Vec::new())
    })
}

/// That a request makes the server load the model again, or does not.
fn reloads_if(bench: &Bench, model: &str, hot: u64, more: Value, expected: bool) -> Verdict {
    let what = more.to_string();
    let load = number(&bench.asked(model, more)?, "load_duration")?;
    let is_reload = load > hot;
    let verb = if expected { "load again" } else { "not load again" };
    expect(is_reload == expected, &format!("{what} to {verb}"), &format!("{load} ns of loading"))
}

fn options(entries: &Value) -> Value {
    let mut options = json!({ "num_predict": 4 });
    if let (Value::Object(options), Value::Object(entries)) = (&mut options, entries) {
        options.extend(entries.clone());
    }
    json!({ "options": options })
}

fn reloads(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    tidy(bench, || {
        let hot = bench.hot_at_most(model)?;
        for (entries, expected) in [
            (json!({}), false),
            (json!({ "num_ctx": 1024 }), true),
            (json!({ "num_ctx": 1024 }), false),
            (json!({}), true),
            (json!({ "temperature": 0.1, "seed": 3, "top_k": 5, "stop": ["x"] }), false),
            (json!({ "num_keep": 9 }), false),
            (json!({ "num_batch": 256 }), true),
            (json!({}), true),
            (json!({ "num_gpu": 0 }), true),
            (json!({}), false),
            (json!({ "num_thread": 1 }), true),
            (json!({}), true),
        ] {
            reloads_if(bench, model, hot, options(&entries), expected)?;
        }
        Ok(())
    })
}

fn shift(bench: &Bench) -> Verdict {
    bench.require((0, 12, 4), "`shift` came with 0.12.4")?;
    let model = bench.any()?;
    tidy(bench, || {
        let hot = bench.hot_at_most(model)?;
        reloads_if(bench, model, hot, json!({ "shift": false }), true)?;
        reloads_if(bench, model, hot, json!({ "shift": false }), false)?;
        reloads_if(bench, model, hot, json!({}), true)
    })
}

fn clamped(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    let shown = bench.post("/api/show", &json!({ "model": model }))?.success()?;
    let info = shown["model_info"].as_object().cloned().unwrap_or_default();
    let trained = info.iter().find(|(key, _)| key.ends_with(".context_length"));
    let Some(trained) = trained.and_then(|(_, value)| value.as_u64()) else {
        return Err(not_applicable("the server does not say with which window it was trained"));
    };
    if !bench.fixture.is_scripted && trained > 32_768 {
        return Err(not_applicable(format!("a window of {trained} may be too large to load")));
    }
    tidy(bench, || {
        let hot = bench.hot_at_most(model)?;
        bench.asked(model, options(&json!({ "num_ctx": trained })))?;
        let above = options(&json!({ "num_ctx": trained * 2 }));
        reloads_if(bench, model, hot, above, false)?;
        same("the window", &resident(bench, model)?["context_length"], &json!(trained))
    })
}

/// A call that holds a slot until it is dropped.
fn holder(bench: &Bench, model: &str) -> Result<Streaming, Wrong> {
    let text = bench.spell("stall");
    let text = text.unwrap_or_else(|_| "Tell me an endless story about a violin.".to_owned());
    let body = chat(
        model,
        json!({
            "stream": true,
            "messages": saying(&text),
            "options": { "num_predict": 4000, "temperature": 1.5 },
        }),
    );
    let mut streaming = bench.send(&body)?.head()?;
    streaming.line()?;
    Ok(streaming)
}

fn slots(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    let Some(slots) = bench.fixture.slots else {
        return Err(not_applicable("nobody has said how many slots it has (OLLAMA_NUM_PARALLEL)"));
    };
    tidy(bench, || {
        let hot = bench.hot_at_most(model)?;
        let mut holders = Vec::new();
        for _ in 0..slots {
            holders.push(holder(bench, model)?);
        }
        let mut waiting = bench.send(&chat(model, json!({})))?;
        expect(waiting.is_silent()?, "no answer while all slots are taken", &"one")?;
        holders.pop();
        let load = number(&waiting.answer()?.success()?, "load_duration")?;
        expect(load <= hot, "a wait that is not in `load_duration`", &load)
    })
}

fn full_queue(bench: &Bench) -> Verdict {
    const BUSY: &str = "server busy, please try again.  maximum pending requests exceeded";
    let never = bench.spell("never load")?;
    let Some(queue) = bench.fixture.queue else {
        return Err(not_applicable("nobody has said how long its queue is (OLLAMA_MAX_QUEUE)"));
    };
    let (hot, cold) = (bench.any()?, bench.t()?);
    tidy(bench, || {
        bench.asked(hot, json!({}))?;
        let mut load = bench.send(&chat(cold, json!({ "messages": saying(&never) })))?;
        expect(load.is_silent()?, "no answer while the model is loaded", &"one")?;
        let mut waiting = Vec::new();
        for _ in 0..queue {
            let mut one = bench.send(&chat(cold, json!({ "think": false })))?;
            expect(one.is_silent()?, "a place in the queue", &"an answer")?;
            waiting.push(one);
        }
        for _ in 0..2 {
            let refused = bench.ask(cold, json!({ "think": false }))?;
            error(&refused, 503, Some(BUSY))?;
            same("Retry-After", &refused.header("retry-after"), &"")?;
        }
        status(&bench.ask(hot, json!({}))?, 200)?;
        drop(load);
        waiting.into_iter().try_for_each(|one| status(&one.answer()?, 200))
    })
}

fn flood(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    bench.asked(model, json!({}))?;
    let more = bench.fixture.queue.unwrap_or(8) + bench.fixture.slots.unwrap_or(4) + 8;
    let mut calls = Vec::new();
    for _ in 0..more {
        calls.push(bench.send(&chat(model, json!({})))?);
    }
    calls.into_iter().try_for_each(|call| status(&call.answer()?, 200))
}

fn serial_loads(bench: &Bench) -> Verdict {
    let Some(url) = &bench.fixture.timed else {
        return Err(not_applicable("its loads take no time"));
    };
    let http = Http::of_url(url);
    let (one, two) = (bench.any()?, bench.t()?);
    let post = |body: Value| http.request("POST", "/api/generate").body(body.to_string());
    let mut figures = Vec::new();
    // Two calls may miss each other on a busy machine: then the second found nothing to wait for.
    for _ in 0..8 {
        for model in [one, two] {
            status(&post(json!({ "model": model, "keep_alive": 0 })).answer()?, 200)?;
        }
        let ask = |model: &str| {
            let options = json!({ "num_predict": 1 });
            post(json!({ "model": model, "prompt": "x", "stream": false, "options": options,
                         "think": false, "keep_alive": "24h" }))
            .send()
        };
        let (first, second) = (ask(one)?, ask(two)?);
        let first = number(&first.answer()?.success()?, "load_duration")?;
        let second = number(&second.answer()?.success()?, "load_duration")?;
        let (short, long) = (first.min(second), first.max(second));
        if long * 10 >= short * 15 {
            return Ok(());
        }
        figures.push((first, second));
    }
    Err(failed(format!("expected one load to wait for the other; came {figures:?} ns")))
}

fn eviction(bench: &Bench) -> Verdict {
    if bench.fixture.loaded_models != Some(2) {
        let why = "it needs a server that loads two models (OLLAMA_MAX_LOADED_MODELS=2)";
        return Err(not_applicable(why));
    }
    let (c, t, m) = (bench.any()?, bench.t()?, bench.m()?);
    tidy(bench, || {
        bench.asked(t, json!({ "keep_alive": "3m", "think": false }))?;
        bench.asked(c, json!({ "keep_alive": "10m" }))?;
        let vectors = json!({ "model": m, "input": "x", "keep_alive": "5m" });
        status(&bench.post("/api/embed", &vectors)?, 200)?;
        let loaded = bench.loaded()?;
        let has = |model: &str| loaded.iter().any(|name| is_name(Some(name), model));
        expect(has(c) && has(m) && !has(t), &format!("{t} to have made room"), &loaded)
    })
}

fn hung_up(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    let slots = bench.fixture.slots.unwrap_or(1);
    bench.asked(model, json!({}))?;
    for stream in [true, false] {
        for _ in 0..slots {
            if stream {
                drop(holder(bench, model)?);
            } else {
                let text = bench.spell("stall").unwrap_or_else(|_| "Tell me a story.".to_owned());
                let body = chat(
                    model,
                    json!({
                        "messages": saying(&text),
                        "options": { "num_predict": 4000 },
                    }),
                );
                let mut whole = bench.send(&body)?;
                whole.is_silent()?;
            }
        }
        let answer = bench.asked(model, json!({}))?;
        let parts = ["load_duration", "prompt_eval_duration", "eval_duration"];
        let parts: u64 = parts.iter().filter_map(|key| answer[*key].as_u64()).sum();
        let waited = number(&answer, "total_duration")?.saturating_sub(parts);
        let most = Duration::from_secs(5).as_nanos();
        expect(u128::from(waited) < most, "a slot within seconds", &format!("{waited} ns"))?;
    }
    Ok(())
}

fn aborted_load(bench: &Bench) -> Verdict {
    let never = bench.spell("never load")?;
    let model = bench.any()?;
    tidy(bench, || {
        let hot = bench.hot_at_most(model)?;
        bench.unload(model)?;
        let mut load = bench.send(&chat(model, json!({ "messages": saying(&never) })))?;
        expect(load.is_silent()?, "no answer while the model is loaded", &"one")?;
        let mut waiting = bench.send(&chat(model, json!({})))?;
        expect(waiting.is_silent()?, "no answer while the model is loaded", &"one")?;
        drop(load);
        let load = number(&waiting.answer()?.success()?, "load_duration")?;
        expect(load > hot, "a whole load", &format!("{load} ns"))
    })
}

fn patient_reload(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    if bench.fixture.slots.is_none_or(|slots| slots < 2) {
        return Err(not_applicable("it needs two slots (OLLAMA_NUM_PARALLEL)"));
    }
    tidy(bench, || {
        let hot = bench.hot_at_most(model)?;
        let under_way = holder(bench, model)?;
        let other = options(&json!({ "num_ctx": 1024 }));
        let mut odd = bench.send(&chat(model, other))?;
        expect(odd.is_silent()?, "no reload while a call is under way", &"an answer")?;
        status(&bench.ask(model, json!({}))?, 200)?;
        expect(odd.is_silent()?, "no reload while a call is under way", &"an answer")?;
        drop(under_way);
        let load = number(&odd.answer()?.success()?, "load_duration")?;
        expect(load > hot, "a reload", &format!("{load} ns"))
    })
}

fn crash(bench: &Bench) -> Verdict {
    let text = bench.spell("crash")?;
    let model = bench.any()?;
    tidy(bench, || {
        let hot = bench.hot_at_most(model)?;
        let crashing =
            |stream: bool| bench.ask(model, json!({ "stream": stream, "messages": saying(&text) }));
        let answer = crashing(true)?;
        status(&answer, 200)?;
        let lines = answer.lines()?;
        let last = lines.last().unwrap_or(&Value::Null);
        expect(last["error"].is_string(), "a last line with an error", last)?;
        let is_done = lines.iter().any(|line| line["done"] == json!(true));
        expect(!is_done, "no line that is done", last)?;
        resident(bench, model)?;
        reloads_if(bench, model, hot, json!({}), true)?;
        error(&crashing(false)?, 500, None)?;
        reloads_if(bench, model, hot, json!({}), true)
    })
}

fn early_end(bench: &Bench) -> Verdict {
    let text = bench.spell("end early")?;
    let model = bench.any()?;
    let lines = bench.ask(model, json!({ "stream": true, "messages": saying(&text) }))?;
    status(&lines, 200)?;
    let lines = lines.lines()?;
    let is_well =
        lines.iter().all(|line| line["done"] == json!(false) && line.get("error").is_none());
    expect(is_well, "lines that are not done, and no error", &lines.last())?;
    let whole = bench.asked(model, json!({ "messages": saying(&text) }))?;
    same("`done`", &whole["done"], &json!(false))?;
    expect(whole.get("total_duration").is_none(), "no figures", &whole)
}

fn prefix(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    tidy(bench, || {
        bench.asked(model, json!({}))?;
        let text = format!("{} What is this about?", "A suite has several dances. ".repeat(80));
        let read = || -> Result<(u64, u64), Wrong> {
            let answer = bench.asked(model, json!({ "messages": saying(&text) }))?;
            let count = number(&answer, "prompt_eval_count")?;
            Ok((count, answer["prompt_eval_duration"].as_u64().unwrap_or(0)))
        };
        let (first, again) = (read()?, read()?);
        same("`prompt_eval_count`", &again.0, &first.0)?;
        expect(again.1 < first.1, &format!("less than {} ns of reading", first.1), &again.1)
    })
}

fn starting(bench: &Bench) -> Verdict {
    let Some(url) = &bench.fixture.starting else {
        return Err(not_applicable("it needs a server that is just being started"));
    };
    let http = Http::of_url(url);
    let mut pending = http.request("GET", "/").send()?;
    expect(pending.is_silent()?, "a connection and nothing else", &"an answer")
}
