//! A run as machine output has it.

use std::time::Duration;

use serde_json::{Value, json};

use super::budgets::{budgets_json, spent_json};
use super::contest::contest_json;
use super::messages::add_messages;
use super::nested::add_nested;
use super::progress::ladder_of;
use super::statistics_json::{add_statistics, models_json};
use super::units::{milliseconds, moment};
use crate::engine::content::Contents;
use crate::engine::{RunStatus, TaskStatus};
use crate::insight::{
    Compensation, History, Metrics, Simulated, Statistics, TaskRecord, ToolRecord,
};
use crate::language::digest::Digest;
use crate::language::plan::{TaskId, Work};
use crate::runtime::journal::Setup;

/// A run with what it takes to report it.
pub struct Outcome<'a> {
    /// Which run.
    pub run: &'a str,
    /// What happened.
    pub history: &'a History,
    /// Its contents.
    pub contents: &'a dyn Contents,
    /// What it ran on.
    pub setup: &'a Setup,
}

impl Outcome<'_> {
    /// The content at an address; null where it cannot be read.
    pub(super) fn value(&self, address: Option<&Digest>) -> Value {
        address
            .and_then(|address| self.contents.read(address).ok())
            .map(|content| (*content).clone())
            .unwrap_or_default()
    }

    /// What came out of a task; null where nothing did.
    pub(crate) fn output_of(&self, task: &TaskRecord) -> Value {
        match task.decision.as_deref() {
            Some((choice, by)) => json!({ "choice": choice, "by": by }),
            None => self.value(task.output.as_ref()),
        }
    }
}

/// The object that `docs/command-line.md` describes; fields may be added, never renamed.
pub fn run_json(outcome: &Outcome<'_>) -> Value {
    let history = outcome.history;
    let plan = history.plan();
    let metrics = Metrics::of(history);
    let statistics = Statistics::of(history, &metrics);
    let servers: Vec<Value> = history
        .servers
        .iter()
        .zip(&metrics.servers)
        .enumerate()
        .map(|(place, (server, figures))| {
            json!({
                "name": server.name,
                "url": server.url,
                "requests": figures.requests,
                "failures": figures.failures,
                "model_loads": figures.model_loads,
                "busy_ms": milliseconds(figures.busy),
                "utilization": rounded(metrics.utilization(figures)),
                "models": models_json(&statistics, place),
            })
        })
        .collect();
    // `json!` copies what it is given; what may be large is put into its place below.
    let mut object = json!({
        "run": outcome.run,
        "name": plan.name,
        "status": status(history),
        "simulated": history.simulated() != Simulated::No,
        "outputs": {},
        "makespan_ms": milliseconds(metrics.makespan),
        "waited_ms": milliseconds(metrics.waited),
        "sequential_ms": milliseconds(metrics.sequential),
        "speedup": rounded(metrics.speedup()),
        "waves": [],
        "servers": servers,
        "statistics": {
            "tasks": metrics.tasks,
            "succeeded": metrics.succeeded,
            "failed": metrics.failed,
            "skipped": metrics.skipped,
            "cancelled": metrics.cancelled,
            "retries": metrics.retries,
            "failovers": metrics.failovers,
            "waits": metrics.waits,
            "resumptions": history.resumptions,
            "prompt_tokens": metrics.prompt_tokens,
            "answer_tokens": metrics.answer_tokens,
            "parallelism_factor": rounded(metrics.parallelism_factor()),
            "parallel_efficiency": rounded(metrics.speedup()),
        },
        "spent": spent_json(history),
        "fingerprint": plan.fingerprint(),
    });
    let outputs = outcome.value(history.outputs.as_ref());
    if !outputs.is_null() {
        object["outputs"] = outputs;
    }
    let waves = plan.root().waves.iter();
    object["waves"] = waves.map(|wave| wave_json(outcome, *wave)).collect();
    add_statistics(&mut object, history, &statistics);
    add_earlier_runs(&mut object, history, &metrics);
    let budgets = budgets_json(history);
    if !budgets.is_empty() {
        object["budgets"] = budgets.into();
    }
    if let Some(pause) = history.pause {
        object["pause"] = pause.as_str().into();
    }
    if let Some(failure) = &history.failure {
        object["failure"] = json!({ "class": failure.class.as_str(), "message": failure.message });
    }
    add_messages(&mut object, outcome);
    add_compensations(&mut object, outcome);
    add_nested(&mut object, outcome);
    let waiting = waiting_json(outcome);
    if !waiting.is_empty() {
        object["waiting"] = waiting.into();
    }
    if let Some(expected) = expected_json(outcome, &metrics) {
        object["expected"] = expected;
    }
    if let Some(contest) = contest_json(outcome) {
        object["comparison"] = contest;
    }
    object
}

