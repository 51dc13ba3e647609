//! Liveness and routing: 1 to 8.

use super::Named;
use crate::conformance::assertion::{Verdict, expect, not_applicable, same, status};
use crate::conformance::bench::Bench;

pub(super) const ASSERTIONS: &[Named] = &[
    (1, "the root says that Ollama is running", root),
    (2, "HEAD of the root, the version and the list has no body", heads),
    (3, "the version is a text in an object", version),
    (4, "unknown paths and wrong methods are told apart", unknown),
    (5, "a slash too many is redirected", trailing_slash),
    (6, "origins are checked and echoed", origins),
    (7, "hosts are checked where the server listens on loopback", hosts),
    (8, "an Authorization header is ignored", authorization),
];

fn root(bench: &Bench) -> Verdict {
    let answer = bench.get("/")?;
    status(&answer, 200)?;
    same("the body", &answer.text.as_str(), &"Ollama is running")?;
    let kind = answer.header("content-type");
    expect(kind.starts_with("text/plain"), "the content type text/plain", &kind)
}

fn heads(bench: &Bench) -> Verdict {
    for path in ["/", "/api/version", "/api/tags"] {
        let answer = bench.http.request("HEAD", path).answer()?;
        status(&answer, 200)?;
        same("the body", &answer.text.as_str(), &"")?;
    }
    Ok(())
}

fn version(bench: &Bench) -> Verdict {
    let body = bench.get("/api/version")?.success()?;
    expect(body["version"].is_string(), "a text in `version`", &body)
}

fn unknown(bench: &Bench) -> Verdict {
    let answer = bench.get("/api/partita-conformance")?;
    status(&answer, 404)?;
    same("the body", &answer.text.trim(), &"404 page not found")?;
    status(&bench.get("/api/chat")?, 405)?;
    status(&bench.http.request("HEAD", "/api/ps").answer()?, 405)
}

fn trailing_slash(bench: &Bench) -> Verdict {
    let answer = bench.post_text("/api/chat/", "{}")?;
    status(&answer, 307)?;
    let place = answer.header("location");
    expect(place.ends_with("/api/chat"), "the place /api/chat", &place)
}

fn origins(bench: &Bench) -> Verdict {
    let with = |method: &str, origin: &str| {
        bench
            .http
            .request(method, "/api/tags")
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "GET")
            .answer()
    };
    let refused = with("GET", "https://evil.example")?;
    status(&refused, 403)?;
    same("the body", &refused.text.as_str(), &"")?;
    let near = "http://localhost:3000";
    let allowed = with("GET", near)?;
    status(&allowed, 200)?;
    let echoed = allowed.header("access-control-allow-origin");
    expect(echoed == near || echoed == "*", "the origin in Access-Control-Allow-Origin", &echoed)?;
    status(&with("OPTIONS", near)?, 204)
}

fn hosts(bench: &Bench) -> Verdict {
    let host = bench.http.host.as_str();
    if !host.starts_with("127.") && !host.starts_with("localhost") && !host.starts_with("[::1]") {
        return Err(not_applicable("the server is not asked over loopback"));
    }
    let with = |host: &str| bench.http.request("GET", "/api/tags").header("Host", host).answer();
    let refused = with("evil.example")?;
    status(&refused, 403)?;
    same("the body", &refused.text.as_str(), &"")?;
    status(&with("x.local")?, 200)
}

fn authorization(bench: &Bench) -> Verdict {
    let request = bench.http.request("GET", "/api/tags");
    status(&request.header("Authorization", "Bearer no-such-key").answer()?, 200)
}
