//! Folds over facts: what any reader may show. Live and replayed runs share all of it.

mod history;
mod metrics;

pub use history::{
    AttemptRecord, History, KeptFrom, ServerRecord, Simulated, TaskRecord, WaveProgress,
};
pub use metrics::{Metrics, ServerMetrics};
