//! Folds over facts: what any reader may show. Live and replayed runs share all of it.

mod across_runs;
pub mod advisor;
mod conflicts;
mod contest;
pub mod context;
mod course;
mod critical_path;
mod hedging;
mod history;
mod ingredients;
mod interval;
pub mod learning;
mod losses;
mod metrics;
mod nested;
pub mod organization;
mod origins;
mod posts;
mod quantiles;
mod records;
mod reloads;
mod requests;
mod shortages;
mod sla;
mod spans;
mod statistics;
mod tool_calls;
mod wording;

pub use across_runs::{AcrossRuns, FailuresInRuns, RunsOfName};
pub use conflicts::{Conflicts, Waits};
pub use contest::{
    BASELINE, CONTENDER, Contest, PAIRS, Pair, SINGLE, Score, Side, VERDICT, Verdict,
};
pub use course::{Activity, Course, Courses, Release, Stretch};
pub use critical_path::CriticalPath;
pub use hedging::Hedging;
pub use history::History;
pub use ingredients::Differing;
pub use interval::{Interval, wilson};
pub use losses::{Cause, Loss, TaskLoss};
pub use metrics::{Metrics, ServerMetrics};
pub use nested::{NestedRuns, Refusals};
pub use origins::{Origin, Told};
pub use posts::{posts_around, work_of};
pub use quantiles::Quantiles;
pub use records::{
    AttemptRecord, CallRecord, Compensation, KeptFrom, PermissionRecord, ReusedFrom, RoundsRecord,
    ServerRecord, Simulated, TaskRecord, ToolRecord, WaveProgress,
};
pub use reloads::Reloads;
pub use requests::{Asked, Requests};
pub use sla::{Promise, promises};
pub use statistics::{Failures, Latencies, Speed, Statistics};
