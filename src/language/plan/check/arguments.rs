//! That what templates give to a used pattern fits its inputs. Values without templates are
//! checked as they are, where calls are.

use serde_json::Value;

use super::inputs::has_template;
use crate::language::diagnostic::{Code, Findings};
use crate::language::document::VerbKind;
use crate::language::plan::outline::{Outline, entries};
use crate::language::plan::typing::Types;
use crate::language::source::{child_pointer, escape_pointer, value_at};

pub(super) fn check<'l>(types: &Types<'_, 'l>, outline: &Outline<'l>, found: &mut Findings) {
    let document = outline.document;
    for task in outline.tasks.iter().filter(|task| task.verb == Some(VerbKind::Uses)) {
        let name = task.get("uses").and_then(Value::as_str).unwrap_or_default();
        let Some(callee) = types.library().names_in(document.source()).pattern(name) else {
            continue;
        };
        for (input, value) in entries(task.get("with")).filter(|(_, v)| has_template(v)) {
            let Some(wanted) = types.input(callee, input) else {
                continue;
            };
            let pointer = format!("{}/with/{}", task.pointer, escape_pointer(input));
            let given = types.tree(outline, None, value, &pointer);
            let Some(misfit) = given.misfit(&wanted) else {
                continue;
            };
            let place = format!("{pointer}{}", misfit.pointer);
            let message = format!("`{input}` of `{name}` does not fit: {}", misfit.message);
            let declared = callee.key_span(&child_pointer("/inputs", input));
            let is_mixed = value_at(document.value(), &place)
                .and_then(Value::as_str)
                .is_some_and(|text| !text.trim().starts_with("{{") || !text.trim().ends_with("}}"));
            let help = is_mixed
                .then_some("only a text that is one whole `{{ … }}` keeps the type of its value");
            found.push(
                document
                    .diagnostic(Code::INPUT_TYPE, &place, message)
                    .related(declared, "declared here")
                    .maybe_help(help),
            );
        }
    }
}
