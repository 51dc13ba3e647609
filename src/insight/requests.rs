//! What each task of a run asked, and what its answer follows from.

use std::collections::BTreeMap;

use crate::engine::content::windows;
use crate::engine::{Asking, AttemptId, Fact, Manifest, ModelFiles, Outcome, Recorded, Settings};
use crate::language::plan::{Plan, TaskId};

/// What a task asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What its answer follows from; of several attempts the one that was answered, else the last.
    pub manifest: Manifest,
    /// Whether it was answered, by a server or by an earlier run.
    pub answered: bool,
}

/// What the tasks of a run asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requests(BTreeMap<TaskId, Asked>);

impl Requests {
    /// What the tasks of a run asked, as far as facts say.
    pub fn of(plan: &Plan, facts: &[Recorded]) -> Requests {
        let mut fold = Fold::default();
        facts.iter().for_each(|recorded| fold.apply(plan, &recorded.fact));
        fold.requests
    }

    /// What a task asked; none where it asked nothing.
    pub fn get(&self, task: TaskId) -> Option<&Asked> {
        self.0.get(&task)
    }
}

#[derive(Default)]
struct Fold {
    settings: Option<Settings>,
    windows: BTreeMap<String, u32>,
    files: ModelFiles,
    /// Of attempts that are under way, as far as facts say.
    under_way: BTreeMap<AttemptId, Manifest>,
    requests: Requests,
}

impl Fold {
    fn apply(&mut self, plan: &Plan, fact: &Fact) {
        self.files.apply(fact);
        if let Some(settings) = fact.settings() {
            self.windows = windows(plan, &settings.default_model);
            self.settings = Some(settings.clone());
        }
        let Some(settings) = &self.settings else { return };
        let requests = &mut self.requests.0;
        match fact {
            Fact::AttemptStarted { attempt, server, model, request, .. } => {
                let asking = Asking { plan, settings, files: &self.files, windows: &self.windows };
                let manifest = asking.manifest(attempt.task, model, request.clone(), *server);
                self.under_way.insert(*attempt, manifest.clone());
                requests.insert(attempt.task, Asked { manifest, answered: false });
            }
            Fact::AttemptEnded { attempt, outcome, .. } => {
                let manifest = self.under_way.remove(attempt);
                if let (Some(manifest), Outcome::Answered { .. }) = (manifest, outcome) {
                    requests.insert(attempt.task, Asked { manifest, answered: true });
                }
            }
            Fact::TaskReused { task, manifest, .. } => {
                requests.insert(*task, Asked { manifest: manifest.clone(), answered: true });
            }
            _ => {}
        }
    }
}
