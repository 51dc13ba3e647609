//! Liveness, routing, parsing, listing: assertions 1 to 19 and 69 to 74 of `ollama-protocol.md`.

use super::*;

#[tokio::test]
async fn the_root_says_that_ollama_is_running() {
    let bench = Bench::with(|_| {}).await;
    let root = bench.get("/").await;
    assert_eq!((root.status, root.text.as_str()), (200, "Ollama is running"));
    assert!(root.content_type.starts_with("text/plain"));
    for path in ["/", "/api/version", "/api/tags"] {
        let head = read(bench.request(Method::HEAD, path)).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
    }
    let version = bench.get("/api/version").await;
    assert_eq!(version.json(), json!({"version": "0.33.1"}));
    assert_eq!(version.content_type, "application/json; charset=utf-8");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_plain_text() {
    let bench = Bench::with(|_| {}).await;
    let missing = bench.get("/api/nothing").await;
    assert_eq!(
        (missing.status, missing.text.as_str(), missing.content_type.as_str()),
        (404, "404 page not found", "text/plain")
    );
    for (method, path) in [
        (Method::GET, "/api/chat"),
        (Method::HEAD, "/api/ps"),
        (Method::POST, "/api/tags"),
        (Method::OPTIONS, "/api/chat"),
    ] {
        let answer = read(bench.request(method, path)).await;
        assert_eq!(answer.status, 405, "{path}");
    }
}

#[tokio::test]
async fn slashes_too_many_are_redirected() {
    let bench = Bench::with(|_| {}).await;
    let client =
        Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for path in ["/api/chat/", "//api/chat", "/api//chat"] {
        let response = client.post(bench.url(0, path)).send().await.unwrap();
        assert_eq!(response.status(), 307, "{path}");
        assert_eq!(response.headers()["location"], "/api/chat", "{path}");
    }
}

#[tokio::test]
async fn origins_and_hosts_are_checked() {
    let bench = Bench::with(|_| {}).await;
    let send = |method: Method, header: &'static str, value: &'static str| {
        bench.request(method, "/api/tags").header(header, value).send()
    };
    let evil = send(Method::GET, "origin", "https://evil.example").await.unwrap();
    assert_eq!(evil.status(), 403);
    assert_eq!(evil.text().await.unwrap(), "");
    let near = send(Method::GET, "origin", "http://localhost:3000").await.unwrap();
    assert_eq!(near.status(), 200);
    assert_eq!(near.headers()["access-control-allow-origin"], "http://localhost:3000");
    let preflight = send(Method::OPTIONS, "origin", "http://localhost:3000").await.unwrap();
    assert_eq!(preflight.status(), 204);
    assert_eq!(preflight.headers()["access-control-max-age"], "43200");
    assert_eq!(send(Method::GET, "host", "evil.example").await.unwrap().status(), 403);
    assert_eq!(send(Method::GET, "host", "x.local").await.unwrap().status(), 200);
    assert_eq!(send(Method::GET, "authorization", "Bearer x").await.unwrap().status(), 200);
}

#[tokio::test]
async fn bodies_are_read_as_go_reads_them() {
    let bench = Bench::with(|_| {}).await;
    for path in [
        "/api/chat",
        "/api/generate",
        "/api/embed",
        "/api/embeddings",
        "/api/show",
        "/api/pull",
        "/api/copy",
    ] {
        let empty = bench.post_text(path, "").await;
        assert_eq!(empty.error(), (400, "missing request body".into()), "{path}");
        let (status, text) = bench.post_text(path, "{").await.error();
        assert!(status == 400 && !text.is_empty(), "{path}");
    }
    for body in [
        r#"{"model":"c","messages":5}"#,
        r#"{"model":"c","stream":"yes"}"#,
        r#"{"model":"c","messages":[{"images":"x"}]}"#,
        r#"{"model":5}"#,
    ] {
        assert_eq!(bench.post_text("/api/chat", body).await.error().0, 400, "{body}");
    }
    let odd = r#"{"MODEL":"no","Model":"c","colour":"red","options":{"hue":1},
        "messages":[{"Role":"user","CONTENT":"hi"}],"stream":true,"STREAM":false} and more"#;
    let answer =
        read(bench.request(Method::POST, "/api/chat").header("content-type", "text/csv").body(odd))
            .await;
    assert_eq!((answer.status, &answer.json()["done"]), (200, &json!(true)));
}

