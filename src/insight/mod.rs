//! Folds over facts: what any reader may show. Live and replayed runs share all of it.

mod across_runs;
mod conflicts;
mod course;
mod critical_path;
mod history;
mod losses;
mod metrics;
mod quantiles;
mod records;
mod shortages;
mod spans;
mod statistics;

pub use across_runs::{AcrossRuns, FailuresInRuns, RunsOfName};
pub use conflicts::{Conflicts, Waits};
pub use course::{Activity, Course, Courses, Release, Stretch};
pub use critical_path::CriticalPath;
pub use history::History;
pub use losses::{Cause, Loss, TaskLoss};
pub use metrics::{Metrics, ServerMetrics};
pub use quantiles::Quantiles;
pub use records::{AttemptRecord, KeptFrom, ServerRecord, Simulated, TaskRecord, WaveProgress};
pub use statistics::{Failures, Latencies, Speed, Statistics};
