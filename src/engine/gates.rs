//! Gates at which a person decides.

use super::conduct::Engine;
use super::failure::{Failure, FailureClass};
use super::fold_error::FoldError;
use super::moves::TaskStatus;
use super::settings::People;
use super::timers::Timer;
use super::vocabulary::{Command, DecidedAhead, Decision, Fact};
use crate::language::digest::Digest;
use crate::language::plan::{TaskId, Work, in_plan};

impl Engine {
    pub(super) fn open_gate(&mut self, task: TaskId, question: Digest) -> Result<(), FoldError> {
        let plan = self.plan();
        let Work::Approve { deadline, .. } = &plan.task(task).work else {
            return Ok(());
        };
        let deadline = deadline.map(|limit| self.now() + limit.0);
        self.record(Fact::GateOpened { task, question, deadline })?;
        match self.decision_ahead(task) {
            Some(decision) => self.decided(decision),
            None => self.reopen_gate(task),
        }
    }

    /// Takes decisions that were made before the engine asked for them: at gates that wait since
    /// an earlier process they hold at once, at others when their turn comes.
    pub(super) fn decide_ahead(&mut self, decisions: Vec<DecidedAhead>) -> Result<(), FoldError> {
        for ahead in decisions {
            self.hands.decided_ahead.insert(ahead.address.clone(), ahead);
        }
        let plan = self.plan();
        for (task, _) in plan.tasks() {
            if self.state.task(task).status == TaskStatus::Waiting
                && let Some(decision) = self.decision_ahead(task)
            {
                self.decided(decision)?;
            }
        }
        Ok(())
    }

    /// What was decided at a gate beforehand: at itself before at all like it.
    fn decision_ahead(&self, task: TaskId) -> Option<Decision> {
        let path = &self.state.plan().task(task).path;
        let ahead = |address: &String| self.hands.decided_ahead.get(address);
        let found = ahead(path).or_else(|| in_plan(path).iter().find_map(ahead))?;
        let DecidedAhead { choice, by, .. } = found.clone();
        Some(Decision { task, choice, by })
    }

    /// Asks the person, or takes the default where nobody can be asked or the time is over.
    pub(super) fn reopen_gate(&mut self, task: TaskId) -> Result<(), FoldError> {
        let plan = self.plan();
        let default = match &plan.task(task).work {
            Work::Approve { default, .. } => default,
            // A person is asked about a tool: nobody else can say that it may be used.
            _ => &None,
        };
        let Some((question, deadline)) = self.state.task(task).gate.as_deref().cloned() else {
            return Ok(());
        };
        if deadline.is_some_and(|deadline| deadline <= self.now()) {
            return self.gate_expired(task);
        }
        if let (People::Absent, Some(choice)) = (self.settings.people, default) {
            let by = "the default, since nobody is at a terminal".to_owned();
            return self.record(Fact::GateDecided { task, choice: choice.clone(), by });
        }
        if let Some(deadline) = deadline {
            self.hands.timers.set(Timer::Gate(task), deadline);
        }
        self.command(Command::AskPerson { task, question, deadline });
        Ok(())
    }

    /// A person has decided. What is no option, or comes when nothing is asked, changes nothing.
    pub(super) fn decided(&mut self, decision: Decision) -> Result<(), FoldError> {
        if self.is_about_a_tool(&decision) {
            return self.permission_decided(decision);
        }
        let Decision { task, choice, by } = decision;
        let plan = self.plan();
        let Some(Work::Approve { options, .. }) = plan.tasks.get(task.index()).map(|t| &t.work)
        else {
            return Ok(());
        };
        // Where there is nothing to choose from, the person writes the answer.
        let is_one = options.is_empty() || options.contains(&choice);
        if self.state.task(task).status != TaskStatus::Waiting || !is_one {
            return Ok(());
        }
        self.hands.timers.clear(Timer::Gate(task));
        self.command(Command::WithdrawQuestion(task));
        self.record(Fact::GateDecided { task, choice, by })
    }

    pub(super) fn gate_expired(&mut self, task: TaskId) -> Result<(), FoldError> {
        if self.state.task(task).status != TaskStatus::Waiting {
            return Ok(());
        }
        let plan = self.plan();
        let Work::Approve { default, .. } = &plan.task(task).work else {
            return Ok(());
        };
        self.hands.timers.clear(Timer::Gate(task));
        self.command(Command::WithdrawQuestion(task));
        match default {
            Some(choice) => {
                let by = "the default, since the deadline passed".to_owned();
                self.record(Fact::GateDecided { task, choice: choice.clone(), by })
            }
            None => {
                let message = "nobody decided before the deadline";
                self.fail(task, Failure::new(FailureClass::GateExpired, message), None)
            }
        }
    }
}
