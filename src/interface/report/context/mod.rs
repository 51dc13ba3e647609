//! The orchestrator's context, for people and programs.

mod agents;
mod change;
mod list;
mod resumed;
mod status;

use std::fmt::Write as _;

use super::paint::Paint;
use super::units::moment;
use crate::engine::Time;
use crate::insight::context::{Context, Happening, NextStep};

pub use agents::{agents_json, agents_text};
pub use change::{context_changed_json, context_changed_text};
pub use list::{contexts_json, contexts_text};
pub use resumed::{begun_text, resumed_json, resumed_text};
pub use status::{ContextStatus, context_status_json, context_status_text};

/// So many entries of a part are shown; the rest is counted.
const SHOWN: usize = 12;

/// A day and a time of it: `2024-01-15 14:30`.
fn day_and_time(time: Time) -> String {
    moment(time).chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect()
}

/// A title, and an entry a line; nothing where there are none. Of many the last are shown.
fn part(text: &mut String, title: &str, lines: &[String], paint: Paint) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", paint.bold(title));
    let hidden = lines.len().saturating_sub(SHOWN);
    if hidden > 0 {
        let _ = writeln!(text, "  {}", paint.dim(&format!("… and {hidden} before these")));
    }
    for line in &lines[hidden..] {
        let _ = writeln!(text, "  {}", flat(line));
    }
}

/// A text without what would break or colour its line: it may come from anywhere.
fn flat(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn happening_line(happening: &Happening) -> String {
    let at = happening.at.map_or_else(|| " ".repeat(16), day_and_time);
    let id = if happening.id.is_empty() { String::new() } else { format!("{}  ", happening.id) };
    format!("{at}  {:<9}  {id}{}", happening.kind.as_str(), happening.text)
}

fn next_lines(steps: &[NextStep]) -> Vec<String> {
    let lines = steps.iter().map(|step| match &step.command {
        Some(command) => format!("{}: {command}", step.what),
        None => step.what.clone(),
    });
    lines.collect()
}

fn pending_lines(context: &Context) -> Vec<String> {
    let pending =
        context.pending_decisions().map(|decision| match decision.id == decision.question {
            true => decision.question.clone(),
            false => format!("{}  {}", decision.id, decision.question),
        });
    pending.collect()
}

fn active_lines(context: &Context) -> Vec<String> {
    let lines = context.active_tasks().map(|task| {
        let last =
            task.runs.last().map(|run| match context.run(run).and_then(|run| run.end.as_ref()) {
                Some(end) => format!("  (run {run}: {})", end.status),
                None => format!("  (run {run})"),
            });
        format!("{}  {}{}", task.id, task.description, last.unwrap_or_default())
    });
    lines.collect()
}
