//! A run for people: what came of it, how long it took, what its servers did.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;

use super::budgets::budgets_text;
use super::contest::contest_text;
use super::messages::messages_text;
use super::nested::{nested_text, parent_line};
use super::paint::Paint;
use super::progress::{course_text, figures, fork_line, ladder_of, task_counts, wave_line};
use super::run_json::{Outcome, expected_json, status, waiting_json};
use super::statistics_text::statistics_text;
use super::units::{counted, milliseconds, seconds};
use super::votes_text::votes;
use crate::engine::{RunStatus, Stopped, TaskStatus};
use crate::insight::{
    Compensation, History, Metrics, Promise, Reloads, RoundsRecord, Simulated, Statistics, promises,
};
use crate::language::plan::{Over, Work};

/// So many lines of one output are shown; `partita show` and `--json` have all.
const SHOWN_LINES: usize = 60;

/// How much is said of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What matters when it ends: what came of it, what failed, where the time went.
    Summary,
    /// Besides, what calls took and how fast servers were.
    Everything,
}

/// A run for people.
pub fn run_text(outcome: &Outcome<'_>, detail: Detail, paint: Paint) -> String {
    let history = outcome.history;
    let mut text = String::new();
    let metrics = Metrics::of(history);
    let contest = contest_text(outcome, paint);
    if contest.is_none() {
        outputs(outcome, paint, &mut text);
    }
    messages_text(outcome, paint, &mut text);
    let statistics = Statistics::of(history, &metrics);
    troubles(history, &statistics, paint, &mut text);
    undone(history, paint, &mut text);
    votes(outcome, paint, &mut text);
    nested_text(outcome, paint, &mut text);
    questions(outcome, paint, &mut text);
    let begun = history.plan().root().waves.iter().filter(|wave| history.wave(**wave).ended > 0);
    let waves: Vec<String> = begun.map(|wave| wave_line(history, *wave, paint)).collect();
    if !waves.is_empty() {
        let _ = writeln!(text, "\n{}\n  {}", paint.bold("Waves"), waves.join("\n  "));
    }
    let _ = writeln!(text, "\n{}  {}", paint.bold("Time"), figures(&metrics));
    expected(outcome, &metrics, paint, &mut text);
    servers(history, &metrics, paint, &mut text);
    let _ = writeln!(text, "{}  {}", paint.bold("Tasks"), task_counts(&metrics));
    budgets_text(history, paint, &mut text);
    statistics_text(history, &statistics, detail, paint, &mut text);
    text.extend(contest);
    let mark = match history.simulated() {
        Simulated::Wholly => " (simulated: no model was asked)",
        Simulated::Partly => " (partly simulated: some answers are invented)",
        Simulated::No => "",
    };
    let how = match history.status {
        RunStatus::Succeeded => paint.good(status(history)),
        RunStatus::Failed => paint.bad(status(history)),
        _ => paint.notice(status(history)),
    };
    let rest = match history.is_undone().filter(|_| history.status.is_final()) {
        Some(true) => "; what it had done is undone",
        Some(false) => "; not everything that it had done is undone",
        None => "",
    };
    let name = &history.plan().name;
    let _ = writeln!(text, "\nRun {} of {name}: {how}{rest}{}", outcome.run, paint.notice(mark));
    if let Some(fork) = &history.fork {
        let _ = writeln!(text, "{}", fork_line(history.plan(), fork));
    }
    if let Some(line) = parent_line(outcome) {
        let _ = writeln!(text, "{line}");
    }
    text
}

fn outputs(outcome: &Outcome<'_>, paint: Paint, text: &mut String) {
    if let Value::Object(outputs) = outcome.value(outcome.history.outputs.as_ref()) {
        let _ = writeln!(text, "\n{}", paint.bold("Results"));
        for (name, value) in &outputs {
            let shown = value_text(value);
            let lines: Vec<&str> = shown.lines().collect();
            if let [only] = lines.as_slice() {
                let _ = writeln!(text, "  {}  {only}", paint.bold(name));
                continue;
            }
            let _ = writeln!(text, "  {}", paint.bold(name));
            for line in lines.iter().take(SHOWN_LINES) {
                let _ = writeln!(text, "    {line}");
            }
            if lines.len() > SHOWN_LINES {
                let rest = lines.len() - SHOWN_LINES;
                let _ =
                    writeln!(text, "    … {rest} more lines: partita show {} {name}", outcome.run);
            }
        }
    }
}

