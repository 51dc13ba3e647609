//! `POST /api/embed` and the older `POST /api/embeddings`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use serde_json::Value;

use crate::language::document::simulation::Fault;

use super::asking::{self, Unknown};
use super::clock::nanoseconds;
use super::embedding::{Embedded, Inputs};
use super::errors::{self, ApiError};
use super::fields::Fields;
use super::json;
use super::keep_alive::KeepAlive;
use super::options::Options;
use super::server::Server;
use super::visit::Visit;

/// Makes a vector of each input.
pub(super) async fn embed(State(server): State<Arc<Server>>, request: Request<Body>) -> Response {
    answer(server, request, read, embed_body).await
}

/// Makes one vector.
pub(super) async fn embeddings(
    State(server): State<Arc<Server>>,
    request: Request<Body>,
) -> Response {
    answer(server, request, read_old, embeddings_body).await
}

type Read = fn(&mut Visit) -> Result<Inputs, ApiError>;
type Write = fn(&Inputs, &Embedded) -> String;

async fn answer(server: Arc<Server>, request: Request<Body>, read: Read, write: Write) -> Response {
    let mut visit = match Visit::open(server, request).await {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    visit.is_work();
    let inputs = match read(&mut visit) {
        Ok(inputs) => inputs,
        Err(error) => return visit.refuse(error),
    };
    match inputs.embed(&mut visit).await {
        Ok(embedded) if embedded.fault == Some(Fault::Garbage) => {
            let body = String::from("{\"embeddings\": simulated garbage");
            visit.break_with(errors::respond(StatusCode::OK, body))
        }
        Ok(embedded) => visit.answer(errors::respond(StatusCode::OK, write(&inputs, &embedded))),
        Err(error) => visit.refuse(error),
    }
}

fn read(visit: &mut Visit) -> Result<Inputs, ApiError> {
    let mut fields = Fields::read(&visit.body, "EmbedRequest")?;
    let texts = match fields.take("input") {
        None => Vec::new(),
        Some(Value::String(text)) if text.is_empty() => Vec::new(),
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => items
            .into_iter()
            .map(|item| match item {
                Value::String(text) => Some(text),
                _ => None,
            })
            .collect::<Option<_>>()
            .ok_or_else(|| ApiError::bad_request("invalid input type"))?,
        Some(_) => return Err(ApiError::bad_request("invalid input type")),
    };
    let truncate = fields.boolean("truncate")?.unwrap_or(true);
    let length = usize::try_from(fields.integer("dimensions")?).unwrap_or(0);
    let inputs = read_common(visit, fields, Unknown::Embed)?;
    Ok(Inputs { texts, truncate, length, ..inputs })
}

fn read_old(visit: &mut Visit) -> Result<Inputs, ApiError> {
    let mut fields = Fields::read(&visit.body, "EmbeddingRequest")?;
    let prompt = fields.string("prompt")?;
    let inputs = read_common(visit, fields, Unknown::Embeddings)?;
    Ok(Inputs { texts: if prompt.is_empty() { Vec::new() } else { vec![prompt] }, ..inputs })
}

fn read_common(visit: &mut Visit, mut fields: Fields, route: Unknown) -> Result<Inputs, ApiError> {
    let spelled = fields.string("model")?;
    visit.asks_for(&spelled);
    let keep_alive = fields.take("keep_alive");
    let options = fields.object("options")?;
    Ok(Inputs {
        model: asking::find(&visit.server, &spelled, route)?,
        spelled,
        texts: Vec::new(),
        truncate: true,
        length: 0,
        keep_alive: keep_alive.as_ref().map(KeepAlive::read).transpose()?,
        options: Options::read(&options)?,
    })
}

fn embed_body(inputs: &Inputs, embedded: &Embedded) -> String {
    let mut body = String::from("{\"model\":");
    json::push_string(&mut body, &inputs.spelled);
    body.push_str(",\"embeddings\":[");
    for (place, vector) in embedded.vectors.iter().enumerate() {
        if place > 0 {
            body.push(',');
        }
        push_vector(&mut body, vector);
    }
    body.push(']');
    let figures = [
        ("total_duration", nanoseconds(embedded.load + embedded.working)),
        ("load_duration", nanoseconds(embedded.load)),
        ("prompt_eval_count", u64::from(embedded.tokens)),
    ];
    for (name, value) in figures {
        if value > 0 {
            body.push_str(&format!(",\"{name}\":{value}"));
        }
    }
    body.push('}');
    body
}

fn embeddings_body(_: &Inputs, embedded: &Embedded) -> String {
    let mut body = String::from("{\"embedding\":");
    let vector = embedded.vectors.first().map(Vec::as_slice);
    push_vector(&mut body, vector.unwrap_or_default());
    body.push('}');
    body
}

fn push_vector(out: &mut String, vector: &[f32]) {
    out.push('[');
    for (place, number) in vector.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        out.push_str(&number.to_string());
    }
    out.push(']');
}
