//! What a server's requests come to.

use serde::Serialize;

/// What one simulated server has done since the start or the last reset.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServerStatistics {
    /// The server's name.
    pub server: String,
    /// Requests for texts, vectors and loads that have ended.
    pub requests: u64,
    /// Of these, the ones that were refused or that a fault broke.
    pub failures: u64,
    /// Of these, the ones whose client went away before the end.
    pub abandoned: u64,
    /// All other requests that have ended: `/api/tags`, `/api/ps` and the like.
    pub other_requests: u64,
    /// Loads of models that were begun.
    pub model_loads: u64,
    /// Loads that ended because their client went away.
    pub aborted_loads: u64,
    /// Models unloaded to make room, or to be loaded with other options.
    pub unloads: u64,
    /// Real time in which at least one slot was busy.
    pub busy_ms: f64,
    /// Slots that are busy now.
    pub active_slots: u32,
    /// The most slots that were busy at a time.
    pub highest_concurrency: u32,
}
