//! Tasks that are done for items: what an item is called, and how many must succeed.

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
    }
}

fn name(
    outline: &Outline<'_>,
    task: &TaskOutline<'_>,
    each: &EachOutline<'_>,
    found: &mut Findings,
) {
    if TAKEN.contains(&each.name) {
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
