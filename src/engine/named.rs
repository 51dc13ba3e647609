//! The contents that facts name: what must be there as long as the facts are.

use super::fork::Fork;
use super::vocabulary::{Fact, Outcome};
use crate::language::digest::Digest;

impl Fact {
    /// The contents that it names.
    pub fn contents(&self) -> Vec<&Digest> {
        match self {
            Fact::RunStarted { inputs, fork, .. } => {
                let kept = fork.iter().flat_map(Fork::contents);
                std::iter::once(inputs).chain(kept).collect()
            }
            Fact::PatternOpened { inputs, .. } => vec![inputs],
            Fact::TaskReused { manifest, output, .. } => vec![&manifest.request, output],
            Fact::GateOpened { question, .. } => vec![question],
            Fact::AttemptStarted { request, .. } => vec![request],
            Fact::AttemptEnded { outcome, .. } => match outcome {
                Outcome::Answered { output, .. } => vec![output],
                Outcome::Failed { answer, .. } => answer.iter().collect(),
                Outcome::Lost => Vec::new(),
            },
            Fact::TaskSucceeded { output, .. } => vec![output],
            Fact::TaskFailed { output, .. } => output.iter().collect(),
            Fact::RunEnded { outputs, .. } => outputs.iter().collect(),
            Fact::RunResumed { .. }
            | Fact::TaskKept { .. }
            | Fact::TaskSkipped { .. }
            | Fact::TaskCancelled { .. }
            | Fact::GateDecided { .. }
            | Fact::WarmingStarted { .. }
            | Fact::ModelsSeen { .. }
            | Fact::ServerLeft { .. }
            | Fact::ModelLeft { .. }
            | Fact::ServerReturned { .. }
            | Fact::ServerShared { .. }
            | Fact::ServerUnshared { .. }
            | Fact::CancelRequested { .. }
            | Fact::RunPaused { .. } => Vec::new(),
        }
    }
}
