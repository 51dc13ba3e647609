//! Every kind of fault, as its client sees it.

use super::*;
use crate::language::document::simulation::{AnswerRule, Fault, FaultRule, RequestMatch};

const DIED: &str = "an error was encountered while running the model: unexpected EOF";

/// A cluster whose first server meets the fault once, at the first request that fits.
async fn faulty(fault: Fault) -> Bench {
    Bench::with(|profile| {
        profile.answers = vec![five_words()];
        profile.faults = vec![once(fault)];
    })
    .await
}

fn five_words() -> AnswerRule {
    AnswerRule { text: Some("one two three four five".into()), ..AnswerRule::default() }
}

fn once(fault: Fault) -> FaultRule {
    FaultRule {
        matches: RequestMatch { server: Some("one".into()), ..RequestMatch::default() },
        after: 0,
        times: Some(1),
        fault,
    }
}

fn streamed() -> Value {
    json!({"stream": true})
}

/// What a client saw of an answer that broke: its status and lines.
async fn broken(bench: &Bench, more: Value) -> Result<(u16, String), String> {
    let response = bench.chat_request(0, &chat("c", more)).send().await;
    let mut response = response.map_err(|_| "no answer".to_owned())?;
    let status = response.status().as_u16();
    let mut text = String::new();
    loop {
        match tokio::time::timeout(Duration::from_millis(300), response.chunk()).await {
            Ok(Ok(Some(chunk))) => text.push_str(std::str::from_utf8(&chunk).unwrap()),
            Ok(Ok(None)) => return Ok((status, text)),
            Ok(Err(_)) => return Err(text),
            Err(_) => return Err(format!("{text}(stalled)")),
        }
    }
}

/// Whether no headers come, as far as one can tell.
async fn silent(bench: &Bench, more: Value) -> bool {
    let send = bench.chat_request(0, &chat("c", more)).send();
    tokio::time::timeout(Duration::from_millis(200), send).await.is_err()
}

/// After the fault everything is well again.
async fn well(bench: &Bench) {
    let answer = bench.ask("c", json!({})).await.json();
    assert_eq!(content(&answer), "one two three four five");
}

fn contents(text: &str) -> String {
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.map(|line| content(&line)).collect()
}

fn outcome(bench: &Bench) -> (Outcome, Option<&'static str>) {
    let record = bench.records().remove(0);
    (record.outcome, record.fault)
}

#[tokio::test]
async fn overloaded_and_status() {
    let bench = faulty(Fault::Overloaded).await;
    assert_eq!(bench.ask("c", streamed()).await.error().0, 503);
    well(&bench).await;
    assert_eq!(outcome(&bench), (Outcome::Refused, Some("overloaded")));
    let bench = faulty(Fault::Status {
        status: 502,
        message: Some("bad gateway".into()),
        retry_after: None,
    })
    .await;
    assert_eq!(bench.ask("c", json!({})).await.error(), (502, "bad gateway".into()));
    well(&bench).await;
    let bench = faulty(Fault::Status { status: 429, message: None, retry_after: None }).await;
    assert!(bench.ask("c", json!({})).await.error().1.contains("simulated"));
}

#[tokio::test]
async fn silence_takes_no_slot_and_ends_with_the_client() {
    let bench = faulty(Fault::Silent).await;
    assert!(silent(&bench, json!({})).await);
    well(&bench).await;
    bench.until_ended(Outcome::Broken, 1).await;
    assert_eq!(outcome(&bench), (Outcome::Broken, Some("silent")));
    assert_eq!(bench.records()[0].status, None);
}

#[tokio::test]
async fn stall() {
    for (more, expected) in [(streamed(), "one two"), (json!({}), "")] {
        let bench = faulty(Fault::Stall { after_tokens: 2 }).await;
        let seen = if expected.is_empty() {
            assert!(silent(&bench, more).await);
            String::new()
        } else {
            broken(&bench, more).await.unwrap_err()
        };
        assert_eq!(contents(&seen), expected);
        well(&bench).await;
    }
    let bench = faulty(Fault::Stall { after_tokens: 0 }).await;
    assert!(silent(&bench, streamed()).await);
}

#[tokio::test]
async fn disconnect() {
    let bench = faulty(Fault::Disconnect { after_tokens: 4 }).await;
    let seen = broken(&bench, streamed()).await.unwrap_err();
    assert_eq!(contents(&seen), "one two three f");
    well(&bench).await;
    assert_eq!(outcome(&bench), (Outcome::Broken, Some("disconnect")));
    for (after_tokens, more) in [(0, streamed()), (3, json!({}))] {
        let bench = faulty(Fault::Disconnect { after_tokens }).await;
        assert_eq!(broken(&bench, more).await.unwrap_err(), "no answer");
        well(&bench).await;
    }
}

