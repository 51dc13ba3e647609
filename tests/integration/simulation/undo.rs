//! What can be undone of a run, and what is: counted by itself, from facts and the plan alone.

use std::collections::{BTreeMap, BTreeSet};

use partita::engine::{Fact, Next, Outcome, Recorded, RunStatus};
use partita::language::plan::{Plan, ScopeId, TaskId, Work};

use super::rules::{Broken, Rule, holds};

/// Follows what tasks do that can be undone.
#[derive(Debug, Default)]
pub(super) struct Undo {
    /// What has ended well, in order. Of tasks that use patterns nothing is said here.
    done: Vec<TaskId>,
    undone: BTreeSet<TaskId>,
    /// What was undone last in a pattern, by its place in `done`.
    last: BTreeMap<ScopeId, usize>,
    /// What is being undone.
    under_way: BTreeMap<ScopeId, TaskId>,
}

impl Undo {
    /// Takes a fact in, with the plan as it is before.
    pub(super) fn fact(&mut self, plan: &Plan, recorded: &Recorded) -> Result<(), Broken> {
        let fact = &recorded.fact;
        if let (Fact::AttemptEnded { outcome: Outcome::Answered { .. }, .. }, Some(task)) =
            (fact, fact.task())
            && plan.task(task).compensate.is_some()
        {
            self.done.push(task);
        }
        let is_end = matches!(
            fact,
            Fact::AttemptEnded { outcome: Outcome::Answered { .. }, .. }
                | Fact::AttemptEnded { next: Next::Done, .. }
                | Fact::TaskFailed { .. }
                | Fact::TaskCancelled { .. }
        );
        if let Some(undo) = fact.task().filter(|_| is_end)
            && let Some(task) = plan.compensates(plan.task(undo).scope)
        {
            self.under_way.remove(&home(plan, task));
        }
        match fact {
            Fact::CompensationStarted { task } => self.begins(plan, *task),
            Fact::RunEnded { status: RunStatus::Failed, .. } => self.is_all(plan),
            _ => Ok(()),
        }
    }

    fn begins(&mut self, plan: &Plan, task: TaskId) -> Result<(), Broken> {
        let path = &plan.task(task).path;
        let is_new = self.undone.insert(task);
        holds(Rule::UndoneInReverse, is_new, || format!("{path} is undone twice"))?;
        let home = home(plan, task);
        let before = self.under_way.insert(home, task);
        holds(Rule::UndoneInReverse, before.is_none(), || {
            format!("{path} is undone beside {before:?}")
        })?;
        if let Work::Call { .. } = plan.task(task).work {
            return Ok(());
        }
        let place = self.done.iter().position(|done| *done == task);
        holds(Rule::UndoneInReverse, place.is_some(), || format!("{path} has not been done"))?;
        let place = place.unwrap_or_default();
        let last = self.last.insert(home, place);
        holds(Rule::UndoneInReverse, last.is_none_or(|last| place < last), || {
            format!("{path} had ended after what was undone before it")
        })
    }

    /// A failed run has undone what it has done; what a task has used that is undone itself belongs to that.
    fn is_all(&self, plan: &Plan) -> Result<(), Broken> {
        let left = self.done.iter().find(|task| {
            let is_covered =
                plan.around(**task).any(|caller| plan.task(caller).compensate.is_some());
            !self.undone.contains(*task) && !is_covered
        });
        holds(Rule::UndoneInReverse, left.is_none(), || {
            let left = left.map(|task| plan.task(*task).path.as_str());
            format!("{left:?} is left in a run that failed")
        })
    }
}

/// The pattern that a task belongs to, however often the task is done.
fn home(plan: &Plan, task: TaskId) -> ScopeId {
    let around = plan.around(task).map(|caller| plan.task(caller).scope);
    let mut outwards = std::iter::once(plan.task(task).scope).chain(around);
    outwards.find(|scope| plan.iterates(*scope).is_none()).unwrap_or(ScopeId::ROOT)
}
