//! A plan: for people as a table of waves, for machines as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use super::units::{counted, milliseconds, seconds};
use crate::language::plan::{Plan, Task, TaskId, WaveId, Work};

/// The plan as machine output has it. `model` is what documents name, else the given default.
pub fn plan_json(plan: &Plan, default_model: Option<&str>) -> Value {
    let forecast = plan.forecast();
    let waves: Vec<Value> = plan
        .root()
        .waves
        .iter()
        .map(|wave| {
            let tasks: Vec<Value> = plan
                .tasks_of_root_wave(*wave)
                .into_iter()
                .map(|id| task_json(plan, plan.task(id), default_model))
                .collect();
            let wave = plan.wave(*wave);
            json!({ "name": wave.name, "barrier": wave.barrier, "tasks": tasks })
        })
        .collect();
    let critical_path: Vec<&str> =
        forecast.critical_path.iter().map(|id| plan.task(*id).path.as_str()).collect();
    json!({
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
    })
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
    json!({
        "id": task.path,
        "verb": task.verb().as_str(),
        "agent": plan.agent_of(task).map(|agent| agent.agent.id.as_str()),
        "model": model_of(task, default_model),
        "needs": needs,
        "when": task.when,
        "estimate_ms": milliseconds(task.estimate.0),
    })
}

fn model_of<'a>(task: &'a Task, default_model: Option<&'a str>) -> Option<&'a str> {
    match &task.work {
        Work::Ask(ask) => ask.model.as_deref().or(default_model),
        _ => None,
    }
}

/// The plan as a table of waves, and what it would take.
pub fn plan_text(plan: &Plan, default_model: Option<&str>, paint: Paint) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}  {}", paint.bold(&plan.name), plan.summary);
    let _ = writeln!(
        text,
        "{} with {}, {}, {}; fingerprint {}",
        plan.kind.as_str(),
        counted(plan.root().waves.len(), "wave", "waves"),
        counted(plan.tasks.len(), "task", "tasks"),
        counted(plan.agents.len(), "agent", "agents"),
        plan.fingerprint().short(),
    );
    inputs_text(plan, paint, &mut text);
    let width = plan.tasks.iter().map(|task| shown_name(plan, task).chars().count()).max();
    let table = Table { plan, default_model, paint, width: width.unwrap_or(0) };
    for (number, wave) in plan.root().waves.iter().enumerate() {
        table.wave(*wave, number + 1, &mut text);
    }
    let forecast = plan.forecast();
    let path: Vec<&str> =
        forecast.critical_path.iter().map(|id| plan.task(*id).path.as_str()).collect();
    let _ = writeln!(text, "\n{}  {}", paint.bold("critical path"), path.join(" -> "));
    let barriers = forecast.parallel.saturating_sub(forecast.parallel_without_barriers);
    let _ = writeln!(
        text,
        "{}  {} with servers enough, {} one task after the other; barriers cost {}",
        paint.bold("estimate"),
        seconds(forecast.parallel),
        seconds(forecast.sequential),
        if barriers.is_zero() { "nothing".to_owned() } else { seconds(barriers) },
    );
    text
}

fn inputs_text(plan: &Plan, paint: Paint, text: &mut String) {
    if plan.root().inputs.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", paint.bold("inputs"));
    for (name, input) in &plan.root().inputs {
        let default = match &input.default {
            Some(default) => {
                let default = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
                let mut shown: String = default.chars().take(60).collect();
                if shown.len() < default.len() {
                    shown.push('…');
                }
                format!("default {}", shown.replace('\n', " "))
            }
            None => "required".to_owned(),
        };
        let description = input.description.as_deref().unwrap_or_default();
        let _ = writeln!(text, "  {name}  {description} {}", paint.dim(&format!("({default})")));
    }
}

/// The table of waves and their tasks.
struct Table<'a> {
    plan: &'a Plan,
    default_model: Option<&'a str>,
    paint: Paint,
    /// Of the names of tasks, in characters.
    width: usize,
}

impl Table<'_> {
    fn wave(&self, wave: WaveId, number: usize, text: &mut String) {
        let (plan, paint) = (self.plan, self.paint);
        let planned = plan.wave(wave);
        let start = match (number, planned.barrier) {
            (1, _) => "",
            (_, true) => "when all before has ended",
            (_, false) => "task by task, as needs are met",
        };
        let _ = writeln!(
            text,
            "\n{} {}  {}",
            paint.bold(&format!("wave {number}")),
            paint.bold(&planned.name),
            paint.dim(start)
        );
        for id in plan.tasks_of_root_wave(wave) {
            self.task(id, text);
        }
    }

    fn task(&self, id: TaskId, text: &mut String) {
        let (plan, paint) = (self.plan, self.paint);
        let task = plan.task(id);
        let name = shown_name(plan, task);
        let who = match &task.work {
            Work::Ask(_) => {
                plan.agent_of(task).map(|agent| agent.agent.id.to_string()).unwrap_or_default()
            }
            Work::Call { scope, .. } => plan.scope(*scope).pattern.clone(),
            Work::Check { .. } | Work::Approve { .. } | Work::Combine(_) => String::new(),
        };
        let mut notes = Vec::new();
        notes.extend(model_of(task, self.default_model).map(str::to_owned));
        if !task.needs.is_empty() {
            let needs: Vec<&str> =
                task.needs.iter().map(|need| plan.task(need.task).name.as_str()).collect();
            notes.push(format!("needs {}", needs.join(", ")));
        }
        notes.extend(task.when.as_ref().map(|when| format!("when {when}")));
        let pad = " ".repeat(self.width.saturating_sub(name.chars().count()));
        let line = format!("  {name}{pad}  {:<10}  {who}", task.verb().as_str());
        let _ = match notes.is_empty() {
            true => writeln!(text, "{}", line.trim_end()),
            false => writeln!(text, "{line}  {}", paint.dim(&notes.join("; "))),
        };
    }
}

/// A task's name, indented by the depth at which its pattern is used.
fn shown_name(plan: &Plan, task: &Task) -> String {
    let depth = std::iter::successors(plan.scope(task.scope).caller, |caller| {
        plan.scope(plan.task(*caller).scope).caller
    })
    .count();
    format!("{}{}", "  ".repeat(depth), task.name)
}
