//! Chat and generate: assertions 20 to 42 of `ollama-protocol.md`.

use super::*;
use crate::language::document::simulation::{AnswerRule, ChatTemplate};

const DURATIONS: [&str; 4] =
    ["total_duration", "load_duration", "prompt_eval_duration", "eval_duration"];

fn streamed() -> Value {
    json!({"stream": true})
}

#[tokio::test]
async fn answers_are_streamed_unless_told_otherwise() {
    let bench = Bench::with(|_| {}).await;
    let mut body = chat("c", json!({}));
    body.as_object_mut().unwrap().remove("stream");
    let answer = bench.post("/api/chat", &body).await;
    assert_eq!(answer.content_type, "application/x-ndjson");
    let lines = answer.lines();
    let (last, others) = lines.split_last().unwrap();
    assert!(others.len() >= 2 && others.iter().all(|line| line["done"] == false));
    assert_eq!((&last["done"], &last["done_reason"]), (&json!(true), &json!("stop")));

    let whole = bench.ask("c", json!({})).await;
    assert_eq!(whole.content_type, "application/json; charset=utf-8");
    assert_eq!(answer.content(), content(&whole.json()));
    assert_eq!(last["eval_count"], whole.json()["eval_count"]);
}

#[tokio::test]
async fn the_figures_add_up() {
    let bench = Bench::with(|_| {}).await;
    let last = bench.ask("c", streamed()).await.last();
    let [total, load, reading, writing] = DURATIONS.map(|key| last[key].as_u64().unwrap());
    assert!(total >= load + reading + writing);
    // 0.25 s and 1 GB at 2 GB/s; 12 tokens at 2000 a second; the answer's at 60 a second.
    assert_eq!((load, reading), (750_000_000, 6_000_000));
    let tokens = last["eval_count"].as_u64().unwrap();
    assert!(writing.abs_diff(tokens * 1_000_000_000 / 60) <= 2);
    let hot = bench.ask("c", streamed()).await.last();
    assert!(hot["load_duration"].as_u64().unwrap() < 5_000_000);
    assert_eq!(hot["prompt_eval_count"], 12);
}

#[tokio::test]
async fn answers_end_at_limits_and_stop_texts() {
    let bench = Bench::with(|profile| {
        profile.answers = vec![AnswerRule {
            text: Some("one two three four five".into()),
            ..AnswerRule::default()
        }];
    })
    .await;
    for (options, text, reason, tokens) in [
        (json!({}), "one two three four five", "stop", 6),
        (json!({"num_predict": 2}), "one two", "length", 2),
        (json!({"num_predict": 0}), "one", "length", 1),
        (json!({"num_predict": -1}), "one two three four five", "stop", 6),
        (json!({"stop": ["four", " three"]}), "one two", "stop", 1),
    ] {
        let answer = bench.ask("c", json!({"options": options})).await.json();
        assert_eq!(content(&answer), text);
        assert_eq!(
            (&answer["done_reason"], &answer["eval_count"]),
            (&json!(reason), &json!(tokens))
        );
    }
}

#[tokio::test]
async fn requests_without_messages_load_and_unload() {
    let bench = Bench::with(|_| {}).await;
    for (body, reason, loaded) in [
        (json!({"keep_alive": 0}), "unload", 0),
        (json!({}), "load", 1),
        (json!({"messages": []}), "load", 1),
        (json!({"keep_alive": 0}), "unload", 0),
    ] {
        for path in ["/api/chat", "/api/generate"] {
            let mut body = body.clone();
            body["model"] = "c".into();
            let answer = bench.post(path, &body).await;
            let object = answer.json();
            assert_eq!(answer.content_type, "application/json; charset=utf-8");
            assert_eq!((&object["done"], &object["done_reason"]), (&json!(true), &json!(reason)));
            assert!(DURATIONS.iter().all(|key| object.get(key).is_none()));
            assert_eq!(bench.loaded().await.len(), loaded, "{path} {body}");
        }
    }
}

#[tokio::test]
async fn thinking_comes_first_where_the_model_can() {
    let bench = Bench::with(|_| {}).await;
    let refused = bench.ask("c", json!({"think": true})).await;
    assert_eq!(refused.error(), (400, "\"c\" does not support thinking".into()));
    assert_eq!(bench.ask("c", json!({"think": false})).await.status, 200);
    for think in [json!("extreme"), json!(3)] {
        assert_eq!(bench.ask("t:1b", json!({"think": think})).await.error().0, 400);
    }
    for more in [json!({"stream": true}), json!({"stream": true, "think": "low"})] {
        let lines = bench.ask("t:1b", more).await.lines();
        let thinks = |line: &Value| line["message"].get("thinking").is_some();
        let thoughts = lines.iter().take_while(|line| thinks(line)).count();
        assert!(thoughts > 0 && !lines[thoughts..].iter().any(thinks));
    }
    let silent = bench.ask("t:1b", json!({"think": false})).await.json();
    assert!(silent["message"].get("thinking").is_none());
    let whole = bench.ask("t:1b", json!({})).await.json();
    assert!(whole["message"]["thinking"].as_str().unwrap().starts_with("Simulated thinking"));
    assert!(content(&whole).starts_with("Simulated answer"));
}

