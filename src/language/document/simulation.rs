//! The `simulation:` document: how simulated Ollama servers behave.
//!
//! One profile serves the HTTP servers that `partita cluster simulate` and `--simulate` start,
//! and the engine's simulation in virtual time. All durations and rates are in simulated time;
//! `time_scale` says how much real time a second of it takes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::HumanDuration;

/// A file whose top-level key is `simulation:`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulationDocument {
    /// How simulated Ollama servers behave.
    pub simulation: Profile,
}

/// How a set of simulated servers behaves: their number and speed, their models, what they
/// answer and what goes wrong.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// A name for reports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Decides every invented answer. The same seed gives the same answer to the same request,
    /// whichever server it reaches.
    pub seed: u64,
    /// Real seconds for one simulated second: 0.01 turns 45 s of work into 450 ms. At 0 nothing
    /// waits and simulated time stands still: an idle model stays loaded for ever.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub time_scale: f64,
    /// The servers. Their ports are free ones on the loopback interface unless given.
    #[schemars(length(min = 1, max = 64))]
    pub servers: Vec<SimulatedServer>,
    /// The models that every server has unless it lists its own.
    #[schemars(length(min = 1))]
    pub models: Vec<SimulatedModel>,
    /// What is answered to which requests; the first rule that matches is used.
    pub answers: Vec<AnswerRule>,
    /// What goes wrong and when; every rule that matches a request counts it, the first that
    /// is due is used.
    pub faults: Vec<FaultRule>,
}

impl Default for Profile {
    fn default() -> Self {
        Profile {
            name: None,
            seed: 0,
            time_scale: 0.02,
            servers: vec![SimulatedServer::named("ollama01"), SimulatedServer::named("ollama02")],
            models: vec![SimulatedModel::default()],
            answers: Vec::new(),
            faults: Vec::new(),
        }
    }
}

impl Profile {
    /// Makes it so many servers: the first ones as they are, further ones like the last under
    /// names of their own.
    pub fn set_server_count(&mut self, count: usize) {
        self.servers.truncate(count);
        let model = self.servers.last().cloned();
        while self.servers.len() < count {
            let number = self.servers.len() + 1;
            let name = format!("ollama{number:02}");
            let like = model.clone().unwrap_or_else(|| SimulatedServer::named(&name));
            self.servers.push(SimulatedServer { name, port: None, ..like });
        }
    }
}

/// One simulated server.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulatedServer {
    /// Its name in reports.
    #[schemars(example = &"ollama01")]
    pub name: String,
    /// The port on the loopback interface; a free one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// Requests that a loaded model handles at a time (OLLAMA_NUM_PARALLEL). A model that only
    /// makes vectors handles one.
    #[serde(default = "default_slots")]
    #[schemars(range(min = 1, max = 1024))]
    pub slots: u32,
    /// Requests that may wait for a model to load before 503 is answered (OLLAMA_MAX_QUEUE); the
    /// one that is being loaded for is not among them.
    #[serde(default = "default_queue")]
    pub queue: u32,
    /// What it can do, for agents that require it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Models resident at a time (OLLAMA_MAX_LOADED_MODELS).
    #[serde(default = "default_loaded_models")]
    #[schemars(range(min = 1, max = 64))]
    pub max_loaded_models: u32,
    /// Divides every duration of work on this server (loading, reading, writing, and an answer
    /// rule's duration): 2.0 is a machine twice as fast. `latency` stays as it is.
    #[serde(default = "one")]
    #[schemars(range(min = 0.001, max = 1000.0))]
    pub speed: f64,
    /// Added to every request before anything else happens, as a slow network would; no
    /// duration that the server reports has it in it.
    #[serde(default)]
    pub latency: HumanDuration,
    /// How long the server is silent after its start, and after an outage: it accepts connections
    /// and answers nothing, as Ollama does while it looks for GPUs.
    #[serde(default)]
    pub startup: HumanDuration,
    /// How fast model files are read while loading, in gigabytes a second.
    #[serde(default = "default_load_rate")]
    #[schemars(range(min = 0.001))]
    pub load_gigabytes_per_second: f64,
    /// The context window where a request names none (OLLAMA_CONTEXT_LENGTH), in tokens.
    #[serde(default = "default_context")]
    #[schemars(range(min = 4))]
    pub context_length: u32,
    /// What `/api/version` says, and which era's texts and defaults the server has: below 0.30
    /// those of the runners inside the Ollama binary, from 0.30 those of `llama-server`.
    #[serde(default = "default_version")]
    pub version: String,
    /// The models on this server, instead of the profile's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<Vec<SimulatedModel>>,
}

