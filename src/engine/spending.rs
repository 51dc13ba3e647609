//! Which calls are still within the budgets: the others are not made.
//!
//! What a call will take is known when it is over. Before, it is expected to take its prompt's estimate
//! and the longest answer that it may have, or the usual one; so long as it is under way that much is
//! set aside. A task that a budget holds back holds nothing itself, and others of the same budget do not
//! overtake it. Where nothing else is left to do the run pauses.

use std::collections::BTreeMap;
use std::time::Duration;

use super::budgets::{Account, Bounded, Quantity, Spent, micros};
use super::conduct::Engine;
use super::failure::FailureClass;
use super::fold_error::FoldError;
use super::timers::Timer;
use super::urgency::Turn;
use super::vocabulary::Fact;
use crate::language::digest::Digest;
use crate::language::document::{Budget, BudgetMode};
use crate::language::plan::{TaskId, Work};

/// So many tokens an answer is expected to have where nothing is known of it.
const UNKNOWN_ANSWER: u64 = 512;

/// Tasks that a budget holds back, by the budget, in their turns.
#[derive(Debug, Default)]
pub(super) struct Held {
    by: BTreeMap<(Bounded, Quantity), BTreeMap<Turn, Option<Digest>>>,
    /// Whether calls, or tasks that were held back, were over since it was last asked who is.
    is_changed: bool,
}

impl Held {
    pub(super) fn is_empty(&self) -> bool {
        self.by.is_empty()
    }

    pub(super) fn has(&self, turn: Turn) -> bool {
        self.by.values().any(|held| held.contains_key(&turn))
    }

    /// A task has another turn.
    pub(super) fn change_turn(&mut self, before: Turn, after: Turn) {
        for held in self.by.values_mut() {
            if let Some(request) = held.remove(&before) {
                held.insert(after, request);
            }
        }
    }

    pub(super) fn remove(&mut self, turn: Turn) {
        let is_changed = &mut self.is_changed;
        self.by.retain(|_, held| {
            *is_changed |= held.remove(&turn).is_some();
            !held.is_empty()
        });
    }

    /// A call is over: what was set aside for it may serve others.
    pub(super) fn call_ended(&mut self) {
        self.is_changed = true;
    }

    /// The first task that a budget holds back for want of a quantity.
    fn first(&self, by: (Bounded, Quantity)) -> Option<Turn> {
        self.by.get(&by)?.first_key_value().map(|(turn, _)| *turn)
    }
}

impl Engine {
    /// What an attempt at a task is expected to take; none where no budget bounds it.
    pub(super) fn expected_of(&self, task: TaskId, prompt_tokens: u64) -> Option<Spent> {
        let plan = self.state.plan();
        self.state.budgets.around(plan, task).next()?;
        let planned = plan.task(task);
        let Work::Ask(ask) = &planned.work else { return None };
        let usual = self.state.budgets.usual_answer(&self.model_of(ask));
        let state = self.state.task(task);
        let doubled = u64::from(state.retried.contains(&FailureClass::CutByLength));
        let longest = ask.options.num_predict.map(|longest| u64::from(longest) << doubled);
        let answer = longest.or(usual.map(|(tokens, _)| tokens)).unwrap_or(UNKNOWN_ANSWER);
        // The model is shown its answer again.
        let rejected = if state.rejected.is_some() { answer } else { 0 };
        let works = usual.map_or(planned.estimate.0, |(_, works)| works);
        let tokens = prompt_tokens + rejected + answer;
        Some(Spent { calls: 1, tokens, gpu_us: micros(works) })
    }

    /// Whether a second attempt at a task is within its budgets.
    pub(super) fn has_budget_for(&self, task: TaskId) -> bool {
        let tokens = self.state.task(task).prompt_tokens;
        let Some(expected) = self.expected_of(task, tokens) else { return true };
        self.refusal(self.turn(task), expected, Spent::default()).is_none()
    }

    /// Holds a task back that is to be given to a server, if a budget does not allow its call.
    pub(super) fn hold_back(&mut self, turn: Turn) -> bool {
        let task = turn.1;
        let tokens = self.prompt_tokens(task);
        let Some(expected) = self.expected_of(task, tokens) else { return false };
        let Some(by) = self.refusal(turn, expected, Spent::default()) else { return false };
        let Some(request) = self.hands.lanes.take(turn) else { return false };
        self.hands.timers.clear(Timer::Queue(task));
        self.hands.held.by.entry(by).or_default().insert(turn, Some(request));
        true
    }

    /// Holds a task back that is to be looked at, if a budget allows no call of any kind any more. An
    /// answer of an earlier run costs nothing: whether there is one shows only when it has been looked at.
    pub(super) fn hold_unprepared(&mut self, task: TaskId) -> bool {
        if self.settings.cache {
            return false;
        }
        let worked = self.state.budgets.worked_at(self.now());
        let is_used_up = |(of, budget): (Bounded, Budget)| {
            let account = self.state.budgets.account(of);
            let mut limits = limits(&budget);
            let used_up =
                limits.find(|(quantity, limit)| account.spent(*quantity, worked) >= *limit);
            used_up.map(|(quantity, _)| (of, quantity))
        };
        let plan = self.state.plan();
        let enforced = self.state.budgets.around(plan, task).filter(is_enforced);
        let Some(by) = enforced.filter_map(is_used_up).next() else { return false };
        let turn = self.turn(task);
        self.hands.lanes.prepared(task);
        self.hands.held.by.entry(by).or_default().insert(turn, None);
        true
    }

