//! How changes are worded, whatever the format.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::interface::app::DefinitionComparison;
use crate::interface::report::units::{counted, roughly};
use crate::interface::report::width::{columns, one_line};
use crate::language::plan::{Difference, Entry, FieldChange, Status};

/// The longest value that is shown on a line of its own change.
const SHORT: usize = 60;

/// Fields that are texts to be read line by line, however short.
const TEXTS: [&str; 5] = ["prompt", "ask", "message", "template", "instructions"];

/// How a change of a field is best shown.
pub(super) enum Shown {
    /// In a few words: `20s -> 30s`, `+ market, - risk`.
    Line(String),
    /// As two texts whose lines are compared.
    Texts { before: String, after: String },
}

/// The parts of a difference that list things, with their names.
pub(super) fn sections(difference: &Difference) -> [(&'static str, &[Entry]); 6] {
    [
        ("inputs", &difference.inputs),
        ("waves", &difference.waves),
        ("tasks", &difference.tasks),
        ("outputs", &difference.outputs),
        ("teams", &difference.teams),
        ("agents", &difference.agents),
    ]
}

/// A change that so many tasks share is told once.
const MANY: usize = 4;

/// The same change in many things.
pub(super) struct Shared<'d> {
    pub(super) change: &'d FieldChange,
    pub(super) names: Vec<&'d str>,
}

/// The changes that many of these things share: somebody has changed a default.
pub(super) fn shared(entries: &[Entry]) -> Vec<Shared<'_>> {
    let mut found: Vec<Shared<'_>> = Vec::new();
    let differing = entries
        .iter()
        .filter(|entry| matches!(entry.status, Status::Changed | Status::Renamed { .. }));
    for entry in differing {
        for change in &entry.changes {
            match found.iter_mut().find(|known| known.change == change) {
                Some(known) => known.names.push(&entry.name),
                None => found.push(Shared { change, names: vec![&entry.name] }),
            }
        }
    }
    found.retain(|shared| shared.names.len() >= MANY);
    found
}

/// What is left to tell of these things when the shared changes have been told.
pub(super) fn own(entries: &[Entry], shared: &[Shared<'_>]) -> Vec<Entry> {
    let is_shared = |change: &FieldChange| shared.iter().any(|shared| shared.change == change);
    let left = entries.iter().map(|entry| {
        let mut left = entry.clone();
        if matches!(entry.status, Status::Changed | Status::Renamed { .. }) {
            left.changes.retain(|change| !is_shared(change));
        }
        left
    });
    left.filter(|entry| entry.status != Status::Changed || !entry.changes.is_empty()).collect()
}

/// How much is different: `2 tasks added, 1 task renamed, 1 input changed`.
pub(super) fn summary(difference: &Difference) -> String {
    let mut parts = Vec::new();
    for (section, entries) in sections(difference) {
        let one = section.trim_end_matches('s');
        for word in ["added", "removed", "renamed", "changed"] {
            let count = entries.iter().filter(|entry| status_word(&entry.status) == word).count();
            if count > 0 {
                parts.push(format!("{} {word}", counted(count as u64, one, section)));
            }
        }
    }
    parts.extend(difference.about.iter().map(|change| format!("{} changed", change.field)));
    match parts.is_empty() {
        true => "no difference".to_owned(),
        false => parts.join(", "),
    }
}

/// What happened to a thing, in a word.
pub(super) fn status_word(status: &Status) -> &'static str {
    match status {
        Status::Added => "added",
        Status::Removed => "removed",
        Status::Renamed { .. } => "renamed",
        Status::Changed => "changed",
    }
}

/// What the differences do to the forecast, where they do anything.
pub(super) fn estimates(comparison: &DefinitionComparison) -> Option<String> {
    let (old, new) = (comparison.old.plan.forecast(), comparison.new.plan.forecast());
    let change = |before, after| match before == after {
        true => roughly(after),
        false => format!("{} -> {}", roughly(before), roughly(after)),
    };
    let differs = (old.parallel, old.sequential) != (new.parallel, new.sequential);
    differs.then(|| {
        format!(
            "{} if servers are never busy; {} one task after the other",
            change(old.parallel, new.parallel),
            change(old.sequential, new.sequential)
        )
    })
}

/// What was added or removed, in a few words: for a task its verb and who does it.
pub(super) fn gist(entry: &Entry) -> String {
    let field = |name: &str| {
        let change = entry.changes.iter().find(|change| change.field == name)?;
        change.after.as_ref().or(change.before.as_ref())
    };
    let word = |name: &str| field(name).and_then(Value::as_str).map(one_line);
    let mut gist = Vec::new();
    gist.extend(word("verb"));
    for name in ["agent", "uses", "strategy", "role", "value"] {
        gist.extend(word(name));
    }
    gist.extend(word("wave").map(|wave| format!("wave {wave}")));
    if let Some(Value::Array(needs)) = field("needs") {
        gist.push(format!("needs {}", words(needs)));
    }
    gist.join(", ")
}

/// How a change of a field is best shown.
pub(super) fn shown(change: &FieldChange) -> Shown {
    let FieldChange { field, before, after } = change;
    if let (Some(Value::Array(before)), Some(Value::Array(after))) = (before, after)
        && let Some(line) = list_line(before, after)
    {
        return Shown::Line(line);
    }
    let is_text = TEXTS.contains(&field.as_str());
    let (old, new) = (before.as_ref().map(written), after.as_ref().map(written));
    let is_short = |text: &Option<String>| {
        text.as_ref().is_none_or(|text| !text.contains('\n') && columns(text) <= SHORT)
    };
    if is_text || !is_short(&old) || !is_short(&new) {
        let (before, after) = (ended(old.unwrap_or_default()), ended(new.unwrap_or_default()));
        if before == after {
            return Shown::Line("with another end of the last line".to_owned());
        }
        return Shown::Texts { before, after };
    }
    Shown::Line(match (old, new) {
        (Some(old), Some(new)) => format!("{old} -> {new}"),
        (None, Some(new)) => format!("set to {new}"),
        (Some(old), None) => format!("no longer {old}"),
        (None, None) => String::new(),
    })
}

/// What was added to a list and what was removed, or its new order.
fn list_line(before: &[Value], after: &[Value]) -> Option<String> {
    let texts = |items: &[Value]| -> Option<Vec<String>> {
        items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let (before, after) = (texts(before)?, texts(after)?);
    let (old, new): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), after.iter().collect());
    let added = after.iter().filter(|item| !old.contains(item)).map(|item| format!("+ {item}"));
    let gone = before.iter().filter(|item| !new.contains(item)).map(|item| format!("- {item}"));
    let changes: Vec<String> = added.chain(gone).collect();
    match changes.is_empty() {
        true => Some(format!("now in the order {}", after.join(", "))),
        false => Some(changes.join(", ")),
    }
}

/// A text whose last line ends like the others, so that nothing is said of it.
fn ended(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn words(items: &[Value]) -> String {
    let words: Vec<String> = items.iter().map(written).collect();
    words.join(", ")
}

/// A value as people read it: a text as it is, a list of texts in a line, anything else as JSON.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => words(items),
        Value::Object(_) | Value::Array(_) => {
            serde_json::to_string_pretty(value).unwrap_or_default()
        }
        _ => value.to_string(),
    }
}
