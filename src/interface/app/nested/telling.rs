//! What models are told of nested runs: how one goes, what came of it, and what is worth waking up for.

use std::time::Duration;

use serde_json::{Value, json};

use super::Inside;
use super::limits::spent_of;
use super::table::{Entry, Standing};
use crate::engine::content::Contents;
use crate::engine::{Fact, Next, Outcome, PauseReason, Quantity, RunStatus, TaskStatus};
use crate::insight::{History, Metrics, Statistics};
use crate::interface::app::stored::find_run;
use crate::language::plan::Work;

/// So many characters of an output are told.
const MOST_OF_AN_OUTPUT: usize = 2000;

/// So many failures are told, and so many losses of time.
const MOST_TOLD: usize = 10;

/// What happened in a run that whoever started it should hear of.
pub(super) fn happening(history: &History, fact: &Fact) -> Option<String> {
    let plan = history.plan();
    let path = |task: crate::language::plan::TaskId| plan.task(task).path.as_str();
    match fact {
        Fact::AttemptEnded { attempt, outcome: Outcome::Failed { failure, .. }, next, .. } => {
            let is_over = matches!(next, Next::Done | Next::FallBack);
            is_over.then(|| format!("`{}` failed: {failure}", path(attempt.task)))
        }
        Fact::TaskFailed { task, failure, .. } => {
            Some(format!("`{}` failed: {failure}", path(*task)))
        }
        Fact::GateOpened { task, .. } => Some(format!("`{}` asks a person", path(*task))),
        Fact::PermissionAsked { attempt, asking, .. } => {
            let path = path(attempt.task);
            Some(format!("`{path}` asks a person whether it may use `{}`", asking.tool))
        }
        Fact::BudgetReached { quantity, .. } => {
            Some(format!("too little is left of its budget ({})", quantity.as_str()))
        }
        Fact::ServerLeft { server, reason, .. } => {
            Some(format!("the server {} was left: {reason}", history.server_name(*server)))
        }
        Fact::RunPaused { reason } => Some(format!("it paused: {}", paused_for(*reason))),
        Fact::RunEnded { status, .. } => Some(format!("it is over: {}", status.as_str())),
        other => wave_ended(history, other),
    }
}

/// A wave has ended with the task that a fact is about.
fn wave_ended(history: &History, fact: &Fact) -> Option<String> {
    let task = fact.task().filter(|task| history.has(*task))?;
    if !history.task(task).status().is_final() {
        return None;
    }
    let plan = history.plan();
    let wave = plan.root_wave(task);
    let is_last = history.wave(wave).is_over() && plan.root().waves.contains(&wave);
    is_last.then(|| format!("the wave `{}` has ended", plan.wave(wave).name))
}

fn paused_for(reason: PauseReason) -> &'static str {
    match reason {
        PauseReason::Interrupted => "it was interrupted",
        PauseReason::WaitingForPerson => "a person must decide",
        PauseReason::NoServer => "no server could be reached",
        PauseReason::Budget => "its budget is used up",
    }
}

impl Inside {
    /// How a run goes, and what has happened since somebody looked last.
    pub(super) fn monitored(&self, run: &str) -> Result<Value, String> {
        let told = self.table.change(run, |entry| {
            let happened = std::mem::take(&mut entry.happened);
            let mut told = standing(entry);
            told["happened"] = happened.into();
            (told, entry.standing)
        });
        let (mut told, standing) = told.ok_or_else(|| unknown(run))?;
        self.add_waiting(run, &mut told);
        told["next"] = next_step(standing).into();
        Ok(told)
    }

    /// What came of a run, as far as it has come.
    pub(super) fn reviewed(&self, run: &str) -> Result<Value, String> {
        let told = self.table.change(run, |entry| {
            entry.happened.clear();
            let mut told = standing(entry);
            figures(&entry.history, &mut told);
            (told, entry.standing, entry.history.outputs.clone())
        });
        let (mut told, standing, outputs) = told.ok_or_else(|| unknown(run))?;
        self.add_waiting(run, &mut told);
        if !matches!(standing, Standing::Stopped(status) if status.is_final()) {
            told["next"] = next_step(standing).into();
        }
        let stored = find_run(&self.starter.journal, Some(run)).ok();
        let contents = stored.and_then(|stored| stored.contents().ok());
        let outputs =
            outputs.zip(contents).and_then(|(outputs, contents)| contents.read(&outputs).ok());
        told["outputs"] = outputs.map(|outputs| shortened(&outputs)).unwrap_or_default();
        Ok(told)
    }

    /// What came of runs, for a model that wanted to answer before they were over.
    pub(super) fn all_reviewed(&self, runs: &[String]) -> String {
        let told: Vec<Value> = runs.iter().filter_map(|run| self.reviewed(run).ok()).collect();
        format!(
            "Your answer came before the runs were over that you have started, and was not taken. This came of \
             them:\n{}\nNow give your answer.",
            Value::Array(told)
        )
    }