/// What it takes from earlier runs.
fn add_earlier_runs(object: &mut Value, history: &History, metrics: &Metrics) {
    let plan = history.plan();
    if let Some(fork) = &history.fork {
        let paths = fork.from.iter().map(|task| plan.task(*task).path.as_str());
        object["fork_of"] = fork.of.as_str().into();
        object["from"] = paths.collect::<Vec<_>>().into();
        object["changed_inputs"] = fork.changed.clone().into();
        object["statistics"]["kept"] = metrics.kept.into();
    }
    if history.reuses_answers() {
        object["cache"] = true.into();
        object["statistics"]["reused"] = metrics.reused.into();
    }
}

/// How the run stands; one that says it is running when it is reported was cut off.
pub(super) fn status(history: &History) -> &'static str {
    match history.status {
        RunStatus::Running => "interrupted",
        other => other.as_str(),
    }
}

fn wave_json(outcome: &Outcome<'_>, wave: crate::language::plan::WaveId) -> Value {
    let history = outcome.history;
    let plan = history.plan();
    let ids = plan.tasks_of_root_wave(wave);
    let started = ids.iter().filter_map(|id| history.task(*id).started).min();
    let all_ended = ids.iter().all(|id| history.task(*id).status().is_final());
    let ended = ids.iter().filter_map(|id| history.task(*id).ended).max().filter(|_| all_ended);
    let mut object = json!({
        "name": plan.wave(wave).name,
        "started_ms": started.map(milliseconds),
        "ended_ms": ended.map(milliseconds),
    });
    object["tasks"] = ids.iter().map(|id| task_json(outcome, *id)).collect();
    object
}

fn task_json(outcome: &Outcome<'_>, id: TaskId) -> Value {
    let history = outcome.history;
    let plan = history.plan();
    let task = history.task(id);
    let last = task.deciding_attempt();
    let server = last.and_then(|attempt| history.servers.get(attempt.server));
    let mut object = json!({
        "id": plan.task(id).path,
        "verb": plan.task(id).verb().as_str(),
        "agent": plan.agent_of(plan.task(id)).map(|agent| agent.agent.id.as_str()),
        "status": task.status().as_str(),
        "attempts": task.tries(),
        "server": server.map(|server| server.name.as_str()),
        "model": last.map(|attempt| attempt.model.as_str()),
        "started_ms": task.started.map(milliseconds),
        "ended_ms": task.ended.map(milliseconds),
    });
    object["output"] = outcome.output_of(task);
    if let Some(usage) = last.and_then(|attempt| attempt.usage) {
        object["prompt_tokens"] = usage.prompt_tokens.into();
        object["answer_tokens"] = usage.answer_tokens.into();
        if usage.cut_by_length {
            object["cut_by_length"] = true.into();
        }
    }
    if task.votes.is_some() {
        object["votes"] = outcome.value(task.votes.as_deref());
    }
    let tools = tools_json(outcome, task);
    if !tools.is_empty() {
        object["tools"] = tools.into();
    }
    let permissions = task.permissions.iter().map(|asked| {
        let decided = asked.decided.as_ref();
        json!({
            "tool": asked.tool,
            "arguments": outcome.value(Some(&asked.arguments)),
            "asked_ms": milliseconds(asked.asked),
            "choice": decided.map(|(choice, _, _)| choice),
            "by": decided.map(|(_, by, _)| by),
            "decided_ms": decided.map(|(_, _, at)| milliseconds(*at)),
        })
    });
    if !task.permissions.is_empty() {
        object["permissions"] = permissions.collect();
    }
    if let Some(kept) = &task.kept {
        object["kept_from"] = kept.run.as_str().into();
    }
    if let Some(reused) = &task.reused {
        object["reused"] = json!({ "run": reused.run, "task": reused.task });
        object["model"] = reused.model.as_str().into();
    }
    if ladder_of(&plan.task(id).work).is_some() {
        let rungs = task.rounds.as_ref().map(|rounds| rounds.count.saturating_sub(1));
        let by = task.rounds.as_ref().and_then(|rounds| rounds.end.counts);
        let by = by.map(|number| format!("{}[{number}]", plan.task(id).path));
        object["escalation"] = json!({ "rungs": rungs, "by": by });
    } else if let Some(rounds) = &task.rounds {
        object["rounds"] = rounds.count.into();
        object["stopped"] = rounds.end.stopped.as_str().into();
        object["counting_round"] = rounds.end.counts.into();
        object["rounds_alike"] = rounds.alike.into();
    }
    if let Some(failure) = &task.failure {
        object["failure"] = json!({ "class": failure.class.as_str(), "message": failure.message });
    }
    object
}

