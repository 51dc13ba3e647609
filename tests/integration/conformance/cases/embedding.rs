//! Vectors: 43 to 50.

use serde_json::{Value, json};

use super::Named;
use crate::conformance::assertion::{Verdict, Wrong, error, expect, list, number, same};
use crate::conformance::bench::Bench;

pub(super) const ASSERTIONS: &[Named] = &[
    (43, "texts become unit vectors in order, and their tokens are added up", vectors),
    (44, "no text gives no vector", nothing),
    (45, "what is no text is refused", wrong_inputs),
    (46, "vectors are cut and made unit vectors again", dimensions),
    (47, "too long a text is refused where it may not be cut", too_long),
    (48, "a model that completes makes vectors or not, by version", wrong_model),
    (49, "a model of vectors does not chat", no_chat),
    (50, "the older route has one vector under another key", older_route),
];

fn embed(bench: &Bench, input: Value, more: Value) -> Result<Value, Wrong> {
    let mut body = json!({ "model": bench.m()?, "input": input });
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    bench.post("/api/embed", &body)?.success()
}

fn is_unit(vector: &Value) -> bool {
    let numbers = vector.as_array().into_iter().flatten().filter_map(Value::as_f64);
    (numbers.map(|number| number * number).sum::<f64>().sqrt() - 1.0).abs() < 1e-3
}

/// Whether two vectors point the same way: batches may change the last digits.
fn is_like(one: &Value, two: &Value) -> bool {
    let numbers = |vector: &Value| -> Vec<f64> {
        vector.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
    };
    let (one, two) = (numbers(one), numbers(two));
    one.len() == two.len() && one.iter().zip(&two).map(|(a, b)| a * b).sum::<f64>() > 0.999
}

fn vectors(bench: &Bench) -> Verdict {
    let (first, second) = ("a violin", "the second movement of a suite");
    let both = embed(bench, json!([first, second]), json!({}))?;
    let made = list(&both, "embeddings")?;
    same("the number of vectors", &made.len(), &2)?;
    expect(made.iter().all(is_unit), "vectors of length 1", &"others")?;
    let mut tokens = 0;
    for (text, vector) in [first, second].into_iter().zip(made) {
        let alone = embed(bench, json!(text), json!({}))?;
        same("the number of vectors", &list(&alone, "embeddings")?.len(), &1)?;
        expect(is_like(&alone["embeddings"][0], vector), "the vectors in order", &text)?;
        tokens += number(&alone, "prompt_eval_count")?;
    }
    same("`prompt_eval_count`", &number(&both, "prompt_eval_count")?, &tokens)
}

fn nothing(bench: &Bench) -> Verdict {
    for input in [json!(""), json!([])] {
        same("`embeddings`", &embed(bench, input, json!({}))?["embeddings"], &json!([]))?;
    }
    Ok(())
}

fn wrong_inputs(bench: &Bench) -> Verdict {
    for input in [json!([1]), json!(5)] {
        let answer = bench.post("/api/embed", &json!({ "model": bench.m()?, "input": input }))?;
        error(&answer, 400, Some("invalid input type"))?;
    }
    Ok(())
}

fn dimensions(bench: &Bench) -> Verdict {
    let made = embed(bench, json!("a violin"), json!({ "dimensions": 16 }))?;
    let vector = &made["embeddings"][0];
    same("the length", &vector.as_array().map_or(0, Vec::len), &16)?;
    expect(is_unit(vector), "a vector of length 1", vector)
}

fn too_long(bench: &Bench) -> Verdict {
    let long = "many words ".repeat(60_000);
    let body = json!({ "model": bench.m()?, "input": long, "truncate": false });
    let text = if bench.has_child_runners() {
        "the input length exceeds the context length"
    } else {
        "input exceeds maximum context length"
    };
    error(&bench.post("/api/embed", &body)?, 400, Some(text))
}

fn wrong_model(bench: &Bench) -> Verdict {
    let answer =
        bench.post("/api/embed", &json!({ "model": bench.any()?, "input": "a violin" }))?;
    if bench.has_child_runners() {
        return error(&answer, 501, None);
    }
    same("the number of vectors", &list(&answer.success()?, "embeddings")?.len(), &1)
}

fn no_chat(bench: &Bench) -> Verdict {
    let model = bench.m()?;
    let text = format!("\"{model}\" does not support chat");
    error(&bench.ask(model, json!({}))?, 400, Some(&text))
}

fn older_route(bench: &Bench) -> Verdict {
    let body = json!({ "model": bench.m()?, "prompt": "a violin" });
    let answer = bench.post("/api/embeddings", &body)?.success()?;
    let vector = list(&answer, "embedding")?;
    expect(!vector.is_empty() && vector.iter().all(Value::is_number), "numbers", &answer)
}