#[tokio::test]
async fn crash() {
    let bench = faulty(Fault::Crash { after_tokens: 2 }).await;
    let (status, text) = broken(&bench, streamed()).await.unwrap();
    assert_eq!((status, contents(&text).as_str()), (200, "one two"));
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(last, json!({"error": DIED}));
    // The model is still listed, and the next request loads it again.
    assert_eq!(bench.loaded().await, ["c:latest"]);
    well(&bench).await;
    assert_eq!(bench.statistics().model_loads, 2);
    for (after_tokens, more) in [(0, streamed()), (2, json!({}))] {
        let bench = faulty(Fault::Crash { after_tokens }).await;
        let answer = bench.ask("c", more).await;
        assert_eq!(answer.error(), (500, DIED.into()));
        well(&bench).await;
        assert_eq!(bench.statistics().model_loads, 2);
    }
}

#[tokio::test]
async fn unfinished() {
    for (after_tokens, expected) in [(0, ""), (2, "one two"), (99, "one two three four five")] {
        let bench = faulty(Fault::Unfinished { after_tokens }).await;
        let (status, text) = broken(&bench, streamed()).await.unwrap();
        assert_eq!((status, contents(&text).as_str()), (200, expected));
        assert!(!text.contains("\"done\":true"));
        well(&bench).await;
    }
    let bench = faulty(Fault::Unfinished { after_tokens: 2 }).await;
    let answer = bench.ask("c", json!({})).await.json();
    assert_eq!((&answer["done"], content(&answer).as_str()), (&json!(false), "one two"));
    assert!(answer.get("eval_count").is_none());
}

#[tokio::test]
async fn slow() {
    let bench = faulty(Fault::Slow { factor: 10.0 }).await;
    let slow = bench.ask("c", json!({})).await.json();
    let usual = bench.ask("c", json!({"keep_alive": 0})).await.json();
    let again = bench.ask("c", json!({})).await.json();
    let ratio = |key: &str, one: &Value, two: &Value| {
        one[key].as_f64().unwrap() / two[key].as_f64().unwrap()
    };
    assert!((ratio("eval_duration", &slow, &usual) - 10.0).abs() < 0.01);
    assert!((ratio("load_duration", &slow, &again) - 10.0).abs() < 0.01);
}

#[tokio::test]
async fn malformed_and_empty() {
    let bench = faulty(Fault::Malformed).await;
    let answer = bench.ask("c", json!({"format": "json"})).await.json();
    let text = content(&answer);
    assert!(text.contains("imulated") && serde_json::from_str::<Value>(&text).is_err());
    well(&bench).await;
    for more in [json!({}), streamed()] {
        let bench = faulty(Fault::Empty).await;
        let answer = bench.ask("c", more).await;
        assert_eq!(answer.content(), "");
        assert_eq!(
            (&answer.last()["done"], &answer.last()["done_reason"]),
            (&json!(true), &json!("stop"))
        );
        well(&bench).await;
    }
}

#[tokio::test]
async fn cut_by_length() {
    for (after_tokens, expected) in [(0, "one"), (2, "one two"), (99, "one two three four five")] {
        let bench = faulty(Fault::CutByLength { after_tokens }).await;
        let answer = bench.ask("c", streamed()).await;
        assert_eq!(answer.content(), expected);
        assert_eq!(answer.last()["done_reason"], "length");
        well(&bench).await;
    }
}

#[tokio::test]
async fn load_failure() {
    for after in [0, 1] {
        let bench = Bench::with(|profile| {
            profile.answers = vec![five_words()];
            profile.faults = vec![once(Fault::LoadFailure)];
            profile.faults[0].after = after;
        })
        .await;
        for _ in 0..after {
            well(&bench).await;
        }
        let (status, text) = bench.ask("c", json!({})).await.error();
        assert_eq!(status, 500);
        assert!(text.starts_with("llama-server process has terminated: exit status 1"));
        assert_eq!(bench.loaded().await.len(), 0);
        well(&bench).await;
    }
    let bench = faulty(Fault::LoadFailure).await;
    let preload = bench.post("/api/chat", &json!({"model": "c"})).await;
    assert_eq!(preload.error().0, 500);
}

