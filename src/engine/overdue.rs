//! Tasks that were not done in the time in which they were to be: the next who can takes them up.

use super::conduct::Engine;
use super::failure::{Failure, FailureClass};
use super::fold_error::FoldError;
use super::moves::TaskStatus;
use super::timers::Timer;
use super::vocabulary::{AttemptId, Command, Outcome};
use crate::language::document::HumanDuration;
use crate::language::plan::{Ladder, Over, Part, ScopeId, TaskId, Work};

impl Engine {
    /// Whoever is at a task that others may take up has so much time.
    pub(super) fn watch_rung(&mut self, several: TaskId) {
        let Some((_, after)) = self.at_work(several) else {
            self.hands.timers.clear(Timer::Rung(several));
            return;
        };
        let since = self.state.iterations(several).map(|known| known.begun_at);
        if let Some(since) = since {
            self.hands.timers.set(Timer::Rung(several), since + after.0);
        }
    }

    /// The time of who is at a task is over: it is broken off, and the next one takes it up.
    pub(super) fn overdue(&mut self, several: TaskId) -> Result<(), FoldError> {
        let Some((task, after)) = self.at_work(several) else { return Ok(()) };
        let failure = Failure::new(FailureClass::Overdue, format!("it was not done in {after}"));
        match self.state.task(task).status {
            TaskStatus::Running | TaskStatus::Hedged => self.end_overdue(task, &failure),
            TaskStatus::Pending | TaskStatus::BackingOff => {
                self.let_go(task);
                self.fail(task, failure, None)
            }
            TaskStatus::Open => {
                let inside: Vec<ScopeId> = match &self.state.plan().task(task).work {
                    Work::Call { scope, .. } => vec![*scope],
                    _ => {
                        let scopes = self.state.iterations(task).map(|known| known.scopes.clone());
                        scopes.unwrap_or_default()
                    }
                };
                self.let_go(task);
                // The caller first: the end of the scope inside it then means nothing any more.
                self.fail(task, failure, None)?;
                inside.into_iter().try_for_each(|scope| self.cancel_tasks(scope))
            }
            // A person has a deadline, and what is made of a failure is made at once.
            _ => Ok(()),
        }
    }

    /// Breaks the calls for a task off. A tool is not: nobody would know what it has done.
    fn end_overdue(&mut self, task: TaskId, failure: &Failure) -> Result<(), FoldError> {
        let under_way: Vec<AttemptId> =
            self.state.task(task).under_way().map(|(attempt, _)| attempt).collect();
        for attempt in under_way.into_iter().rev() {
            let Some(ongoing) = self.hands.end_call(attempt) else { continue };
            self.command(Command::Abort(attempt));
            let failure = failure.clone();
            let outcome = Outcome::Failed { failure, answer: None, usage: None };
            self.end_attempt(attempt, ongoing, outcome)?;
        }
        Ok(())
    }

    /// The task that is tried at present of one that others may take up, and how long that may take: nothing
    /// where no other is left.
    fn at_work(&self, several: TaskId) -> Option<(TaskId, HumanDuration)> {
        let plan = self.state.plan();
        let Work::Iterate(iterate) = &plan.task(several).work else { return None };
        let Over::Ladder(Ladder { rungs, after: Some(after) }) = &iterate.over else { return None };
        let known = self.state.iterations(several)?;
        let (last, scope) = known.all().last()?;
        let next = match last.part {
            Part::Rung(place) => place as usize + 1,
            _ => 0,
        };
        let task = *plan.scope(scope?).tasks.first()?;
        let is_open = !self.state.task(task).status.is_final();
        (next < rungs.len() && is_open).then_some((task, *after))
    }
}