/// What undid tasks, in the order in which it was begun, and whether all was undone.
fn add_compensations(object: &mut Value, outcome: &Outcome<'_>) {
    let history = outcome.history;
    let Some(undone) = history.is_undone() else { return };
    let compensations =
        history.compensations().iter().map(|Compensation { task, undo, .. }| {
            let mut object = task_json(outcome, *undo);
            object["task"] = history.plan().task(*task).path.as_str().into();
            object
        });
    object["undone"] = undone.into();
    object["compensations"] = compensations.collect();
}

/// The tools that a task, or its models, called, those of failed attempts as well.
fn tools_json(outcome: &Outcome<'_>, task: &TaskRecord) -> Vec<Value> {
    let of_models = task
        .attempts
        .iter()
        .flat_map(|attempt| attempt.tools.iter().map(|tool| (attempt.number, tool)));
    let own = (1..).zip(task.calls.iter().map(|call| &call.tool));
    let calls = of_models.chain(own).map(|(attempt, ToolRecord { called, started, answer })| {
        let took = answer.as_ref().map(|answer| Duration::from_micros(answer.took_us));
        json!({
            "attempt": attempt,
            "call": called.call,
            "tool": called.tool,
            "arguments": outcome.value(Some(&called.arguments)),
            "written_as": called.rung,
            "result": outcome.value(answer.as_ref().map(|answer| &answer.result)),
            "failed": answer.as_ref().map(|answer| answer.failed),
            "started_ms": milliseconds(*started),
            "took_ms": took.map(milliseconds),
        })
    });
    calls.collect()
}

/// What waits for a person, gates and tools: what is asked, and what can be chosen.
pub(super) fn waiting_json(outcome: &Outcome<'_>) -> Vec<Value> {
    let history = outcome.history;
    let plan = history.plan();
    let gates = history.tasks().filter(|(_, task)| task.status() == TaskStatus::Waiting);
    gates
        .map(|(id, task)| {
            let question = outcome.value(task.question.as_ref());
            let options = match &plan.task(id).work {
                Work::Approve { options, .. } => json!(options),
                _ => question["options"].clone(),
            };
            let deadline = task.deadline.map(moment);
            let mut object = json!({
                "id": plan.task(id).path,
                "ask": question["ask"],
                "options": options,
                "deadline": deadline,
            });
            for key in ["tool", "arguments", "output"] {
                if let Some(value) = question.get(key).filter(|value| !value.is_null()) {
                    object[key] = value.clone();
                }
            }
            object
        })
        .collect()
}

/// What the author expects beside what was measured, in the author's own seconds: with a
/// simulation, in simulated time. A fork does not do everything that the author speaks of.
pub(super) fn expected_json(outcome: &Outcome<'_>, metrics: &Metrics) -> Option<Value> {
    if outcome.history.fork.is_some() {
        return None;
    }
    let expected = outcome.history.plan().expected?;
    let scale = outcome.setup.simulation.as_ref().map_or(1.0, |profile| profile.time_scale);
    if scale <= 0.0 {
        return None;
    }
    let measured = |duration: std::time::Duration| rounded(milliseconds(duration) / scale);
    Some(json!({
        "parallel_ms": milliseconds(expected.parallel.0),
        "measured_parallel_ms": measured(metrics.makespan),
        "sequential_ms": expected.sequential.map(|time| milliseconds(time.0)),
        "measured_sequential_ms": measured(metrics.sequential),
        "time_scale": scale,
    }))
}

pub(super) fn rounded(figure: f64) -> f64 {
    (figure * 1000.0).round() / 1000.0
}
