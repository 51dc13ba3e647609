//! How a context stands.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::{active_lines, day_and_time, happening_line, next_lines, part, pending_lines};
use crate::insight::context::{Context, ContextFigures, Happening, Memory, NextStep, OpenRun};
use crate::interface::report::paint::Paint;
use crate::interface::report::units::{counted, milliseconds, moment, seconds};

/// What is shown of a context.
#[derive(Debug, Clone, Copy)]
pub struct ContextStatus<'a> {
    /// What it holds.
    pub context: &'a Context,
    /// What is remembered.
    pub memory: &'a Memory,
    /// How its runs stand that are not over.
    pub open: &'a [OpenRun],
    /// What is to be done next.
    pub next: &'a [NextStep],
}

/// How a context stands, for programs.
pub fn context_status_json(status: &ContextStatus<'_>) -> Value {
    let ContextStatus { context, memory, open, next } = status;
    let figures = ContextFigures::of(context);
    let document: Value = serde_json::from_str(&context.document.to_text()).unwrap_or_default();
    let millis = |duration: Option<Duration>| duration.map(milliseconds);
    let sessions = context.sessions.iter().map(|session| {
        json!({ "session": session.name, "began": moment(session.began), "lost": session.lost })
    });
    let runs = context.runs.iter().map(|run| {
        let stands =
            open.iter().find(|known| known.run == run.run).map(|known| known.status.as_str());
        json!({
            "run": run.run,
            "name": run.name,
            "task": run.task,
            "of": run.of,
            "entered": moment(run.entered),
            "agents": run.spawned.len(),
            "status": run.end.as_ref().map(|end| end.status.as_str()).or(stands),
            "outcome": run.end.as_ref().map(|end| end.outcome.as_str()),
            "simulated": run.end.as_ref().map(|end| end.figures.simulated),
        })
    });
    let decisions = context.made_decisions().map(|(known, record)| {
        let at = known.made.as_ref().and_then(|(_, at)| *at);
        json!({
            "id": known.id,
            "asked": known.asked.map(moment),
            "decided": at.map(moment),
            "run": known.run,
            "decision": record,
        })
    });
    let syntheses = context
        .syntheses
        .iter()
        .map(|(at, synthesis)| json!({ "at": moment(*at), "synthesis": synthesis }));
    let next = next.iter().map(|step| json!({ "what": step.what, "command": step.command }));
    json!({
        "project": context.project,
        "closed": context.closed,
        "context": document,
        "sessions": sessions.collect::<Vec<_>>(),
        "runs": runs.collect::<Vec<_>>(),
        "decisions": decisions.collect::<Vec<_>>(),
        "syntheses": syntheses.collect::<Vec<_>>(),
        "metrics": {
            "agents_per_task": figures.agents_per_task,
            "parallel_execution_rate": figures.parallel_execution_rate,
            "decision_time_ms": millis(figures.decision_time),
            "context_switch_time_ms": millis(figures.context_switch_time),
            "task_success_rate": figures.task_success_rate,
            "rework_rate": figures.rework_rate,
            "context_continuity": figures.context_continuity,
        },
        "memory": {
            "working": happenings_json(&memory.working),
            "short_term": happenings_json(&memory.short_term),
            "long_term": happenings_json(&memory.long_term),
            "knowledge": {
                "insights": memory.knowledge.insights.iter().map(|known| json!({
                    "text": known.text, "contexts": known.contexts, "times": known.times,
                })).collect::<Vec<_>>(),
                "patterns": memory.knowledge.patterns.iter().map(|pattern| json!({
                    "name": pattern.name,
                    "runs": pattern.runs,
                    "succeeded": pattern.succeeded,
                    "agents": pattern.agents,
                })).collect::<Vec<_>>(),
            },
        },
        "next": next.collect::<Vec<_>>(),
    })
}

/// Happenings for programs.
pub(super) fn happenings_json(happenings: &[Happening]) -> Value {
    let one = |happening: &Happening| {
        json!({
            "at": happening.at.map(moment),
            "kind": happening.kind.as_str(),
            "id": (!happening.id.is_empty()).then_some(&happening.id),
            "text": happening.text,
        })
    };
    happenings.iter().map(one).collect()
}

