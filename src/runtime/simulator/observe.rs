//! What a cluster has seen and done, over HTTP: `/simulator/requests`, `/simulator/statistics`
//! and `/simulator/reset`. Every server tells it of the whole cluster.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::json;

use super::errors::{self, ApiError};
use super::log::RequestRecord;
use super::server::{Server, Shared};
use super::statistics::ServerStatistics;

/// A cluster as it is looked at.
pub(super) struct Observed {
    /// Its servers, in the profile's order.
    pub(super) servers: Vec<Arc<Server>>,
    /// The profile's name.
    pub(super) name: Option<String>,
    /// What they share.
    pub(super) shared: Arc<Shared>,
}

impl Observed {
    /// All requests, in order of arrival.
    pub(super) fn requests(&self) -> Vec<RequestRecord> {
        self.shared.log.records()
    }

    /// What each server has done.
    pub(super) fn statistics(&self) -> Vec<ServerStatistics> {
        let servers = self.servers.iter();
        servers.map(|server| server.statistics()).collect()
    }

    /// Forgets the log, the statistics, what fault rules have counted and what slots remember;
    /// unloads what is idle.
    pub(super) fn reset(&self) {
        for server in &self.servers {
            server.scheduler.reset();
        }
        self.shared.faults.reset();
        self.shared.log.reset();
    }
}

/// `GET /simulator/requests`
pub(super) async fn requests(State(observed): State<Arc<Observed>>) -> Response {
    tell(&observed, "requests", &observed.requests())
}

/// `GET /simulator/statistics`
pub(super) async fn statistics(State(observed): State<Arc<Observed>>) -> Response {
    tell(&observed, "servers", &observed.statistics())
}

/// `POST /simulator/reset`
pub(super) async fn reset(State(observed): State<Arc<Observed>>) -> Response {
    observed.reset();
    errors::respond(StatusCode::OK, "{}".into())
}

fn tell<T: Serialize>(observed: &Observed, name: &str, items: &[T]) -> Response {
    match serde_json::to_string(items) {
        Ok(text) => {
            let profile = json!(observed.name);
            let body = format!("{{\"profile\":{profile},\"{name}\":{text}}}");
            errors::respond(StatusCode::OK, body)
        }
        Err(error) => errors::respond(
            StatusCode::INTERNAL_SERVER_ERROR,
            ApiError::internal(error.to_string()).body(),
        ),
    }
}
