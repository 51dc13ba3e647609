//! What an organisation does and can do, for people and programs.

mod assignment;
mod board;
mod decisions;
mod item;
mod messages;
mod metrics;
mod show;
mod staffing;
mod standup;
mod why;

use serde_json::{Value, json};

use super::paint::Paint;
use super::units::moment;
use crate::interface::app::OrganizationRun;

pub use assignment::{admission_json, admission_text, assignment_json, assignment_text};
pub use board::{BoardLook, board_json, board_text};
pub use decisions::{escalations_json, escalations_text};
pub use messages::{
    channels_json, channels_text, handoffs_json, handoffs_text, inbox_json, inbox_text,
};
pub use metrics::{metrics_json, metrics_text};
pub use show::{progress_json, progress_text, work_json, work_text};
pub use staffing::{capacity_json, capacity_text, forecast_json, forecast_text};
pub use standup::{standup_json, standup_text};
pub use why::{assignment_reasons_json, assignment_reasons_text};

/// What every report about a run begins with, for programs.
fn basics(run: &OrganizationRun) -> Value {
    json!({
        "run": run.run,
        "name": run.name,
        "status": run.organization.history.status,
        "simulated": run.simulated,
        "at": moment(run.organization.work.now),
    })
}

/// The same for people, in a line.
fn heading(run: &OrganizationRun, paint: Paint) -> String {
    let mark = if run.simulated { "  (simulated)" } else { "" };
    let name = paint.bold(&run.name);
    let status = run.organization.history.status.as_str();
    format!("{name}  run {} {status}{}\n", run.run, paint.notice(mark))
}
