//! Figures of an organisation, for people and programs.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::staffing::unreadable_json;
use crate::insight::organization::{Figure, Metric, Row};
use crate::interface::app::OrganizationRun;
use crate::interface::report::paint::Paint;
use crate::interface::report::units::{milliseconds, seconds};
use crate::interface::report::width::{columns, padded};

/// Figures for programs: times end in `_ms`, shares go from 0 to 1.
pub fn metrics_json(
    runs: &[OrganizationRun],
    unreadable: &[(String, String)],
    metrics: &[Metric],
) -> Value {
    let mut figures = Map::new();
    for metric in metrics {
        figures.insert(metric.key.to_owned(), metric.rows.iter().map(row_json).collect());
    }
    let runs = runs
        .iter()
        .map(|run| json!({ "run": run.run, "name": run.name, "simulated": run.simulated }));
    json!({
        "runs": runs.collect::<Vec<_>>(),
        "unreadable": unreadable_json(unreadable),
        "metrics": figures,
    })
}

fn row_json(row: &Row) -> Value {
    let mut object = json!({ "of": row.of });
    for (name, figure) in &row.figures {
        let (name, value) = match figure {
            Figure::Time(time) => (format!("{name}_ms"), json!(milliseconds(*time))),
            Figure::Count(number) => ((*name).to_owned(), json!(number)),
            Figure::Share(number) | Figure::Number(number) => {
                ((*name).to_owned(), json!((number * 1000.0).round() / 1000.0))
            }
            Figure::Name(text) => ((*name).to_owned(), json!(text)),
        };
        object[name] = value;
    }
    object
}

/// Figures for people; what nothing was measured of is named at the end.
pub fn metrics_text(
    runs: &[OrganizationRun],
    unreadable: &[(String, String)],
    metrics: &[Metric],
    paint: Paint,
) -> String {
    let mut text = String::new();
    let simulated = runs.iter().filter(|run| run.simulated).count();
    let mark = if simulated > 0 { format!("  ({simulated} simulated)") } else { String::new() };
    match runs {
        [run] => {
            let _ =
                writeln!(text, "{}  run {}{}", paint.bold(&run.name), run.run, paint.notice(&mark));
        }
        several => {
            let _ = writeln!(text, "{} runs{}", several.len(), paint.notice(&mark));
        }
    }
    for metric in metrics.iter().filter(|metric| !metric.rows.is_empty()) {
        let _ = writeln!(text, "{}", paint.bold(metric.title));
        let width = metric.rows.iter().map(|row| columns(&row.of)).max().unwrap_or(0);
        for row in &metric.rows {
            let figures: Vec<String> = row.figures.iter().map(figure_text).collect();
            let _ = writeln!(text, "  {}  {}", padded(&row.of, width), figures.join(", "));
        }
    }
    let nothing: Vec<&str> =
        metrics.iter().filter(|metric| metric.rows.is_empty()).map(|metric| metric.title).collect();
    if !nothing.is_empty() {
        let _ = writeln!(text, "{} {}", paint.dim("nothing to measure:"), nothing.join("; "));
    }
    for (run, reason) in unreadable {
        let _ = writeln!(text, "{}  run {run}: {reason}", paint.bad("cannot be read"));
    }
    text
}

fn figure_text((name, figure): &(&'static str, Figure)) -> String {
    let name = name.replace('_', " ");
    match figure {
        Figure::Time(time) => format!("{name} {}", seconds(*time)),
        Figure::Count(number) => format!("{name} {number}"),
        Figure::Share(share) => format!("{name} {:.0} %", share * 100.0),
        Figure::Number(number) => format!("{name} {number:.2}"),
        Figure::Name(text) => format!("{name} {text}"),
    }
}
