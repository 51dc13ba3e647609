//! reqwest's only home: talking to Ollama servers in their native protocol.

mod address;
mod chat;
mod classify;
mod client;
mod differences;
mod models;
mod retry_after;
mod survey;
mod warm;
mod wire;

pub use address::{AddressError, place_of, server_url};
pub use chat::{CallReport, ChatCall, Progress};
pub use client::{Client, ClientError, Ollama};
pub use differences::{DifferentModel, different_models, different_versions};
pub use models::{ModelChoice, can_chat, choose_model};
pub use survey::{ModelInfo, ServerReport, is_cloud_name, survey, trained_windows};
pub use warm::Warming;
