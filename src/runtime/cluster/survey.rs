//! Looking at servers: whether they answer, what they have, what they have loaded.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;

use super::client::{Ollama, Unanswered};
use super::wire::ListedModel;
use crate::engine::{Observation, full_name, with_tag};

/// What was seen of a server.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerReport {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub url: String,
    /// Why it cannot be used, if it cannot.
    pub trouble: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Whether it says of itself that it is simulated.
    pub is_simulated: bool,
    /// The models it has; unknown where it does not say.
    pub models: Option<Vec<ModelInfo>>,
    /// The models it has loaded; unknown where it does not say.
    pub resident: Option<Vec<ModelInfo>>,
}

/// A model as a server lists it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelInfo {
    /// Its name with its tag.
    pub name: String,
    /// What makes two models of one name the same.
    pub digest: String,
    /// The size of its file, or of what is loaded of it, in bytes.
    pub size: u64,
    /// How much of it lies in the memory of a GPU, in bytes; only of loaded models.
    pub gpu: Option<u64>,
    /// Such as `8.0B`.
    pub parameters: Option<String>,
    /// Such as `Q4_K_M`.
    pub quantization: Option<String>,
    /// What it can do, where the server says so.
    pub capabilities: Option<Vec<String>>,
    /// Where Ollama forwards it to, if it does.
    pub remote_host: Option<String>,
    /// The window that it is loaded with, in tokens.
    pub context_length: Option<u64>,
    /// When it is unloaded, as the server says it.
    pub expires_at: Option<String>,
}

impl ServerReport {
    /// Its name and where it is; once, where its name says that already.
    pub fn name_and_place(&self) -> String {
        if self.url.contains(&self.name) {
            self.url.clone()
        } else {
            format!("{} {}", self.name, self.url)
        }
    }

    /// Whether the server can be used.
    pub fn is_up(&self) -> bool {
        self.trouble.is_none()
    }

    /// The windows that its models are loaded with, by name, in tokens, where it says so.
    fn loaded_windows(&self) -> BTreeMap<String, u32> {
        let resident = self.resident.iter().flatten();
        let window = |model: &ModelInfo| Some((model.name.clone(), model.window()?));
        resident.filter_map(window).collect()
    }

    /// What tells its models apart from those of other servers, by name, where it says so.
    fn digests(&self) -> BTreeMap<String, String> {
        let known = self.models.iter().flatten().filter(|model| !model.digest.is_empty());
        known.map(|model| (model.name.clone(), model.digest.clone())).collect()
    }

    /// What the engine is told.
    pub fn observation(&self) -> Observation {
        let names = |models: &Option<Vec<ModelInfo>>| {
            models.as_ref().map(|models| models.iter().map(|model| model.name.clone()).collect())
        };
        match &self.trouble {
            Some(reason) => Observation::Down { reason: reason.clone() },
            None => Observation::Up {
                models: names(&self.models),
                resident: names(&self.resident),
                digests: self.digests(),
                windows: self.loaded_windows(),
            },
        }
    }
}

impl Ollama {
    /// Looks at the server. A server that answers anything at all is up.
    pub async fn look(&self, timeout: Duration) -> ServerReport {
        let (version, tags, resident) =
            tokio::join!(self.version(timeout), self.tags(timeout), self.resident(timeout));
        let unreachable = [version.as_ref().err(), tags.as_ref().err(), resident.as_ref().err()];
        let all_failed = unreachable.iter().all(Option::is_some);
        let trouble = unreachable.into_iter().flatten().find_map(|error| match error {
            Unanswered::Unreachable(reason) if all_failed => Some(reason.clone()),
            Unanswered::Refused(reason) if all_failed => {
                Some(format!("this is no Ollama server: {reason}"))
            }
            _ => None,
        });
        let list = |models: Vec<ListedModel>| {
            let models = models.into_iter().map(ModelInfo::of);
            models.filter(|model| self.cloud_models || !model.is_cloud()).collect()
        };
        ServerReport {
            name: self.name.clone(),
            url: self.url.clone(),
            trouble,
            is_simulated: version.as_ref().is_ok_and(|version| version.is_simulated),
            version: version.ok().map(|version| version.number).filter(|number| !number.is_empty()),
            models: tags.ok().map(|answer| list(answer.models)),
            resident: resident.ok().map(|answer| list(answer.models)),
        }
    }

    /// Asks what a model can do and the window it was trained with.
    pub async fn describe(&self, model: &mut ModelInfo, timeout: Duration) {
        let Ok(shown) = self.show(&model.name, timeout).await else {
            return;
        };
        model.capabilities = shown.capabilities.or_else(|| model.capabilities.take());
        let trained = shown.model_info.and_then(|info| {
            info.iter()
                .find(|(key, _)| key.ends_with(".context_length"))
                .and_then(|(_, value)| value.as_u64())
        });
        model.context_length = model.context_length.or(trained);
    }
}

/// Whether a model of this name is one that Ollama forwards to its cloud.
pub fn is_cloud_name(name: &str) -> bool {
    name.ends_with("-cloud") || name.ends_with(":cloud")
}

impl ModelInfo {
    /// Whether Ollama forwards it to its cloud.
    pub fn is_cloud(&self) -> bool {
        self.remote_host.is_some() || is_cloud_name(&self.name)
    }

    /// The window, in tokens, where it is known; 0 is what servers say that do not know it.
    pub fn window(&self) -> Option<u32> {
        let window = self.context_length.filter(|window| *window > 0)?;
        Some(u32::try_from(window).unwrap_or(u32::MAX))
    }

    fn of(listed: ListedModel) -> ModelInfo {
        let detail = |key: &str| {
            let text = listed.details.get(key).and_then(|value| value.as_str())?;
            (!text.is_empty()).then(|| text.to_owned())
        };
        ModelInfo {
            parameters: detail("parameter_size"),
            quantization: detail("quantization_level"),
            // Ollama always says the tag; what stands before it may not.
            name: with_tag(if listed.name.is_empty() { &listed.model } else { &listed.name }),
            digest: listed.digest,
            size: listed.size,
            gpu: listed.size_vram,
            capabilities: listed.capabilities,
            remote_host: listed.remote_host.filter(|host| !host.is_empty()),
            context_length: listed.context_length,
            expires_at: listed.expires_at,
        }
    }
}

/// Looks at all servers at once.
pub async fn survey(servers: &[Ollama], timeout: Duration) -> Vec<ServerReport> {
    join_all(servers.iter().map(|server| server.look(timeout))).await
}

/// The windows that models were trained with, by name, in tokens: what the first server says that
/// lists the model. Models of which no server says anything are not there.
pub async fn trained_windows(
    servers: &[Ollama],
    reports: &[ServerReport],
    models: &BTreeSet<String>,
    timeout: Duration,
) -> BTreeMap<String, u32> {
    let asked = models.iter().map(|name| async move {
        for (server, report) in servers.iter().zip(reports) {
            let listed =
                report.models.iter().flatten().find(|model| full_name(&model.name) == *name);
            let Some(mut model) = listed.cloned() else { continue };
            server.describe(&mut model, timeout).await;
            if let Some(window) = model.window() {
                return Some((name.clone(), window));
            }
        }
        None
    });
    join_all(asked).await.into_iter().flatten().collect()
}
