//! Simulated Ollama servers that speak the real protocol on loopback ports.
//!
//! A [`SimulatedCluster`] is started from the profile of a `simulation:` document. Its servers
//! cannot be told from real ones over the wire: same routes, texts, scheduling and failures
//! (`ollama-protocol.md`); what a model says is invented, marked as such, and the same whenever
//! and wherever it is asked. Every duration that a server reports is in simulated time; what the
//! log and the statistics say is in real time.

mod access;
mod answer;
mod asking;
mod assignment;
mod blobs;
mod chat;
mod clock;
mod cluster;
mod connection;
mod delivery;
mod dice;
mod disk;
mod embed;
mod embedding;
mod errors;
mod faults;
mod fields;
mod format;
mod generate;
mod instance;
mod json;
mod keep_alive;
mod lease;
mod lines;
mod listener;
mod listing;
mod log;
mod logprobs;
mod manage;
mod messages;
mod models;
mod names;
mod numbers;
mod observe;
mod openai;
mod openai_chat;
mod options;
mod profile;
mod prompt;
mod prose;
mod reply;
mod residents;
mod routes;
mod runner;
mod scheduler;
mod schema;
mod sender;
mod server;
mod statistics;
mod timers;
mod usage;
mod vectors;
mod visit;
mod words;
mod work;

#[cfg(test)]
mod tests;

pub use cluster::{RunningServer, SimulatedCluster, StartError};
pub use log::{Outcome, RequestRecord};
pub use profile::ProfileError;
pub use statistics::ServerStatistics;