impl SimulatedServer {
    /// A server with the defaults of every field but its name.
    pub fn named(name: &str) -> Self {
        SimulatedServer {
            name: name.to_owned(),
            port: None,
            slots: default_slots(),
            queue: default_queue(),
            tags: Vec::new(),
            max_loaded_models: default_loaded_models(),
            speed: one(),
            latency: HumanDuration::default(),
            startup: HumanDuration::default(),
            load_gigabytes_per_second: default_load_rate(),
            context_length: default_context(),
            version: default_version(),
            models: None,
        }
    }
}

/// One model as `/api/tags` and `/api/show` describe it, and how fast it works.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SimulatedModel {
    /// The name with its tag.
    #[schemars(example = &"llama3.1:8b")]
    pub name: String,
    /// The size of the file, in gigabytes; with the server's load rate it gives the load time.
    #[schemars(range(min = 0.0))]
    pub size_gigabytes: f64,
    /// What `/api/tags` says, such as `8.0B`.
    pub parameter_size: String,
    /// The model's family, such as `llama`.
    pub family: String,
    /// The window that the model was trained with, in tokens.
    #[schemars(range(min = 4))]
    pub context_length: u32,
    /// What the model can do.
    pub capabilities: Vec<Capability>,
    /// Prompt tokens read a second.
    #[schemars(range(min = 0.001))]
    pub prefill_tokens_per_second: f64,
    /// Tokens written a second by one slot alone.
    #[schemars(range(min = 0.001))]
    pub tokens_per_second: f64,
    /// How much busy slots hold each other up while they write: with n of them busy each writes
    /// at the rate above divided by 1 + contention × (n − 1). 0, the default: not at all;
    /// 1: they share one rate.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub contention: f64,
    /// Which of Ollama's two ways from messages to a prompt the model takes.
    pub template: ChatTemplate,
}

impl Default for SimulatedModel {
    fn default() -> Self {
        SimulatedModel {
            name: "llama3.1:8b".into(),
            size_gigabytes: 4.9,
            parameter_size: "8.0B".into(),
            family: "llama".into(),
            context_length: 131_072,
            capabilities: vec![Capability::Completion, Capability::Tools],
            prefill_tokens_per_second: 2000.0,
            tokens_per_second: 60.0,
            contention: 0.0,
            template: ChatTemplate::default(),
        }
    }
}

/// Ollama's two ways from messages to a prompt. They differ in what becomes of a prompt longer
/// than the context window, and in where tool calls stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChatTemplate {
    /// Ollama's own template: too long a prompt is cut in silence, tool calls come in a chunk
    /// before the last one.
    #[default]
    Go,
    /// The model file's template, rendered by the runner (0.30 and later): too long a prompt is
    /// refused with 400, tool calls come in the last object.
    Native,
}

/// What a model can do, as `/api/show` reports it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Capability {
    /// Answers prompts.
    Completion,
    /// Calls tools.
    Tools,
    /// Fills in the middle.
    Insert,
    /// Reads images.
    Vision,
    /// Makes vectors.
    Embedding,
    /// Thinks before it answers.
    Thinking,
}

/// Which requests a rule is about. Every field given must fit; none given fits every request.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RequestMatch {
    /// The task's id, exactly as Partita names it in the `X-Partita-Task` header: `market` or,
    /// inside a pattern that a task uses, `research/market`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The server's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The model's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// A text that some message of the request has in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
}

