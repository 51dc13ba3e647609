//! Scopes: their end, their failure, and the end of the run.

use super::conduct::Engine;
use super::failure::{Failure, FailureClass};
use super::fold_error::FoldError;
use super::hands::Ongoing;
use super::moves::TaskStatus;
use super::timers::Timer;
use super::vocabulary::{AttemptId, Command, Fact, PauseReason, RunStatus};
use crate::language::digest::Digest;
use crate::language::document::SuccessCriteria;
use crate::language::plan::{ScopeId, TaskId, Work};

impl Engine {
    /// All tasks of a scope have ended: its outputs are made.
    pub(super) fn conclude(&mut self, scope: ScopeId) -> Result<(), FoldError> {
        if let Some(several) = self.state.plan().iterates(scope) {
            return self.go_on(several);
        }
        if let Some(task) = self.state.plan().compensates(scope) {
            return self.undone(task);
        }
        if self.state.scope_is_open(scope)
            && !self.state.cancelled
            && self.hands.concluding.insert(scope)
        {
            self.command(Command::Conclude(scope));
        }
        Ok(())
    }

    /// The outputs of a scope have been made: its caller ends, or the run does.
    pub(super) fn concluded(
        &mut self,
        scope: ScopeId,
        outputs: Result<Digest, Failure>,
    ) -> Result<(), FoldError> {
        if !self.hands.concluding.remove(&scope) {
            return Ok(());
        }
        let failure = self.failure_of(scope);
        if self.undo(scope, failure.is_some() || outputs.is_err())? {
            return Ok(());
        }
        match (self.plan().scope(scope).caller, outputs, failure) {
            (Some(caller), Ok(output), None) => {
                self.record(Fact::TaskSucceeded { task: caller, output })
            }
            (Some(caller), outputs, failure) => {
                // Outputs of a pattern that failed may have holes: nobody should build on them.
                let failure = failure.or_else(|| outputs.err());
                let failure = failure.unwrap_or_else(|| Failure::new(FailureClass::Internal, ""));
                self.fail(caller, failure, None)
            }
            (None, Ok(outputs), None) => self.end_run(RunStatus::Succeeded, Some(outputs), None),
            (None, outputs, failure) => {
                let made = outputs.as_ref().ok().cloned();
                self.end_run(RunStatus::Failed, made, failure.or_else(|| outputs.err()))
            }
        }
    }

    /// Why a scope whose tasks have ended has not succeeded, if it has not.
    fn failure_of(&self, scope: ScopeId) -> Option<Failure> {
        let plan = self.state.plan();
        let about = |task: TaskId| {
            let cause = self.state.task(task).failure.as_ref();
            // Of a run the class is said by the failure itself, of a pattern inside it is not.
            let (class, message) = match (plan.scope(scope).caller, cause) {
                (Some(_), Some(cause)) => (FailureClass::PatternFailed, cause.to_string()),
                (None, Some(cause)) => (cause.class, cause.message.clone()),
                (_, None) => (FailureClass::Internal, "failed".to_owned()),
            };
            Failure::new(class, format!("task `{}`: {message}", plan.task(task).path))
        };
        if let Some(task) = self.state.scope_failure(scope) {
            return Some(about(task));
        }
        match plan.scope(scope).success_criteria {
            SuccessCriteria::AllTasksComplete => None,
            SuccessCriteria::AllTasksSucceed => plan
                .scope(scope)
                .tasks
                .iter()
                .find(|task| self.state.task(**task).failure.is_some())
                .map(|task| about(*task)),
        }
    }

    fn end_run(
        &mut self,
        status: RunStatus,
        outputs: Option<Digest>,
        failure: Option<Failure>,
    ) -> Result<(), FoldError> {
        self.record(Fact::RunEnded { status, outputs, failure })?;
        self.stop(status);
        Ok(())
    }

