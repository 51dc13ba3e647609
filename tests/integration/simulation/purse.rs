//! What a run has spent, counted anew from its facts, and that no call goes beyond a budget.

use std::collections::BTreeMap;
use std::time::Duration;

use partita::engine::{
    AttemptId, Fact, FailureClass, Outcome, Recorded, Settings, Spent, Time, Usage,
};
use partita::language::document::{Budget, BudgetMode};
use partita::language::plan::{Plan, TaskId};

use super::rules::{Broken, Rule, holds};

/// Calls, tokens and microseconds.
type Sum = [u64; 3];

/// What is counted of one budget.
#[derive(Debug, Default)]
struct Counted {
    spent: Sum,
    opened: Duration,
}

/// The budgets of a run.
#[derive(Debug, Default)]
pub(super) struct Purse {
    counted: BTreeMap<Option<TaskId>, Counted>,
    /// What was set aside for calls under way, and when they began.
    under_way: BTreeMap<AttemptId, (Sum, Duration)>,
    worked: Duration,
    last: Time,
}

fn sum(spent: Spent) -> Sum {
    [spent.calls, spent.tokens, spent.gpu_us]
}

fn sum_of_usage(usage: &Usage) -> Sum {
    let tokens = usage.prompt_tokens + usage.answer_tokens;
    [1, tokens, usage.load_us + usage.prompt_us + usage.answer_us]
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).expect("no such time")
}

/// The tasks that a task lies in, and the run.
fn around(plan: &Plan, task: TaskId) -> Vec<Option<TaskId>> {
    let caller = plan.scope(plan.task(task).scope).caller;
    let mut found = vec![caller];
    if let Some(caller) = caller {
        found.extend(around(plan, caller));
    }
    found
}

fn budget(plan: &Plan, settings: &Settings, of: Option<TaskId>) -> Option<Budget> {
    let (address, own) = match of {
        Some(task) => (plan.task(task).path.as_str(), plan.task(task).budget),
        None => ("", plan.budget),
    };
    settings.budgets.get(address).copied().or(own)
}

impl Purse {
    pub(super) fn fact(
        &mut self,
        plan: &Plan,
        settings: &Settings,
        recorded: &Recorded,
    ) -> Result<(), Broken> {
        match recorded.fact {
            Fact::RunStarted { .. } | Fact::RunResumed { .. } => {}
            _ => self.worked += recorded.at.since(self.last),
        }
        self.last = recorded.at;
        match &recorded.fact {
            Fact::PatternOpened { task, .. } | Fact::IterationsListed { task, .. } => {
                let opened = self.worked;
                self.counted.entry(Some(*task)).or_insert(Counted { opened, spent: [0; 3] });
                Ok(())
            }
            Fact::AttemptStarted { attempt, expected, tokens, .. } => {
                let more = expected.map_or([1, *tokens, 0], sum);
                self.begins(plan, settings, *attempt, *tokens, more)
            }
            Fact::AttemptEnded { attempt, outcome, .. } => {
                self.ends(plan, *attempt, outcome);
                Ok(())
            }
            Fact::TaskCancelled { task } => {
                let attempts = self.under_way.keys().filter(|attempt| attempt.task == *task);
                let attempts: Vec<AttemptId> = attempts.copied().collect();
                attempts.iter().for_each(|attempt| self.ends(plan, *attempt, &Outcome::Lost));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn begins(
        &mut self,
        plan: &Plan,
        settings: &Settings,
        attempt: AttemptId,
        prompt: u64,
        more: Sum,
    ) -> Result<(), Broken> {
        let path = &plan.task(attempt.task).path;
        for of in around(plan, attempt.task) {
            let Some(budget) = budget(plan, settings, of) else { continue };
            if budget.mode == BudgetMode::Audit || budget.is_unlimited() {
                continue;
            }
            holds(Rule::BudgetsRespected, more[0] == 1 && more[1] > prompt, || {
                format!("{more:?} is expected of {path}")
            })?;
            let none = Counted::default();
            let counted = self.counted.get(&of).unwrap_or(&none);
            let inside = self.under_way.iter();
            let inside = inside.filter(|(other, _)| around(plan, other.task).contains(&of));
            let whole = inside.fold(counted.spent, |whole, (_, (aside, _))| added(whole, *aside));
            let whole = added(whole, more);
            let most = [
                budget.calls.map(|calls| calls.0),
                budget.tokens.map(|tokens| tokens.0),
                budget.gpu_time.map(|time| micros(time.0)),
            ];
            let is_within =
                whole.iter().zip(most).all(|(is, most)| most.is_none_or(|most| *is <= most));
            let time = self.worked - counted.opened;
            let in_time = budget.time.is_none_or(|most| time < most.0);
            holds(Rule::BudgetsRespected, is_within && in_time, || {
                format!("{path}: {whole:?} behind {time:?}, and {budget} for {of:?}")
            })?;
        }
        self.under_way.insert(attempt, (more, self.worked));
        Ok(())
    }

    fn ends(&mut self, plan: &Plan, attempt: AttemptId, outcome: &Outcome) {
        let Some((aside, began)) = self.under_way.remove(&attempt) else { return };
        let unknown = [1, aside[1], micros(self.worked - began)];
        let spent = match outcome {
            Outcome::Answered { usage, .. } | Outcome::Failed { usage: Some(usage), .. } => {
                sum_of_usage(usage)
            }
            Outcome::Failed { failure, .. } => match failure.class {
                FailureClass::Connection
                | FailureClass::Overloaded
                | FailureClass::ModelMissing
                | FailureClass::Unauthorized => [0; 3],
                _ => unknown,
            },
            Outcome::Lost | Outcome::Superseded => unknown,
        };
        for of in around(plan, attempt.task) {
            let counted = self.counted.entry(of).or_default();
            counted.spent = added(counted.spent, spent);
        }
    }
}

fn added(one: Sum, other: Sum) -> Sum {
    [one[0] + other[0], one[1] + other[1], one[2] + other[2]]
}
