//! Which path leads where, and what is said where none does.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::{delete, get, head, post};

use super::observe::{self, Observed};
use super::server::Server;
use super::{blobs, chat, disk, embed, generate, listing, openai};

/// The paths of Ollama that are served, with a slash at neither end.
const KNOWN: [&str; 17] = [
    "api/version",
    "api/status",
    "api/tags",
    "api/ps",
    "api/show",
    "api/chat",
    "api/generate",
    "api/embed",
    "api/embeddings",
    "api/pull",
    "api/create",
    "api/copy",
    "api/delete",
    "v1/chat/completions",
    "v1/embeddings",
    "v1/models",
    "simulator/requests",
];

/// All routes of one server.
pub(super) fn router(server: Arc<Server>, observed: Arc<Observed>) -> Router {
    let simulator = Router::new()
        .route("/simulator/requests", get(observe::requests))
        .route("/simulator/statistics", get(observe::statistics))
        .route("/simulator/reset", post(observe::reset))
        .with_state(observed);
    Router::new()
        .route("/", get(listing::root))
        .route("/api/version", get(listing::version))
        .route("/api/status", get(listing::status).head(wrong_method))
        .route("/api/tags", get(listing::tags))
        .route("/api/ps", get(listing::ps).head(wrong_method))
        .route("/api/show", post(listing::show))
        .route("/api/chat", post(chat::chat))
        .route("/api/generate", post(generate::generate))
        .route("/api/embed", post(embed::embed))
        .route("/api/embeddings", post(embed::embeddings))
        .route("/api/pull", post(disk::pull))
        .route("/api/create", post(blobs::create))
        .route("/api/blobs/{digest}", head(blobs::look).post(blobs::take))
        .route("/api/copy", post(disk::copy))
        .route("/api/delete", delete(disk::delete))
        .route("/v1/chat/completions", post(openai::chats))
        .route("/v1/embeddings", post(openai::embeddings))
        .route("/v1/models", get(openai::models))
        .route("/v1/models/{*name}", get(openai::model))
        .with_state(server)
        .merge(simulator)
        .fallback(no_route)
        .method_not_allowed_fallback(wrong_method)
}

async fn wrong_method() -> Response {
    text(StatusCode::METHOD_NOT_ALLOWED, "405 method not allowed")
}

/// Slashes too many lead to the path without them.
async fn no_route(method: Method, uri: Uri, _: Request<Body>) -> Response {
    let parts: Vec<&str> = uri.path().split('/').filter(|part| !part.is_empty()).collect();
    let clean = parts.join("/");
    if !KNOWN.contains(&clean.as_str()) {
        return text(StatusCode::NOT_FOUND, "404 page not found");
    }
    let query = uri.query().map(|query| format!("?{query}"));
    let place = format!("/{clean}{}", query.unwrap_or_default());
    let mut response = Response::new(Body::empty());
    *response.status_mut() = if method == Method::GET {
        StatusCode::MOVED_PERMANENTLY
    } else {
        StatusCode::TEMPORARY_REDIRECT
    };
    if let Ok(place) = HeaderValue::try_from(place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}

fn text(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}