/// What persons are asked, in full: whoever decides may see nothing but this.
fn questions(outcome: &Outcome<'_>, paint: Paint, text: &mut String) {
    let questions = waiting_json(outcome);
    for question in &questions {
        let task = question["id"].as_str().unwrap_or_default();
        let _ = writeln!(text, "\n{}  {task}", paint.notice("Waits for a person"));
        for line in question["ask"].as_str().unwrap_or_default().lines() {
            let _ = writeln!(text, "  {line}");
        }
        if let Some(deadline) = question["deadline"].as_str() {
            let _ = writeln!(text, "  until {deadline}");
        }
        let options = question["options"].as_array().into_iter().flatten();
        let options: Vec<&str> = options.filter_map(Value::as_str).collect();
        let which = if questions.len() > 1 { format!(" --task {task}") } else { String::new() };
        let choice = match options.is_empty() {
            true => "'RESULT'".to_owned(),
            false => options.join("|"),
        };
        let _ = writeln!(text, "  decide: partita approve {} {choice}{which}", outcome.run);
    }
}

/// A value for reading: texts as they are, mappings and lists indented.
pub fn value_text(value: &Value) -> String {
    let mut text = String::new();
    write_value(value, 0, &mut text);
    text.trim_end().to_owned()
}

fn write_value(value: &Value, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, item) in map {
                write_entry(&format!("{indent}{key}:"), item, depth, text);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                match item {
                    Value::Object(map) if !map.is_empty() => {
                        // The first entry stands behind the dash, the others below it.
                        for (place, (key, item)) in map.iter().enumerate() {
                            let mark = if place == 0 { "- " } else { "  " };
                            write_entry(&format!("{indent}{mark}{key}:"), item, depth + 1, text);
                        }
                    }
                    _ => write_entry(&format!("{indent}-"), item, depth, text),
                }
            }
        }
        _ => {
            let _ = writeln!(text, "{indent}{}", scalar(value));
        }
    }
}

fn write_entry(start: &str, item: &Value, depth: usize, text: &mut String) {
    let has_parts = match item {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::String(lines) => {
            if lines.trim().contains('\n') {
                let _ = writeln!(text, "{start}");
                for line in lines.trim().lines() {
                    let _ = writeln!(text, "{}{line}", "  ".repeat(depth + 1));
                }
                return;
            }
            false
        }
        _ => false,
    };
    if has_parts {
        let _ = writeln!(text, "{start}");
        write_value(item, depth + 1, text);
    } else {
        let _ = writeln!(text, "{start} {}", scalar(item));
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Null => "none".to_owned(),
        Value::Array(_) => "[]".to_owned(),
        Value::Object(_) => "{}".to_owned(),
        other => other.to_string(),
    }
}

fn troubles(history: &History, statistics: &Statistics, paint: Paint, text: &mut String) {
    let plan = history.plan();
    let mut lines = Vec::new();
    if let Some(failure) = &history.failure {
        lines.push(format!("{}  {failure}", paint.bad("failed")));
    }
    for (id, task) in history.tasks() {
        let path = &plan.task(id).path;
        if let Some(failure) = &task.failure
            && task.status() == TaskStatus::Failed
            && history.undoes(id).is_none()
        {
            lines.push(format!("{path}  {failure}"));
        }
        if task.fell_back {
            lines.push(format!("{path}  its fallback took the place of its output"));
        }
        if let Some(rounds) = &task.rounds
            && task.status() == TaskStatus::Succeeded
            && let work = &plan.task(id).work
            && (is_short_of_aim(work, rounds) || ladder_of(work).is_some())
            && let Some(course) = course_text(work, rounds)
        {
            lines.push(format!("{path}  {course}"));
        }
        let Some(usage) = task.deciding_attempt().and_then(|attempt| attempt.usage) else {
            continue;
        };
        if usage.cut_by_length {
            lines.push(format!("{path}  its text was cut at {} tokens", usage.answer_tokens));
        }
        // Far fewer tokens than the prompt can have had: the server has cut it without a word.
        if usage.prompt_tokens > 0 && usage.prompt_tokens * 2 < usage.expected_prompt_tokens {
            lines.push(format!(
                "{path}  the server read only {} of about {} prompt tokens; raise `num_ctx`",
                usage.prompt_tokens, usage.expected_prompt_tokens
            ));
        }
    }
    let broken = promises(history, &statistics.courses).into_iter().filter(Promise::is_broken);
    lines.extend(broken.map(|Promise { task, sla, took }| {
        let path = &plan.task(task).path;
        format!("{path}  took {}, and may take {} (`sla`)", seconds(took), seconds(sla))
    }));
    let reloads = &statistics.reloads;
    lines.extend(reloads.iter().map(|reloads| reloads_text(history, reloads)));
    if !lines.is_empty() {
        let _ = writeln!(text, "\n{}", paint.bold("To be looked at"));
        for line in lines {
            let _ = writeln!(text, "  {line}");
        }
    }
}