fn tools() -> Value {
    json!([{"type": "function", "function": {"name": "weather", "parameters": {
        "type": "object", "required": ["city"],
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    }}}])
}

#[tokio::test]
async fn tools_are_called_until_their_result_is_there() {
    let bench = Bench::with(|profile| {
        let native = SimulatedModel {
            name: "n".into(),
            template: ChatTemplate::Native,
            ..SimulatedModel::default()
        };
        profile.models.push(native);
    })
    .await;
    let refused = bench.ask("c", json!({"tools": tools()})).await;
    assert_eq!(
        refused.error(),
        (400, "registry.ollama.ai/library/c:latest does not support tools".into())
    );
    let more = json!({"tools": tools(), "stream": true, "think": false});
    let lines = bench.ask("t:1b", more.clone()).await.lines();
    let call = &lines[lines.len() - 2]["message"]["tool_calls"][0];
    assert!(call["id"].is_string() && call.get("type").is_none());
    assert_eq!(
        (&call["function"]["index"], &call["function"]["name"]),
        (&json!(0), &json!("weather"))
    );
    assert!(call["function"]["arguments"]["city"].is_string());
    assert_eq!(lines.last().unwrap()["done_reason"], "stop");

    // A model with a template of its own has them in the last object.
    let last = bench.ask("n", json!({"tools": tools(), "stream": true})).await.last();
    assert!(last["message"]["tool_calls"][0]["function"]["arguments"].is_object());

    let mut after = more;
    after["messages"] = json!([
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_name": "weather", "content": "rain"},
    ]);
    let answer = bench.ask("t:1b", after).await;
    assert!(answer.content().starts_with("Simulated answer to \"Weather?\""));
}

#[tokio::test]
async fn formats_are_kept_or_refused() {
    let bench = Bench::with(|_| {}).await;
    for (format, status) in [
        (json!("xml"), 500),
        (json!([1]), 500),
        (json!(""), 200),
        (json!(null), 200),
        (json!({"type": "objekt"}), 400),
    ] {
        let answer = bench.ask("c", json!({"format": format})).await;
        assert_eq!(answer.status, status, "{format}");
    }
    let schema = json!({"type": "object", "required": ["go"], "properties": {
        "go": {"type": "boolean"}, "reasons": {"type": "array", "items": {"type": "string"}},
    }});
    let answer = bench.ask("c", json!({"format": schema, "stream": true})).await;
    let value: Value = serde_json::from_str(&answer.content()).unwrap();
    assert!(jsonschema::is_valid(&schema, &value));
    let value: Value =
        serde_json::from_str(&content(&bench.ask("c", json!({"format": "json"})).await.json()))
            .unwrap();
    assert_eq!(value["simulated"], true);
}

#[tokio::test]
async fn options_of_the_wrong_type_are_500() {
    let bench = Bench::with(|_| {}).await;
    let wrong = bench.ask("c", json!({"options": {"num_ctx": "big"}})).await;
    assert_eq!(wrong.error(), (500, "option \"num_ctx\" must be of type integer".into()));
    let stop = bench.ask("c", json!({"options": {"stop": "\n"}})).await;
    assert_eq!(stop.error().0, 500);
    let keep = bench.ask("c", json!({"keep_alive": "5 parsecs"})).await;
    assert_eq!(keep.error().0, 400);
}

#[tokio::test]
async fn probabilities_are_given_when_asked_for() {
    let bench = Bench::with(|_| {}).await;
    let over = bench.ask("c", json!({"logprobs": true, "top_logprobs": 21})).await;
    assert_eq!(over.error(), (400, "top_logprobs must be between 0 and 20".into()));
    let answer = bench.ask("c", json!({"logprobs": true, "top_logprobs": 2})).await.json();
    let first = &answer["logprobs"][0];
    assert!(
        first["token"].is_string() && first["logprob"].is_number() && first["bytes"].is_array()
    );
    assert_eq!(first["top_logprobs"].as_array().unwrap().len(), 2);
    assert!(bench.ask("c", json!({})).await.json().get("logprobs").is_none());
}

