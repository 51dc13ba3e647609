//! What many runs show: for people, and as machine output.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use super::run_json::rounded;
use super::statistics_json::quantiles_json;
use super::units::{counted, seconds};
use super::width::{columns, padded};
use crate::insight::RunsOfName;
use crate::interface::app::RunsOverview;

/// What runs show as machine output has it.
pub fn overview_json(overview: &RunsOverview) -> Value {
    let unreadable: Vec<Value> = overview
        .unreadable
        .iter()
        .map(|(run, reason)| json!({ "run": run, "reason": reason }))
        .collect();
    let names: Vec<Value> = overview.names.iter().map(name_json).collect();
    json!({ "statistics": names, "unreadable": unreadable })
}

fn name_json(runs: &RunsOfName) -> Value {
    let failures: Vec<Value> = runs
        .failures
        .iter()
        .map(|(class, failed)| {
            json!({
                "class": class.as_str(),
                "runs": failed.runs,
                "tasks": failed.tasks,
                "attempts": failed.attempts,
            })
        })
        .collect();
    let slowest: Vec<Value> = runs
        .slowest
        .iter()
        .map(|(path, times)| json!({ "id": path, "times": quantiles_json(Some(*times)) }))
        .collect();
    json!({
        "name": runs.name,
        "simulated": runs.simulated,
        "runs": runs.runs,
        "succeeded": runs.succeeded,
        "failed": runs.failed,
        "cancelled": runs.cancelled,
        "unfinished": runs.unfinished(),
        "success_rate": runs.success_rate().map(rounded),
        "makespan": quantiles_json(runs.makespan),
        "failures": failures,
        "slowest_tasks": slowest,
    })
}

/// What runs show for people.
pub fn overview_text(overview: &RunsOverview, paint: Paint) -> String {
    let names: Vec<String> = overview.names.iter().map(|runs| name_text(runs, paint)).collect();
    let mut text = names.join("\n");
    for (run, reason) in &overview.unreadable {
        let _ = writeln!(text, "{}  run {run}: {reason}", paint.bad("cannot be read"));
    }
    if text.is_empty() { "no runs yet\n".to_owned() } else { text }
}

fn name_text(runs: &RunsOfName, paint: Paint) -> String {
    let mark = if runs.simulated { " (simulated)" } else { "" };
    let mut text = format!("{}{}\n", paint.bold(&runs.name), paint.notice(mark));
    let rate = runs.success_rate().map(|rate| format!(" ({:.0} % success)", 100.0 * rate));
    let _ = writeln!(
        text,
        "  runs      {}: {} succeeded, {} failed{}, {} cancelled, {} not over",
        runs.runs,
        runs.succeeded,
        runs.failed,
        rate.unwrap_or_default(),
        runs.cancelled,
        runs.unfinished(),
    );
    if let Some(makespan) = runs.makespan {
        let _ = writeln!(
            text,
            "  makespan  median {}, p95 {}, most {}, of those that succeeded",
            seconds(makespan.p50),
            seconds(makespan.p95),
            seconds(makespan.max),
        );
    }
    for (number, (class, failed)) in runs.failures.iter().enumerate() {
        let title = if number == 0 { "failures" } else { "" };
        let _ = writeln!(
            text,
            "  {title:<8}  {} in {}: {}, {}",
            class.as_str(),
            counted(failed.runs, "run", "runs"),
            counted(failed.tasks as u64, "task", "tasks"),
            counted(failed.attempts, "attempt", "attempts"),
        );
    }
    let width = runs.slowest.iter().map(|(path, _)| columns(path)).max().unwrap_or(0);
    for (number, (path, times)) in runs.slowest.iter().enumerate() {
        let title = if number == 0 { "slowest" } else { "" };
        let _ = writeln!(
            text,
            "  {title:<8}  {}  median {}, p95 {}, {}",
            padded(path, width),
            seconds(times.p50),
            seconds(times.p95),
            counted(times.count as u64, "time", "times"),
        );
    }
    text
}
