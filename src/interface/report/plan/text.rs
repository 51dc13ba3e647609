//! A plan for people: its inputs, its waves as a table, what conditions guard, and what it would
//! take.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::conditions::conditions;
use super::staff::post_lines;
use super::table::{LEAST_WIDTH, TableLook, waves_text};
use crate::interface::report::budgets::allowance_lines;
use crate::interface::report::units::{counted, roughly};
use crate::interface::report::width::{columns, one_line, padded, shortened, wrapped};
use crate::language::plan::{Plan, PlanToolServer, TaskId, Toolbox};

/// The longest default of an input that is shown.
const DEFAULT_WIDTH: usize = 60;

/// The plan with its inputs as a table of waves, and what it would take.
pub fn plan_text(plan: &Plan, default_model: Option<&str>, look: TableLook) -> String {
    let paint = look.paint;
    let mut text = String::new();
    let _ = writeln!(text, "{}  {}", paint.bold(&plan.name), one_line(&plan.summary));
    let people = plan.people();
    let _ = writeln!(
        text,
        "{} with {}, {}, {}; fingerprint {}",
        plan.kind.as_str(),
        counted(plan.root().waves.len(), "wave", "waves"),
        counted(plan.tasks.len(), "task", "tasks"),
        counted(people, "agent", "agents"),
        plan.fingerprint().short(),
    );
    inputs_text(plan, look, &mut text);
    posts_text(plan, look, &mut text);
    text.push_str(&waves_text(plan, default_model, look));
    conditions_text(plan, look, &mut text);
    compensations_text(plan, look, &mut text);
    budgets_text(plan, look, &mut text);
    tools_text(plan, look, &mut text);
    forecast_text(plan, look, &mut text);
    text
}

fn inputs_text(plan: &Plan, look: TableLook, text: &mut String) {
    let inputs = &plan.root().inputs;
    if inputs.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", look.paint.bold("inputs"));
    let name_width = inputs.keys().map(|name| columns(name)).max().unwrap_or_default();
    for (name, input) in inputs {
        let default = match &input.default {
            Some(default) => {
                let default = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
                format!("(default {})", shortened(&default, DEFAULT_WIDTH))
            }
            None => "(required)".to_owned(),
        };
        let description = one_line(input.description.as_deref().unwrap_or_default());
        let room = look.width.saturating_sub(name_width + 4).max(LEAST_WIDTH);
        let lines = wrapped(&format!("{description} {default}"), room);
        for (place, line) in lines.iter().enumerate() {
            let name = if place == 0 { name } else { "" };
            let _ = writeln!(text, "  {}  {line}", padded(name, name_width));
        }
    }
}

/// Who gets the posts, as far as that is known before a run.
fn posts_text(plan: &Plan, look: TableLook, text: &mut String) {
    let posts = post_lines(plan);
    if posts.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", look.paint.bold("posts"));
    let name_width = posts.iter().map(|(name, _)| columns(name)).max().unwrap_or_default();
    for (name, how) in posts {
        let room = look.width.saturating_sub(name_width + 4).max(LEAST_WIDTH);
        for (place, line) in wrapped(&how, room).iter().enumerate() {
            let name = if place == 0 { name } else { "" };
            let _ = writeln!(text, "  {}  {line}", padded(name, name_width));
        }
    }
}

/// What is undone where the run or its pattern fails, and who does that.
fn compensations_text(plan: &Plan, look: TableLook, text: &mut String) {
    let undone = plan.tasks().filter_map(|(_, task)| Some((task, task.undone_by()?)));
    let undone: Vec<(&str, &str)> = undone
        .map(|(task, undo)| {
            let agent = plan.agent_of(undo).map(|agent| agent.agent.id.as_str());
            (task.path.as_str(), agent.unwrap_or_default())
        })
        .collect();
    let Some(width) = undone.iter().map(|(path, _)| columns(path)).max() else { return };
    let _ = writeln!(text, "\n{}  where what they belong to fails", look.paint.bold("undone"));
    for (path, agent) in undone.iter().rev() {
        let _ = writeln!(text, "  {}  by {agent}", padded(path, width));
    }
}

