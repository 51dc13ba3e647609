//! Budgets that somebody gives on the command line, over those of the documents.

use std::collections::BTreeMap;

use super::failure::{Failure, FailureKind};
use crate::engine::Quantity;
use crate::language::document::suggest::nearest;
use crate::language::document::{Amount, AmountError, Budget, BudgetMode, HumanDuration};
use crate::language::plan::{Plan, Work, of_any_item};

/// How a budget is to be different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetChange {
    /// The address of the task that it is for; empty for the run's own.
    of: String,
    parts: Vec<Part>,
}

/// A part of a budget; no limit takes one away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Calls(Option<Amount>),
    Tokens(Option<Amount>),
    GpuTime(Option<HumanDuration>),
    Time(Option<HumanDuration>),
    Mode(BudgetMode),
}

impl BudgetChange {
    /// Reads what somebody typed: `calls=100,tokens=2M`, or for a task `research:calls=50`. `none` takes
    /// a limit away.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(text: &str) -> Result<BudgetChange, Failure> {
        let (head, _) = text.split_once('=').unwrap_or((text, ""));
        let of = head.rsplit_once(':').map_or("", |(of, _)| of);
        let rest = if of.is_empty() { text } else { &text[of.len() + 1..] };
        let parts: Result<Vec<Part>, Failure> = rest.split(',').map(read_part).collect();
        Ok(BudgetChange { of: of.to_owned(), parts: parts? })
    }
}

fn read_part(text: &str) -> Result<Part, Failure> {
    let usage = |message: String| {
        Failure::new(FailureKind::Usage, message)
            .hint("write --budget calls=100,tokens=2M,gpu_time=30m,time=2h, or calls=none")
    };
    let Some((name, value)) = text.split_once('=') else {
        return Err(usage(format!("`{text}` is no part of a budget")));
    };
    let wrong = |error: String| usage(format!("--budget {name}: {error}"));
    let amount = || match value {
        "none" => Ok(None),
        value => {
            let read: Result<Amount, AmountError> = value.parse();
            read.map(Some).map_err(|error| wrong(error.to_string()))
        }
    };
    let duration = || match value {
        "none" => Ok(None),
        value => {
            let read: Result<HumanDuration, _> = value.parse();
            read.map(Some).map_err(|error| wrong(error.to_string()))
        }
    };
    match name {
        "calls" => amount().map(Part::Calls),
        "tokens" => amount().map(Part::Tokens),
        "gpu_time" => duration().map(Part::GpuTime),
        "time" => duration().map(Part::Time),
        "mode" => match value {
            "enforce" => Ok(Part::Mode(BudgetMode::Enforce)),
            "audit" => Ok(Part::Mode(BudgetMode::Audit)),
            other => Err(wrong(format!("`{other}` is neither `enforce` nor `audit`"))),
        },
        other => {
            let names = Quantity::ALL.map(Quantity::as_str).into_iter().chain(["mode"]);
            let failure = usage(format!("a budget has no `{other}`"));
            Err(match nearest(other, names) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure,
            })
        }
    }
}

/// Changes the budgets that take the place of a plan's own.
///
/// # Errors
/// When a task is unknown, or has nothing inside that a budget could bound.
pub(super) fn change_budgets(
    plan: &Plan,
    given: &mut BTreeMap<String, Budget>,
    changes: &[BudgetChange],
) -> Result<(), Failure> {
    for BudgetChange { of, parts } in changes {
        let any = of_any_item(of);
        let own = if of.is_empty() { plan.budget } else { own_budget(plan, of, &any)? };
        let before = given.get(of).or_else(|| given.get(&any)).copied().or(own);
        let mut budget = before.unwrap_or_default();
        for part in parts {
            match *part {
                Part::Calls(calls) => budget.calls = calls,
                Part::Tokens(tokens) => budget.tokens = tokens,
                Part::GpuTime(time) => budget.gpu_time = time,
                Part::Time(time) => budget.time = time,
                Part::Mode(mode) => budget.mode = mode,
            }
        }
        given.insert(of.clone(), budget);
    }
    Ok(())
}

/// The budget that documents give a task, if they give it one.
fn own_budget(plan: &Plan, address: &str, any: &str) -> Result<Option<Budget>, Failure> {
    let tasks = plan.all_tasks();
    let mut users =
        tasks.iter().filter(|task| matches!(task.work, Work::Call { .. } | Work::Iterate(_)));
    if let Some(task) = users.clone().find(|task| task.path == any) {
        return Ok(task.budget);
    }
    let usage = |message: String| Failure::new(FailureKind::Usage, message);
    let failure = match tasks.iter().any(|task| task.path == any) {
        true => usage(format!("`{address}` uses no pattern, so that there is nothing to bound")),
        false => usage(format!("there is no task `{address}`")),
    };
    let first = users.next().map(|task| task.path.as_str());
    let near = nearest(address, users.map(|task| task.path.as_str()).chain(first));
    Err(match near {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint("--budget calls=100 without a task bounds the whole run"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let failure = BudgetChange::read(text).expect_err(text);
        std::iter::once(failure.message).chain(failure.hints).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn budgets_are_read_as_they_are_typed() {
        let read = |text: &str| BudgetChange::read(text).expect(text);
        let calls = |count| Part::Calls(Some(Amount(count)));
        assert_eq!(read("calls=100"), BudgetChange { of: String::new(), parts: vec![calls(100)] });
        assert_eq!(
            read("research:calls=50,tokens=none"),
            BudgetChange { of: "research".to_owned(), parts: vec![calls(50), Part::Tokens(None)] }
        );
        assert_eq!(read("each[a:b]/c:calls=1").of, "each[a:b]/c");
        assert_eq!(
            read("mode=audit,time=none").parts,
            [Part::Mode(BudgetMode::Audit), Part::Time(None)]
        );
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        assert!(refused("100").contains("`100` is no part of a budget"));
        assert!(refused("calls=many").contains("`many` is not a number"));
        assert!(refused("time=soon").contains("`soon` is not a duration"));
        assert!(refused("mode=hard").contains("neither `enforce` nor `audit`"));
        assert!(refused("token=5").contains("did you mean `tokens`?"));
    }
}
