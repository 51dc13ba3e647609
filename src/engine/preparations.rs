//! What the driver has found out about a task, and what follows: it is asked, begun, done several times,
//! or over.

use super::conduct::Engine;
use super::failure::{Failure, FailureClass};
use super::fold_error::FoldError;
use super::moves::TaskStatus;
use super::vocabulary::{Fact, Next, Preparation, SkipReason};
use crate::language::plan::TaskId;

impl Engine {
    /// A task has been looked at.
    pub(super) fn prepared(
        &mut self,
        id: TaskId,
        preparation: Preparation,
    ) -> Result<(), FoldError> {
        let is_awaited =
            self.hands.preparing.contains(&id) && !self.hands.searches.contains_key(&id);
        if id.index() >= self.plan().tasks.len() || !is_awaited {
            return Ok(());
        }
        let status = self.state.task(id).status;
        if let (TaskStatus::Pending, Preparation::Request { request, tokens }) =
            (status, &preparation)
            && self.look_up(id, request, *tokens)
        {
            return Ok(());
        }
        self.hands.preparing.remove(&id);
        self.hands.lanes.prepared(id);
        match status {
            TaskStatus::Pending => self.begun(id, preparation),
            TaskStatus::Open => self.gathered(id, preparation),
            TaskStatus::FallingBack => self.fallen_back(id, preparation),
            _ => Ok(()),
        }
    }

    /// A task's turn has come.
    fn begun(&mut self, id: TaskId, preparation: Preparation) -> Result<(), FoldError> {
        match preparation {
            Preparation::Skip => {
                self.record(Fact::TaskSkipped { task: id, reason: SkipReason::Condition })
            }
            Preparation::Request { request, tokens } => self.ask(id, request, tokens),
            Preparation::Tool { arguments } => {
                self.hands.tools.wait(id, arguments);
                Ok(())
            }
            Preparation::Done { output } => self.record(Fact::TaskSucceeded { task: id, output }),
            Preparation::Sent { message } => self.record(Fact::MessageSent { task: id, message }),
            Preparation::Question { question } => self.open_gate(id, question),
            Preparation::Opened { inputs } => self.record(Fact::PatternOpened { task: id, inputs }),
            Preparation::Iterations { iterations } => self.list(id, iterations),
            Preparation::Failed { failure, output } => self.fail(id, failure, output),
            Preparation::Voted { votes, warning, then } => {
                self.record(Fact::VotesCounted { task: id, votes, warning })?;
                self.begun(id, *then)
            }
            // Nothing has had rounds before it was begun.
            Preparation::RoundsEnded { .. } => Ok(()),
        }
    }

    /// It is known what has come of a task that is done several times, or what it is done for besides.
    fn gathered(&mut self, id: TaskId, preparation: Preparation) -> Result<(), FoldError> {
        match preparation {
            Preparation::Done { output } => self.record(Fact::TaskSucceeded { task: id, output }),
            Preparation::Failed { failure, output } => self.fail(id, failure, output),
            Preparation::Iterations { iterations } if !iterations.is_empty() => {
                self.list(id, iterations)
            }
            Preparation::Voted { votes, warning, then } => {
                self.record(Fact::VotesCounted { task: id, votes, warning })?;
                self.gathered(id, *then)
            }
            Preparation::RoundsEnded { end, output, failure } => {
                self.record(Fact::RoundsEnded { task: id, end })?;
                match (failure, output) {
                    (None, Some(output)) => self.record(Fact::TaskSucceeded { task: id, output }),
                    (failure, output) => {
                        let internal = || Failure::new(FailureClass::Internal, "no output");
                        self.fail(id, failure.unwrap_or_else(internal), output)
                    }
                }
            }
            _ => Ok(()),
        }
    }

    /// It is known what takes the place of a result that is not there.
    fn fallen_back(&mut self, id: TaskId, preparation: Preparation) -> Result<(), FoldError> {
        match preparation {
            Preparation::Done { output } => self.record(Fact::TaskSucceeded { task: id, output }),
            Preparation::Failed { failure, output } => {
                self.record(Fact::TaskFailed { task: id, failure, output, next: Next::Done })
            }
            _ => Ok(()),
        }
    }
}
