//! Runs that tasks of this run have started: they are waited for, and none goes on when nobody needs it any more.

use std::sync::Arc;

use super::Conductor;
use crate::engine::{AttemptId, AwaitedNews, Recorded, RunStatus};
use crate::runtime::embedded::messages::Message;
use crate::runtime::tools::Closing;

impl Conductor {
    /// Waits for news of runs, beside everything else.
    pub(super) fn await_runs(&mut self, attempt: AttemptId, runs: Vec<String>, news: AwaitedNews) {
        let Some(orchestrating) = self.tools.orchestrating().map(Arc::clone) else {
            // Nobody knows of runs here: the task goes on, and is told so.
            let _ = self.sender.send(Message::RunsHeard(attempt));
            return;
        };
        let (waiting, sender) = (orchestrating.news(runs, news), self.sender.clone());
        let waiting = self.spawn(async move {
            waiting.await;
            let _ = sender.send(Message::RunsHeard(attempt));
        });
        self.awaited.insert(attempt, waiting);
    }

    /// Ends the runs of tasks that are over.
    pub(super) fn let_runs_go(&self, facts: &[Recorded]) {
        let Some(orchestrating) = self.tools.orchestrating() else { return };
        let state = self.engine.state();
        for task in facts.iter().filter_map(|recorded| recorded.fact.task()) {
            if state.task(task).status.is_final() {
                orchestrating.task_is_over(&state.plan().task(task).path);
            }
        }
    }

    /// Has all runs stop that tasks of this one have started: for good where it is over, else as it does.
    pub(super) async fn close_runs(&self, status: Option<RunStatus>) {
        let Some(orchestrating) = self.tools.orchestrating() else { return };
        let closing = match status {
            Some(RunStatus::Cancelled) => Closing::Cancel,
            Some(status) if status.is_final() => Closing::End,
            _ => Closing::Interrupt,
        };
        orchestrating.close(closing).await;
    }
}
