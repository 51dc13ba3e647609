//! Which Ollama servers are there: those that were named, and the local one. No network is searched.

use std::time::Duration;

use crate::interface::app::choice::LOCAL;
use crate::interface::app::failure::Failure;
use crate::runtime::cluster::{
    Client, ModelChoice, ServerReport, choose_model, server_url, survey,
};

/// How long a server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(2);

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Discovery {
    /// Every server that was asked, those that do not answer included.
    pub reports: Vec<ServerReport>,
    /// The model that the first pattern asks.
    pub model: Option<ModelChoice>,
}

impl Discovery {
    /// The addresses of the servers that answered.
    pub fn urls(&self) -> Vec<String> {
        let up = self.reports.iter().filter(|report| report.is_up());
        up.map(|report| report.url.clone()).collect()
    }
}

/// Asks the servers that were named, else the one that the environment names and the local one.
///
/// # Errors
/// When an address cannot be read.
pub async fn discover(servers: &[String], ollama_host: Option<&str>) -> Result<Discovery, Failure> {
    let named = !servers.is_empty();
    let own = ollama_host.filter(|host| !host.trim().is_empty());
    let written: Vec<&str> = if named {
        servers.iter().map(String::as_str).collect()
    } else {
        own.into_iter().chain([LOCAL]).collect()
    };
    let mut urls: Vec<String> = Vec::new();
    for text in written {
        let url = server_url(text)?;
        if !urls.iter().any(|known| same_place(known, &url)) {
            urls.push(url);
        }
    }
    let client = Client::new()?;
    let asked: Vec<_> = urls
        .iter()
        .map(|url| client.server(url.split_once("://").map_or(url.as_str(), |(_, host)| host), url))
        .collect();
    let mut reports = survey(&asked, TIMEOUT).await;
    for (server, report) in asked.iter().zip(&mut reports) {
        let models = report.models.iter_mut().flatten();
        futures_util::future::join_all(models.map(|model| server.describe(model, TIMEOUT))).await;
    }
    let model = choose_model(&reports);
    Ok(Discovery { reports, model })
}

/// Whether two addresses are one server: `localhost` is this machine, whatever it is called.
fn same_place(one: &str, other: &str) -> bool {
    let simple = |url: &str| url.replacen("://localhost", "://127.0.0.1", 1);
    simple(one) == simple(other)
}
