//! What facts name: contents, which must be there as long as the facts are, settings, and tasks.

use super::fork::Fork;
use super::settings::Settings;
use super::vocabulary::{Fact, Outcome};
use crate::language::digest::Digest;
use crate::language::plan::TaskId;

impl Fact {
    /// The contents that it names.
    pub fn contents(&self) -> Vec<&Digest> {
        match self {
            Fact::RunStarted { inputs, fork, .. } => {
                let kept = fork.iter().flat_map(Fork::contents);
                std::iter::once(inputs).chain(kept).collect()
            }
            Fact::PatternOpened { inputs, .. } => vec![inputs],
            Fact::IterationsListed { iterations, .. } => {
                iterations.iter().map(|iteration| &iteration.inputs).collect()
            }
            Fact::VotesCounted { votes, .. } => vec![votes],
            Fact::TaskReused { manifest, output, .. } => vec![&manifest.request, output],
            Fact::GateOpened { question, .. } => vec![question],
            Fact::AttemptStarted { request, .. } => vec![request],
            Fact::ToolCalled { tool, .. } => vec![&tool.arguments],
            Fact::ToolAnswered { answer, .. } => vec![&answer.result],
            Fact::PermissionAsked { asking, .. } => {
                vec![&asking.arguments, &asking.talk, &asking.question]
            }
            Fact::RunsAwaited { awaiting, .. } => vec![&awaiting.talk],
            Fact::AttemptEnded { outcome, .. } => match outcome {
                Outcome::Answered { output, .. } => vec![output],
                Outcome::Failed { answer, .. } => answer.iter().collect(),
                Outcome::Lost | Outcome::Superseded => Vec::new(),
            },
            Fact::TaskSucceeded { output, .. } => vec![output],
            Fact::MessageSent { message, .. } => vec![message],
            Fact::TaskFailed { output, .. } => output.iter().collect(),
            Fact::RunEnded { outputs, .. } => outputs.iter().collect(),
            Fact::RunResumed { .. }
            | Fact::PostsFilled { .. }
            | Fact::TaskKept { .. }
            | Fact::IterationsOpened { .. }
            | Fact::CompensationStarted { .. }
            | Fact::RoundsEnded { .. }
            | Fact::TaskSkipped { .. }
            | Fact::TaskCancelled { .. }
            | Fact::GateDecided { .. }
            | Fact::PermissionDecided { .. }
            | Fact::RunsHeard { .. }
            | Fact::ToolsLeftOut { .. }
            | Fact::WarmingStarted { .. }
            | Fact::ModelsSeen { .. }
            | Fact::ServerLeft { .. }
            | Fact::ModelLeft { .. }
            | Fact::ServerReturned { .. }
            | Fact::ServerShared { .. }
            | Fact::ServerUnshared { .. }
            | Fact::BudgetReached { .. }
            | Fact::CancelRequested { .. }
            | Fact::RunPaused { .. } => Vec::new(),
        }
    }

    /// What kind of fact it is, as the journal calls it.
    pub fn kind(&self) -> &'static str {
        match self {
            Fact::RunStarted { .. } => "run_started",
            Fact::RunResumed { .. } => "run_resumed",
            Fact::TaskSkipped { .. } => "task_skipped",
            Fact::PatternOpened { .. } => "pattern_opened",
            Fact::PostsFilled { .. } => "posts_filled",
            Fact::IterationsListed { .. } => "iterations_listed",
            Fact::IterationsOpened { .. } => "iterations_opened",
            Fact::VotesCounted { .. } => "votes_counted",
            Fact::RoundsEnded { .. } => "rounds_ended",
            Fact::TaskKept { .. } => "task_kept",
            Fact::TaskReused { .. } => "task_reused",
            Fact::GateOpened { .. } => "gate_opened",
            Fact::GateDecided { .. } => "gate_decided",
            Fact::AttemptStarted { .. } => "attempt_started",
            Fact::ToolCalled { .. } => "tool_called",
            Fact::ToolAnswered { .. } => "tool_answered",
            Fact::PermissionAsked { .. } => "permission_asked",
            Fact::PermissionDecided { .. } => "permission_decided",
            Fact::RunsAwaited { .. } => "runs_awaited",
            Fact::RunsHeard { .. } => "runs_heard",
            Fact::ToolsLeftOut { .. } => "tools_left_out",
            Fact::AttemptEnded { .. } => "attempt_ended",
            Fact::TaskSucceeded { .. } => "task_succeeded",
            Fact::MessageSent { .. } => "message_sent",
            Fact::CompensationStarted { .. } => "compensation_started",
            Fact::TaskFailed { .. } => "task_failed",
            Fact::TaskCancelled { .. } => "task_cancelled",
            Fact::WarmingStarted { .. } => "warming_started",
            Fact::ModelsSeen { .. } => "models_seen",
            Fact::ServerLeft { .. } => "server_left",
            Fact::ModelLeft { .. } => "model_left",
            Fact::ServerReturned { .. } => "server_returned",
            Fact::ServerShared { .. } => "server_shared",
            Fact::ServerUnshared { .. } => "server_unshared",
            Fact::BudgetReached { .. } => "budget_reached",
            Fact::CancelRequested { .. } => "cancel_requested",
            Fact::RunPaused { .. } => "run_paused",
            Fact::RunEnded { .. } => "run_ended",
        }
    }

    /// The settings that it brings, if it brings any.
    pub fn settings(&self) -> Option<&Settings> {
        match self {
            Fact::RunStarted { settings, .. } | Fact::RunResumed { settings } => Some(settings),
            _ => None,
        }
    }

    /// The task that it is about, if it is about one.
    pub fn task(&self) -> Option<TaskId> {
        match self {
            Fact::TaskSkipped { task, .. }
            | Fact::TaskKept { task }
            | Fact::TaskReused { task, .. }
            | Fact::PatternOpened { task, .. }
            | Fact::IterationsListed { task, .. }
            | Fact::IterationsOpened { task, .. }
            | Fact::CompensationStarted { task }
            | Fact::VotesCounted { task, .. }
            | Fact::RoundsEnded { task, .. }
            | Fact::GateOpened { task, .. }
            | Fact::GateDecided { task, .. }
            | Fact::PermissionDecided { task, .. }
            | Fact::RunsHeard { task }
            | Fact::TaskSucceeded { task, .. }
            | Fact::MessageSent { task, .. }
            | Fact::TaskFailed { task, .. }
            | Fact::TaskCancelled { task } => Some(*task),
            Fact::AttemptStarted { attempt, .. }
            | Fact::ToolCalled { attempt, .. }
            | Fact::ToolAnswered { attempt, .. }
            | Fact::PermissionAsked { attempt, .. }
            | Fact::RunsAwaited { attempt, .. }
            | Fact::ToolsLeftOut { attempt }
            | Fact::AttemptEnded { attempt, .. } => Some(attempt.task),
            Fact::RunStarted { .. }
            | Fact::RunResumed { .. }
            | Fact::PostsFilled { .. }
            | Fact::WarmingStarted { .. }
            | Fact::ModelsSeen { .. }
            | Fact::ServerLeft { .. }
            | Fact::ModelLeft { .. }
            | Fact::ServerReturned { .. }
            | Fact::ServerShared { .. }
            | Fact::ServerUnshared { .. }
            | Fact::BudgetReached { .. }
            | Fact::CancelRequested { .. }
            | Fact::RunPaused { .. }
            | Fact::RunEnded { .. } => None,
        }
    }
}
