//! Runs inside a run: which ones it has started, which it was refused, and which run has started it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use super::run_json::Outcome;
use super::units::counted;
use crate::insight::{NestedRuns, Refusals};

/// Adds what a run has to do with others that were started inside runs.
pub(super) fn add_nested(object: &mut Value, outcome: &Outcome<'_>) {
    let plan = outcome.history.plan();
    if let Some(parent) = &outcome.setup.parent {
        object["parent"] = json!({ "run": parent.run, "task": parent.task, "depth": parent.depth });
    }
    let NestedRuns { started, refused } = NestedRuns::of(outcome.history);
    if !started.is_empty() {
        let started =
            started.iter().map(|(task, run)| json!({ "run": run, "task": plan.task(*task).path }));
        object["nested_runs"] = started.collect();
    }
    if !refused.is_empty() {
        let refused = refused.iter().map(|Refusals { task, limit, count }| {
            json!({ "task": plan.task(*task).path, "limit": limit.to_string(), "count": count })
        });
        object["refused_runs"] = refused.collect();
    }
}

/// The same for people.
pub(super) fn nested_text(outcome: &Outcome<'_>, paint: Paint, text: &mut String) {
    let plan = outcome.history.plan();
    let NestedRuns { started, refused } = NestedRuns::of(outcome.history);
    if !started.is_empty() || !refused.is_empty() {
        let _ = writeln!(text, "\n{}", paint.bold("Runs inside"));
    }
    for (task, run) in &started {
        let _ = writeln!(text, "  {run}  started by {}: partita show {run}", plan.task(*task).path);
    }
    let mut by_limit: BTreeMap<String, u32> = BTreeMap::new();
    for Refusals { limit, count, .. } in &refused {
        *by_limit.entry(limit.to_string()).or_default() += count;
    }
    for (limit, count) in by_limit {
        let runs = counted(count, "run", "runs");
        let _ = writeln!(text, "  {}", paint.notice(&format!("{runs} refused: {limit}")));
    }
}

/// Which run has started it, in a line.
pub(super) fn parent_line(outcome: &Outcome<'_>) -> Option<String> {
    let parent = outcome.setup.parent.as_ref()?;
    Some(format!("started inside run {} by {}", parent.run, parent.task))
}
