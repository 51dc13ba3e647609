//! What a run may spend, and what it has spent.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::paint::Paint;
use super::shell::quoted;
use super::units::{counted, milliseconds, seconds};
use crate::engine::{Bounded, Quantity};
use crate::insight::History;
use crate::language::document::{Amount, Budget, BudgetMode, HumanDuration};
use crate::language::plan::{Plan, Task};

/// The budgets of a plan before a run, a line each: what they allow, and that they can never be enough.
/// Those that were given take the place of the documents' own.
pub(super) fn allowance_lines(
    plan: &Plan,
    given: &BTreeMap<String, Budget>,
    paint: Paint,
) -> Vec<String> {
    let of = |address: &str, own: Option<Budget>| {
        given.get(address).copied().or(own).filter(|budget| !budget.is_unlimited())
    };
    let mut lines = Vec::new();
    let mut tell = |name: &str, budget: Budget, least: Option<u64>| {
        let whose = if name.is_empty() { String::new() } else { format!("{name}: ") };
        let least = match (least, budget.calls) {
            (Some(least), Some(calls)) if calls.0 < least => {
                paint.notice(&format!("; that is not enough: at least {least} are needed"))
            }
            (Some(least), Some(_)) if least > 0 => {
                format!("; at least {} needed", counted(least, "call is", "calls are"))
            }
            _ => String::new(),
        };
        lines.push(format!("{whose}{budget}{least}"));
    };
    if let Some(budget) = of("", plan.budget) {
        tell("", budget, Some(plan.least_calls(None)));
    }
    let compiled: BTreeMap<&str, _> =
        plan.tasks().map(|(id, task)| (task.path.as_str(), id)).collect();
    for Task { path, budget, .. } in plan.all_tasks() {
        if let Some(budget) = of(path, *budget) {
            let least = compiled.get(path.as_str()).map(|id| plan.least_calls(Some(*id)));
            tell(path, budget, least);
        }
    }
    lines
}

/// What a run has spent of its budgets, a line each; nothing where it has none.
pub(super) fn budgets_text(history: &History, paint: Paint, text: &mut String) {
    let plan = history.plan();
    for (number, (of, budget)) in history.budgets.all(plan).enumerate() {
        let title = if number == 0 { paint.bold("Budget") } else { "      ".to_owned() };
        let account = history.budgets.account(of);
        let limits = Quantity::ALL.into_iter().filter_map(|quantity| {
            let limit = quantity.limit(&budget)?;
            let figure =
                of_limit(quantity, account.spent(quantity, history.budgets.worked()), limit);
            let is_reached = account.reached().any(|reached| reached == quantity);
            Some(if is_reached { paint.notice(&figure) } else { figure })
        });
        let figures: Vec<String> = limits.collect();
        let whose = of.map(|task| format!("{}: ", plan.task(task).path)).unwrap_or_default();
        let mode = if budget.mode == BudgetMode::Audit { " (audit)" } else { "" };
        let _ = writeln!(text, "{title}  {whose}{}{mode}", figures.join(", "));
    }
}

/// So much of so much, such as `12 of 100 calls`.
fn of_limit(quantity: Quantity, spent: u64, limit: u64) -> String {
    let time = |micros: u64| seconds(Duration::from_micros(micros));
    let limit_time = HumanDuration(Duration::from_micros(limit));
    match quantity {
        Quantity::Calls => format!("{spent} of {} calls", Amount(limit)),
        Quantity::Tokens => format!("{spent} of {} tokens", Amount(limit)),
        Quantity::GpuTime => format!("{} of {limit_time} of GPU time", time(spent)),
        Quantity::Time => format!("{} of {limit_time} in all", time(spent)),
    }
}

/// What a budget allows of a quantity, such as `100 calls`.
pub(super) fn limit_text(budget: &Budget, quantity: Quantity) -> String {
    let alone = match quantity {
        Quantity::Calls => Budget { calls: budget.calls, ..Budget::default() },
        Quantity::Tokens => Budget { tokens: budget.tokens, ..Budget::default() },
        Quantity::GpuTime => Budget { gpu_time: budget.gpu_time, ..Budget::default() },
        Quantity::Time => Budget { time: budget.time, ..Budget::default() },
    };
    alone.to_string()
}

