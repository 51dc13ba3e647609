//! Whether one more run may be started, and what it may spend.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::Inside;
use super::table::{Entry, Standing};
use crate::engine::{Quantity, StartLimit};
use crate::insight::History;
use crate::interface::app::stored::find_run;
use crate::language::document::{Amount, Budget, BudgetMode, HumanDuration};
use crate::language::plan::Plan;
use crate::runtime::journal::Journal;
use crate::runtime::tools::ManagerCall;

/// What a run is given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grant {
    /// What it may spend: what is left, and no more than its own documents allow.
    pub(super) budget: Budget,
    /// How many levels of runs it may start.
    pub(super) levels: u32,
}

/// Why no run is started.
pub(super) struct Refused {
    pub(super) limit: StartLimit,
    /// In words for a model: which limit, what is left, and what to do instead.
    pub(super) told: String,
}

impl Inside {
    /// What one more run is given, if it may be started.
    pub(super) fn grant(&self, call: &ManagerCall, plan: &Plan) -> Result<Grant, Refused> {
        let limits = &call.limits;
        let own = self.starter.setup.parent.as_ref();
        let levels = own.map_or(limits.depth, |parent| parent.levels.min(limits.depth));
        let Some(levels) = levels.checked_sub(1) else {
            let limit = StartLimit::Depth(own.map_or(0, |parent| parent.depth));
            let do_instead = "this run was started by another one and starts none itself: do the work in your answer, \
                              or say there which run is needed";
            return Err(refused(limit, do_instead));
        };
        self.table.all(|entries| {
            if entries.len() >= limits.runs as usize {
                let runs: Vec<&str> = entries.iter().map(|entry| entry.run.as_str()).collect();
                let do_instead = format!(
                    "none is left. Review those that there are ({}), and answer with what they have given",
                    runs.join(", ")
                );
                return Err(refused(StartLimit::Runs(limits.runs), &do_instead));
            }
            let below = |entry: &Entry| self.spent_below(&entry.run, limits.depth);
            let spent: Vec<BTreeMap<Quantity, u64>> = entries
                .iter()
                .map(|entry| sum(spent_of(&entry.history), &below(entry)))
                .collect();
            let mut budget = Budget::default();
            for quantity in Quantity::ALL {
                let used = |spent: &BTreeMap<Quantity, u64>| {
                    spent.get(&quantity).copied().unwrap_or_default()
                };
                let together = limits.budget.as_ref().and_then(|budget| quantity.limit(budget));
                let aside = entries.iter().zip(&spent).map(|(entry, spent)| {
                    match (entry.standing, quantity.limit(&entry.granted)) {
                        (Standing::Stopped(status), _) if status.is_final() => used(spent),
                        (_, Some(granted)) => granted.max(used(spent)),
                        (_, None) => used(spent),
                    }
                });
                let aside: u64 = aside.sum();
                let all_spent: u64 = spent.iter().map(used).sum();
                let left = together.map(|limit| limit.saturating_sub(aside));
                let own = call.left.get(&quantity).map(|left| left.saturating_sub(all_spent));
                if left == Some(0) {
                    return Err(used_up(StartLimit::Budget(quantity), entries));
                }
                if own == Some(0) {
                    return Err(used_up(StartLimit::OwnBudget(quantity), entries));
                }
                let wanted = plan.budget.filter(|own| own.mode == BudgetMode::Enforce);
                let wanted = wanted.as_ref().and_then(|budget| quantity.limit(budget));
                let least = [left, own, wanted].into_iter().flatten().min();
                set(&mut budget, quantity, least);
            }
            Ok(Grant { budget, levels })
        })
    }

    /// What the runs have spent that a nested run has started itself, and those below them.
    fn spent_below(&self, run: &str, levels: u32) -> BTreeMap<Quantity, u64> {
        match Journal::open_existing(&self.starter.journal) {
            Ok(Some(journal)) if levels > 1 => {
                spent_by_nested(&self.starter.journal, &journal, run, levels - 1)
            }
            _ => BTreeMap::new(),
        }
    }
}

fn spent_by_nested(
    folder: &Path,
    journal: &Journal,
    run: &str,
    levels: u32,
) -> BTreeMap<Quantity, u64> {
    let mut all = BTreeMap::new();
    for record in journal.nested_runs(run).unwrap_or_default() {
        // What cannot be read has spent nothing that anybody could know of.
        let history = find_run(folder, Some(record.id.as_str())).and_then(|run| run.history());
        if let Ok(history) = history {
            all = sum(all, &spent_of(&history));
        }
        if levels > 1 {
            all = sum(all, &spent_by_nested(folder, journal, record.id.as_str(), levels - 1));
        }
    }
    all
}

/// What a run has spent, in calls, tokens or microseconds.
pub(super) fn spent_of(history: &History) -> BTreeMap<Quantity, u64> {
    let account = history.budgets.account(None);
    let worked = history.budgets.worked();
    Quantity::ALL.into_iter().map(|quantity| (quantity, account.of(quantity, worked))).collect()
}

fn sum(
    mut one: BTreeMap<Quantity, u64>,
    other: &BTreeMap<Quantity, u64>,
) -> BTreeMap<Quantity, u64> {
    for (quantity, more) in other {
        *one.entry(*quantity).or_default() += more;
    }
    one
}

fn set(budget: &mut Budget, quantity: Quantity, limit: Option<u64>) {
    let time = |limit: u64| HumanDuration(Duration::from_micros(limit));
    match quantity {
        Quantity::Calls => budget.calls = limit.map(Amount),
        Quantity::Tokens => budget.tokens = limit.map(Amount),
        Quantity::GpuTime => budget.gpu_time = limit.map(time),
        Quantity::Time => budget.time = limit.map(time),
    }
}

fn used_up(limit: StartLimit, entries: &[Entry]) -> Refused {
    let going_on: Vec<&str> = entries
        .iter()
        .filter(|entry| entry.standing == Standing::UnderWay)
        .map(|entry| entry.run.as_str())
        .collect();
    let do_instead = match going_on.is_empty() {
        true => "answer with what there is, and say what is missing".to_owned(),
        false => format!(
            "what {} may spend is set aside until it is over: review it, and start this one then with what is left",
            going_on.join(" and ")
        ),
    };
    refused(limit, &do_instead)
}

fn refused(limit: StartLimit, do_instead: &str) -> Refused {
    Refused { limit, told: format!("no run was started: {limit}; {do_instead}") }
}
