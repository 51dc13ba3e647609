//! The `cluster:` document: which servers a run may use and how work is spread over them.

use std::borrow::Cow;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{Backoff, CallLimits, CommandSettings, Hedge, HumanDuration};

/// A file whose top-level key is `cluster:`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Partita cluster", extend("patternProperties" = { "^x-": {} }))]
pub struct ClusterDocument {
    /// The servers and how work is spread over them.
    pub cluster: ClusterSettings,
}

/// Which servers a run may use and how work is spread over them. Nothing is ever sent to a
/// server that is not listed here.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClusterSettings {
    /// A name for reports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The servers.
    #[schemars(length(min = 1, max = 256))]
    pub servers: Vec<ServerEntry>,
    /// How a server is chosen among those that could do a task.
    #[serde(default)]
    pub policy: Policy,
    /// The model of tasks whose agent, team and pattern name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"llama3.1:8b")]
    pub default_model: Option<String>,
    /// The most calls of one run at a time, over all servers.
    #[serde(default = "default_max_parallel")]
    #[schemars(range(min = 1, max = 100_000))]
    pub max_parallel: u32,
    /// The most calls at a time of models, for agents, and of named resources.
    #[serde(default, skip_serializing_if = "CallLimits::are_none")]
    pub limits: CallLimits,
    /// How long a model stays loaded after its last call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_alive: Option<HumanDuration>,
    /// How servers are watched.
    #[serde(default)]
    pub health: Health,
    /// When a server that fails is left alone, and for how long.
    #[serde(default)]
    pub breaker: Breaker,
    /// When a second attempt is begun beside one that takes unusually long; never where it is not
    /// given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hedge: Option<Hedge>,
    /// What becomes of a model that is not the same on all servers.
    #[serde(default, skip_serializing_if = "Digests::is_default")]
    pub digests: Digests,
    /// What may leave the listed servers.
    #[serde(default)]
    pub egress: Egress,
    /// The programs that the tool `run_command` may run; none where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commands: Option<CommandSettings>,
}

impl ClusterSettings {
    /// The settings that hold where no cluster file is given.
    pub fn of_urls(urls: impl IntoIterator<Item = String>) -> Self {
        ClusterSettings {
            name: None,
            servers: urls.into_iter().map(ServerEntry::of_url).collect(),
            policy: Policy::default(),
            default_model: None,
            max_parallel: default_max_parallel(),
            limits: CallLimits::default(),
            keep_alive: None,
            health: Health::default(),
            breaker: Breaker::default(),
            hedge: None,
            digests: Digests::default(),
            egress: Egress::default(),
            commands: None,
        }
    }
}

/// One Ollama server. A plain text is its URL.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServerEntry {
    /// Its name in reports; the host and port of the URL if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is, such as `http://ollama01:11434`.
    pub url: String,
    /// Calls of one model that it handles at a time (its OLLAMA_NUM_PARALLEL).
    pub slots: u32,
    /// Models that work on it at a time.
    pub max_models: u32,
    /// What it can do, for agents that require it and for the policy `capability`.
    pub tags: Vec<String>,
    /// Its strength beside the others: 2.0 gets twice the work.
    pub weight: f64,
}

impl ServerEntry {
    /// A server of which only the URL is known.
    pub fn of_url(url: String) -> Self {
        ServerEntry { name: None, url, slots: 1, max_models: 1, tags: Vec::new(), weight: 1.0 }
    }

    /// Its name in reports: the one it was given, or the host and port of its URL.
    pub fn shown_name(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let host = rest.split('/').next().unwrap_or(rest);
        self.name.as_deref().unwrap_or(host)
    }
}

/// The mapping form of [`ServerEntry`].
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ServerFields {
    /// Its name in reports; the host and port of the URL if absent.
    #[schemars(example = &"ollama01")]
    name: Option<String>,
    /// Where it is.
    #[schemars(example = &"http://ollama01:11434")]
    url: String,
    /// Calls of one model that it handles at a time: its OLLAMA_NUM_PARALLEL, which cannot be
    /// asked for over the network.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 100_000))]
    slots: u32,
    /// Models that work on it at a time. With 1, no model is loaded while another works.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 64))]
    max_models: u32,
    /// What it can do, for agents that require it and for the policy `capability`.
    #[serde(default)]
    tags: Vec<String>,
    /// Its strength beside the others: 2.0 gets twice the work.
    #[serde(default = "default_weight")]
    #[schemars(range(min = 0.001, max = 1000.0))]
    weight: f64,
}

impl<'de> Deserialize<'de> for ServerEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Value::deserialize(deserializer)?;
        if let Value::String(url) = written {
            return Ok(ServerEntry::of_url(url));
        }
        let fields: ServerFields =
            serde_json::from_value(written).map_err(serde::de::Error::custom)?;
        let ServerFields { name, url, slots, max_models, tags, weight } = fields;
        Ok(ServerEntry { name, url, slots, max_models, tags, weight })
    }
}

impl JsonSchema for ServerEntry {
    fn schema_name() -> Cow<'static, str> {
        "Server".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let fields = generator.subschema_for::<ServerFields>();
        json_schema!({
            "description": "An Ollama server: its URL, or a mapping that says more.",
            "anyOf": [{ "type": "string", "minLength": 1 }, fields],
            "examples": [
                "http://ollama01:11434",
                { "name": "ollama01", "url": "http://ollama01:11434", "slots": 2 },
            ],
        })
    }
}

/// How a server is chosen among those that have the model, the tags and a free slot.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Each in its turn.
    RoundRobin,
    /// Of those with every tag that the agent requires, the one with the greatest weight.
    Capability,
    /// The one with the smallest share of its slots in use.
    LoadAware,
    /// The one that has the model loaded, else the one with the least to lose by loading it.
    #[default]
    ModelAffinity,
}

/// What becomes of a model that is not the same on all servers: its digest differs.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Digests {
    /// Every server that has a model of its name is asked, with a warning.
    #[default]
    Any,
    /// Only servers with the digest that most of them have are asked; of equally many, that of the
    /// first server.
    One,
}

impl Digests {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    fn is_default(&self) -> bool {
        *self == Digests::Any
    }
}

/// How servers are watched.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Health {
    /// Between two looks at a server that is in use.
    pub interval: HumanDuration,
    /// How long a look may take.
    pub timeout: HumanDuration,
    /// How long a run waits for any server to come back before it stops (it can be resumed).
    pub give_up_after: HumanDuration,
}

impl Default for Health {
    fn default() -> Self {
        Health {
            interval: HumanDuration(Duration::from_secs(5)),
            timeout: HumanDuration(Duration::from_secs(5)),
            give_up_after: HumanDuration(Duration::from_secs(60)),
        }
    }
}

/// When a server that fails is left alone, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Breaker {
    /// So many failures in a row open it. A refused connection opens it at once.
    #[schemars(range(min = 1, max = 1000))]
    pub failures: u32,
    /// The first and the longest time it stays open, doubling between.
    pub open: Backoff,
}

impl Default for Breaker {
    fn default() -> Self {
        Breaker {
            failures: 3,
            open: Backoff { first: Duration::from_secs(5), longest: Duration::from_secs(60) },
        }
    }
}

/// What may leave the listed servers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Egress {
    /// Whether models may be used that Ollama itself forwards to its cloud (`…-cloud`).
    pub cloud_models: bool,
}

fn one() -> u32 {
    1
}

fn default_max_parallel() -> u32 {
    256
}

fn default_weight() -> f64 {
    1.0
}
