//! Tasks that wait for runs that they have started.
//!
//! As with a person who is asked about a tool, the attempt is over when its model wants to know what only time will
//! tell: who waits holds no slot, which the runs may need. What had been said is kept, and the next attempt
//! goes on from there.

use std::collections::BTreeMap;
use std::time::Duration;

use super::budgets::Quantity;
use super::conduct::Engine;
use super::fold_error::FoldError;
use super::time::Time;
use super::timers::Timer;
use super::vocabulary::{AttemptId, Awaiting, Command, Fact, Usage};
use crate::language::document::BudgetMode;
use crate::language::plan::TaskId;

impl Engine {
    /// The model of an attempt wants to know what becomes of runs. An attempt that is not under way is none of
    /// ours.
    pub(super) fn runs_awaited(
        &mut self,
        attempt: AttemptId,
        awaiting: Awaiting,
        patience: Option<Duration>,
        usage: Usage,
    ) -> Result<(), FoldError> {
        let Some(ongoing) = self.hands.end_call(attempt) else { return Ok(()) };
        self.stop_clocks(attempt);
        self.hands.servers.get_mut(ongoing.server).answered(&ongoing.model);
        let until = patience.map(|patience| self.now() + patience);
        let awaiting = Awaiting { until, ..awaiting };
        self.record(Fact::RunsAwaited { attempt, awaiting, usage })?;
        self.await_runs(attempt.task);
        Ok(())
    }

    /// The model of an attempt calls no tools, and goes on without. One that is not under way is none of ours.
    pub(super) fn tools_left_out(&mut self, attempt: AttemptId) -> Result<(), FoldError> {
        match self.hands.calls.contains_key(&attempt) {
            true => self.record(Fact::ToolsLeftOut { attempt }),
            false => Ok(()),
        }
    }

    /// What is left of the budgets that bound a task, in calls, tokens or microseconds.
    pub fn left_for(&self, task: TaskId, now: Time) -> BTreeMap<Quantity, u64> {
        let budgets = &self.state.budgets;
        let worked = budgets.worked_at(now);
        let mut left = BTreeMap::new();
        for (of, budget) in budgets.around(self.state.plan(), task) {
            if budget.mode == BudgetMode::Audit {
                continue;
            }
            for quantity in Quantity::ALL {
                let Some(limit) = quantity.limit(&budget) else { continue };
                let rest = limit.saturating_sub(budgets.account(of).of(quantity, worked));
                let least = left.entry(quantity).or_insert(rest);
                *least = rest.min(*least);
            }
        }
        left
    }

    /// Has the driver wait for the runs that a task waits for. Gives whether it waits for any.
    pub(super) fn await_runs(&mut self, task: TaskId) -> bool {
        let Some(awaited) = self.state.task(task).awaited.as_deref().cloned() else { return false };
        if awaited.heard {
            return false;
        }
        let Awaiting { runs, news, until, .. } = awaited.awaiting;
        if let Some(until) = until {
            self.hands.timers.set(Timer::News(task), until);
        }
        self.command(Command::AwaitRuns { attempt: awaited.attempt, runs, news });
        true
    }

    /// There is news of the runs that a task waits for. What comes when it waits for others, or for none, changes
    /// nothing.
    pub(super) fn runs_heard(&mut self, attempt: AttemptId) -> Result<(), FoldError> {
        let is_known = attempt.task.index() < self.state.plan().tasks.len();
        let awaited = is_known.then(|| self.state.task(attempt.task).awaited.as_deref()).flatten();
        match awaited {
            Some(awaited) if awaited.attempt == attempt => self.waited_enough(attempt.task),
            _ => Ok(()),
        }
    }

    /// A task that waits for runs goes on.
    pub(super) fn waited_enough(&mut self, task: TaskId) -> Result<(), FoldError> {
        let awaited = self.state.task(task).awaited.as_deref();
        if !self.is_backing_off(task) || awaited.is_none_or(|awaited| awaited.heard) {
            return Ok(());
        }
        self.hands.timers.clear(Timer::News(task));
        self.record(Fact::RunsHeard { task })?;
        self.hands.timers.set(Timer::Retry(task), self.now());
        Ok(())
    }
}
