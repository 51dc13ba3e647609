//! Vectors: assertions 43 to 50 of `ollama-protocol.md`.

use super::*;
use crate::language::document::simulation::AnswerRule;

async fn embed(bench: &Bench, model: &str, more: Value) -> Answer {
    let mut body = json!({"model": model});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    bench.post("/api/embed", &body).await
}

fn norm(vector: &Value) -> f64 {
    let numbers = vector.as_array().unwrap().iter().map(|number| number.as_f64().unwrap());
    numbers.map(|number| number * number).sum::<f64>().sqrt()
}

#[tokio::test]
async fn texts_become_vectors_in_order() {
    let bench = Bench::with(|_| {}).await;
    let both = embed(&bench, "m", json!({"input": ["abcd", "efghijkl"]})).await.json();
    assert_eq!(both["prompt_eval_count"], 3);
    assert_eq!(both["embeddings"].as_array().unwrap().len(), 2);
    assert!((norm(&both["embeddings"][0]) - 1.0).abs() < 1e-4);
    let second = embed(&bench, "m", json!({"input": "efghijkl"})).await.json();
    assert_eq!(second["embeddings"][0], both["embeddings"][1]);
    let short = embed(&bench, "m", json!({"input": "abcd", "dimensions": 8})).await.json();
    assert_eq!(short["embeddings"][0].as_array().unwrap().len(), 8);
    assert!((norm(&short["embeddings"][0]) - 1.0).abs() < 1e-4);
    let old = bench.post("/api/embeddings", &json!({"model": "m", "prompt": "abcd"})).await.json();
    assert_eq!(old["embedding"], both["embeddings"][0]);
    let old = bench.post("/api/embeddings", &json!({"model": "m"})).await.json();
    assert_eq!(old, json!({"embedding": []}));
}

#[tokio::test]
async fn empty_inputs_load_and_wrong_ones_are_refused() {
    let bench = Bench::with(|_| {}).await;
    for input in [json!(""), json!([])] {
        let answer = embed(&bench, "m", json!({"input": input})).await.json();
        assert_eq!(answer["embeddings"], json!([]));
        assert_eq!(bench.loaded().await, ["m:latest"]);
    }
    for input in [json!([1]), json!(5)] {
        let answer = embed(&bench, "m", json!({"input": input})).await;
        assert_eq!(answer.error(), (400, "invalid input type".into()));
    }
    let long = json!({"input": "x".repeat(20_000), "truncate": false});
    assert_eq!(
        embed(&bench, "m", long.clone()).await.error(),
        (400, "the input length exceeds the context length".into())
    );
    let cut = embed(&bench, "m", json!({"input": "x".repeat(20_000)})).await.json();
    assert_eq!(cut["prompt_eval_count"], 4096);
}

#[tokio::test]
async fn models_do_what_they_are_for() {
    let bench = Bench::with(|profile| profile.servers[1].version = "0.12.11".into()).await;
    let wrong = embed(&bench, "c", json!({"input": "abcd"})).await;
    assert_eq!(
        wrong.error(),
        (501, "This server does not support embeddings. Start it with `--embeddings`".into())
    );
    assert_eq!(
        bench.ask("m", json!({})).await.error(),
        (400, "\"m\" does not support chat".into())
    );
    let generate = bench.post("/api/generate", &json!({"model": "m", "prompt": "p"})).await;
    assert_eq!(generate.error(), (400, "\"m\" does not support generate".into()));
    let old = bench.client.post(bench.url(1, "/api/embed"));
    let old = read(old.body(r#"{"model":"c","input":"abcd"}"#)).await;
    assert_eq!(old.json()["embeddings"][0].as_array().unwrap().len(), 4096);
}

#[tokio::test]
async fn a_rule_decides_the_time() {
    let bench = Bench::with(|profile| {
        profile.answers =
            vec![AnswerRule { duration: Some("8s".parse().unwrap()), ..AnswerRule::default() }];
    })
    .await;
    let answer = embed(&bench, "m", json!({"input": ["a", "b", "c", "d"]})).await;
    let figure = |key: &str| answer.json()[key].as_u64().unwrap();
    assert_eq!(figure("total_duration") - figure("load_duration"), 8_000_000_000);
}
