//! What a run has spent, as a whole and inside each task that uses a pattern or is done several times,
//! and the budgets that bound it: a fold over facts.
//!
//! Whether a call is still within a budget is for `spending` to say.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::servers::{full_name, in_full};
use super::time::Time;
use super::vocabulary::{AttemptId, Fact, Outcome, Recorded, Usage};
use crate::language::document::{Budget, HumanDuration};
use crate::language::plan::{Plan, TaskId, of_any_item};

/// What a budget bounds: the run, or everything inside a task.
pub type Bounded = Option<TaskId>;

/// What a budget limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Calls of models.
    Calls,
    /// Tokens of prompts and answers.
    Tokens,
    /// How long models work.
    GpuTime,
    /// How long the run, or what is inside the task, is under way.
    Time,
}

impl Quantity {
    /// All of them, in the order of telling.
    pub const ALL: [Quantity; 4] =
        [Quantity::Calls, Quantity::Tokens, Quantity::GpuTime, Quantity::Time];

    /// The name in documents and in machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            Quantity::Calls => "calls",
            Quantity::Tokens => "tokens",
            Quantity::GpuTime => "gpu_time",
            Quantity::Time => "time",
        }
    }

    /// What a budget allows of it, in calls, tokens or microseconds; none where it sets no limit.
    pub fn limit(self, budget: &Budget) -> Option<u64> {
        match self {
            Quantity::Calls => budget.calls.map(|calls| calls.0),
            Quantity::Tokens => budget.tokens.map(|tokens| tokens.0),
            Quantity::GpuTime => budget.gpu_time.map(|HumanDuration(time)| micros(time)),
            Quantity::Time => budget.time.map(|HumanDuration(time)| micros(time)),
        }
    }
}

/// What calls take, or are expected to take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Calls.
    pub calls: u64,
    /// Tokens of prompts and answers.
    pub tokens: u64,
    /// Microseconds for which models worked.
    pub gpu_us: u64,
}

impl Spent {
    pub(super) fn add(&mut self, more: Spent) {
        self.calls += more.calls;
        self.tokens += more.tokens;
        self.gpu_us += more.gpu_us;
    }

    /// How much of a quantity it is, in calls, tokens or microseconds; calls take no time of the run's.
    pub(super) fn of(&self, quantity: Quantity) -> u64 {
        match quantity {
            Quantity::Calls => self.calls,
            Quantity::Tokens => self.tokens,
            Quantity::GpuTime => self.gpu_us,
            Quantity::Time => 0,
        }
    }

    fn take_off(&mut self, less: Spent) {
        self.calls -= less.calls;
        self.tokens -= less.tokens;
        self.gpu_us -= less.gpu_us;
    }
}

/// What has been spent on the run, or inside a task.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Account {
    /// By calls that are over.
    pub spent: Spent,
    /// What calls under way are expected to take.
    pub expected: Spent,
    /// How long the run had been at work when it began.
    began: Duration,
    /// Of what there was too little, and it has been said.
    reached: BTreeSet<Quantity>,
}

impl Account {
    /// How much of a quantity has been spent or is expected to be, in calls, tokens or microseconds,
    /// where the run has been at work for so long.
    pub fn of(&self, quantity: Quantity, worked: Duration) -> u64 {
        self.spent(quantity, worked) + self.expected.of(quantity)
    }

    /// How much of a quantity has been spent.
    pub fn spent(&self, quantity: Quantity, worked: Duration) -> u64 {
        match quantity {
            Quantity::Time => micros(worked.saturating_sub(self.began)),
            _ => self.spent.of(quantity),
        }
    }

    /// Of what there was too little, as has been said.
    pub fn reached(&self) -> impl Iterator<Item = Quantity> {
        self.reached.iter().copied()
    }

    pub(super) fn has_reached(&self, quantity: Quantity) -> bool {
        self.reached.contains(&quantity)
    }
}

/// A call under way.
#[derive(Debug, Clone, PartialEq)]
struct UnderWay {
    model: String,
    expected: Spent,
    began: Duration,
    /// What its turns had taken when its model last called a tool.
    spent: Spent,
}