#[tokio::test]
async fn unknown_models_are_named_as_each_route_does() {
    let bench = Bench::with(|_| {}).await;
    for (path, model, status, text) in [
        ("/api/chat", "", 400, "model is required"),
        ("/api/generate", "", 404, "model '' not found"),
        ("/api/embed", "", 404, "model '' not found"),
        ("/api/embeddings", "", 400, "model is required"),
        ("/api/show", "", 400, "model is required"),
        ("/api/pull", "", 400, "invalid model name"),
        ("/api/chat", "x", 404, "model 'x' not found"),
        ("/api/generate", "x", 404, "model 'x' not found"),
        ("/api/embed", "x", 404, "model \"x\" not found, try pulling it first"),
        ("/api/embeddings", "x", 404, "model \"x\" not found, try pulling it first"),
        ("/api/show", "x", 404, "model 'x:latest' not found"),
        ("/api/chat", "a b", 400, "invalid model name"),
        ("/api/generate", "a b", 400, "invalid model name"),
        ("/api/chat", "big:cloud", 403, "ollama cloud is disabled: remote model is unavailable"),
    ] {
        let answer = bench.post(path, &json!({"model": model, "prompt": "p"})).await;
        assert_eq!(answer.error(), (status, text.into()), "{path} {model}");
    }
}

#[tokio::test]
async fn the_answer_echoes_the_spelling_of_the_name() {
    let bench = Bench::with(|_| {}).await;
    for spelled in ["c", "C", "c:latest", "C:Latest", "library/c"] {
        let answer = bench.ask(spelled, json!({})).await;
        assert_eq!(answer.json()["model"], spelled);
    }
    assert_eq!(bench.loaded().await, ["c:latest"]);
    assert_eq!(bench.statistics().model_loads, 1);
}

#[tokio::test]
async fn tags_list_what_the_profile_has() {
    let bench = Bench::with(|_| {}).await;
    let tags = bench.get("/api/tags").await.json();
    let models = tags["models"].as_array().unwrap();
    let names: Vec<_> = models.iter().map(|model| &model["name"]).collect();
    assert_eq!(names, ["c:latest", "t:1b", "m:latest"]);
    let first = &models[0];
    assert_eq!(first["digest"].as_str().unwrap().len(), 64);
    assert_eq!(first["size"], 1_000_000_000);
    for key in
        ["parent_model", "format", "family", "families", "parameter_size", "quantization_level"]
    {
        assert!(first["details"].get(key).is_some(), "{key}");
    }
    let other = read(bench.client.get(bench.url(1, "/api/tags"))).await.json();
    assert_eq!(other["models"][0]["digest"], first["digest"]);
}

#[tokio::test]
async fn show_tells_what_a_model_can() {
    let bench = Bench::with(|_| {}).await;
    let shown = bench.post("/api/show", &json!({"model": "T:1b"})).await.json();
    assert_eq!(shown["capabilities"], json!(["completion", "tools", "thinking", "insert"]));
    assert_eq!(shown["model_info"]["general.architecture"], "llama");
    assert_eq!(shown["model_info"]["llama.context_length"], 131_072);
    assert_eq!(shown["model_info"]["general.parameter_count"], 8_000_000_000_u64);
}

#[tokio::test]
async fn models_are_pulled_copied_and_deleted() {
    let bench = Bench::with(|profile| {
        profile.servers[1].models =
            Some(vec![SimulatedModel { name: "other:7b".into(), ..SimulatedModel::default() }]);
    })
    .await;
    let pulled = bench.post("/api/pull", &json!({"model": "other:7b"})).await;
    let statuses = pulled.lines();
    assert_eq!(statuses[0]["status"], "pulling manifest");
    let largest = &statuses[statuses.len() - 4];
    assert_eq!(
        (&largest["completed"], &largest["total"]),
        (&json!(4_900_000_000_u64), &json!(4_900_000_000_u64))
    );
    assert_eq!(pulled.last()["status"], "success");
    assert_eq!(bench.ask("other:7b", json!({})).await.status, 200);

    let failed = bench.post("/api/pull", &json!({"model": "none"})).await;
    assert_eq!(failed.status, 200);
    assert_eq!(failed.last()["error"], "pull model manifest: file does not exist");
    let failed = bench.post("/api/pull", &json!({"model": "none", "stream": false})).await;
    assert_eq!(failed.error().0, 500);

    let copy = json!({"source": "c", "destination": "mine/d"});
    let copied = bench.post("/api/copy", &copy).await;
    assert_eq!((copied.status, copied.text.as_str()), (200, ""));
    assert_eq!(bench.ask("mine/d", json!({})).await.status, 200);
    let missing = json!({"source": "none", "destination": "d"});
    assert_eq!(bench.post("/api/copy", &missing).await.error().0, 404);
    for status in [200, 404] {
        let body = json!({"model": "mine/d"}).to_string();
        let deleted = read(bench.request(Method::DELETE, "/api/delete").body(body)).await;
        assert_eq!(deleted.status, status);
    }
    assert_eq!(bench.ask("mine/d", json!({})).await.status, 404);
}
