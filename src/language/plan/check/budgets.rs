//! Budgets that can never be enough.

use serde_json::Value;

use crate::language::diagnostic::{Code, Diagnostic};
use crate::language::document::{Budget, BudgetMode, Document, DocumentKind};
use crate::language::plan::compile;
use crate::language::plan::model::Plan;
use crate::language::plan::outlines::Outlines;

/// The budgets of these documents that allow fewer calls than are surely needed. It shows only in a
/// plan, so that nothing is said of documents with errors.
pub(crate) fn check<'l>(
    outlines: &Outlines<'l>,
    documents: impl IntoIterator<Item = &'l Document>,
) -> Vec<Diagnostic> {
    let budgets = documents.into_iter().map(|document| (document, enforced(outlines, document)));
    let bounded = budgets.filter(|(_, budgets)| !budgets.is_empty());
    bounded
        .flat_map(|(document, budgets)| {
            let plan = compile(outlines.library(), document).ok().map(|compiled| compiled.plan);
            let budgets = budgets.iter();
            match plan {
                Some(plan) => {
                    let found = budgets.filter_map(|budget| budget.diagnostic(document, &plan));
                    found.collect()
                }
                None => Vec::new(),
            }
        })
        .collect()
}

/// A number of calls that a document allows.
struct Allowed<'d> {
    /// Inside which task; in the whole if there is none.
    inside: Option<&'d str>,
    calls: u64,
    pointer: String,
}

fn enforced<'l>(outlines: &Outlines<'l>, document: &'l Document) -> Vec<Allowed<'l>> {
    if !matches!(document.kind(), DocumentKind::Pattern | DocumentKind::Pipeline) {
        return Vec::new();
    }
    let allowed = |inside: Option<&'l str>, written: &Value, pointer: String| {
        let budget: Budget = serde_json::from_value(written.clone()).ok()?;
        let calls = budget.calls.filter(|_| budget.mode == BudgetMode::Enforce)?.0;
        Some(Allowed { inside, calls, pointer: format!("{pointer}/calls") })
    };
    let of_whole = document.value().get("budget");
    let of_whole = of_whole.and_then(|written| allowed(None, written, "/budget".to_owned()));
    let tasks = outlines.get(document).tasks.iter();
    let of_tasks = tasks.filter_map(|task| {
        allowed(Some(task.name), task.get("budget")?, format!("{}/budget", task.pointer))
    });
    of_whole.into_iter().chain(of_tasks).collect()
}

impl Allowed<'_> {
    fn diagnostic(&self, document: &Document, plan: &Plan) -> Option<Diagnostic> {
        let Allowed { inside, calls, pointer } = self;
        let task = match inside {
            Some(name) => Some(plan.find(name)?),
            None => None,
        };
        let least = plan.least_calls(task);
        (least > *calls).then(|| {
            let what = inside.map_or("a run".to_owned(), |name| format!("`{name}`"));
            let message =
                format!("{what} needs at least {least} calls, and the budget has {calls}");
            let help = format!("allow {least} or more: attempts after failures count as well");
            document.diagnostic(Code::BUDGET_TOO_SMALL, pointer, message).help(help)
        })
    }
}
