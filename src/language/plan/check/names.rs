//! That the tasks which `needs` and `from` name exist.

use std::collections::BTreeMap;

use super::messages::topics;
use super::{Edge, meant};
use crate::language::diagnostic::{Code, Diagnostic, Findings, Fix};
use crate::language::document::Document;
use crate::language::plan::model::NeedKind;
use crate::language::plan::outline::{Named, Outline};
use crate::language::source::Span;

pub(super) fn check(outline: &Outline<'_>, found: &mut Findings) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (place, task) in outline.tasks.iter().enumerate() {
        for (list, kind) in [(&task.needs, NeedKind::Order), (&task.sources, NeedKind::Source)] {
            let mut named: BTreeMap<&str, &Named<'_>> = BTreeMap::new();
            for name in list {
                let document = outline.document;
                if let Some(first) = named.insert(name.name, name) {
                    found.push(repeated(document, name, first));
                    named.insert(name.name, first);
                    continue;
                }
                match outline.task(name.name) {
                    Some(needs) => {
                        let span = document.span(&name.pointer);
                        edges.push(Edge { task: place, needs, kind, span });
                    }
                    None => {
                        let span = document.span(&name.pointer);
                        let unknown = unknown_task(outline, name.name, span, found);
                        found.push(unknown);
                    }
                }
            }
        }
    }
    edges.extend(topics(outline, found));
    edges
}

fn repeated(document: &Document, name: &Named<'_>, first: &Named<'_>) -> Diagnostic {
    let message = format!("`{}` is named twice", name.name);
    document
        .diagnostic(Code::REPEATED_NEED, &name.pointer, message)
        .related(document.span(&first.pointer), "first here")
        .help("once is enough")
        .maybe_fix(
            document
                .remove_entry(&name.pointer)
                .map(|edit| Fix::safe(format!("remove the second `{}`", name.name), vec![edit])),
        )
}

/// That no task has this name.
pub(super) fn unknown_task(
    outline: &Outline<'_>,
    name: &str,
    span: Span,
    found: &Findings,
) -> Diagnostic {
    let names = outline.tasks.iter().map(|task| task.name);
    let diagnostic = Diagnostic::new(Code::UNKNOWN_TASK, span, format!("unknown task `{name}`"));
    match meant(found, name, names) {
        Some(near) => {
            let declared = outline.task(near).map(|place| &outline.tasks[place].pointer);
            let fix = outline.document.respelling_at(span, name, near);
            let diagnostic = diagnostic.help(format!("did you mean `{near}`?")).maybe_fix(fix);
            match declared {
                Some(pointer) => {
                    diagnostic.related(outline.document.key_span(pointer), "declared here")
                }
                None => diagnostic,
            }
        }
        None => {
            let names: Vec<&str> = outline.tasks.iter().take(20).map(|task| task.name).collect();
            diagnostic.help(format!("the tasks are {}", names.join(", ")))
        }
    }
}
