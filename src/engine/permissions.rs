//! Tools about which a person is asked in the middle of an answer.
//!
//! The attempt is over when its model has called such a tool: who waits for a person holds no slot. What had been
//! said is kept, and the next attempt goes on from there.

use super::conduct::Engine;
use super::fold_error::FoldError;
use super::moves::TaskStatus;
use super::timers::Timer;
use super::vocabulary::{
    AttemptId, Command, Decision, Fact, PERMISSION_OPTIONS, ToolAsking, Usage,
};

impl Engine {
    /// The model of an attempt called a tool that a person must agree to. An attempt that is not under way
    /// is none of ours.
    pub(super) fn permission_asked(
        &mut self,
        attempt: AttemptId,
        asking: ToolAsking,
        usage: Usage,
    ) -> Result<(), FoldError> {
        let Some(ongoing) = self.hands.end_call(attempt) else { return Ok(()) };
        self.stop_clocks(attempt);
        self.hands.servers.get_mut(ongoing.server).answered(&ongoing.model);
        self.record(Fact::PermissionAsked { attempt, asking, usage })?;
        self.reopen_gate(attempt.task)
    }

    /// Whether a decision is about a tool that a task wants to use.
    pub(super) fn is_about_a_tool(&self, decision: &Decision) -> bool {
        let is_known = decision.task.index() < self.state.plan().tasks.len();
        is_known && self.state.task(decision.task).permission.is_some()
    }

    /// A person has decided about a tool. What is no option, or comes when nothing is asked, changes
    /// nothing.
    pub(super) fn permission_decided(&mut self, decision: Decision) -> Result<(), FoldError> {
        let Decision { task, choice, by } = decision;
        let is_asked = self.state.task(task).status == TaskStatus::Waiting;
        if !is_asked || !PERMISSION_OPTIONS.contains(&choice.as_str()) {
            return Ok(());
        }
        self.command(Command::WithdrawQuestion(task));
        self.record(Fact::PermissionDecided { task, choice, by })?;
        self.hands.timers.set(Timer::Retry(task), self.now());
        Ok(())
    }
}
