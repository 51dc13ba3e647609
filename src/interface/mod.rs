//! What people and programs meet: use cases, reports, the command line.

pub mod app;
pub mod cli;
pub mod lsp;
pub mod report;
mod uri_path;