    /// A scope cannot succeed any more: what is not over in it is broken off.
    pub(super) fn fail_scope(&mut self, scope: ScopeId) -> Result<(), FoldError> {
        self.cancel_tasks(scope)
    }

    pub(super) fn cancel_tasks(&mut self, scope: ScopeId) -> Result<(), FoldError> {
        let plan = self.plan();
        for task in &plan.scope(scope).tasks {
            if self.state.task(*task).status.is_final() {
                continue;
            }
            let was_open = self.state.task(*task).status == TaskStatus::Open;
            self.let_go(*task);
            // The caller first: the end of the scope inside it then means nothing any more.
            self.record(Fact::TaskCancelled { task: *task })?;
            if let (true, Work::Call { scope, .. }) = (was_open, &plan.task(*task).work) {
                self.cancel_tasks(*scope)?;
            }
            if let (true, Some(several)) = (was_open, self.state.iterations(*task)) {
                let scopes = several.scopes.clone();
                scopes.into_iter().try_for_each(|scope| self.cancel_tasks(scope))?;
            }
        }
        Ok(())
    }

    /// Takes a task out of everything that is going on.
    pub(super) fn let_go(&mut self, task: TaskId) {
        let turn = self.turn(task);
        self.hands.lanes.remove(turn);
        self.hands.held.remove(turn);
        self.hands.preparing.remove(&task);
        self.hands.searches.remove(&task);
        if let Work::Call { scope, .. } = self.state.plan().task(task).work {
            self.hands.concluding.remove(&scope);
            self.hands.staffing.remove(&scope);
        }
        self.hands.timers.clear(Timer::Retry(task));
        self.hands.timers.clear(Timer::Queue(task));
        self.hands.timers.clear(Timer::Patience(task));
        self.hands.timers.clear(Timer::Rung(task));
        self.hands.timers.clear(Timer::News(task));
        if self.state.task(task).status == TaskStatus::Waiting {
            self.hands.timers.clear(Timer::Gate(task));
            self.command(Command::WithdrawQuestion(task));
        }
        let under_way: Vec<AttemptId> =
            self.state.task(task).under_way().map(|(attempt, _)| attempt).collect();
        for attempt in under_way {
            self.break_off(attempt);
        }
        self.break_tool_off(task);
    }

    /// Breaks an attempt off; what it was, if it was under way.
    pub(super) fn break_off(&mut self, attempt: AttemptId) -> Option<Ongoing> {
        let ongoing = self.hands.end_call(attempt);
        if ongoing.is_some() {
            self.command(Command::Abort(attempt));
        }
        self.stop_clocks(attempt);
        ongoing
    }

    /// The run stops for now: what is under way is broken off and will be asked again. What becomes of
    /// tools that tasks called is decided when the run is taken up.
    pub(super) fn interrupt(&mut self, reason: PauseReason) -> Result<(), FoldError> {
        if self.state.inputs.is_none() || self.state.status.is_final() {
            self.stop(self.state.status);
            return Ok(());
        }
        let calls: Vec<AttemptId> = self.hands.calls.keys().copied().collect();
        let at = self.now();
        for attempt in calls {
            self.break_off(attempt);
            self.lose_attempt(attempt, at)?;
        }
        self.break_tools_off();
        self.record(Fact::RunPaused { reason })?;
        self.stop(self.state.status);
        Ok(())
    }

    /// The run ends for good.
    pub(super) fn cancel(&mut self, by: String) -> Result<(), FoldError> {
        if self.state.status.is_final() {
            self.stop(self.state.status);
            return Ok(());
        }
        self.record(Fact::CancelRequested { by })?;
        self.cancel_tasks(ScopeId::ROOT)?;
        self.finish_cancelling()
    }

    /// A cancelled run ends when everything is undone that can be.
    pub(super) fn finish_cancelling(&mut self) -> Result<(), FoldError> {
        if self.undo(ScopeId::ROOT, true)? {
            return Ok(());
        }
        self.end_run(RunStatus::Cancelled, None, None)
    }
}
