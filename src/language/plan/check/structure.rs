//! Waves or tasks, and names that occur once.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::language::diagnostic::{Code, Findings};
use crate::language::document::suggest::nearest;
use crate::language::plan::outline::{Outline, WaveOutline, entries};

pub(super) fn check(outline: &Outline<'_>, found: &mut Findings) {
    let document = outline.document;
    let kind = document.kind().as_str();
    let value = document.value();
    match (value.get("waves").is_some(), value.get("tasks").is_some()) {
        (true, true) => found.push(
            document
                .key_diagnostic(Code::WAVES_OR_TASKS, "/tasks", "both `waves` and `tasks`")
                .related(document.key_span("/waves"), "the waves are here")
                .help("put these tasks into a wave, or leave the waves out"),
        ),
        // A misspelt key has been reported.
        (false, false) if is_misspelt(value, "waves") || is_misspelt(value, "tasks") => {}
        (false, false) => found.push(
            document
                .key_diagnostic(
                    Code::WAVES_OR_TASKS,
                    &format!("/{kind}"),
                    format!("this {kind} has no tasks"),
                )
                .help("add `waves:`, each with `tasks:`, or `tasks:` alone"),
        ),
        _ => {}
    }
    for (place, task) in outline.tasks.iter().enumerate() {
        let first = outline.task(task.name).unwrap_or(place);
        if first != place {
            found.push(
                document
                    .key_diagnostic(
                        Code::DUPLICATE_TASK,
                        &task.pointer,
                        format!("the task `{}` is there twice", task.name),
                    )
                    .label("again here")
                    .related(document.key_span(&outline.tasks[first].pointer), "first here")
                    .help("names of tasks are unique in the whole document"),
            );
        }
    }
    let mut waves: BTreeMap<&str, &WaveOutline<'_>> = BTreeMap::new();
    for wave in &outline.waves {
        let Some(name) = wave.name else { continue };
        let first = *waves.entry(name).or_insert(wave);
        if !std::ptr::eq(first, wave) {
            let pointer = format!("{}/name", wave.pointer);
            found.push(
                document
                    .diagnostic(
                        Code::DUPLICATE_WAVE,
                        &pointer,
                        format!("the wave `{name}` is there twice"),
                    )
                    .label("again here")
                    .related(document.span(&format!("{}/name", first.pointer)), "first here"),
            );
        }
    }
}

/// Whether a section of a document is missing because its key is misspelt, which has been reported.
pub(super) fn is_misspelt(document: &Value, section: &str) -> bool {
    const SECTIONS: [&str; 9] =
        ["pattern", "pipeline", "team", "inputs", "defaults", "tools", "waves", "tasks", "outputs"];
    let is_meant = |key: &str| {
        let is_known = SECTIONS.contains(&key) || key.starts_with("x-");
        !is_known && (nearest(key, SECTIONS) == Some(section) || key.contains(section))
    };
    document.get(section).is_none() && entries(Some(document)).any(|(key, _)| is_meant(key))
}