#[tokio::test]
async fn generate_has_its_own_shape() {
    let bench = Bench::with(|_| {}).await;
    let generate = async |more: Value| {
        let mut body = json!({"model": "c", "prompt": "Say it", "stream": false});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        bench.post("/api/generate", &body).await
    };
    let whole = generate(json!({})).await.json();
    assert!(whole["response"].as_str().unwrap().contains("\"Say it\""));
    let count =
        whole["prompt_eval_count"].as_u64().unwrap() + whole["eval_count"].as_u64().unwrap();
    let context = whole["context"].as_array().unwrap();
    assert_eq!(context.len() as u64, count);
    let next = generate(json!({"context": context})).await.json();
    assert_eq!(next["prompt_eval_count"].as_u64().unwrap(), count + 9);
    assert!(generate(json!({"raw": true})).await.json().get("context").is_none());
    let both = generate(json!({"raw": true, "system": "s"})).await;
    assert_eq!(
        both.error(),
        (400, "raw mode does not support template, system, or context".into())
    );
    let insert = generate(json!({"suffix": "s"})).await;
    assert_eq!(
        insert.error(),
        (400, "registry.ollama.ai/library/c:latest does not support insert".into())
    );
    let lines = generate(json!({"stream": true})).await.lines();
    let text: String = lines.iter().map(|line| line["response"].as_str().unwrap()).collect();
    assert_eq!(whole["response"], text);
}

#[tokio::test]
async fn too_long_a_prompt_is_cut_or_refused() {
    let bench = Bench::with(|profile| {
        profile.servers[0].context_length = 512;
        profile.servers[1].context_length = 512;
        profile.servers[1].version = "0.12.11".into();
        let native = SimulatedModel {
            name: "n".into(),
            template: ChatTemplate::Native,
            ..SimulatedModel::default()
        };
        profile.models.push(native);
    })
    .await;
    let long = |start: &str| {
        let content = format!("{start} {} The question stands last.", "x".repeat(60_000));
        json!({"messages": [{"role": "user", "content": content}]})
    };
    let with = |more: Value| {
        let mut body = long("a");
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let cut = bench.ask("c", long("a")).await.json();
    assert_eq!(cut["prompt_eval_count"], 259);
    // What was cut has no influence: only the first sixteen characters were kept at the front.
    let same = bench.ask("c", long(&format!("a {}", "x".repeat(500)))).await.json();
    assert_eq!(content(&cut), content(&same));

    let (status, text) = bench.ask("c", with(json!({"truncate": false}))).await.error();
    assert_eq!(status, 400);
    let inner: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(inner["error"]["type"], "exceed_context_size_error");
    assert_eq!(inner["error"]["n_ctx"], 512);
    let (status, text) = bench.ask("c", with(json!({"shift": false}))).await.error();
    assert!(status == 400 && text.starts_with("the prompt is longer than the context length"));
    let (status, text) = bench.ask("n", long("a")).await.error();
    assert!(status == 400 && text.contains("exceed_context_size_error"));
    assert_eq!(bench.ask("n", with(json!({"options": {"num_ctx": 65536}}))).await.status, 200);

    let old = read(bench.chat_request(1, &chat("c", long("a")))).await.json();
    assert_eq!(old["prompt_eval_count"], 512);
    let old = read(bench.chat_request(1, &chat("c", with(json!({"truncate": false}))))).await;
    assert_eq!(old.error(), (400, "the input length exceeds the context length".into()));
}

#[tokio::test]
async fn angle_brackets_are_escaped() {
    let bench = Bench::with(|profile| {
        profile.answers =
            vec![AnswerRule { text: Some("a < b && c > d".into()), ..AnswerRule::default() }];
    })
    .await;
    let answer = bench.ask("c", json!({})).await;
    assert!(answer.text.contains(r"a \u003c b \u0026\u0026 c \u003e d"));
    assert_eq!(content(&answer.json()), "a < b && c > d");
}

#[tokio::test]
async fn an_answer_takes_its_time() {
    let bench = Bench::with(|profile| {
        profile.time_scale = 0.1;
        profile.answers = vec![AnswerRule {
            duration: Some("2s".parse().unwrap()),
            tokens: Some(4),
            ..AnswerRule::default()
        }];
    })
    .await;
    bench.post("/api/chat", &json!({"model": "c"})).await;
    let answer = bench.ask("c", streamed()).await;
    assert!(answer.lines().len() >= 4);
    let record = bench.records().pop().unwrap();
    let took = record.ended_ms.unwrap() - record.started_ms.unwrap();
    assert!(took >= 199.9, "{took}");
    let last = answer.last();
    let work =
        last["prompt_eval_duration"].as_u64().unwrap() + last["eval_duration"].as_u64().unwrap();
    assert!(work.abs_diff(2_000_000_000) <= 2, "{work}");
}
