//! What the upkeep of the journal came to.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use super::units::{bytes, counted, moment};
use crate::runtime::journal::{Damage, Examination, Removal, Removed};

/// What was removed from the journal as machine output has it.
pub fn removed_json(removed: Option<&Removed>, removal: Removal) -> Value {
    let runs = removed.into_iter().flat_map(|removed| &removed.runs).map(|run| {
        json!({
            "run": run.id.as_str(),
            "name": run.name,
            "status": run.status,
            "started": moment(run.started),
        })
    });
    json!({
        "dry_run": removal == Removal::Dry,
        "runs": runs.collect::<Vec<_>>(),
        "contents": removed.map_or(0, |removed| removed.contents),
        "freed_bytes": removed.map_or(0, |removed| removed.bytes),
        "under_way": removed.and_then(|removed| removed.under_way.as_deref()),
        "journal_bytes": removed.map_or(0, |removed| removed.journal_bytes),
    })
}

/// What was removed from the journal for people.
pub fn removed_text(removed: &Removed, removal: Removal, paint: Paint) -> String {
    let mut text = String::new();
    let verb = if removal == Removal::Dry { "would remove" } else { "removed" };
    let width = removed.runs.iter().map(|run| run.name.len()).max().unwrap_or(0);
    for run in &removed.runs {
        let started = moment(run.started);
        let _ = writeln!(
            text,
            "{verb}  {}  {:<width$}  {:<9}  {started}",
            run.id, run.name, run.status
        );
    }
    let _ = writeln!(
        text,
        "{verb} {} and {}: {}; the journal takes {}",
        counted(removed.runs.len() as u64, "run", "runs"),
        counted(removed.contents, "content", "contents"),
        paint.bold(&bytes(removed.bytes)),
        bytes(removed.journal_bytes),
    );
    if let Some(run) = &removed.under_way {
        let _ = writeln!(
            text,
            "run {run} is under way: contents stay until no run is, since it may be about to use one"
        );
    }
    text
}

/// What was found in the journal as machine output has it.
pub fn examination_json(found: &Examination) -> Value {
    let damages = found
        .damages
        .iter()
        .map(|damage| json!({ "run": damage.run, "fact": damage.fact, "message": damage.what }));
    json!({
        "sound": found.damages.is_empty(),
        "runs": found.runs,
        "facts": found.facts,
        "contents": found.contents,
        "damages": damages.collect::<Vec<_>>(),
    })
}

/// What was found in the journal for people.
pub fn examination_text(found: &Examination, paint: Paint) -> String {
    let mut text = String::new();
    for damage in &found.damages {
        let _ = writeln!(text, "{}  {}{}", paint.bad("damaged"), place(damage), damage.what);
    }
    let verdict = match found.damages.len() {
        0 => paint.good("the journal is sound"),
        damages => paint.bad(&counted(damages as u64, "damage", "damages")),
    };
    let _ = writeln!(
        text,
        "{verdict}: {}, {}, {}",
        counted(found.runs, "run", "runs"),
        counted(found.facts, "fact", "facts"),
        counted(found.contents, "content", "contents"),
    );
    text
}

fn place(damage: &Damage) -> String {
    match (&damage.run, damage.fact) {
        (Some(run), Some(fact)) => format!("run {run}, fact {fact}: "),
        (Some(run), None) => format!("run {run}: "),
        (None, _) => String::new(),
    }
}
