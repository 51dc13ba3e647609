//! The routes in the shape of OpenAI's, as Ollama has them: each turns its request into one of the
//! native routes, and the answer back (`ollama-protocol.md`, A8).

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::errors;
use super::listing;
use super::models::Installed;
use super::server::Server;
use super::{chat, embed, openai_chat};

/// No answer is longer, in bytes.
const MOST: usize = 64 * 1024 * 1024;

/// `POST /v1/chat/completions`
pub(super) async fn chats(server: State<Arc<Server>>, request: Request<Body>) -> Response {
    let (parts, asked) = match read(request).await {
        Ok(read) => read,
        Err(response) => return *response,
    };
    let native = match openai_chat::native(&asked) {
        Ok(native) => native,
        Err(message) => return refusal(StatusCode::BAD_REQUEST, &message),
    };
    let wants = openai_chat::Wants::of(&asked);
    let body = Body::from(native.to_string());
    let answer = chat::chat(server, Request::from_parts(parts, body)).await;
    if answer.status() != StatusCode::OK {
        return refused(answer).await;
    }
    if wants.stream {
        let mut response = Response::new(openai_chat::events(answer.into_body(), wants));
        let kind = HeaderValue::from_static("text/event-stream");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        return response;
    }
    whole(answer, openai_chat::completion).await
}

/// `POST /v1/embeddings`
pub(super) async fn embeddings(server: State<Arc<Server>>, request: Request<Body>) -> Response {
    let (parts, asked) = match read(request).await {
        Ok(read) => read,
        Err(response) => return *response,
    };
    let mut native = Map::new();
    for key in ["model", "input", "dimensions"] {
        if let Some(value) = asked.get(key) {
            native.insert(key.to_owned(), value.clone());
        }
    }
    let as_base64 = asked["encoding_format"] == "base64";
    let body = Body::from(Value::Object(native).to_string());
    let answer = embed::embed(server, Request::from_parts(parts, body)).await;
    if answer.status() != StatusCode::OK {
        return refused(answer).await;
    }
    whole(answer, |made| vectors(made, as_base64)).await
}

/// `GET /v1/models`
pub(super) async fn models(server: State<Arc<Server>>, request: Request<Body>) -> Response {
    listing::tell(server, request, |visit| {
        let all = visit.server.catalogue.all();
        let data: Vec<Value> = all.iter().map(|model| described(model)).collect();
        Ok(listing::value(&json!({ "object": "list", "data": data })))
    })
    .await
}

/// `GET /v1/models/NAME`
pub(super) async fn model(
    State(server): State<Arc<Server>>,
    Path(name): Path<String>,
    request: Request<Body>,
) -> Response {
    let all = server.catalogue.all();
    let found = all.iter().find(|model| {
        let listed = model.name.to_string();
        listed == name || listed.strip_suffix(":latest") == Some(&name)
    });
    let Some(found) = found.cloned() else {
        return refusal(StatusCode::NOT_FOUND, &format!("model '{name}' not found"));
    };
    listing::tell(State(server), request, |_| Ok(listing::value(&described(&found)))).await
}

fn described(model: &Installed) -> Value {
    let id = model.name.to_string();
    let owner = id.split_once('/').map_or("library", |(owner, _)| owner).to_owned();
    json!({
        "id": id,
        "object": "model",
        "created": model.modified.as_second(),
        "owned_by": owner,
    })
}

/// The body of a request, and the rest of it.
async fn read(
    request: Request<Body>,
) -> Result<(axum::http::request::Parts, Value), Box<Response>> {
    let (parts, body) = request.into_parts();
    let wrong = |text: &str| Box::new(refusal(StatusCode::BAD_REQUEST, text));
    let bytes = axum::body::to_bytes(body, MOST).await.map_err(|_| wrong("unexpected EOF"))?;
    if bytes.is_empty() {
        return Err(wrong("EOF"));
    }
    let asked: Value = serde_json::from_slice(&bytes).map_err(|_| wrong("unexpected EOF"))?;
    Ok((parts, asked))
}

/// A whole answer in another shape.
async fn whole(answer: Response, shape: impl FnOnce(&Value) -> Value) -> Response {
    let bytes = axum::body::to_bytes(answer.into_body(), MOST).await.unwrap_or_default();
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(object) => listing::value(&shape(&object)),
        // A fault has spoilt it; it goes on as it is.
        Err(_) => errors::respond(StatusCode::OK, String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// A native error in OpenAI's shape.
async fn refused(answer: Response) -> Response {
    let status = answer.status();
    let bytes = axum::body::to_bytes(answer.into_body(), MOST).await.unwrap_or_default();
    let body: Value = serde_json::from_slice::<Value>(&bytes).unwrap_or_default();
    refusal(status, body["error"].as_str().unwrap_or_default())
}

fn refusal(status: StatusCode, message: &str) -> Response {
    let kind = match status {
        StatusCode::BAD_REQUEST => "invalid_request_error",
        StatusCode::NOT_FOUND => "not_found_error",
        _ => "api_error",
    };
    let error = json!({ "message": message, "type": kind, "param": null, "code": null });
    errors::respond(status, json!({ "error": error }).to_string())
}

fn vectors(made: &Value, as_base64: bool) -> Value {
    let vectors = made["embeddings"].as_array().into_iter().flatten();
    let data: Vec<Value> = vectors
        .enumerate()
        .map(|(index, vector)| {
            let embedding = if as_base64 { base64_of(vector).into() } else { vector.clone() };
            json!({ "object": "embedding", "embedding": embedding, "index": index })
        })
        .collect();
    let tokens = made["prompt_eval_count"].as_u64().unwrap_or(0);
    json!({
        "object": "list",
        "data": data,
        "model": made["model"],
        "usage": { "prompt_tokens": tokens, "total_tokens": tokens },
    })
}

/// A vector as the base64 text of its numbers: four bytes each, the lowest first.
fn base64_of(vector: &Value) -> String {
    let numbers = vector.as_array().into_iter().flatten().filter_map(Value::as_f64);
    #[expect(clippy::cast_possible_truncation, reason = "they were single precision before")]
    let bytes: Vec<u8> = numbers.flat_map(|number| (number as f32).to_le_bytes()).collect();
    base64(&Bytes::from(bytes))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |place: usize| u32::from(group.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= group.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn vectors_become_their_bytes() {
        assert_eq!(base64_of(&json!([1.0])), base64(&1.0_f32.to_le_bytes()));
    }
}