/// Why a run has paused for want of a budget, and what lets it go on.
pub struct UsedUp {
    /// What is used up, a line each.
    pub lines: Vec<String>,
    /// What raises it, as flags: ` --budget calls=200 --budget research:tokens=1M`.
    pub raises: String,
}

/// What is used up of the enforced budgets of a run.
pub fn used_up(history: &History) -> UsedUp {
    let plan = history.plan();
    let mut used_up = UsedUp { lines: Vec::new(), raises: String::new() };
    for (of, budget) in history.budgets.all(plan) {
        if budget.mode == BudgetMode::Audit {
            continue;
        }
        let account = history.budgets.account(of);
        let mut raised = Vec::new();
        for quantity in account.reached() {
            let Some(limit) = quantity.limit(&budget) else { continue };
            let spent = account.spent(quantity, history.budgets.worked());
            let whose =
                of.map_or("the run".to_owned(), |task| format!("`{}`", plan.task(task).path));
            let figure = of_limit(quantity, spent, limit);
            used_up.lines.push(match spent < limit {
                true => format!(
                    "too little is left of the budget of {whose} for the next call: {figure}"
                ),
                false => format!("the budget of {whose} is used up: {figure}"),
            });
            raised.push(raise(quantity, limit.max(spent)));
        }
        if !raised.is_empty() {
            let whose = of.map(|task| format!("{}:", plan.task(task).path)).unwrap_or_default();
            let raised = quoted(&format!("{whose}{}", raised.join(",")));
            let _ = write!(used_up.raises, " --budget {raised}");
        }
    }
    used_up
}

/// Twice as much of a quantity, as it is typed.
fn raise(quantity: Quantity, limit: u64) -> String {
    let name = quantity.as_str();
    let doubled = limit.saturating_mul(2);
    match quantity {
        Quantity::Calls | Quantity::Tokens => format!("{name}={}", Amount(doubled)),
        Quantity::GpuTime | Quantity::Time => {
            let whole = Duration::from_secs(Duration::from_micros(doubled).as_secs().max(1));
            format!("{name}={}", HumanDuration(whole))
        }
    }
}

/// What a run has spent, for machines: `calls`, `tokens`, `gpu_ms`, `time_ms`.
pub(super) fn spent_json(history: &History) -> Value {
    let account = history.budgets.account(None);
    let worked = history.budgets.worked();
    Value::Object(
        Quantity::ALL
            .into_iter()
            .map(|quantity| {
                let (name, value) = figure_json(quantity, account.spent(quantity, worked));
                (name.to_owned(), value)
            })
            .collect(),
    )
}

/// The budgets of a run, and what is spent of each.
pub(super) fn budgets_json(history: &History) -> Vec<Value> {
    let plan = history.plan();
    history.budgets.all(plan).map(|(of, budget)| budget_json(history, of, &budget)).collect()
}

fn budget_json(history: &History, of: Bounded, budget: &Budget) -> Value {
    let account = history.budgets.account(of);
    let worked = history.budgets.worked();
    let mut object = Map::new();
    object.insert("task".to_owned(), json!(of.map(|task| &history.plan().task(task).path)));
    object.insert("mode".to_owned(), json!(budget.mode));
    for quantity in Quantity::ALL {
        let Some(limit) = quantity.limit(budget) else { continue };
        let (name, limit) = figure_json(quantity, limit);
        let (_, spent) = figure_json(quantity, account.spent(quantity, worked));
        object.insert(name.to_owned(), json!({ "limit": limit, "spent": spent }));
    }
    let reached: Vec<&str> = account.reached().map(Quantity::as_str).collect();
    object.insert("reached".to_owned(), json!(reached));
    Value::Object(object)
}

fn figure_json(quantity: Quantity, figure: u64) -> (&'static str, Value) {
    let time = || milliseconds(Duration::from_micros(figure)).into();
    match quantity {
        Quantity::Calls => ("calls", figure.into()),
        Quantity::Tokens => ("tokens", figure.into()),
        Quantity::GpuTime => ("gpu_ms", time()),
        Quantity::Time => ("time_ms", time()),
    }
}