/// How a context stands, for people.
pub fn context_status_text(status: &ContextStatus<'_>, paint: Paint) -> String {
    let ContextStatus { context, memory, open, next } = status;
    let mut text = heading(context, paint);
    let objectives = context.objectives.iter().map(|objective| {
        format!("{}  {:<9}  {}", objective.id, objective.status, objective.description)
    });
    part(&mut text, "Objectives", &objectives.collect::<Vec<_>>(), paint);
    part(&mut text, "To be decided", &pending_lines(context), paint);
    part(&mut text, "Under way", &active_lines(context), paint);
    let open = open.iter().map(|run| {
        let name = context.run(&run.run).map_or("", |known| known.name.as_str());
        format!("{}  {name}  {}", run.run, run.status)
    });
    part(&mut text, "Runs that are not over", &open.collect::<Vec<_>>(), paint);
    let levels = [
        ("Working memory: this session", &memory.working),
        ("Short-term memory: the last week", &memory.short_term),
        ("Long-term memory", &memory.long_term),
    ];
    for (title, happenings) in levels {
        part(&mut text, title, &happenings.iter().map(happening_line).collect::<Vec<_>>(), paint);
    }
    let known = memory.knowledge.insights.iter().map(|insight| {
        let times = counted(insight.times, "time", "times");
        format!("{}  ({times}, {})", insight.text, counted(insight.contexts, "project", "projects"))
    });
    let patterns = memory.knowledge.patterns.iter().map(|pattern| {
        format!("{}: {} of {} runs succeeded", pattern.name, pattern.succeeded, pattern.runs)
    });
    part(&mut text, "Knowledge base", &known.chain(patterns).collect::<Vec<_>>(), paint);
    part(&mut text, "Metrics", &figure_lines(&ContextFigures::of(context)), paint);
    part(&mut text, "Next", &next_lines(next), paint);
    text
}

/// What stands at the head of every report about a context.
pub(super) fn heading(context: &Context, paint: Paint) -> String {
    let total = |name: &str| context.document.total(name);
    let mut text = String::new();
    let state = if context.closed { "  closed" } else { "" };
    let begun = match context.sessions.last() {
        Some(session) => format!("{} since {}", session.name, day_and_time(session.began)),
        None => context.document.text("last_session").unwrap_or_default(),
    };
    let _ = writeln!(text, "{}{state}  {begun}", paint.bold(&context.project));
    let _ = writeln!(
        text,
        "  {}, {} spawned, {} done, {} made",
        counted(total("total_sessions"), "session", "sessions"),
        counted(total("total_agents_spawned"), "agent", "agents"),
        counted(total("total_tasks_completed"), "task", "tasks"),
        counted(total("total_decisions_made"), "decision", "decisions"),
    );
    text
}

/// The success metrics with what the seed wants of them; those of which nothing is known are left out.
fn figure_lines(figures: &ContextFigures) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |name: &str, value: Option<String>, wanted: &str, is_good: bool| {
        if let Some(value) = value {
            let mark = if is_good { "" } else { "  ← not as wanted" };
            lines.push(format!("{name:<24} {value:>9}  wanted {wanted}{mark}"));
        }
    };
    let per_cent = |share: f64| format!("{:.0} %", share * 100.0);
    let is = |value: Option<f64>, wanted: fn(f64) -> bool| value.is_none_or(wanted);
    let takes = |value: Option<Duration>, minutes: u64| {
        value.is_none_or(|value| value < Duration::from_secs(minutes * 60))
    };
    line(
        "agents per task",
        figures.agents_per_task.map(|value| format!("{value:.1}")),
        "1 to 3",
        is(figures.agents_per_task, |value| (1.0..=3.0).contains(&value)),
    );
    line(
        "parallel execution rate",
        figures.parallel_execution_rate.map(per_cent),
        "above 60 %",
        is(figures.parallel_execution_rate, |value| value > 0.6),
    );
    line(
        "decision time",
        figures.decision_time.map(seconds),
        "below 5 minutes",
        takes(figures.decision_time, 5),
    );
    line(
        "context switch time",
        figures.context_switch_time.map(seconds),
        "below 2 minutes",
        takes(figures.context_switch_time, 2),
    );
    line(
        "task success rate",
        figures.task_success_rate.map(per_cent),
        "above 95 %",
        is(figures.task_success_rate, |value| value > 0.95),
    );
    line(
        "rework rate",
        figures.rework_rate.map(per_cent),
        "below 10 %",
        is(figures.rework_rate, |value| value < 0.1),
    );
    line(
        "context continuity",
        figures.context_continuity.map(per_cent),
        "100 %",
        is(figures.context_continuity, |value| value >= 1.0),
    );
    lines
}
