//! How a run stood at a moment, and the facts that it is made of.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::fact_line::fact_line;
use super::messages::messages_text;
use super::paint::Paint;
use super::run_json::{Outcome, run_json};
use super::units::{counted, milliseconds, moment, seconds};
use crate::engine::{Recorded, RunStatus, TaskStatus};
use crate::insight::History;
use crate::language::plan::{Plan, TaskId};

/// A moment in the facts of a run.
#[derive(Debug, Clone, Copy)]
pub struct At<'f> {
    /// The last fact that counts.
    pub fact: &'f Recorded,
    /// How many there are in all.
    pub of: usize,
}

/// How a run stood, as machine output has it: the object of a run with `at`, and `under_way`, the tasks that
/// were being done.
pub fn state_json(outcome: &Outcome<'_>, at: At<'_>) -> Value {
    let history = outcome.history;
    let mut object = run_json(outcome);
    if history.status == RunStatus::Running {
        object["status"] = history.status.as_str().into();
    }
    object["at"] = json!({
        "fact": at.fact.sequence,
        "of": at.of,
        "ms": milliseconds(history.worked),
        "time": moment(at.fact.at),
        "what": kind(at.fact),
        "task": path(history.plan(), at.fact),
    });
    let under_way = under_way(history).map(|(id, task)| {
        let attempt = task.attempts.iter().rev().find(|attempt| attempt.ended.is_none());
        json!({
            "id": history.plan().task(id).path,
            "status": task.status().as_str(),
            "since_ms": task.started.map(milliseconds),
            "server": attempt.map(|attempt| history.servers[attempt.server].name.as_str()),
            "attempt": attempt.map(|attempt| attempt.number),
        })
    });
    object["under_way"] = under_way.collect();
    object
}

/// How a run stood, for people.
pub fn state_text(outcome: &Outcome<'_>, at: At<'_>, paint: Paint) -> String {
    let history = outcome.history;
    let plan = history.plan();
    let mut text = String::new();
    let _ = writeln!(
        text,
        "Run {} of {} behind fact {} of {}, {} after its start ({}): {}",
        outcome.run,
        plan.name,
        at.fact.sequence,
        at.of,
        seconds(history.worked),
        moment(at.fact.at),
        paint.bold(history.status.as_str()),
    );
    let what = path(plan, at.fact).map_or(String::new(), |path| format!("  {path}"));
    let _ = writeln!(text, "  {}{what}", paint.dim(kind(at.fact)));
    let width = plan.tasks.iter().map(|task| task.path.chars().count()).max().unwrap_or_default();
    let width = width.min(40);
    for wave in &plan.root().waves {
        let progress = history.wave(*wave);
        let name = paint.bold(&format!("wave {}", plan.wave(*wave).name));
        let _ = writeln!(text, "\n{name}  {} of {} ended", progress.ended, progress.all);
        for id in plan.tasks_of_root_wave(*wave) {
            let path = &plan.task(id).path;
            let _ = writeln!(text, "  {path:width$}  {}", standing(history, id, paint));
        }
    }
    messages_text(outcome, paint, &mut text);
    let there =
        history.tasks().filter(|(_, task)| task.output.is_some() || task.decision.is_some());
    let there = counted(there.count(), "output is", "outputs are");
    let _ = writeln!(
        text,
        "\n{there} there; one of them in full: partita show {} TASK --at {}",
        outcome.run, at.fact.sequence
    );
    text
}

/// How a task stood.
fn standing(history: &History, id: TaskId, paint: Paint) -> String {
    let task = history.task(id);
    let status = task.status();
    let when = match (task.started, task.ended) {
        (Some(started), Some(ended)) if status.is_final() => {
            format!("  {} to {}", seconds(started), seconds(ended))
        }
        (Some(started), _) => format!("  since {}", seconds(started)),
        _ => String::new(),
    };
    let attempt = task.attempts.iter().rev().find(|attempt| attempt.ended.is_none());
    let server = attempt.map_or(String::new(), |attempt| {
        let name = &history.servers[attempt.server].name;
        format!(", attempt {} on {name}", attempt.number)
    });
    let why = match (task.skipped, &task.failure) {
        (Some(reason), _) => format!("  {}", reason.describe(history.plan())),
        (None, Some(failure)) if !matches!(status, TaskStatus::Succeeded) => format!("  {failure}"),
        _ => String::new(),
    };
    let word = status.as_str();
    let word = match status {
        TaskStatus::Succeeded => paint.good(word),
        TaskStatus::Failed => paint.bad(word),
        TaskStatus::Pending => paint.dim(word),
        _ => paint.notice(word),
    };
    format!("{word}{when}{server}{why}")
}

/// The tasks that were being done, also those that waited for a person or for their next attempt.
fn under_way(history: &History) -> impl Iterator<Item = (TaskId, &crate::insight::TaskRecord)> {
    history.tasks().filter(|(_, task)| {
        let status = task.status();
        status != TaskStatus::Pending && !status.is_final()
    })
}

/// The facts of a run, a line each: number, time since the start, kind, task, and what else is told of it.
pub fn facts_text(mut history: History, facts: &[Recorded], paint: Paint) -> String {
    let mut text = String::new();
    for fact in facts {
        history.apply(fact);
        let number = paint.dim(&format!("{:>6}", fact.sequence));
        let line = match fact_line(&history, fact, paint) {
            Some(line) => line,
            None => {
                let at = paint.dim(&format!("[{:>8}]", seconds(history.worked)));
                let path = path(history.plan(), fact).unwrap_or_default();
                format!("{at} {}  {path}", kind(fact)).trim_end().to_owned()
            }
        };
        let _ = writeln!(text, "{number} {line}");
    }
    text
}

/// The facts of a run as machine output has them: `fact` (its number), `time`, `ms` since the start, `what`, `task`
/// and what else is stored of it as `details`.
pub fn facts_json(mut history: History, facts: &[Recorded]) -> Value {
    let facts = facts.iter().map(|fact| {
        history.apply(fact);
        let mut details = serde_json::to_value(&fact.fact).unwrap_or_default();
        if let Value::Object(fields) = &mut details {
            fields.remove("fact");
            fields.remove("task");
        }
        json!({
            "fact": fact.sequence,
            "time": moment(fact.at),
            "ms": milliseconds(history.worked),
            "what": kind(fact),
            "task": path(history.plan(), fact),
            "details": details,
        })
    });
    json!({ "facts": facts.collect::<Vec<_>>() })
}

/// What kind of fact, as the journal calls it.
fn kind(recorded: &Recorded) -> &'static str {
    recorded.fact.kind()
}

/// The address of the task that a fact is about.
fn path(plan: &Plan, recorded: &Recorded) -> Option<String> {
    recorded.fact.task().and_then(|id| Some(plan.tasks.get(id.index())?.path.clone()))
}
