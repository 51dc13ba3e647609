//! The routes that change what is on a server's disk: pull, copy, delete.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use futures_util::stream;

use super::clock::seconds;
use super::delivery;
use super::errors::{self, ApiError};
use super::fields::Fields;
use super::log::Outcome;
use super::models::Installed;
use super::names::ModelName;
use super::server::Server;
use super::visit::Visit;

/// Parts in which a model arrives.
const PARTS: u64 = 5;

/// How much slower than reading a file its arrival over the network is.
const NETWORK: f64 = 10.0;

/// What a pull of a model that nobody has ends with.
const NO_MANIFEST: &str = "pull model manifest: file does not exist";

/// A pull under way: lines, each with the time before it, and what is there at the end.
struct Pull {
    visit: Visit,
    lines: std::vec::IntoIter<(Duration, String)>,
    model: Option<Arc<Installed>>,
}

/// `POST /api/pull`: gets a model that some server of the profile has.
pub(super) async fn pull(State(server): State<Arc<Server>>, request: Request<Body>) -> Response {
    let mut visit = match Visit::open(server, request).await {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    let (name, streams) = match read_pull(&mut visit) {
        Ok(read) => read,
        Err(error) => return visit.refuse(error),
    };
    let mut pull = Pull::new(visit, &name);
    if streams {
        let lines = stream::unfold(pull, |mut pull| async move {
            let line: Result<Bytes, std::convert::Infallible> = Ok(pull.next().await?.into());
            Some((line, pull))
        });
        return delivery::ndjson(Body::from_stream(lines));
    }
    let mut last = String::new();
    while let Some(line) = pull.next().await {
        last = line;
    }
    let status = match pull.model {
        Some(_) => StatusCode::OK,
        None => StatusCode::INTERNAL_SERVER_ERROR,
    };
    errors::respond(status, last.trim_end().to_owned())
}

fn read_pull(visit: &mut Visit) -> Result<(ModelName, bool), ApiError> {
    let mut fields = Fields::read(&visit.body, "PullRequest")?;
    let streams = fields.boolean("stream")?.unwrap_or(true);
    Ok((read_name(visit, &mut fields)?, streams))
}

impl Pull {
    fn new(visit: Visit, name: &ModelName) -> Pull {
        let model = visit.server.shared.library.find(name);
        let mut lines = vec![(Duration::ZERO, status("pulling manifest"))];
        match &model {
            Some(model) => {
                let rate = visit.server.settings.load_gigabytes_per_second / NETWORK;
                let whole = model.spec.size_gigabytes / rate * visit.server.factor(1.0);
                #[expect(clippy::cast_precision_loss, reason = "a handful of parts")]
                let wait = seconds(whole / PARTS as f64);
                let digest = &model.digest;
                let short = &digest[..12];
                let total = model.bytes();
                for part in 1..=PARTS {
                    let completed =
                        total / PARTS * part + if part == PARTS { total % PARTS } else { 0 };
                    lines.push((
                        wait,
                        format!(
                            "{{\"status\":\"pulling {short}\",\"digest\":\"sha256:{digest}\",\
                             \"total\":{total},\"completed\":{completed}}}\n"
                        ),
                    ));
                }
                for text in ["verifying sha256 digest", "writing manifest", "success"] {
                    lines.push((Duration::ZERO, status(text)));
                }
            }
            None => lines.push((Duration::ZERO, ApiError::internal(NO_MANIFEST).body() + "\n")),
        }
        Pull { visit, lines: lines.into_iter(), model }
    }

    /// The next line, when it is due; before the last one the model is there.
    async fn next(&mut self) -> Option<String> {
        let (wait, line) = self.lines.next()?;
        self.visit.wait(wait).await;
        if self.lines.len() == 0 {
            let server = &self.visit.server;
            if let Some(model) = &self.model {
                let now = server.shared.clock.wall();
                server.catalogue.add(&model.name, &model.spec, now);
            }
            let outcome = match self.model {
                Some(_) => Outcome::Answered,
                None => Outcome::Refused,
            };
            self.visit.end(200, outcome, None);
        }
        Some(line)
    }
}

/// A line that says how far a change has come.
pub(super) fn status(text: &str) -> String {
    format!("{{\"status\":\"{text}\"}}\n")
}

/// The `model` of a request, or its older `name`.
pub(super) fn read_name(visit: &mut Visit, fields: &mut Fields) -> Result<ModelName, ApiError> {
    let mut spelled = fields.string("model")?;
    if spelled.is_empty() {
        spelled = fields.string("name")?;
    }
    visit.asks_for(&spelled);
    ModelName::parse(&spelled).map_err(|_| ApiError::bad_request("invalid model name"))
}

/// `POST /api/copy`
pub(super) async fn copy(State(server): State<Arc<Server>>, request: Request<Body>) -> Response {
    change(server, request, |visit| {
        let mut fields = Fields::read(&visit.body, "CopyRequest")?;
        let source = fields.string("source")?;
        let destination = fields.string("destination")?;
        visit.asks_for(&source);
        let parse = |text: &str| {
            ModelName::parse(text).map_err(|_| {
                ApiError::bad_request(format!("source or destination \"{text}\" is invalid"))
            })
        };
        let (from, to) = (parse(&source)?, parse(&destination)?);
        let model = visit
            .server
            .catalogue
            .find(&from)
            .ok_or_else(|| ApiError::not_found(format!("model \"{source}\" not found")))?;
        let now = visit.server.shared.clock.wall();
        visit.server.catalogue.add(&to, &model.spec, now);
        Ok(())
    })
    .await
}

/// `DELETE /api/delete`
pub(super) async fn delete(State(server): State<Arc<Server>>, request: Request<Body>) -> Response {
    change(server, request, |visit| {
        let mut fields = Fields::read(&visit.body, "DeleteRequest")?;
        let name = read_name(visit, &mut fields)?;
        let removed = visit.server.catalogue.remove(&name);
        let model =
            removed.ok_or_else(|| ApiError::not_found(format!("model '{name}' not found")))?;
        visit.server.scheduler.expire(&model);
        Ok(())
    })
    .await
}

/// Answers 200 without a body where the change was made.
async fn change(
    server: Arc<Server>,
    request: Request<Body>,
    make: impl FnOnce(&mut Visit) -> Result<(), ApiError>,
) -> Response {
    let mut visit = match Visit::open(server, request).await {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    match make(&mut visit) {
        Ok(()) => visit.answer(Response::new(Body::empty())),
        Err(error) => visit.refuse(error),
    }
}
