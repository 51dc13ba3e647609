//! Names inside templates: `inputs.NAME`, `tasks.NAME`, and the outputs of used patterns behind
//! `tasks.NAME.output`.

use std::ops::Range;

use serde_json::Value;

use super::collect::Reader;
use super::{Role, Symbol};
use crate::language::plan::outline::Outline;
use crate::language::plan::template_site::TemplateSite;
use crate::language::template::Reference;

pub(super) fn collect(reader: &mut Reader<'_, '_>, outline: &Outline<'_>, site: &TemplateSite<'_>) {
    let template = match &site.template {
        Ok(template) => template,
        Err(salvage) => match &salvage.rest {
            Some(rest) => rest,
            None => return,
        },
    };
    for reference in &template.references {
        match (reference.name(0), reference.name(1)) {
            (Some("inputs"), Some(name))
                if outline.inputs.iter().any(|(declared, _)| *declared == name) =>
            {
                let symbol = Symbol::Input(reader.document.source(), name.to_owned());
                note(reader, site, reference, 1, symbol);
            }
            (Some("tasks"), Some(name)) => task(reader, outline, site, reference, name),
            (Some("results"), Some(name)) if site.reads_results && outline.task(name).is_some() => {
                let symbol = Symbol::Task(reader.document.source(), name.to_owned());
                note(reader, site, reference, 1, symbol);
            }
            _ => {}
        }
    }
}

fn task(
    reader: &mut Reader<'_, '_>,
    outline: &Outline<'_>,
    site: &TemplateSite<'_>,
    reference: &Reference,
    name: &str,
) {
    let Some(place) = outline.task(name) else { return };
    let symbol = Symbol::Task(reader.document.source(), name.to_owned());
    note(reader, site, reference, 1, symbol);
    let used = outline.tasks[place].get("uses").and_then(Value::as_str);
    let callee = used.and_then(|used| reader.names().pattern(used));
    if let (Some(callee), Some("output"), Some(field)) =
        (callee, reference.name(2), reference.name(3))
        && callee.value().get("outputs").is_some_and(|outputs| outputs.get(field).is_some())
    {
        note(reader, site, reference, 3, Symbol::Output(callee.source(), field.to_owned()));
    }
}

fn note(
    reader: &mut Reader<'_, '_>,
    site: &TemplateSite<'_>,
    reference: &Reference,
    step: usize,
    symbol: Symbol,
) {
    let (Some(step), Some(name)) = (reference.path.get(step), reference.name(step)) else { return };
    let Some(range) = name_in(site.text, &step.range, name) else { return };
    reader.note(site.span(range), symbol, Role::Reference, name, &site.pointer);
}

/// The name's own bytes: `tasks["market"]` has quotes around it.
fn name_in(text: &str, range: &Range<usize>, name: &str) -> Option<Range<usize>> {
    let written = text.get(range.clone())?;
    let start = range.start + written.find(name)?;
    Some(start..start + name.len())
}
