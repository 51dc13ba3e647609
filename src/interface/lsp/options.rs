//! What the server is told when it is started.

use std::path::PathBuf;

use super::models::SeenModels;

/// What the command line says.
#[derive(Debug, Clone, Default)]
pub struct ServerOptions {
    /// Further folders with documents.
    pub libraries: Vec<PathBuf>,
    /// The models that are on servers, where somebody looks.
    pub models: SeenModels,
    /// Where the built-in library is laid out, so that editors can open it; nowhere if absent.
    pub builtin_folder: Option<PathBuf>,
}
