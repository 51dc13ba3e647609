//! The language server: what editors ask while somebody writes.
//!
//! Findings come from the same function as those of `partita validate`, over the project's files
//! with the open texts in their places. Everything is read from text on every change; nothing is
//! kept that could disagree with it.

mod client;
mod completion;
mod conversation;
mod desk;
mod documents;
mod features;
mod models;
mod options;
mod protocol;
mod publish;
mod serve;
mod server;

pub use models::SeenModels;
pub use options::ServerOptions;
pub use protocol::{Frame, Message, Refusal, RequestId, read_frame, write_frame};
pub use serve::serve;
pub use server::Server;
