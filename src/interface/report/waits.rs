//! What a run waits for while nothing comes: a model that is loaded, or a server that is busy.

use std::collections::BTreeSet;
use std::time::Duration;

use super::paint::Paint;
use super::units::{counted, seconds};
use crate::engine::{ServerId, Wait, WaitReason};
use crate::insight::History;

/// A wait is told when it has lasted so long.
const TOLD_AFTER: Duration = Duration::from_secs(5);

/// The waits that have been told: each is told once while it lasts.
#[derive(Debug, Default)]
pub struct ToldWaits(BTreeSet<(ServerId, String, bool)>);

impl ToldWaits {
    /// The lines that are due.
    pub fn lines(&mut self, waits: &[Wait], history: &History, paint: Paint) -> Vec<String> {
        let due = self.due(waits);
        let told = due.into_iter().map(|wait| {
            // What has just begun may not be on disk, and is told to nobody before.
            let first = wait.attempts.first().filter(|attempt| history.has(attempt.task));
            let begun = first.and_then(|attempt| {
                let attempts = &history.task(attempt.task).attempts;
                attempts.iter().rev().find(|begun| begun.number == attempt.number)
            });
            let now = begun.map_or(history.worked, |attempt| attempt.started + wait.waited);
            let at = format!("[{:>8}]", seconds(now));
            let server = history.server_name(wait.server);
            let tasks = counted(wait.attempts.len(), "task", "tasks");
            let rest = format!("{}  ({tasks})", wait_text(wait, server));
            format!("{} {} {rest}", paint.dim(&at), paint.notice("waiting"))
        });
        told.collect()
    }

    fn due<'w>(&mut self, waits: &'w [Wait]) -> Vec<&'w Wait> {
        let key = |wait: &Wait| (wait.server, wait.model.clone(), wait.reason == WaitReason::Load);
        let lasting: BTreeSet<_> = waits.iter().map(key).collect();
        self.0.retain(|told| lasting.contains(told));
        waits.iter().filter(|wait| wait.waited >= TOLD_AFTER && self.0.insert(key(wait))).collect()
    }
}

/// What is waited for, and for how long: `for llama3.1:8b to load on gpu1, 42 s`.
pub fn wait_text(wait: &Wait, server: &str) -> String {
    let Wait { model, reason, waited, .. } = wait;
    let waited = waited.as_secs();
    match reason {
        WaitReason::Load => format!("for {model} to load on {server}, {waited} s"),
        WaitReason::FirstToken { before: 0 } => {
            format!(
                "for the first token of {model} on {server}, {waited} s: the prompt is long, or \
                     the server works for others"
            )
        }
        WaitReason::FirstToken { before } => {
            let calls = counted(*before, "call", "calls");
            format!("queued behind {calls} of {model} on {server}, {waited} s")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(reason: WaitReason, seconds: u64) -> Wait {
        Wait {
            server: ServerId(0),
            model: "llama3.1:8b".to_owned(),
            reason,
            waited: Duration::from_secs(seconds),
            attempts: Vec::new(),
        }
    }

    #[test]
    fn a_wait_is_told_once_and_only_when_it_lasts() {
        let mut told = ToldWaits::default();
        let mut count = |waits: &[Wait]| told.due(waits).len();
        assert_eq!(count(&[wait(WaitReason::Load, 4)]), 0);
        assert_eq!(count(&[wait(WaitReason::Load, 5)]), 1);
        assert_eq!(count(&[wait(WaitReason::Load, 60)]), 0);
        let token = |before, seconds| wait(WaitReason::FirstToken { before }, seconds);
        assert_eq!(count(&[token(3, 61)]), 1);
        assert_eq!(count(&[token(2, 62)]), 0, "the same wait behind fewer calls");
        // Another wait for the same is told again.
        assert_eq!(count(&[]), 0);
        assert_eq!(count(&[token(1, 9)]), 1);
    }

    #[test]
    fn what_is_waited_for_is_said() {
        let text = |reason| wait_text(&wait(reason, 42), "gpu1");
        assert_eq!(text(WaitReason::Load), "for llama3.1:8b to load on gpu1, 42 s");
        assert_eq!(
            text(WaitReason::FirstToken { before: 2 }),
            "queued behind 2 calls of llama3.1:8b on gpu1, 42 s"
        );
        let alone = text(WaitReason::FirstToken { before: 0 });
        assert!(alone.starts_with("for the first token of llama3.1:8b on gpu1, 42 s"), "{alone}");
    }
}
