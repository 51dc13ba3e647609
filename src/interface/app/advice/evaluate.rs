//! Labelled requests from a file, and how often the advice is right about them.

use std::path::Path;

use serde_json::Value;

use super::super::failure::{Failure, FailureKind};
use crate::insight::advisor::{Advice, Advisor, Approach, Circumstances, Evaluation, Label, Row};
use crate::language::source::{self, Source, SourceId, Tree, child_pointer};
use crate::runtime::workspace::read_text;

/// Reads a list of requests, each with its `approach`, its `pattern` (or `null`) and perhaps others (`or`).
///
/// # Errors
/// When the file cannot be read or a row is not so, with its place.
pub fn read_labelled(path: &Path) -> Result<Vec<Row>, Failure> {
    let usage = |message: String| Failure::new(FailureKind::Usage, message);
    let shown = path.display();
    let text =
        read_text(path).map_err(|unreadable| usage(format!("{shown}: {}", unreadable.message)))?;
    let source = Source::new(SourceId(0), shown.to_string(), text);
    let parsed = source::parse(&source);
    if let Some(error) = parsed.errors.first() {
        let place = source.position(error.span.start);
        return Err(usage(format!("{shown}:{}:{}: {error}", place.line, place.column)));
    }
    let tree = parsed.tree;
    let value = tree.as_ref().map(Tree::to_json);
    let Some(Value::Array(rows)) = value else {
        return Err(usage(format!("{shown}: a list of requests is expected"))
            .hint("each with `request`, `approach` and `pattern`; docs/advisor.md shows one"));
    };
    let mut found = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        found.push(row_of(row).map_err(|problem| {
            let pointer = child_pointer("", &number.to_string());
            let place = tree.as_ref().map(|tree| tree.locate_nearest(&pointer).location.value);
            let place = place.map(|span| source.position(span.start));
            let line = place.map_or(0, |place| place.line);
            usage(format!("{shown}:{line}: {}", problem.message)).hint(problem.help)
        })?);
    }
    Ok(found)
}

/// What is wrong with a row, and what to do.
struct Problem {
    message: String,
    help: &'static str,
}

const APPROACHES: &str = "it is `direct`, `workflow`, `project` or `initiative`";

fn row_of(row: &Value) -> Result<Row, Problem> {
    let text = |key: &str| row.get(key).and_then(Value::as_str).map(str::to_owned);
    let request = text("request").ok_or(Problem {
        message: "a row without a `request`".to_owned(),
        help: "write the request as a text under `request`",
    })?;
    let written = text("approach")
        .ok_or(Problem { message: "a row without an `approach`".to_owned(), help: APPROACHES })?;
    let approach = Approach::ALL.into_iter().find(|approach| approach.as_str() == written);
    let approach = approach.ok_or(Problem {
        message: format!("there is no approach `{written}`"),
        help: APPROACHES,
    })?;
    let pattern = match row.get("pattern") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name.clone()),
        Some(_) => {
            return Err(Problem {
                message: "a `pattern` that is no name".to_owned(),
                help: "write the pattern's name, or `null` where none is right",
            });
        }
    };
    let others = row.get("or").and_then(Value::as_array).into_iter().flatten();
    let others = others.filter_map(Value::as_str).map(str::to_owned).collect();
    Ok(Row { request, label: Label { approach, pattern, others } })
}

/// How often advice is right. `second` may change it, as a model's opinion does.
///
/// # Errors
/// What `second` finds.
pub fn evaluate(
    advisor: &Advisor,
    rows: Vec<Row>,
    circumstances: &Circumstances,
    mut second: impl FnMut(&str, &mut Advice) -> Result<(), Failure>,
) -> Result<Evaluation, Failure> {
    let mut advised = Vec::new();
    for row in rows {
        let mut advice = advisor.advise(&row.request, circumstances).ok();
        if let Some(advice) = &mut advice {
            second(&row.request, advice)?;
        }
        advised.push((row, advice));
    }
    Ok(Evaluation::of(advised))
}
