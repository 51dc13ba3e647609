//! Parsing and names: 9 to 19.

use serde_json::json;

use super::Named;
use crate::conformance::assertion::{Verdict, error, expect, same, status};
use crate::conformance::bench::{Bench, chat};

pub(super) const ASSERTIONS: &[Named] = &[
    (9, "an empty body is missed by every route", empty_body),
    (10, "half an object is refused with a reason", half_an_object),
    (11, "wrong types of known fields are refused", wrong_types),
    (12, "unknown fields and options are ignored", unknown_fields),
    (13, "keys in any case, the last one wins, the rest is ignored", odd_objects),
    (14, "any content type will do", content_types),
    (15, "every error is an object with a text in `error`", error_bodies),
    (16, "a missing model is told by each route in its way", missing_model),
    (17, "an unknown model is told by each route in its way", unknown_model),
    (18, "a name that is none is refused", invalid_name),
    (19, "names are found in any case and without a tag, and echoed", spellings),
];

/// A name that no model has.
const NOBODY: &str = "partita-conformance-none";

const POSTS: [&str; 8] = [
    "/api/chat",
    "/api/generate",
    "/api/embed",
    "/api/embeddings",
    "/api/show",
    "/api/pull",
    "/api/create",
    "/api/copy",
];

fn empty_body(bench: &Bench) -> Verdict {
    for path in POSTS {
        error(&bench.post_text(path, "")?, 400, Some("missing request body"))?;
    }
    Ok(())
}

fn half_an_object(bench: &Bench) -> Verdict {
    POSTS.into_iter().try_for_each(|path| error(&bench.post_text(path, "{")?, 400, None))
}

fn wrong_types(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    for more in [
        json!({ "messages": 5 }),
        json!({ "stream": "yes" }),
        json!({ "messages": [{ "role": "user", "content": "x", "images": "x" }] }),
    ] {
        error(&bench.ask(model, more)?, 400, None)?;
    }
    Ok(())
}

fn unknown_fields(bench: &Bench) -> Verdict {
    let options = json!({ "hue": 1, "num_predict": 4 });
    status(&bench.ask(bench.any()?, json!({ "colour": "red", "options": options }))?, 200)
}

fn odd_objects(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    let body = format!(
        "{{\"MODEL\":\"{NOBODY}\",\"Model\":{},\"messages\":[{{\"Role\":\"user\",\"CONTENT\":\"hi\"}}],\
         \"stream\":true,\"STREAM\":false,\"Options\":{{\"num_predict\":4}}}} and more",
        json!(model)
    );
    let answer = bench.post_text("/api/chat", &body)?.success()?;
    same("`done`", &answer["done"], &json!(true))
}

fn content_types(bench: &Bench) -> Verdict {
    let body = chat(bench.any()?, json!({})).to_string();
    for kind in ["text/csv", "application/x-www-form-urlencoded"] {
        let request = bench.http.request("POST", "/api/chat");
        status(&request.header("Content-Type", kind).body(body.as_str()).answer()?, 200)?;
    }
    Ok(())
}

fn error_bodies(bench: &Bench) -> Verdict {
    let nobody = json!({ "model": NOBODY, "prompt": "x", "input": "x" });
    for path in ["/api/chat", "/api/generate", "/api/embed", "/api/embeddings", "/api/show"] {
        error(&bench.post(path, &nobody)?, 404, None)?;
    }
    error(&bench.delete(NOBODY)?, 404, None)
}

fn missing_model(bench: &Bench) -> Verdict {
    error(&bench.post("/api/chat", &json!({}))?, 400, Some("model is required"))?;
    let prompt = json!({ "prompt": "x" });
    error(&bench.post("/api/generate", &prompt)?, 404, Some("model '' not found"))
}

fn unknown_model(bench: &Bench) -> Verdict {
    for (path, text) in [
        ("/api/chat", format!("model '{NOBODY}' not found")),
        ("/api/generate", format!("model '{NOBODY}' not found")),
        ("/api/embed", format!("model \"{NOBODY}\" not found, try pulling it first")),
        ("/api/embeddings", format!("model \"{NOBODY}\" not found, try pulling it first")),
        ("/api/show", format!("model '{NOBODY}:latest' not found")),
    ] {
        let body = json!({ "model": NOBODY, "prompt": "x", "input": "x" });
        error(&bench.post(path, &body)?, 404, Some(&text))?;
    }
    Ok(())
}

fn invalid_name(bench: &Bench) -> Verdict {
    for path in ["/api/chat", "/api/generate", "/api/pull"] {
        let body = json!({ "model": "a b", "prompt": "x" });
        error(&bench.post(path, &body)?, 400, Some("invalid model name"))?;
    }
    Ok(())
}

fn spellings(bench: &Bench) -> Verdict {
    let model = bench.any()?;
    let short = model.strip_suffix(":latest").unwrap_or(model);
    for spelled in [model.to_owned(), model.to_uppercase(), short.to_owned()] {
        let answer = bench.asked(&spelled, json!({}))?;
        same("`model`", &answer["model"], &json!(spelled))?;
    }
    let loaded = bench.loaded()?;
    let names = loaded.iter().filter(|name| name.eq_ignore_ascii_case(model)).count();
    expect(names == 1, "the model to be listed once, with its tag", &loaded)
}
