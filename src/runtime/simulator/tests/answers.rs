//! What answers depend on, and what rules say: assertion 40 of `ollama-protocol.md`.

use super::*;
use crate::language::document::simulation::{AnswerRule, RequestMatch};

#[tokio::test]
async fn an_answer_depends_on_what_was_asked_only() {
    let bench = Bench::with(|profile| {
        profile.servers[1].version = "0.12.11".into();
        profile.servers[1].speed = 7.0;
    })
    .await;
    let schema = json!({"type": "object", "properties": {"score": {"type": "number"}}});
    for more in [json!({}), json!({"format": schema}), json!({"options": {"seed": 7}})] {
        let mut seen = Vec::new();
        for server in [0, 1, 0] {
            let answer = read(bench.chat_request(server, &chat("c", more.clone()))).await.json();
            seen.push((content(&answer), answer["eval_count"].clone()));
        }
        assert!(seen[0] == seen[1] && seen[1] == seen[2], "{seen:?}");
    }
    let one = bench.ask("c", json!({})).await.json();
    for (model, more) in [
        ("t:1b", json!({"think": false})),
        ("c", json!({"options": {"seed": 7}})),
        ("c", json!({"messages": [{"role": "user", "content": "What else?"}]})),
    ] {
        let other = bench.ask(model, more).await.json();
        assert_ne!(content(&one), content(&other));
    }
    let other = Bench::with(|profile| profile.seed = 1).await;
    let other = other.ask("c", json!({})).await.json();
    assert_ne!(content(&one), content(&other));
}

fn rule(matches: RequestMatch, text: &str) -> AnswerRule {
    AnswerRule { matches, text: Some(text.into()), ..AnswerRule::default() }
}

#[tokio::test]
async fn the_first_rule_that_fits_is_used() {
    let bench = Bench::with(|profile| {
        let any = RequestMatch::default;
        profile.answers = vec![
            rule(RequestMatch { task: Some("research/market".into()), ..any() }, "by task"),
            rule(RequestMatch { contains: Some("tea".into()), ..any() }, "by text"),
            rule(RequestMatch { server: Some("two".into()), ..any() }, "by server"),
            rule(RequestMatch { model: Some("T:1B".into()), ..any() }, "by model"),
            AnswerRule { json: Some(json!({"a": [1, 2]})), ..AnswerRule::default() },
        ];
    })
    .await;
    let tea = json!({"messages": [{"role": "system", "content": "About tea."}]});
    for (server, task, body, text) in [
        (0, Some("research/market"), chat("c", tea.clone()), "by task"),
        (0, Some("market"), chat("c", tea), "by text"),
        (1, None, chat("t:1b", json!({})), "by server"),
        (0, None, chat("t:1b", json!({})), "by model"),
        (0, None, chat("c", json!({})), "{\"a\":[1,2]}"),
    ] {
        let mut request = bench.chat_request(server, &body);
        if let Some(task) = task {
            request = request.header("X-Partita-Task", task);
        }
        assert_eq!(content(&read(request).await.json()), text);
    }
}

#[tokio::test]
async fn a_rule_decides_time_and_tokens() {
    let bench = Bench::with(|profile| {
        profile.servers[1].speed = 2.0;
        profile.answers = vec![AnswerRule {
            duration: Some("45s".parse().unwrap()),
            tokens: Some(500),
            ..AnswerRule::default()
        }];
    })
    .await;
    for (server, seconds) in [(0, 45.0), (1, 22.5)] {
        let answer = read(bench.chat_request(server, &chat("c", json!({})))).await.json();
        assert_eq!(answer["eval_count"], 500);
        let work = answer["prompt_eval_duration"].as_f64().unwrap()
            + answer["eval_duration"].as_f64().unwrap();
        assert!((work / 1e9 - seconds).abs() < 1e-6, "{work}");
    }
    let streamed = bench.ask("c", json!({"stream": true})).await.lines();
    assert!(streamed.len() <= 52, "{}", streamed.len());
}
