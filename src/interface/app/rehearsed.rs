//! Plans in virtual time, for those who ask what would happen.

use std::sync::Arc;

use super::failure::{Failure, FailureKind};
use crate::engine::content::Contents;
use crate::engine::simulation::{Placeholders, Rehearsal, Script};
use crate::engine::{RunStatus, Settings};
use crate::language::plan::Plan;
use serde_json::{Map, Value};

/// Plays a plan to its end with placeholders for answers; how it stands then, if it has stopped.
///
/// # Errors
/// When the engine contradicts itself.
pub(super) fn rehearsed<'c>(
    plan: &Arc<Plan>,
    (settings, script): (Settings, Script),
    inputs: &Map<String, Value>,
    contents: &'c dyn Contents,
) -> Result<(Rehearsal<'c>, Option<RunStatus>), Failure> {
    let plan = Arc::clone(plan);
    let mut rehearsal = Rehearsal::new(plan, settings, script, inputs, contents, &Placeholders);
    let status = rehearsal.run().map_err(|error| {
        Failure::new(FailureKind::Failed, format!("Partita is at fault: {error}"))
    })?;
    Ok((rehearsal, status))
}
