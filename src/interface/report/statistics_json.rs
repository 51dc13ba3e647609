//! The statistics of a run as machine output has them: fields that are added to those of the run.

use serde_json::{Map, Value, json};

use super::run_json::rounded;
use super::units::milliseconds;
use crate::insight::{
    Activity, Conflicts, Hedging, History, Loss, Promise, Quantiles, Reloads, Statistics, promises,
};
use crate::language::plan::TaskId;

/// Adds what `docs/command-line.md` describes: fields of `statistics`, `critical_path` and `losses`.
pub(super) fn add_statistics(object: &mut Value, history: &History, statistics: &Statistics) {
    let latencies = &statistics.latencies;
    let id = |task: &TaskId| history.plan().task(*task).path.as_str();
    let failures: Vec<Value> = statistics
        .failures_by_frequency()
        .into_iter()
        .map(|(class, failures)| {
            json!({
                "class": class.as_str(),
                "attempts": failures.attempts,
                "tasks": failures.tasks.iter().map(id).collect::<Vec<_>>(),
            })
        })
        .collect();
    object["statistics"]["latencies"] = json!({
        "queue": quantiles_json(latencies.queue),
        "load": quantiles_json(latencies.load),
        "first_token": quantiles_json(latencies.first_token),
        "call": quantiles_json(latencies.call),
    });
    object["statistics"]["failures"] = failures.into();
    let promises = promises(history, &statistics.courses);
    if !promises.is_empty() {
        let promise = |promise: &Promise| {
            json!({
                "id": id(&promise.task),
                "sla_ms": milliseconds(promise.sla),
                "took_ms": milliseconds(promise.took),
                "kept": !promise.is_broken(),
            })
        };
        object["sla"] = promises.iter().map(promise).collect();
    }
    object["statistics"]["reloads"] = reloads_json(history, &statistics.reloads).into();
    object["statistics"]["conflicts"] = conflicts_json(&statistics.conflicts);
    object["statistics"]["prompt_tokens_in_vain"] = statistics.prompt_tokens_in_vain.into();
    object["statistics"]["answer_tokens_in_vain"] = statistics.answer_tokens_in_vain.into();
    object["statistics"]["success_rate"] = statistics.success_rate.map(rounded).into();
    object["statistics"]["retry_rate"] = statistics.retry_rate.map(rounded).into();
    object["statistics"]["tasks_per_minute"] = rounded(statistics.tasks_per_minute).into();
    object["statistics"]["gpu_seconds"] = rounded(statistics.gpu_time.as_secs_f64()).into();
    object["statistics"]["waited_beside_other_runs_ms"] =
        milliseconds(statistics.waited_beside_others).into();
    let Hedging { hedges, won, superseded } = statistics.hedging;
    object["statistics"]["hedging"] =
        json!({ "hedges": hedges, "won": won, "superseded_ms": milliseconds(superseded) });
    let path = &statistics.critical_path;
    let spent: Map<String, Value> = Activity::ALL
        .into_iter()
        .map(|activity| {
            let spent = milliseconds(path.spent_on(activity));
            (format!("{}_ms", activity.as_str()), spent.into())
        })
        .collect();
    object["critical_path"] =
        json!({ "tasks": path.tasks.iter().map(id).collect::<Vec<_>>(), "spent": spent });
    object["losses"] = statistics.losses.iter().map(|loss| loss_json(history, loss)).collect();
}

/// Calls that waited for limits.
pub(super) fn conflicts_json(conflicts: &Conflicts) -> Value {
    let by_limit: Vec<Value> = conflicts
        .by_limit
        .iter()
        .map(|(limited, waits)| {
            json!({
                "limit": limited.to_string(),
                "calls": waits.calls,
                "waited_ms": milliseconds(waits.time),
            })
        })
        .collect();
    json!({
        "calls": conflicts.calls,
        "per_thousand_calls": conflicts.per_thousand.map(rounded),
        "by_limit": by_limit,
    })
}

/// What a server did with each model.
pub(super) fn models_json(statistics: &Statistics, server: usize) -> Vec<Value> {
    let of_server = statistics.speeds.iter().filter(|((place, _), _)| *place == server);
    of_server
        .map(|((_, model), speed)| {
            json!({
                "model": model,
                "requests": speed.calls,
                "answered": speed.answered,
                "prompt_tokens": speed.prompt_tokens,
                "answer_tokens": speed.answer_tokens,
                "busy_ms": milliseconds(speed.busy),
                "tokens_per_second": speed.throughput().map(rounded),
                "tokens_per_second_of_a_call": speed.pace().map(rounded),
            })
        })
        .collect()
}

fn reloads_json(history: &History, reloads: &[Reloads]) -> Vec<Value> {
    let entries = reloads.iter().map(|reloads| {
        json!({
            "server": history.servers[reloads.server].name,
            "model": reloads.model,
            "loads": reloads.loads,
            "waited_ms": milliseconds(reloads.waited),
            "took_turns_with": reloads.others,
        })
    });
    entries.collect()
}

/// Quantiles, or null where nothing was measured.
pub(super) fn quantiles_json(quantiles: Option<Quantiles>) -> Option<Value> {
    quantiles.map(|quantiles| {
        json!({
            "count": quantiles.count,
            "p50_ms": milliseconds(quantiles.p50),
            "p95_ms": milliseconds(quantiles.p95),
            "p99_ms": milliseconds(quantiles.p99),
            "max_ms": milliseconds(quantiles.max),
            "total_ms": milliseconds(quantiles.total),
        })
    })
}

fn loss_json(history: &History, loss: &Loss) -> Value {
    let tasks: Vec<Value> = loss
        .tasks
        .iter()
        .map(|lost| {
            json!({
                "id": history.plan().task(lost.task).path,
                "lost_ms": milliseconds(lost.time),
                "critical": lost.is_critical,
            })
        })
        .collect();
    json!({
        "cause": loss.cause.as_str(),
        "critical_ms": milliseconds(loss.critical),
        "all_ms": milliseconds(loss.all),
        "tasks": tasks,
    })
}