#[tokio::test]
async fn garbage() {
    let bench = faulty(Fault::Garbage).await;
    let text = bench.ask("c", streamed()).await.text;
    let bad = |line: &&str| serde_json::from_str::<Value>(line).is_err();
    assert_eq!(text.lines().filter(bad).count(), 1);
    assert!(!bad(&text.lines().next().unwrap()));
    let bench = faulty(Fault::Garbage).await;
    let answer = bench.ask("c", json!({})).await;
    assert_eq!(answer.status, 200);
    assert!(serde_json::from_str::<Value>(&answer.text).is_err());
}

#[tokio::test]
async fn answers_of_another_kind() {
    let bench = faulty(Fault::ToolCall).await;
    let answer = bench.ask("c", json!({})).await.json();
    let call: Value = serde_json::from_str(&content(&answer)).unwrap();
    assert!(call["name"].is_string() && call["arguments"].is_object());
    assert_eq!(answer["message"].get("tool_calls"), None);
    well(&bench).await;
    let bench = faulty(Fault::Refused).await;
    let answer = bench.ask("c", json!({})).await.json();
    assert_eq!((content(&answer).as_str(), &answer["done_reason"]), ("", &json!("content_filter")));
    let bench = faulty(Fault::Truncate { kept_tokens: 2 }).await;
    let answer = bench.ask("c", json!({})).await.json();
    assert_eq!(answer["prompt_eval_count"], 2);
    assert_eq!(content(&answer), "one two three four five");
}

#[tokio::test]
async fn a_load_that_stalls_is_over_when_its_client_goes() {
    let bench = faulty(Fault::LoadStall).await;
    assert!(silent(&bench, json!({})).await);
    assert_eq!(bench.get("/api/ps").await.json()["models"], json!([]));
    for _ in 0..1000 {
        if bench.cluster.statistics()[0].aborted_loads == 1 {
            return well(&bench).await;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the load is never aborted");
}

#[tokio::test]
async fn down_for_a_while() {
    let bench = faulty(Fault::Down { duration: Some("0s".parse().unwrap()) }).await;
    let idle = bench.get("/api/version").await;
    assert_eq!(idle.status, 200);
    assert_eq!(broken(&bench, json!({})).await.unwrap_err(), "no answer");
    for _ in 0..1000 {
        if bench.client.get(bench.url(0, "/")).send().await.is_ok() {
            well(&bench).await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the server never came back");
}

#[tokio::test]
async fn down_for_good() {
    let bench = faulty(Fault::Down { duration: None }).await;
    assert_eq!(broken(&bench, json!({})).await.unwrap_err(), "no answer");
    for _ in 0..3 {
        let error = bench.client.get(bench.url(0, "/")).send().await.unwrap_err();
        assert!(error.is_connect());
    }
    let other = read(bench.chat_request(1, &chat("c", json!({})))).await;
    assert_eq!(other.status, 200);
    assert_eq!(outcome(&bench), (Outcome::Broken, Some("down")));
    assert!(bench.cluster.bring_up("one"));
    for _ in 0..1000 {
        if bench.client.get(bench.url(0, "/")).send().await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the server never came back");
}

#[tokio::test]
async fn an_outage_breaks_what_is_under_way() {
    let bench = faulty(Fault::Stall { after_tokens: 1 }).await;
    let response = bench.chat_request(0, &chat("c", streamed())).send().await.unwrap();
    assert!(bench.cluster.take_down("one", None));
    assert!(response.text().await.is_err());
    assert!(!bench.cluster.take_down("three", None));
}

#[tokio::test]
async fn vectors_meet_faults_as_well() {
    for (fault, status) in [
        (Fault::Crash { after_tokens: 0 }, Some(400)),
        (Fault::Overloaded, Some(503)),
        (Fault::LoadFailure, Some(500)),
        (Fault::Empty, Some(200)),
        (Fault::Garbage, Some(200)),
        (Fault::Malformed, Some(200)),
        (Fault::Disconnect { after_tokens: 0 }, None),
    ] {
        let bench = faulty(fault.clone()).await;
        let body = json!({"model": "m", "input": ["a", "b"]});
        let request = bench.request(Method::POST, "/api/embed").body(body.to_string());
        let seen = request.send().await.ok().map(|response| response.status().as_u16());
        assert_eq!(seen, status, "{fault:?}");
        if fault != Fault::Malformed {
            let again = bench.post("/api/embed", &body).await.json();
            assert_eq!(again["embeddings"].as_array().unwrap().len(), 2);
        }
    }
}
