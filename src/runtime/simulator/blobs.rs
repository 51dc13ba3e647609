//! `/api/blobs/sha256:…` and `POST /api/create`: parts of models, and models made of others.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode};
use axum::response::Response;

use super::asking::{self, Unknown};
use super::delivery;
use super::disk;
use super::errors::{self, ApiError};
use super::fields::Fields;
use super::names::ModelName;
use super::server::Server;
use super::visit::Visit;

/// The digests of the parts that a server was given. Their bytes are of no use to it.
#[derive(Default)]
pub(super) struct Blobs(Mutex<BTreeSet<String>>);

impl Blobs {
    fn has(&self, digest: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(digest)
    }

    /// Whether the part was not there before.
    fn add(&self, digest: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(digest.to_owned())
    }
}

fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:")
        .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// `HEAD /api/blobs/DIGEST`: whether a part is there.
pub(super) async fn look(
    State(server): State<Arc<Server>>,
    Path(digest): Path<String>,
    request: Request<Body>,
) -> Response {
    let visit = match Visit::open(server, request).await {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    let is_there = visit.server.blobs.has(&digest);
    visit.answer(empty(if is_there { StatusCode::OK } else { StatusCode::NOT_FOUND }))
}

/// `POST /api/blobs/DIGEST`: takes a part. Whether its bytes fit the digest is not looked at.
pub(super) async fn take(
    State(server): State<Arc<Server>>,
    Path(digest): Path<String>,
    request: Request<Body>,
) -> Response {
    let visit = match Visit::open(server, request).await {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    if !is_digest(&digest) {
        return visit.refuse(ApiError::bad_request("invalid digest format"));
    }
    let is_new = visit.server.blobs.add(&digest);
    visit.answer(empty(if is_new { StatusCode::CREATED } else { StatusCode::OK }))
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// `POST /api/create`: a model made `from` another one. There is nothing else to make one of.
pub(super) async fn create(State(server): State<Arc<Server>>, request: Request<Body>) -> Response {
    let mut visit = match Visit::open(server, request).await {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    match make(&mut visit) {
        Ok(true) => {
            let lines = disk::status("writing manifest") + &disk::status("success");
            visit.answer(delivery::ndjson(Body::from(lines)))
        }
        Ok(false) => {
            let text = disk::status("success").trim_end().to_owned();
            visit.answer(errors::respond(StatusCode::OK, text))
        }
        Err(error) => visit.refuse(error),
    }
}

/// Makes the model; whether lines are wanted.
fn make(visit: &mut Visit) -> Result<bool, ApiError> {
    let mut fields = Fields::read(&visit.body, "CreateRequest")?;
    let streams = fields.boolean("stream")?.unwrap_or(true);
    let name = disk::read_name(visit, &mut fields)?;
    let from = fields.string("from")?;
    if from.is_empty() {
        return Err(ApiError::bad_request("neither 'from' or 'files' was specified"));
    }
    ModelName::parse(&from).map_err(|_| ApiError::bad_request("invalid model name"))?;
    let model = asking::find(&visit.server, &from, Unknown::Chat)?;
    let now = visit.server.shared.clock.wall();
    visit.server.catalogue.add(&name, &model.spec, now);
    Ok(streams)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_have_sixty_four_digits() {
        assert!(is_digest(&format!("sha256:{}", "a0".repeat(32))));
        for wrong in ["", "sha256:", "sha256:xyz", "md5:00"] {
            assert!(!is_digest(wrong), "{wrong}");
        }
    }
}
