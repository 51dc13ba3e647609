//! What facts about tools say of their task: calls of models and of the task itself, and persons who are asked.

use std::sync::Arc;

use super::State;
use crate::engine::fold_error::FoldError;
use crate::engine::moves::TaskStatus;
use crate::engine::task_state::{AwaitedRuns, ToolPermission};
use crate::engine::vocabulary::{AttemptId, Fact};
use crate::language::plan::{TaskId, Work};

impl State {
    /// Where the task goes; nowhere if only a tool of its attempt is called or done.
    pub(super) fn take_in_tool(
        &mut self,
        sequence: u64,
        id: TaskId,
        fact: &Fact,
    ) -> Result<Option<TaskStatus>, FoldError> {
        let plan = Arc::clone(&self.plan);
        let state = &mut self.tasks[id.index()];
        let unknown = |attempt: &AttemptId| {
            let task = plan.task(id).path.clone();
            Err(FoldError::UnknownAttempt { sequence, task, number: attempt.number })
        };
        match fact {
            Fact::ToolCalled { attempt, tool } if matches!(plan.task(id).work, Work::Tool(_)) => {
                state.attempts = attempt.number;
                state.calling = Some(*attempt);
                state.request = Some(tool.arguments.clone());
                state.retry_at = None;
                Ok(Some(TaskStatus::Running))
            }
            Fact::ToolAnswered { attempt, .. } if state.calling == Some(*attempt) => Ok(None),
            Fact::ToolCalled { attempt, .. } | Fact::ToolAnswered { attempt, .. } => {
                // A word holds for one use. An attempt that fails later begins anew, and asks again.
                state.permission = None;
                state.awaited = None;
                if state.under_way().any(|(under_way, _)| under_way == *attempt) {
                    state.used_tools = true;
                    Ok(None)
                } else {
                    unknown(attempt)
                }
            }
            Fact::PermissionAsked { attempt, asking, .. } => {
                if state.running.map(|(running, _)| running) != Some(*attempt) {
                    return unknown(attempt);
                }
                state.running = None;
                state.awaited = None;
                state.gate = Some(Box::new((asking.question.clone(), None)));
                let talk = asking.talk.clone();
                state.permission = Some(Box::new(ToolPermission { talk, decision: None }));
                Ok(Some(TaskStatus::Waiting))
            }
            Fact::PermissionDecided { choice, by, .. } => {
                state.gate = None;
                if let Some(permission) = &mut state.permission {
                    permission.decision = Some((choice.clone(), by.clone()));
                }
                Ok(Some(TaskStatus::BackingOff))
            }
            Fact::ToolsLeftOut { attempt } => {
                match state.under_way().any(|(under_way, _)| under_way == *attempt) {
                    true => Ok(None),
                    false => unknown(attempt),
                }
            }
            Fact::RunsAwaited { attempt, awaiting, .. } => {
                if state.running.map(|(running, _)| running) != Some(*attempt) {
                    return unknown(attempt);
                }
                state.running = None;
                state.permission = None;
                let (attempt, awaiting) = (*attempt, awaiting.clone());
                state.awaited = Some(Box::new(AwaitedRuns { attempt, awaiting, heard: false }));
                Ok(Some(TaskStatus::BackingOff))
            }
            Fact::RunsHeard { .. } => match &mut state.awaited {
                Some(awaited) if state.status == TaskStatus::BackingOff && !awaited.heard => {
                    awaited.heard = true;
                    Ok(None)
                }
                _ => {
                    let task = plan.task(id).path.clone();
                    Err(FoldError::NotAwaited { sequence, task })
                }
            },
            _ => Ok(None),
        }
    }
}
