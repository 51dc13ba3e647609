//! What is on a server's disk: 69 to 74. Only names that begin with `partita-conformance` are
//! written or deleted.

use serde_json::{Value, json};

use super::Named;
use crate::conformance::assertion::{
    Verdict, Wrong, error, expect, failed, list, not_applicable, same, status,
};
use crate::conformance::bench::{Bench, is_name};
use crate::conformance::http::Answer;

pub(super) const ASSERTIONS: &[Named] = &[
    (69, "the list has digests and details, the newest first", tags),
    (70, "show tells capabilities and the window", show),
    (71, "a pull that fails is an error line, or an error without a stream", failed_pull),
    (72, "a pull ends with success", pull),
    (73, "a blob is missed, taken, and then there", blobs),
    (74, "copies are made and deleted without a body", copies),
];

const COPY: &str = "partita-conformance-copy";

fn tags(bench: &Bench) -> Verdict {
    let listed = bench.get("/api/tags")?.success()?;
    let models = list(&listed, "models")?;
    for model in models {
        let digest = model["digest"].as_str().unwrap_or_default();
        let is_hex = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        expect(is_hex, "a digest of 64 hexadecimal digits", model)?;
        for key in ["format", "family", "families", "parameter_size", "quantization_level"] {
            expect(model["details"].get(key).is_some(), &format!("`{key}` in `details`"), model)?;
        }
    }
    let times = models.iter().map(|model| {
        let text = model["modified_at"].as_str().unwrap_or_default();
        text.parse::<jiff::Timestamp>().map_err(|problem| failed(format!("`{text}`: {problem}")))
    });
    let times: Vec<jiff::Timestamp> = times.collect::<Result<_, Wrong>>()?;
    expect(times.is_sorted_by(|one, two| one >= two), "the newest first", &times)
}

fn show(bench: &Bench) -> Verdict {
    let shown = bench.post("/api/show", &json!({ "model": bench.any()? }))?.success()?;
    let able = list(&shown, "capabilities")?;
    expect(able.contains(&json!("completion")), "the capability `completion`", able)?;
    let info = &shown["model_info"];
    let Some(entries) = info.as_object() else {
        return Err(failed(format!("expected an object in `model_info`; came {info}")));
    };
    let family = info["general.architecture"].as_str().unwrap_or_default();
    let window = entries.get(&format!("{family}.context_length"));
    expect(window.is_some_and(Value::is_u64), &format!("`{family}.context_length`"), info)
}

fn failed_pull(bench: &Bench) -> Verdict {
    let name = "partita-conformance/none";
    let lines = bench.post("/api/pull", &json!({ "model": name }))?;
    status(&lines, 200)?;
    let lines = lines.lines()?;
    let last = lines.last().unwrap_or(&Value::Null);
    let text = last["error"].as_str().unwrap_or_default();
    expect(text.starts_with("pull model manifest:"), "a line with an error", last)?;
    error(&bench.post("/api/pull", &json!({ "model": name, "stream": false }))?, 500, None)
}

fn pull(bench: &Bench) -> Verdict {
    // A model that is there: nothing but its manifest is fetched.
    let lines = bench.post("/api/pull", &json!({ "model": bench.any()? }))?.lines()?;
    let last = lines.last().unwrap_or(&Value::Null);
    if last["error"].is_string() {
        return Err(not_applicable(format!("the registry does not give the model: {last}")));
    }
    same("the last status", &last["status"], &json!("success"))
}

/// The digest of [`BLOB`].
const DIGEST: &str = "0d822e5f842a90ea4f4d4c0d53ed80a3247bc9bca3ae72265a956794b99ac624";
const BLOB: &str = "a blob of the protocol suite of partita\n";

fn blobs(bench: &Bench) -> Verdict {
    let path = format!("/api/blobs/sha256:{DIGEST}");
    let head = || bench.http.request("HEAD", &path).answer();
    let post = || bench.http.request("POST", &path).body(BLOB).answer();
    // It may be there from an earlier time: Ollama removes blobs that no model has when it starts.
    let before = head()?;
    if before.status != 200 {
        status(&before, 404)?;
        status(&post()?, 201)?;
    }
    status(&head()?, 200)?;
    status(&post()?, 200)
}

fn copies(bench: &Bench) -> Verdict {
    let copy =
        |from: &str| bench.post("/api/copy", &json!({ "source": from, "destination": COPY }));
    let is_empty = |answer: &Answer| {
        status(answer, 200)?;
        same("the body", &answer.text.as_str(), &"")
    };
    is_empty(&copy(bench.any()?)?)?;
    let listed = bench.get("/api/tags")?.success()?;
    let is_listed = list(&listed, "models")?.iter().any(|m| is_name(m["name"].as_str(), COPY));
    let deleted = bench.delete(COPY)?;
    expect(is_listed, "the copy in the list", &listed)?;
    is_empty(&deleted)?;
    status(&bench.delete(COPY)?, 404)?;
    status(&copy("partita-conformance-none")?, 404)
}