    /// The questions to persons in a run.
    fn add_waiting(&self, run: &str, told: &mut Value) {
        let waiting = self.table.with(run, |entry| {
            let history = &entry.history;
            let waiting = history.tasks().filter(|(_, task)| task.status() == TaskStatus::Waiting);
            let question = |(id, task): (_, &crate::insight::TaskRecord)| {
                let options = match &history.plan().task(id).work {
                    Work::Approve { options, .. } => options.clone(),
                    _ => vec!["allow".to_owned(), "deny".to_owned()],
                };
                (history.plan().task(id).path.clone(), options, task.question.clone())
            };
            waiting.map(question).collect::<Vec<_>>()
        });
        let waiting = waiting.unwrap_or_default();
        if waiting.is_empty() {
            return;
        }
        let stored = find_run(&self.starter.journal, Some(run)).ok();
        let contents = stored.and_then(|stored| stored.contents().ok());
        let questions = waiting.into_iter().map(|(task, options, question)| {
            let read = question
                .zip(contents.as_ref())
                .and_then(|(address, contents)| contents.read(&address).ok());
            let ask = read.map(|question| shortened(&question["ask"])).unwrap_or_default();
            let choice = options.first().map_or("CHOICE", String::as_str);
            let decide = format!("a person decides: partita approve {run} {choice} --task {task}");
            json!({ "task": task, "ask": ask, "options": options, "decide": decide })
        });
        told["waiting"] = questions.collect();
    }
}

fn unknown(run: &str) -> String {
    format!("this run has started no run `{run}`")
}

fn next_step(standing: Standing) -> &'static str {
    match standing {
        Standing::Stopped(status) if status.is_final() => {
            "review_orchestration_outcomes has its outputs"
        }
        Standing::Stopped(_) => {
            "it goes on only when a person sees to it: do not wait for it, and say so in your answer"
        }
        Standing::UnderWay | Standing::BrokenOff => {
            "monitor_orchestration_health waits for more news, review_orchestration_outcomes for its end"
        }
    }
}

/// How a run stands: its status, how far its waves have come, what failed, what it has spent.
fn standing(entry: &Entry) -> Value {
    let history = &entry.history;
    let status = match entry.standing {
        Standing::Stopped(RunStatus::Running) => RunStatus::Interrupted.as_str(),
        Standing::Stopped(status) => status.as_str(),
        Standing::UnderWay | Standing::BrokenOff => "running",
    };
    let plan = history.plan();
    let waves = plan.root().waves.iter().map(|wave| {
        let progress = history.wave(*wave);
        json!({ "name": plan.wave(*wave).name, "done": progress.ended, "of": progress.all })
    });
    let failures = history.tasks().filter(|(_, task)| task.status() == TaskStatus::Failed);
    let failures = failures.take(MOST_TOLD).filter_map(|(id, task)| {
        let failure = task.failure.as_deref()?;
        let path = &plan.task(id).path;
        Some(json!({ "task": path, "class": failure.class.as_str(), "message": failure.message }))
    });
    let spent = spent_of(history);
    let of = |quantity: Quantity| spent.get(&quantity).copied().unwrap_or_default();
    let mut told = json!({
        "run": entry.run,
        "name": entry.name,
        "status": status,
        "waves": waves.collect::<Vec<_>>(),
        "failures": failures.collect::<Vec<_>>(),
        "spent": {
            "calls": of(Quantity::Calls),
            "tokens": of(Quantity::Tokens),
            "seconds": in_seconds(history.worked),
        },
    });
    if let Some(pause) = history.pause {
        told["paused"] = paused_for(pause).into();
    }
    if let Some(trouble) = &entry.trouble {
        told["trouble"] = trouble.as_str().into();
    }
    if let Some(failure) = &history.failure {
        told["failure"] = json!({ "class": failure.class.as_str(), "message": failure.message });
    }
    told
}

/// The figures of a run, and where its time was lost.
fn figures(history: &History, told: &mut Value) {
    let metrics = Metrics::of(history);
    let statistics = Statistics::of(history, &metrics);
    told["figures"] = json!({
        "tasks": metrics.tasks,
        "succeeded": metrics.succeeded,
        "failed": metrics.failed,
        "skipped": metrics.skipped,
        "cancelled": metrics.cancelled,
        "retries": metrics.retries,
        "failovers": metrics.failovers,
        "seconds": in_seconds(metrics.makespan),
        "one_after_the_other_seconds": in_seconds(metrics.sequential),
    });
    let lost = statistics
        .losses
        .iter()
        .take(MOST_TOLD)
        .map(|loss| json!({ "cause": loss.cause.as_str(), "seconds": in_seconds(loss.all) }));
    told["lost_time"] = lost.collect();
}

fn in_seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}

/// A value whose texts are cut to what a model can use; a cut is marked.
fn shortened(value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let count = text.chars().count();
            if count <= MOST_OF_AN_OUTPUT {
                return value.clone();
            }
            let kept: String = text.chars().take(MOST_OF_AN_OUTPUT).collect();
            format!("{kept} [cut here: {MOST_OF_AN_OUTPUT} of {count} characters]").into()
        }
        Value::Array(items) => items.iter().map(shortened).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), shortened(value))).collect()
        }
        other => other.clone(),
    }
}
