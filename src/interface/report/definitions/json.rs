//! The difference for machines.

use serde_json::{Value, json};

use super::wording::{Shown, shown, status_word};
use crate::interface::app::{DefinitionComparison, Side};
use crate::interface::report::difference::hunks;
use crate::interface::report::paint::Paint;
use crate::interface::report::units::milliseconds;
use crate::language::plan::{Entry, FieldChange, Status};

/// What is different as machine output has it.
pub fn definitions_json(comparison: &DefinitionComparison) -> Value {
    let difference = &comparison.difference;
    let entries = |entries: &[Entry]| entries.iter().map(entry_json).collect::<Value>();
    json!({
        "kind": "definitions",
        "same": difference.is_empty(),
        "old": side_json(&comparison.old),
        "new": side_json(&comparison.new),
        "about": difference.about.iter().map(change_json).collect::<Value>(),
        "inputs": entries(&difference.inputs),
        "waves": entries(&difference.waves),
        "tasks": entries(&difference.tasks),
        "outputs": entries(&difference.outputs),
        "teams": entries(&difference.teams),
        "agents": entries(&difference.agents),
    })
}

fn side_json(side: &Side) -> Value {
    let forecast = side.plan.forecast();
    json!({
        "from": side.named,
        "name": side.plan.name,
        "fingerprint": side.plan.fingerprint(),
        "estimate": {
            "sequential_ms": milliseconds(forecast.sequential),
            "parallel_ms": milliseconds(forecast.parallel),
        },
    })
}

fn entry_json(entry: &Entry) -> Value {
    let status = status_word(&entry.status);
    let changes: Value = entry.changes.iter().map(change_json).collect();
    let mut json = json!({ "name": entry.name, "status": status, "changes": changes });
    if let Status::Renamed { from } = &entry.status {
        json["old_name"] = from.as_str().into();
    }
    json
}

fn change_json(change: &FieldChange) -> Value {
    let mut json = json!({ "field": change.field, "before": change.before, "after": change.after });
    if let (Some(_), Some(_), Shown::Texts { before, after }) =
        (&change.before, &change.after, shown(change))
    {
        json["diff"] = hunks(&before, &after, Paint::PLAIN).into();
    }
    json
}
