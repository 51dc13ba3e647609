//! Where and when the tasks of a plan would be done, for people and for machines.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::engine::{FailureClass, RunStatus};
use crate::interface::app::PlacementForecast;
use crate::interface::report::paint::Paint;
use crate::interface::report::statistics_json::conflicts_json;
use crate::interface::report::units::{counted, milliseconds, roughly};
use crate::interface::report::width::{columns, padded};

/// So many tasks that could not be done are named.
const MOST_VERDICTS: usize = 20;

/// Which models go where, how long it takes, and what could not be done.
pub fn placement_text(forecast: &PlacementForecast, paint: Paint) -> String {
    let PlacementForecast { by, is_seen, history, metrics, statistics, .. } = forecast;
    let mut text = String::new();
    let known = if *is_seen { "as its servers say" } else { "its servers were not asked" };
    let title = format!("Placement on {by} ({known}; simulated, by estimates)");
    let _ = writeln!(text, "\n{}", paint.bold(&title));
    let width = history.servers.iter().map(|server| columns(&server.name)).max().unwrap_or(0);
    for (place, (server, figures)) in history.servers.iter().zip(&metrics.servers).enumerate() {
        let of_server = statistics.speeds.iter().filter(|((at, _), _)| *at == place);
        let models: Vec<String> = of_server
            .map(|((_, model), speed)| format!("{model} {}", counted(speed.calls, "call", "calls")))
            .collect();
        let models = if models.is_empty() { "nothing".to_owned() } else { models.join(", ") };
        let loads = counted(figures.model_loads, "load", "loads");
        let busy = roughly(figures.busy);
        let _ = writeln!(text, "  {}  {models}; {loads}, busy {busy}", padded(&server.name, width));
    }
    let _ = writeln!(text, "  expected makespan  {}", roughly(metrics.makespan));
    for (limited, waits) in &statistics.conflicts.by_limit {
        let calls = counted(waits.calls, "call", "calls");
        let _ = writeln!(text, "  {calls} would wait {} for {limited}", roughly(waits.time));
    }
    verdict(forecast, &mut text);
    text
}

fn verdict(forecast: &PlacementForecast, text: &mut String) {
    let all = forecast.verdicts().count();
    for (address, model) in forecast.lacking.iter().take(MOST_VERDICTS) {
        let _ = writeln!(text, "  {address}  {}", no_model(model));
    }
    if all == 0 {
        text.push_str(match forecast.status {
            RunStatus::Succeeded => "  verdict  every task can be done\n",
            _ => "  verdict  every task that was reached can be done; invented answers led no further\n",
        });
        return;
    }
    let failed = counted(u32::try_from(all).unwrap_or(u32::MAX), "task", "tasks");
    let _ = writeln!(text, "  verdict  {failed} cannot be done");
    for (id, _, message) in forecast.verdicts().take(MOST_VERDICTS) {
        let _ = writeln!(text, "    {}: {message}", forecast.history.plan().task(id).path);
    }
    if all > MOST_VERDICTS {
        let _ = writeln!(text, "    and {} more", all - MOST_VERDICTS);
    }
}

/// What is said of a rung whose model is nowhere.
fn no_model(model: &str) -> String {
    format!("no server has the model `{model}`, which is asked where all before it has failed")
}

/// The same for machines.
pub fn placement_json(forecast: &PlacementForecast) -> Value {
    let PlacementForecast { by, is_seen, status, history, metrics, statistics, lacking } = forecast;
    let servers: Vec<Value> = history
        .servers
        .iter()
        .zip(&metrics.servers)
        .enumerate()
        .map(|(place, (server, figures))| {
            let of_server = statistics.speeds.iter().filter(|((at, _), _)| *at == place);
            let model = |((_, model), speed): (&(usize, String), &crate::insight::Speed)| {
                json!({ "model": model, "calls": speed.calls, "busy_ms": milliseconds(speed.busy) })
            };
            json!({
                "name": server.name,
                "models": of_server.map(model).collect::<Vec<_>>(),
                "loads": figures.model_loads,
                "busy_ms": milliseconds(figures.busy),
            })
        })
        .collect();
    let lacking = lacking.iter().map(|(address, model)| {
        json!({ "id": address, "class": FailureClass::ModelMissing.as_str(), "message": no_model(model) })
    });
    let verdicts: Vec<Value> = forecast
        .verdicts()
        .map(|(id, class, message)| {
            json!({ "id": history.plan().task(id).path, "class": class.as_str(), "message": message })
        })
        .chain(lacking)
        .collect();
    json!({
        "simulated": true,
        "cluster": by,
        "servers_asked": is_seen,
        "status": status.as_str(),
        "makespan_ms": milliseconds(metrics.makespan),
        "loads": metrics.servers.iter().map(|server| server.model_loads).sum::<u32>(),
        "servers": servers,
        "conflicts": conflicts_json(&statistics.conflicts),
        "cannot_be_done": verdicts,
    })
}
