//! The routes that only tell: the root, version, tags, ps, show, status.

use std::cmp::Reverse;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::language::document::simulation::{Capability, ChatTemplate};

use super::asking::{self, Unknown};
use super::clock::Clock;
use super::errors::{self, ApiError};
use super::fields::Fields;
use super::json;
use super::keep_alive::KeepAlive;
use super::models::Installed;
use super::runner::Runner;
use super::server::Server;
use super::visit::Visit;
use crate::runtime::headers;

/// `/`
pub(super) async fn root(server: State<Arc<Server>>, request: Request<Body>) -> Response {
    tell(server, request, |_| {
        let mut response = Response::new(Body::from("Ollama is running"));
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        Ok(response)
    })
    .await
}

/// `/api/version`, with a word that the server is simulated.
pub(super) async fn version(server: State<Arc<Server>>, request: Request<Body>) -> Response {
    tell(server, request, |visit| {
        let mut response = value(&json!({"version": visit.server.settings.version}));
        response.headers_mut().insert(headers::SIMULATED, HeaderValue::from_static("true"));
        Ok(response)
    })
    .await
}

/// `/api/status`: there is no cloud.
pub(super) async fn status(server: State<Arc<Server>>, request: Request<Body>) -> Response {
    tell(server, request, |_| Ok(value(&json!({"cloud": {"disabled": true, "source": "env"}}))))
        .await
}

/// `/api/tags`
pub(super) async fn tags(server: State<Arc<Server>>, request: Request<Body>) -> Response {
    tell(server, request, |visit| {
        let all = visit.server.catalogue.all();
        let models: Vec<Value> = all.iter().map(|model| tag(model)).collect();
        Ok(value(&json!({"models": models})))
    })
    .await
}

/// `/api/ps`
pub(super) async fn ps(server: State<Arc<Server>>, request: Request<Body>) -> Response {
    tell(server, request, |visit| {
        let clock = &visit.server.shared.clock;
        let state = visit.server.scheduler.state();
        let mut loaded: Vec<(Timestamp, &Runner)> =
            state.runners.values().map(|runner| (expiry(runner, clock), runner)).collect();
        loaded.sort_by_key(|(expires, _)| Reverse(*expires));
        let models: Vec<Value> = loaded
            .into_iter()
            .map(|(expires, runner)| {
                json!({
                    "name": runner.model.name.to_string(),
                    "model": runner.model.name.to_string(),
                    "size": runner.model.bytes(),
                    "digest": &*runner.model.digest,
                    "details": details(&runner.model),
                    "expires_at": expires.to_string(),
                    "size_vram": runner.model.bytes(),
                    "context_length": runner.options.window,
                })
            })
            .collect();
        Ok(value(&json!({"models": models})))
    })
    .await
}

/// `/api/show`
pub(super) async fn show(server: State<Arc<Server>>, request: Request<Body>) -> Response {
    tell(server, request, |visit| {
        let mut fields = Fields::read(&visit.body, "ShowRequest")?;
        let mut spelled = fields.string("model")?;
        if spelled.is_empty() {
            spelled = fields.string("name")?;
        }
        visit.asks_for(&spelled);
        let model = asking::find(&visit.server, &spelled, Unknown::Show)?;
        Ok(value(&shown(&model)))
    })
    .await
}

/// Answers a request that is no work.
pub(super) async fn tell(
    State(server): State<Arc<Server>>,
    request: Request<Body>,
    answer: impl FnOnce(&mut Visit) -> Result<Response, ApiError>,
) -> Response {
    let mut visit = match Visit::open(server, request).await {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    match answer(&mut visit) {
        Ok(response) => visit.answer(response),
        Err(error) => visit.refuse(error),
    }
}

/// A whole answer.
pub(super) fn value(value: &Value) -> Response {
    errors::respond(StatusCode::OK, json::text(value))
}

fn tag(model: &Installed) -> Value {
    // The list knows less of models that bring their own template than `/api/show` does.
    let told = match model.spec.template {
        ChatTemplate::Go => usize::MAX,
        ChatTemplate::Native => 1,
    };
    let capabilities: Vec<_> = model.spec.capabilities.iter().take(told).collect();
    json!({
        "name": model.name.to_string(),
        "model": model.name.to_string(),
        "modified_at": model.modified.to_string(),
        "size": model.bytes(),
        "digest": &*model.digest,
        "details": details(model),
        "capabilities": capabilities,
    })
}

fn details(model: &Installed) -> Value {
    json!({
        "parent_model": "",
        "format": "gguf",
        "family": model.spec.family,
        "families": [model.spec.family],
        "parameter_size": model.spec.parameter_size,
        "quantization_level": "Q4_K_M",
        "context_length": model.spec.context_length,
        "embedding_length": model.vector_length(),
    })
}

fn shown(model: &Installed) -> Value {
    let family = &model.spec.family;
    let mut info = Map::new();
    info.insert("general.architecture".into(), json!(family));
    info.insert("general.basename".into(), json!("simulated"));
    info.insert("general.parameter_count".into(), json!(parameters(model)));
    let context = format!("{family}.context_length");
    info.insert(context, json!(model.spec.context_length));
    let length = format!("{family}.embedding_length");
    info.insert(length, json!(model.vector_length()));
    let template = if model.can(Capability::Tools) {
        "{{ if .Tools }}{{ .Tools }}{{ end }}{{ range .Messages }}{{ .Content }}{{ end }}"
    } else {
        "{{ .Prompt }}"
    };
    json!({
        "license": "simulated: there is no model behind this name",
        "modelfile": format!("# simulated\nFROM {}\nTEMPLATE {template}\n", model.name),
        "template": template,
        "details": details(model),
        "model_info": info,
        "tensors": [],
        "capabilities": model.spec.capabilities,
        "modified_at": model.modified.to_string(),
    })
}

/// The number that `8.0B` or `137M` stands for.
fn parameters(model: &Installed) -> u64 {
    let text = model.spec.parameter_size.trim();
    let (number, scale) = match text.as_bytes().last() {
        Some(b'B' | b'b') => (&text[..text.len() - 1], 1e9),
        Some(b'M' | b'm') => (&text[..text.len() - 1], 1e6),
        _ => (text, 1.0),
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
    let count = (number.parse::<f64>().unwrap_or(0.0) * scale) as u64;
    count
}

/// When a loaded model goes, on the wall clock as if time were not scaled.
fn expiry(runner: &Runner, clock: &Clock) -> Timestamp {
    // What Ollama gives for a model that stays for ever: some 292 years.
    const FOREVER: i64 = 292 * 365 * 24 * 3600;
    match (runner.keep_alive, runner.expires) {
        (_, Some(at)) => clock.wall_in(clock.simulated(at.since(clock.now()))),
        (KeepAlive::For(duration), None) => clock.wall_in(duration),
        (KeepAlive::Forever, None) => clock
            .wall()
            .checked_add(jiff::SignedDuration::from_secs(FOREVER))
            .unwrap_or(Timestamp::MAX),
    }
}