/// What the answers of a model took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Answers {
    count: u64,
    tokens: u64,
    gpu_us: u64,
}

/// What a run has spent, and what bounds it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Budgets {
    accounts: BTreeMap<Bounded, Account>,
    under_way: BTreeMap<AttemptId, UnderWay>,
    answers: BTreeMap<String, Answers>,
    /// Those that take the place of the documents', by address; the run's has none.
    given: BTreeMap<String, Budget>,
    /// How long the run has been at work.
    worked: Duration,
    last: Time,
}

impl Budgets {
    /// Takes one fact in, with the plan as far as it has grown.
    pub(crate) fn apply(&mut self, plan: &Plan, recorded: &Recorded) {
        let fact = &recorded.fact;
        if let Some(settings) = fact.settings() {
            // Between two processes nobody is at work, and a new one may have other budgets.
            self.given.clone_from(&settings.budgets);
            self.accounts.values_mut().for_each(|account| account.reached.clear());
        } else {
            self.worked += recorded.at.since(self.last);
        }
        self.last = recorded.at;
        match fact {
            Fact::PatternOpened { task, .. } | Fact::IterationsListed { task, .. } => {
                let worked = self.worked;
                let account = self.accounts.entry(Some(*task));
                account.or_insert_with(|| Account { began: worked, ..Account::default() });
            }
            Fact::AttemptStarted { attempt, model, tokens, expected, .. } => {
                let expected = expected.unwrap_or(Spent { calls: 1, tokens: *tokens, gpu_us: 0 });
                let (model, began) = (full_name(model), self.worked);
                let spent = Spent::default();
                self.under_way.insert(*attempt, UnderWay { model, expected, began, spent });
                self.each(plan, attempt.task, |account| account.expected.add(expected));
            }
            Fact::ToolCalled { attempt, tool } => {
                if let Some(under_way) = self.under_way.get_mut(attempt)
                    && let Some(spent) = tool.spent.as_deref()
                {
                    under_way.spent = spent_by(spent);
                }
            }
            Fact::PermissionAsked { attempt, usage, .. }
            | Fact::RunsAwaited { attempt, usage, .. } => {
                if let Some(UnderWay { expected, .. }) = self.under_way.remove(attempt) {
                    let spent = Spent { calls: 1, ..spent_by(usage) };
                    self.end(plan, attempt.task, expected, spent);
                }
            }
            Fact::AttemptEnded { attempt, outcome, .. } => self.ended(plan, *attempt, outcome),
            Fact::TaskCancelled { task } => {
                let of_task = |number| AttemptId { task: *task, number };
                let broken_off = self.under_way.range(of_task(0)..=of_task(u32::MAX));
                let broken_off: Vec<AttemptId> = broken_off.map(|(attempt, _)| *attempt).collect();
                for attempt in broken_off {
                    self.ended(plan, attempt, &Outcome::Lost);
                }
            }
            Fact::BudgetReached { of, quantity } => {
                self.accounts.entry(*of).or_default().reached.insert(*quantity);
            }
            _ => {}
        }
    }

    fn ended(&mut self, plan: &Plan, attempt: AttemptId, outcome: &Outcome) {
        let Some(under_way) = self.under_way.remove(&attempt) else { return };
        let UnderWay { model, expected, began, spent: known } = under_way;
        let usage = match outcome {
            Outcome::Answered { usage, .. } => Some(usage),
            Outcome::Failed { usage, .. } => usage.as_ref(),
            Outcome::Lost | Outcome::Superseded => None,
        };
        let spent = match (usage, outcome) {
            (Some(usage), _) => Spent { calls: 1, ..spent_by(usage) },
            (None, Outcome::Failed { failure, .. })
                if failure.class.is_turned_away() && known == Spent::default() =>
            {
                Spent::default()
            }
            // Nobody says what it took: no more than it was under way, and what was expected, or what its
            // turns had taken when its model last called a tool.
            (None, _) => {
                let gpu_us = micros(self.worked.saturating_sub(began));
                Spent { calls: 1, tokens: expected.tokens.max(known.tokens), gpu_us }
            }
        };
        if let Outcome::Answered { usage, .. } = outcome {
            let answers = self.answers.entry(model).or_default();
            answers.count += 1;
            answers.tokens += usage.answer_tokens;
            answers.gpu_us += spent.gpu_us;
        }
        self.end(plan, attempt.task, expected, spent);
    }