fn conditions_text(plan: &Plan, look: TableLook, text: &mut String) {
    let conditions = conditions(plan);
    if conditions.is_empty() {
        return;
    }
    let names = |tasks: &[TaskId]| {
        let paths: Vec<&str> = tasks.iter().map(|id| plan.task(*id).path.as_str()).collect();
        paths.join(", ")
    };
    let _ = writeln!(text, "\n{}  without them these are skipped", look.paint.bold("conditions"));
    for (condition, guarded) in &conditions {
        let _ = writeln!(text, "  {}", one_line(condition));
        let mut line = names(&guarded.tasks);
        if !guarded.followers.is_empty() {
            let _ = write!(line, "; and, for want of their values, {}", names(&guarded.followers));
        }
        for line in wrapped(&line, look.width.saturating_sub(4).max(LEAST_WIDTH)) {
            let _ = writeln!(text, "    {line}");
        }
    }
}

fn budgets_text(plan: &Plan, look: TableLook, text: &mut String) {
    let lines = allowance_lines(plan, &BTreeMap::new(), look.paint);
    if !lines.is_empty() {
        let _ = writeln!(text, "\n{}", look.paint.bold("budget"));
        lines.iter().for_each(|line| {
            let _ = writeln!(text, "  {line}");
        });
    }
}

fn tools_text(plan: &Plan, look: TableLook, text: &mut String) {
    let boxes: Vec<(&str, Cow<'_, Toolbox>)> =
        plan.toolboxes().map(|(task, toolbox)| (task.path.as_str(), toolbox)).collect();
    if boxes.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", look.paint.bold("tools"));
    for PlanToolServer { name, server } in &plan.tool_servers {
        let _ = writeln!(text, "  server {name}  {}", one_line(&server.place()));
    }
    if boxes.iter().any(|(_, toolbox)| toolbox.runs_commands()) {
        let who = "the cluster file and --allow-commands must both allow it";
        let _ = writeln!(text, "  run_command runs programs: {who}");
    }
    let room = look.width.saturating_sub(4).max(LEAST_WIDTH);
    for (task, toolbox) in boxes {
        let mut names: Vec<String> = toolbox.allow.iter().cloned().collect();
        names.extend(toolbox.ask.iter().map(|name| format!("{name} (asks)")));
        names.extend(toolbox.orchestration.as_deref().map(|may| format!("starts runs ({may})")));
        names.extend(toolbox.deny.iter().map(|name| format!("not {name}")));
        let _ = writeln!(text, "  {task}");
        for line in wrapped(&names.join(", "), room) {
            let _ = writeln!(text, "    {line}");
        }
    }
}

fn forecast_text(plan: &Plan, look: TableLook, text: &mut String) {
    let paint = look.paint;
    let forecast = plan.forecast();
    let path: Vec<&str> =
        forecast.critical_path.iter().map(|id| plan.task(*id).path.as_str()).collect();
    let room = look.width.saturating_sub(2).max(LEAST_WIDTH);
    let _ = writeln!(text, "\n{}  marked * above", paint.bold("critical path"));
    for line in wrapped(&path.join(" -> "), room) {
        let _ = writeln!(text, "  {line}");
    }
    let barriers = forecast.parallel.saturating_sub(forecast.parallel_without_barriers);
    let _ = writeln!(
        text,
        "\n{}  {} if servers are never busy; {} one task after the other",
        paint.bold("estimate"),
        roughly(forecast.parallel),
        roughly(forecast.sequential),
    );
    let without = roughly(forecast.parallel_without_barriers);
    let _ = match barriers.is_zero() {
        true => writeln!(text, "  barriers cost nothing"),
        false => writeln!(
            text,
            "  barriers cost {}: without any it would be {without}",
            roughly(barriers)
        ),
    };
}
