//! The waves of a plan as a table that can be read at a glance: who does what when, and what it waits
//! for.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Depth, doer, model_of};
use crate::interface::report::paint::Paint;
use crate::interface::report::units::{counted, period, roughly};
use crate::interface::report::width::{columns, one_line, padded, wrapped};
use crate::language::plan::{Forecast, Plan, ScopeId, Task, TaskId, WaveId, Work};

/// How a table looks.
#[derive(Debug, Clone, Copy)]
pub struct TableLook {
    /// Colours.
    pub paint: Paint,
    /// The columns of the terminal.
    pub width: usize,
    /// How many levels of used patterns are shown.
    pub depth: Depth,
}

/// The narrowest column of text that is wrapped, however narrow the terminal is.
pub(super) const LEAST_WIDTH: usize = 30;

/// The waves of a plan as a table, each with the time at which it is expected to start and end.
pub fn waves_text(plan: &Plan, default_model: Option<&str>, look: TableLook) -> String {
    let table = Table::new(plan, default_model, look);
    let mut text = String::new();
    let heading = table.line("", &["task", "verb", "who", "estimate"], "needs");
    let _ = writeln!(text, "\n{}", look.paint.dim(&heading));
    for (number, wave) in (1..).zip(&plan.root().waves) {
        table.wave(*wave, number, &mut text);
    }
    text
}

/// The table of waves and their tasks.
struct Table<'a> {
    plan: &'a Plan,
    look: TableLook,
    forecast: Forecast,
    critical: BTreeSet<TaskId>,
    barrier_costs: Vec<(WaveId, std::time::Duration)>,
    rows: Vec<Row>,
    /// Of the columns before the needs.
    widths: [usize; 4],
}

/// A task in the table.
struct Row {
    task: TaskId,
    /// Name, verb, who, estimate.
    cells: [String; 4],
}

impl<'a> Table<'a> {
    fn new(plan: &'a Plan, default_model: Option<&'a str>, look: TableLook) -> Table<'a> {
        let forecast = plan.forecast();
        let critical = critical_tasks(plan, &forecast);
        let shown = plan.tasks().filter(|(_, task)| Depth(level(plan, task)) <= look.depth);
        let rows: Vec<Row> = shown
            .map(|(id, task)| {
                let model = model_of(task, default_model);
                let times = &forecast.times[id.index()];
                let name = format!("{}{}", "  ".repeat(level(plan, task)), task.name);
                let who = match model {
                    Some(model) => format!("{} ({model})", doer(plan, task)),
                    None => doer(plan, task),
                };
                let verb = task.verb().as_str().to_owned();
                let took = times.end.saturating_sub(times.start);
                let took = if took.is_zero() { "-".to_owned() } else { roughly(took) };
                Row { task: id, cells: [name, verb, who, took] }
            })
            .collect();
        let widths = ["task", "verb", "who", "estimate"].map(columns);
        let widths = rows.iter().fold(widths, |mut widths, row| {
            for (width, cell) in widths.iter_mut().zip(&row.cells) {
                *width = (*width).max(columns(cell));
            }
            widths
        });
        let barrier_costs = plan.barrier_costs();
        Table { plan, look, forecast, critical, barrier_costs, rows, widths }
    }

    fn wave(&self, id: WaveId, number: usize, text: &mut String) {
        let (plan, paint) = (self.plan, self.look.paint);
        let wave = plan.wave(id);
        let times = wave.tasks.iter().map(|task| &self.forecast.times[task.index()]);
        let begin = times.clone().map(|times| times.start).min().unwrap_or_default();
        let end = times.map(|times| times.end).max().unwrap_or_default();
        let cost = self.barrier_costs.iter().find(|(costly, _)| *costly == id);
        let mut about = vec![period(&(begin..end))];
        about.extend(match (number, wave.barrier) {
            (1, _) => None,
            (_, true) => Some("starts when all before has ended".to_owned()),
            (_, false) => Some("no barrier: each task starts when its needs are met".to_owned()),
        });
        about.extend(cost.map(|(_, cost)| format!("this barrier costs {}", roughly(*cost))));
        let _ = writeln!(
            text,
            "\n{}  {}",
            paint.bold(&format!("wave {number} {}", wave.name)),
            paint.dim(&about.join("; "))
        );
        for row in self.rows.iter().filter(|row| plan.root_wave(row.task) == id) {
            self.row(row, text);
        }
    }

    fn row(&self, row: &Row, text: &mut String) {
        let (plan, paint) = (self.plan, self.look.paint);
        let task = plan.task(row.task);
        let needs: Vec<&str> =
            task.needs.iter().map(|need| plan.task(need.task).name.as_str()).collect();
        let mut details = wrapped(&needs.join(", "), self.needs_width());
        if let Work::Call { scope, .. } = &task.work
            && Depth(level(plan, task)) >= self.look.depth
        {
            let inside = counted(tasks_inside(plan, *scope), "task", "tasks");
            details.push(format!("{inside} inside"));
        }
        let when = task.when.as_ref().map(|when| format!("when {}", one_line(when)));
        details.extend(wrapped(&when.unwrap_or_default(), self.needs_width()));
        let mark = if self.critical.contains(&row.task) { "*" } else { "" };
        let cells: Vec<&str> = row.cells.iter().map(String::as_str).collect();
        let mut details = details.iter();
        let first = details.next().map(String::as_str).unwrap_or_default();
        let _ = writeln!(text, "{}", self.line(mark, &cells, &paint.dim(first)));
        for more in details {
            let _ = writeln!(text, "{}", self.line("", &["", "", "", ""], &paint.dim(more)));
        }
    }

    /// A line of the table: a mark, the cells, the needs.
    fn line(&self, mark: &str, cells: &[&str], needs: &str) -> String {
        let mut line = padded(mark, 2);
        for (cell, width) in cells.iter().zip(self.widths) {
            line.push_str(&padded(cell, width));
            line.push_str("  ");
        }
        line.push_str(needs);
        line.trim_end().to_owned()
    }

    fn needs_width(&self) -> usize {
        let before = 2 + self.widths.iter().map(|width| width + 2).sum::<usize>();
        self.look.width.saturating_sub(before).max(LEAST_WIDTH)
    }
}

/// The tasks on the critical path, and those whose patterns have them inside.
pub(in crate::interface::report) fn critical_tasks(
    plan: &Plan,
    forecast: &Forecast,
) -> BTreeSet<TaskId> {
    let callers =
        |id: TaskId| std::iter::successors(Some(id), |id| plan.scope(plan.task(*id).scope).caller);
    forecast.critical_path.iter().flat_map(|id| callers(*id)).collect()
}

/// The tasks of a scope and of all inside it.
pub(in crate::interface::report) fn tasks_inside(plan: &Plan, scope: ScopeId) -> usize {
    let tasks = &plan.scope(scope).tasks;
    let inner = tasks.iter().map(|id| match &plan.task(*id).work {
        Work::Call { scope, .. } => tasks_inside(plan, *scope),
        _ => 0,
    });
    tasks.len() + inner.sum::<usize>()
}

/// How many used patterns a task is inside of.
fn level(plan: &Plan, task: &Task) -> usize {
    std::iter::successors(plan.scope(task.scope).caller, |caller| {
        plan.scope(plan.task(*caller).scope).caller
    })
    .count()
}
