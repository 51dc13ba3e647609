//! A plan for machines.

use serde_json::{Value, json};

use super::model_of;
use super::staff::posts_json;
use crate::interface::report::units::milliseconds;
use crate::language::plan::{Ask, NeedKind, Plan, Task, Work};

/// The plan as machine output has it. `model` is what documents name, else the given default.
pub fn plan_json(plan: &Plan, default_model: Option<&str>) -> Value {
    let forecast = plan.forecast();
    let costs = plan.barrier_costs();
    let waves: Vec<Value> = plan
        .root()
        .waves
        .iter()
        .map(|wave| {
            let tasks: Vec<Value> = plan
                .tasks_of_root_wave(*wave)
                .into_iter()
                .map(|id| {
                    let mut task = task_json(plan, plan.task(id), default_model);
                    if let Some(budget) = plan.task(id).budget {
                        task["budget"] = json!(budget);
                        task["least_calls"] = plan.least_calls(Some(id)).into();
                    }
                    let times = &forecast.times[id.index()];
                    task["begin_ms"] = milliseconds(times.start).into();
                    task["end_ms"] = milliseconds(times.end).into();
                    task
                })
                .collect();
            let cost = costs.iter().find(|(costly, _)| costly == wave).map(|(_, cost)| *cost);
            let wave = plan.wave(*wave);
            json!({
                "name": wave.name,
                "barrier": wave.barrier,
                "barrier_costs_ms": milliseconds(cost.unwrap_or_default()),
                "tasks": tasks,
            })
        })
        .collect();
    let critical_path: Vec<&str> =
        forecast.critical_path.iter().map(|id| plan.task(*id).path.as_str()).collect();
    let mut object = json!({
        "name": plan.name,
        "kind": plan.kind.as_str(),
        "summary": plan.summary,
        "fingerprint": plan.fingerprint(),
        "inputs": inputs_json(plan),
        "waves": waves,
        "critical_path": critical_path,
        "estimate": {
            "sequential_ms": milliseconds(forecast.sequential),
            "parallel_ms": milliseconds(forecast.parallel),
            "parallel_without_barriers_ms": milliseconds(forecast.parallel_without_barriers),
        },
        "least_calls": plan.least_calls(None),
    });
    if let Some(budget) = plan.budget {
        object["budget"] = json!(budget);
    }
    if !plan.root().staff.is_empty() {
        object["posts"] = posts_json(plan);
    }
    if !plan.tool_servers.is_empty() {
        object["tool_servers"] = json!(plan.tool_servers);
    }
    object
}

fn inputs_json(plan: &Plan) -> Value {
    let inputs = plan.root().inputs.iter().map(|(name, input)| {
        json!({
            "name": name,
            "required": input.default.is_none(),
            "description": input.description,
            "default": input.default,
            "schema": input.schema,
        })
    });
    inputs.collect()
}

fn task_json(plan: &Plan, task: &Task, default_model: Option<&str>) -> Value {
    let needs: Vec<&str> =
        task.needs.iter().map(|need| plan.task(need.task).path.as_str()).collect();
    let kinds: Vec<&str> = task.needs.iter().map(|need| kind_name(need.kind)).collect();
    let mut object = json!({
        "id": task.path,
        "verb": task.verb().as_str(),
        "agent": plan.agent_of(task).map(|agent| agent.agent.id.as_str()),
        "model": model_of(task, default_model),
        "needs": needs,
        "need_kinds": kinds,
        "when": task.when,
        "estimate_ms": milliseconds(task.estimate.0),
    });
    if let Work::Ask(Ask { tools: Some(tools), .. }) = &task.work {
        object["tools"] = json!(tools);
    }
    let once = match &task.work {
        Work::Iterate(iterate) => &iterate.task().work,
        once => once,
    };
    if let Work::Tool(tool) = once {
        object["tool"] = tool.tool.as_str().into();
    }
    if let Some(undo) = task.undone_by() {
        object["compensate"] = json!({
            "agent": plan.agent_of(undo).map(|agent| agent.agent.id.as_str()),
            "model": model_of(undo, default_model),
        });
    }
    if let Some(effect) = task.effect() {
        object["effect"] = json!(effect);
    }
    object
}

fn kind_name(kind: NeedKind) -> &'static str {
    match kind {
        NeedKind::Order => "order",
        NeedKind::Message => "message",
        NeedKind::Source => "source",
        NeedKind::Value => "value",
    }
}
