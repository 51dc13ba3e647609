//! What the attempts under way wait for, for whoever watches a run. No fact: it is over when the
//! first token comes.

use std::time::Duration;

use super::clocks::Stage;
use super::conduct::Engine;
use super::settings::ServerId;
use super::time::Time;
use super::vocabulary::AttemptId;

/// What attempts of one model wait for on one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// The server.
    pub server: ServerId,
    /// The model's full name.
    pub model: String,
    /// What for.
    pub reason: WaitReason,
    /// How long the first of them has waited.
    pub waited: Duration,
    /// Those that wait, in the order in which they began.
    pub attempts: Vec<AttemptId>,
}

/// What an attempt waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaitReason {
    /// That its model is loaded, or that the server loads another one before.
    Load,
    /// The first token, although the model is loaded: other calls come first, or the prompt is long.
    FirstToken {
        /// Calls of this run that the server works on for the same model.
        before: usize,
    },
}

impl Engine {
    /// What attempts wait for at a moment, by server and model.
    pub fn waits(&self, now: Time) -> Vec<Wait> {
        let mut waits: Vec<Wait> = Vec::new();
        for (attempt, call) in &self.hands.calls {
            let reason = match call.stage {
                Stage::Load(_) => WaitReason::Load,
                Stage::FirstToken => {
                    let answers = |other: &&super::hands::Ongoing| {
                        other.server == call.server
                            && other.model == call.model
                            && other.stage == Stage::Tokens
                    };
                    let before = self.hands.calls.values().filter(answers).count();
                    WaitReason::FirstToken { before }
                }
                Stage::Tokens | Stage::Tool => continue,
            };
            let waited = now.since(call.since);
            let known = waits.iter_mut().find(|wait| {
                wait.server == call.server && wait.model == call.model && wait.reason == reason
            });
            match known {
                Some(wait) => {
                    wait.waited = wait.waited.max(waited);
                    wait.attempts.push(*attempt);
                }
                None => waits.push(Wait {
                    server: call.server,
                    model: call.model.clone(),
                    reason,
                    waited,
                    attempts: vec![*attempt],
                }),
            }
        }
        waits
    }
}