/// What was undone, in the order in which that was begun.
fn undone(history: &History, paint: Paint, text: &mut String) {
    if history.compensations().is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", paint.bold("Undone"));
    for Compensation { task, undo, .. } in history.compensations() {
        let path = &history.plan().task(*task).path;
        let undo = history.task(*undo);
        let how = match (undo.status(), &undo.failure) {
            (TaskStatus::Succeeded, _) => paint.good("undone"),
            (TaskStatus::Failed, Some(failure)) => {
                format!("{}: {failure}", paint.bad("not undone"))
            }
            (TaskStatus::Failed | TaskStatus::Cancelled, _) => paint.bad("not undone"),
            _ => paint.notice("is being undone"),
        };
        let _ = writeln!(text, "  {path}  {how}");
    }
}

/// Whether rounds were accepted although they are over for another reason than they were for.
fn is_short_of_aim(work: &Work, rounds: &RoundsRecord) -> bool {
    let Work::Iterate(iterate) = work else { return false };
    let Over::Rounds(written) = &iterate.over else { return false };
    match rounds.end.stopped {
        Stopped::Until => false,
        Stopped::Failed => true,
        Stopped::Max | Stopped::Patience => written.until.is_some(),
    }
}

/// That a server loaded a model again and again, and what can be done about it.
fn reloads_text(history: &History, reloads: &Reloads) -> String {
    let Reloads { server, model, loads, waited, others } = reloads;
    let server = &history.servers[*server].name;
    let why = if others.is_empty() {
        "others use the server with other options (`num_ctx`) or other models, or do not let the \
         model stay (`keep_alive`)"
            .to_owned()
    } else {
        format!(
            "it took turns with {}; let the server hold them all (`max_models`, \
             OLLAMA_MAX_LOADED_MODELS), or give each model a server",
            others.join(", ")
        )
    };
    let waited = seconds(*waited);
    format!("{model} was loaded {loads} times on {server}, which took {waited}: {why}")
}

fn expected(outcome: &Outcome<'_>, metrics: &Metrics, paint: Paint, text: &mut String) {
    let Some(figures) = expected_json(outcome, metrics) else {
        return;
    };
    let second = |key: &str| figures[key].as_f64().map(|ms| Duration::from_secs_f64(ms / 1000.0));
    let (Some(parallel), Some(measured)) = (second("parallel_ms"), second("measured_parallel_ms"))
    else {
        return;
    };
    let deviation = (milliseconds(measured) / milliseconds(parallel) - 1.0) * 100.0;
    let scale = figures["time_scale"].as_f64().unwrap_or(1.0);
    let time = if outcome.setup.simulation.is_some() {
        format!(" of simulated time (1 s takes {})", seconds(Duration::from_secs_f64(scale)))
    } else {
        String::new()
    };
    let _ = writeln!(
        text,
        "{}  {} in parallel, measured {}{time}: {deviation:+.1} %",
        paint.bold("Expected"),
        seconds(parallel),
        seconds(measured),
    );
    if let (Some(sequential), Some(measured)) =
        (second("sequential_ms"), second("measured_sequential_ms"))
    {
        let speedup = milliseconds(sequential) / milliseconds(parallel);
        let _ = writeln!(
            text,
            "          {} one task after the other, measured {}; {speedup:.1} times faster, measured \
             {:.1}",
            seconds(sequential),
            seconds(measured),
            metrics.speedup(),
        );
    }
}

fn servers(history: &History, metrics: &Metrics, paint: Paint, text: &mut String) {
    if metrics.servers.iter().all(|figures| figures.requests == 0) {
        return;
    }
    let width = history.servers.iter().map(|server| server.name.len()).max().unwrap_or(0);
    for (number, (server, figures)) in history.servers.iter().zip(&metrics.servers).enumerate() {
        let title = if number == 0 { paint.bold("Servers") } else { "       ".to_owned() };
        let _ = writeln!(
            text,
            "{title}  {:<width$}  {}, {} failed, {}, {:.0} % busy",
            server.name,
            counted(figures.requests, "call", "calls"),
            figures.failures,
            counted(figures.model_loads, "model load", "model loads"),
            metrics.utilization(figures) * 100.0,
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_read_like_notes() {
        let value = json!({
            "go": true,
            "risks": [{ "risk": "late", "owner": "PM" }, { "risk": "cost", "owner": "CFO" }],
            "steps": ["one", "two"],
            "text": "first\nsecond",
            "none": [],
        });
        assert_eq!(
            value_text(&value),
            "go: true\nrisks:\n  - risk: late\n    owner: PM\n  - risk: cost\n    owner: CFO\n\
             steps:\n  - one\n  - two\ntext:\n  first\n  second\nnone: []"
        );
        assert_eq!(value_text(&json!("plain")), "plain");
    }
}