    /// Lets those go on whose calls are within the budgets again.
    pub(super) fn hold_no_longer(&mut self) {
        if !std::mem::take(&mut self.hands.held.is_changed) {
            return;
        }
        let mut pledged = Spent::default();
        let budgets: Vec<(Bounded, Quantity)> = self.hands.held.by.keys().copied().collect();
        for by in budgets {
            while let Some(turn) = self.hands.held.first(by) {
                let tokens = self.prompt_tokens(turn.1);
                let Some(expected) = self.expected_of(turn.1, tokens) else { break };
                if self.refusal(turn, expected, pledged).is_some() {
                    break;
                }
                pledged.add(expected);
                self.let_go_on(by, turn);
            }
        }
    }

    fn let_go_on(&mut self, by: (Bounded, Quantity), turn: Turn) {
        let Some(held) = self.hands.held.by.get_mut(&by) else { return };
        let request = held.remove(&turn).flatten();
        if held.is_empty() {
            self.hands.held.by.remove(&by);
        }
        match request {
            Some(request) => self.enqueue(turn.1, request),
            None => self.hands.lanes.add_ready(turn),
        }
    }

    /// The budget that does not allow a call, and for want of what, where so much is pledged to others:
    /// because too little is left, or because others wait that come first.
    fn refusal(&self, turn: Turn, expected: Spent, pledged: Spent) -> Option<(Bounded, Quantity)> {
        let plan = self.state.plan();
        let budgets = &self.state.budgets;
        let worked = budgets.worked_at(self.now());
        budgets.around(plan, turn.1).filter(is_enforced).find_map(|(of, budget)| {
            let account = budgets.account(of);
            let is_short = |(quantity, limit): &(Quantity, u64)| {
                let is_first =
                    self.hands.held.first((of, *quantity)).is_none_or(|first| turn <= first);
                !is_first || goes_beyond(account, *quantity, *limit, worked, [expected, pledged])
            };
            limits(&budget).find(is_short).map(|(quantity, _)| (of, quantity))
        })
    }

    /// Says that budgets are passed which only watch, once each.
    pub(super) fn tell_passed(
        &mut self,
        task: TaskId,
        expected: Option<Spent>,
    ) -> Result<(), FoldError> {
        let Some(expected) = expected else { return Ok(()) };
        let worked = self.state.budgets.worked_at(self.now());
        let plan = self.plan();
        let mut passed = Vec::new();
        for (of, budget) in self.state.budgets.around(&plan, task) {
            let account = self.state.budgets.account(of);
            let beyond = limits(&budget).filter(|(quantity, limit)| {
                goes_beyond(account, *quantity, *limit, worked, [expected, Spent::default()])
            });
            passed.extend(beyond.map(|(quantity, _)| (of, quantity)));
        }
        passed.into_iter().try_for_each(|(of, quantity)| self.tell_reached(of, quantity))
    }

    /// Says of which budgets too little is left for those that they hold back, when no more can come
    /// back of what is set aside.
    pub(super) fn tell_held(&mut self) -> Result<(), FoldError> {
        let held: Vec<(Bounded, Quantity)> = self.hands.held.by.keys().copied().collect();
        let is_final =
            |(of, _): &(Bounded, Quantity)| self.state.budgets.account(*of).expected.calls == 0;
        let is_final: Vec<_> = held.into_iter().filter(is_final).collect();
        is_final.into_iter().try_for_each(|(of, quantity)| self.tell_reached(of, quantity))
    }

    fn tell_reached(&mut self, of: Bounded, quantity: Quantity) -> Result<(), FoldError> {
        if self.state.budgets.account(of).has_reached(quantity) {
            return Ok(());
        }
        self.record(Fact::BudgetReached { of, quantity })
    }
}

fn is_enforced((_, budget): &(Bounded, Budget)) -> bool {
    budget.mode == BudgetMode::Enforce
}

/// What a budget limits, and to how much.
fn limits(budget: &Budget) -> impl Iterator<Item = (Quantity, u64)> {
    let budget = *budget;
    let limit = move |quantity: Quantity| Some((quantity, quantity.limit(&budget)?));
    Quantity::ALL.into_iter().filter_map(limit)
}

/// Whether a call goes beyond a limit. Of time nobody can tell: no call begins when it is over.
fn goes_beyond(
    account: &Account,
    quantity: Quantity,
    limit: u64,
    worked: Duration,
    more: [Spent; 2],
) -> bool {
    let more: u64 = more.into_iter().map(|more| more.of(quantity)).sum();
    let whole = account.of(quantity, worked).saturating_add(more);
    if quantity == Quantity::Time { whole >= limit } else { whole > limit }
}