/// What is answered to the requests that fit. What is absent is invented from the seed.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AnswerRule {
    /// Which requests.
    #[serde(rename = "match")]
    pub matches: RequestMatch,
    /// The whole time at work (reading the prompt and writing the answer), instead of what the
    /// model's rates give. Loading and waiting for a slot come on top. Of a rule about vectors
    /// this alone counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<HumanDuration>,
    /// The answer's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The answer as a value, sent as JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
    /// How many tokens the answer has, as far as time and counts go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u32>,
    /// Tools that are called instead of an answer, where the request offers them and its last
    /// message is not a tool's result: name and arguments. The text or value above answers once
    /// the results are there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tool_calls: BTreeMap<String, Value>,
}

/// What goes wrong for the requests that fit. A request counts only where the fault could act on
/// it: one that merely loads a model has no stream to stall. Only requests for text and vectors
/// meet faults; `/api/tags`, `/api/ps` and the like do not.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Which requests.
    #[serde(rename = "match", default)]
    pub matches: RequestMatch,
    /// How many requests that fit go well before the fault.
    #[serde(default)]
    pub after: u32,
    /// How many requests meet the fault; every one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// What happens.
    pub fault: Fault,
}

/// Something that goes wrong at a server.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// The whole server is gone: it drops every connection and refuses new ones, for a while or
    /// for good.
    Down {
        /// Until it is back; for good if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        duration: Option<HumanDuration>,
    },
    /// The request is accepted and never answered; it takes no slot.
    Silent,
    /// 503, as when the load queue is full.
    Overloaded,
    /// An error status before the first byte.
    Status {
        /// The HTTP status.
        #[schemars(range(min = 400, max = 599))]
        status: u16,
        /// The error's text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// What the header `Retry-After` says, in simulated time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<HumanDuration>,
    },
    /// The stream stops, with the connection open and the slot taken.
    Stall {
        /// After so many tokens.
        #[serde(default)]
        after_tokens: u32,
    },
    /// The connection is reset in mid-stream (where there is no stream: before the answer).
    Disconnect {
        /// After so many tokens.
        #[serde(default)]
        after_tokens: u32,
    },
    /// The model's runner dies: an error line ends the stream (500 where there is no stream, or
    /// nothing was sent yet). The next request loads the model again. Other requests under way
    /// go on: a rule acts on what it matches only.
    Crash {
        /// After so many tokens.
        #[serde(default)]
        after_tokens: u32,
    },
    /// The stream ends without its last object (where there is no stream: `done` is false).
    Unfinished {
        /// After so many tokens.
        #[serde(default)]
        after_tokens: u32,
    },
    /// Everything takes longer by this factor.
    Slow {
        /// 10 makes 2 s into 20 s.
        #[schemars(range(min = 1.0))]
        factor: f64,
    },
    /// The answer is not what was asked for: text that is no JSON, whatever the format.
    Malformed,
    /// The answer is empty, with `done_reason` `stop`.
    Empty,
    /// The answer ends early with `done_reason` `length`.
    CutByLength {
        /// After so many tokens.
        #[serde(default)]
        after_tokens: u32,
    },
    /// The model cannot be loaded: 500 after the load time. A loaded one is unloaded first.
    LoadFailure,
    /// The model is never loaded, and no other is meanwhile: nothing is answered until the client
    /// goes away. A loaded one is unloaded first.
    LoadStall,
    /// The prompt is cut in silence, whatever the window.
    Truncate {
        /// To so many tokens.
        kept_tokens: u32,
    },
    /// The answer is the call of a tool, written as text.
    ToolCall,
    /// The answer is empty, with `done_reason` `content_filter`: Ollama itself never answers so,
    /// but services behind it may.
    Refused,
    /// A line of the stream is not JSON.
    Garbage,
}

fn default_slots() -> u32 {
    4
}

fn default_queue() -> u32 {
    512
}

fn default_loaded_models() -> u32 {
    3
}

fn one() -> f64 {
    1.0
}

fn default_load_rate() -> f64 {
    2.0
}

fn default_context() -> u32 {
    4096
}

fn default_version() -> String {
    "0.33.1".into()
}