    fn end(&mut self, plan: &Plan, task: TaskId, expected: Spent, spent: Spent) {
        self.each(plan, task, |account| {
            account.expected.take_off(expected);
            account.spent.add(spent);
        });
    }

    /// Changes the accounts of everything that a task lies in.
    fn each(&mut self, plan: &Plan, task: TaskId, change: impl Fn(&mut Account)) {
        for bounded in around(plan, task) {
            change(self.accounts.entry(bounded).or_default());
        }
    }

    /// What has been spent on the run, or inside a task.
    pub fn account(&self, of: Bounded) -> &Account {
        static NONE: Account = Account {
            spent: Spent { calls: 0, tokens: 0, gpu_us: 0 },
            expected: Spent { calls: 0, tokens: 0, gpu_us: 0 },
            began: Duration::ZERO,
            reached: BTreeSet::new(),
        };
        self.accounts.get(&of).unwrap_or(&NONE)
    }

    /// How long the run had been at work at the last fact.
    pub fn worked(&self) -> Duration {
        self.worked
    }

    /// How long the run has been at work at a moment behind the last fact.
    pub(super) fn worked_at(&self, now: Time) -> Duration {
        self.worked + now.since(self.last)
    }

    /// The budget of the run, or of a task, if it has one: the one that was given before the
    /// documents' own.
    pub fn budget(&self, plan: &Plan, of: Bounded) -> Option<Budget> {
        let own = match of {
            None => plan.budget,
            Some(task) => plan.task(task).budget,
        };
        if self.given.is_empty() {
            return own.filter(|budget| !budget.is_unlimited());
        }
        let address = of.map(|task| plan.task(task).path.as_str()).unwrap_or_default();
        let given = self.given.get(address).or_else(|| self.given.get(&of_any_item(address)));
        given.copied().or(own).filter(|budget| !budget.is_unlimited())
    }

    /// The budgets of everything that a task lies in, the nearest first.
    pub(super) fn around<'b>(
        &'b self,
        plan: &'b Plan,
        task: TaskId,
    ) -> impl Iterator<Item = (Bounded, Budget)> + 'b {
        around(plan, task).filter_map(|of| Some((of, self.budget(plan, of)?)))
    }

    /// The budgets of the run, that of the whole first and then those of tasks in the plan's order.
    pub fn all<'b>(&'b self, plan: &'b Plan) -> impl Iterator<Item = (Bounded, Budget)> + 'b {
        let tasks = plan.tasks().map(|(id, _)| Some(id));
        std::iter::once(None).chain(tasks).filter_map(|of| Some((of, self.budget(plan, of)?)))
    }

    /// What an answer of a model took on the average, tokens of the answer and time; none before the
    /// first.
    pub(super) fn usual_answer(&self, model: &str) -> Option<(u64, Duration)> {
        let answers = self.answers.get(&*in_full(model))?;
        let mean = |sum: u64| sum.div_ceil(answers.count);
        Some((mean(answers.tokens), Duration::from_micros(mean(answers.gpu_us))))
    }
}

/// Everything that a task lies in, the nearest first and the run last.
fn around(plan: &Plan, task: TaskId) -> impl Iterator<Item = Bounded> + '_ {
    let caller = |task: TaskId| plan.scope(plan.task(task).scope).caller;
    let callers = std::iter::successors(caller(task), move |task| caller(*task));
    callers.map(Some).chain(std::iter::once(None))
}

fn spent_by(usage: &Usage) -> Spent {
    Spent {
        calls: 0,
        tokens: usage.prompt_tokens + usage.answer_tokens,
        gpu_us: usage.load_us + usage.prompt_us + usage.answer_us,
    }
}

pub(super) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
