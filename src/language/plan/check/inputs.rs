//! That the declared inputs can be read and their defaults fit.

use serde_json::Value;

use super::verbs::check_type;
use crate::language::diagnostic::{Code, Findings};
use crate::language::document::InputDeclaration;
use crate::language::plan::outline::Outline;
use crate::language::plan::values::misfits;
use crate::language::source::child_pointer;
use crate::organization::MOST_LEARNED_POINTS;

pub(super) fn check(outline: &Outline<'_>, found: &mut Findings) {
    for (name, written) in &outline.inputs {
        let pointer = child_pointer("/inputs", name);
        let (kind, kind_pointer) = match written.get("type") {
            Some(kind) => (kind, format!("{pointer}/type")),
            None => (*written, pointer.clone()),
        };
        if written.is_string() || written.is_array() || written.get("type").is_some() {
            check_type(outline.document, kind, &kind_pointer, found);
        }
        let Ok(declaration) = serde_json::from_value::<InputDeclaration>((*written).clone()) else {
            continue;
        };
        let Ok(schema) = declaration.to_schema() else {
            continue;
        };
        if declaration.learned.is_some() {
            learned(outline, (name, &pointer), &declaration, &schema, found);
        }
        let examples = declaration.examples.iter().enumerate();
        let examples = examples.map(|(place, value)| (format!("examples/{place}"), value));
        let default = declaration.default.iter().map(|value| ("default".to_owned(), value));
        for (key, value) in default.chain(examples) {
            for misfit in misfits(&schema, value) {
                let place = format!("{pointer}/{key}{}", misfit.pointer);
                let what = key.split('/').next().unwrap_or_default().trim_end_matches('s');
                let message = format!("this {what} of `{name}` does not fit: {}", misfit.message);
                found.push(outline.document.diagnostic(Code::INPUT_TYPE, &place, message));
            }
        }
    }
}

/// That an input can have what is learned, and something as long as nothing is.
fn learned(
    outline: &Outline<'_>,
    (name, pointer): (&str, &str),
    declaration: &InputDeclaration,
    schema: &Value,
    found: &mut Findings,
) {
    let place = format!("{pointer}/learned");
    let most = MOST_LEARNED_POINTS;
    let fits = |points: i32| misfits(schema, &Value::from(points)).is_empty();
    if ![-most, most].into_iter().all(fits) {
        let message =
            format!("`{name}` cannot have what is learned: whole numbers from -{most} to {most}");
        let wrong = outline.document.diagnostic(Code::INPUT_TYPE, &place, message);
        found.push(
            wrong.help(format!("write `type: integer`, with limits of -{most} and {most} or none")),
        );
    }
    if declaration.default.is_none() {
        let message = format!("`{name}` has no value as long as nothing is learned");
        let wrong = outline.document.diagnostic(Code::INPUT_TYPE, &place, message);
        found.push(wrong.help("give it `default: 0`"));
    }
}

/// Whether any text inside a value is a template, so that only a run knows the value.
pub(super) fn has_template(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("{{") || text.contains("{%"),
        Value::Array(items) => items.iter().any(has_template),
        Value::Object(map) => map.values().any(has_template),
        _ => false,
    }
}
