//! Tools that the model of an attempt calls: recorded before they are used, and when they are done.
//!
//! The attempt goes on meanwhile, and holds its slot: its server remembers what it has read.

use super::clocks::Stage;
use super::conduct::Engine;
use super::fold_error::FoldError;
use super::vocabulary::{AttemptId, Command, Fact, ToolAnswer, ToolUse};

impl Engine {
    /// The model of an attempt wants a tool to be used. One that is not under way is none of ours.
    pub(super) fn tool_called(
        &mut self,
        attempt: AttemptId,
        tool: ToolUse,
    ) -> Result<(), FoldError> {
        if self.hands.tools.is_under_way(attempt) {
            return self.tool_ready(attempt, tool);
        }
        if !self.hands.calls.contains_key(&attempt) {
            return Ok(());
        }
        let call = tool.call;
        self.enter(attempt, Stage::Tool);
        self.record(Fact::ToolCalled { attempt, tool })?;
        self.command(Command::UseTool { attempt, call });
        Ok(())
    }

    /// A tool is done: the model is asked again.
    pub(super) fn tool_answered(
        &mut self,
        attempt: AttemptId,
        answer: ToolAnswer,
    ) -> Result<(), FoldError> {
        if !self.hands.calls.contains_key(&attempt) {
            return Ok(());
        }
        self.enter(attempt, Stage::FirstToken);
        self.record(Fact::ToolAnswered { attempt, answer })
    }
}
