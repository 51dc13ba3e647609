//! Tasks that are done several times: what an item is called, how many must succeed, and what says when
//! rounds are over.

use serde_json::Value;

use crate::language::diagnostic::{Code, Findings};
use crate::language::plan::outline::{EachOutline, Outline, TaskOutline};

/// Names that mean something else in the templates of such a task.
const TAKEN: [&str; 6] = ["inputs", "tasks", "results", "index", "key", "loop"];

pub(super) fn check(outline: &Outline<'_>, found: &mut Findings) {
    for task in &outline.tasks {
        if let Some(each) = &task.each {
            name(outline, task, each, found);
            count(outline, task, each, found);
        }
        if task.rounds.is_some() {
            rounds(outline, task, found);
        }
    }
}

fn name(
    outline: &Outline<'_>,
    task: &TaskOutline<'_>,
    each: &EachOutline<'_>,
    found: &mut Findings,
) {
    let is_of_rounds = task
        .rounds
        .is_some_and(|rounds| rounds.names().contains(&each.name) || each.name == "output");
    if TAKEN.contains(&each.name) || is_of_rounds {
        let pointer = format!("{}/for_each/as", task.pointer);
        let message = format!("`{}` means something else in templates", each.name);
        let diagnostic = outline.document.diagnostic(Code::INVALID_VALUE, &pointer, message);
        found.push(diagnostic.help("call the item otherwise; `item` if `as` is left out"));
    }
}

/// A list that is written out and shorter than what must succeed can never be enough.
fn count(
    outline: &Outline<'_>,
    task: &TaskOutline<'_>,
    each: &EachOutline<'_>,
    found: &mut Findings,
) {
    let there = match each.items {
        Value::Array(list) => list.len(),
        Value::Object(map) => map.len(),
        _ => return,
    };
    let required = match task.value.pointer("/for_each/require") {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(word)) if word == "any" => Some(1),
        _ => None,
    };
    if let Some(required) = required.filter(|required| *required > there as u64) {
        let pointer = format!("{}/for_each/require", task.pointer);
        let message = format!("{required} of {there} items can never succeed");
        let diagnostic = outline.document.diagnostic(Code::INVALID_VALUE, &pointer, message);
        found.push(diagnostic.related(outline.document.span(&each.pointer), "the items are here"));
    }
}

/// Keys of `repeat` that mean nothing without another one.
fn rounds(outline: &Outline<'_>, task: &TaskOutline<'_>, found: &mut Findings) {
    let Some(repeat) = task.value.get("repeat") else { return };
    let mut without = |key: &str, needed: &str, help: &str| {
        let pointer = format!("{}/repeat/{key}", task.pointer);
        let message = format!("`{key}` means nothing without `{needed}`");
        let diagnostic = outline.document.diagnostic(Code::INVALID_VALUE, &pointer, message);
        found.push(diagnostic.help(help));
    };
    if repeat.get("patience").is_some() && repeat.get("best").is_none() {
        without("patience", "best", "say how good a round is: `best: output.score`");
    }
    let fails = repeat.get("unmet").and_then(Value::as_str) == Some("fail");
    if fails && repeat.get("until").is_none() {
        without("unmet", "until", "say when it is good enough: `until: output.score >= 8`");
    }
}
