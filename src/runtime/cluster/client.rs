//! One client for all servers, and the short questions that are asked of each.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::classify::root_cause;
use super::wire::{ModelList, Shown, Version};
use crate::language::document::ClusterSettings;
use crate::runtime::headers;

/// How long a connection may take to be made: servers are near.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Connections to a server that are kept open for the next call.
const IDLE_CONNECTIONS: usize = 1024;

/// Where servers take calls.
const CHAT_PATH: &str = "/api/chat";

/// The HTTP client.
#[derive(Debug, Clone)]
pub struct Client {
    pub(super) http: reqwest::Client,
    cloud_models: bool,
}

/// Why the HTTP client cannot be made. The environment's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the HTTP client cannot be made: {0}")]
pub struct ClientError(String);

impl Client {
    /// Makes the client.
    ///
    /// # Errors
    /// When the system gives it no sockets or no certificates.
    pub fn new() -> Result<Client, ClientError> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .tcp_nodelay(true)
            // Nothing goes where nobody listed it: no redirects, no proxies of the environment.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("partita/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ClientError(root_cause(&error)))?;
        Ok(Client { http, cloud_models: false })
    }

    /// With the models that servers forward to Ollama's cloud, which are otherwise not seen.
    #[must_use]
    pub fn with_cloud_models(self) -> Client {
        Client { cloud_models: true, ..self }
    }

    /// The connections themselves, for other protocols: nothing goes where nobody listed it.
    pub(in crate::runtime) fn plain(&self) -> reqwest::Client {
        self.http.clone()
    }

    /// The servers of a cluster, as far as it lets calls out.
    pub fn servers_of(&self, cluster: &ClusterSettings) -> Vec<Ollama> {
        let servers = cluster.servers.iter();
        servers.map(|entry| self.server(entry.shown_name(), &entry.url)).collect()
    }

    /// One of the servers.
    pub fn server(&self, name: &str, url: &str) -> Ollama {
        let url = url.trim_end_matches('/').to_owned();
        Ollama {
            http: self.http.clone(),
            cloud_models: self.cloud_models,
            name: name.to_owned(),
            chat_url: Url::parse(&format!("{url}{CHAT_PATH}")).ok(),
            url,
        }
    }
}

/// One Ollama server.
#[derive(Debug, Clone)]
pub struct Ollama {
    pub(super) http: reqwest::Client,
    pub(super) cloud_models: bool,
    pub(super) name: String,
    pub(super) url: String,
    /// Where calls go, read once; `None` where it is no address.
    chat_url: Option<Url>,
}

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServerVersion {
    pub(super) number: String,
    pub(super) is_simulated: bool,
}

/// Why a short question has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// The server is not there.
    Unreachable(String),
    /// It is there and does not answer this.
    Refused(String),
}

impl Ollama {
    /// A call that is to be filled in.
    pub(super) fn call(&self) -> RequestBuilder {
        match &self.chat_url {
            Some(url) => self.http.post(url.clone()),
            // Sending it says what is wrong with the address.
            None => self.http.post(format!("{}{CHAT_PATH}", self.url)),
        }
    }

    /// The server's version.
    pub(super) async fn version(&self, timeout: Duration) -> Result<ServerVersion, Unanswered> {
        let path = "/api/version";
        let response = self.send(Method::GET, path, None, timeout).await?;
        let is_simulated = response.headers().contains_key(headers::SIMULATED);
        let answer: Version = read(path, response).await?;
        Ok(ServerVersion { number: answer.version, is_simulated })
    }

    /// The models that the server has.
    pub(super) async fn tags(&self, timeout: Duration) -> Result<ModelList, Unanswered> {
        self.ask(Method::GET, "/api/tags", None, timeout).await
    }

    /// The models that the server has loaded.
    pub(super) async fn resident(&self, timeout: Duration) -> Result<ModelList, Unanswered> {
        self.ask(Method::GET, "/api/ps", None, timeout).await
    }

    /// What a model can do.
    pub(super) async fn show(&self, model: &str, timeout: Duration) -> Result<Shown, Unanswered> {
        let body = json!({ "model": model });
        self.ask(Method::POST, "/api/show", Some(&body), timeout).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        timeout: Duration,
    ) -> Result<T, Unanswered> {
        read(path, self.send(method, path, body, timeout).await?).await
    }

    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        timeout: Duration,
    ) -> Result<Response, Unanswered> {
        let mut request = self.http.request(method, format!("{}{path}", self.url)).timeout(timeout);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| {
            let waited = timeout.as_secs_f64();
            let reason = match (error.is_timeout(), error.is_connect()) {
                (true, true) => format!("no connection in {waited:.1} s"),
                (true, false) => {
                    format!(
                        "it accepts connections and has not answered in {waited:.1} s: it may be \
                         starting, or hang"
                    )
                }
                (false, _) => root_cause(&error),
            };
            Unanswered::Unreachable(reason)
        })?;
        let status = response.status();
        if status != StatusCode::OK {
            return Err(Unanswered::Refused(format!("{path} answered {status}")));
        }
        Ok(response)
    }
}

async fn read<T: DeserializeOwned>(path: &str, response: Response) -> Result<T, Unanswered> {
    response.json().await.map_err(|error| {
        Unanswered::Refused(format!("{path} gave no JSON: {}", root_cause(&error)))
    })
}
