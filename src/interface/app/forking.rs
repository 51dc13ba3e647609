//! Runs that begin with the results of another one: what they keep, and what they do again.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::failure::{Failure, FailureKind};
use super::given::Given;
use super::stored::StoredRun;
use crate::engine::content::Contents;
use crate::engine::{DecidedAhead, Fork, Recorded, State};
use crate::language::document::suggest::nearest;
use crate::language::plan::{Plan, TaskId};
use crate::organization::Guidance;

/// A run that is to begin with the results of another.
#[derive(Debug)]
pub struct Forked {
    /// The values of its inputs.
    pub inputs: Map<String, Value>,
    /// What it keeps.
    pub fork: Fork,
    /// What those who lead are told: what they were told in the earlier run, so that what is different between the two
    /// is what somebody changed.
    pub guidance: Option<Guidance>,
}

impl StoredRun {
    /// A fork: the tasks of `from` (addresses) are done again, and so is what reads the inputs of
    /// `set` (`NAME=VALUE` as typed), with everything that depends on them.
    ///
    /// # Errors
    /// When a task is unknown, an input does not fit, nothing would be different, or the earlier run
    /// is damaged.
    pub fn forked(&self, from: &[String], set: &[String]) -> Result<Forked, Failure> {
        let from = tasks_at(&self.plan, from)?;
        let earlier = self.inputs()?;
        let scope = self.plan.root();
        let given = Given { single: set.to_vec(), ..Given::default() };
        let mut inputs = earlier.clone();
        inputs.extend(given.values(scope)?);
        let inputs = Given::bound(scope, &inputs)?;
        let is_other = |(name, value): &(&String, &Value)| earlier.get(*name) != Some(*value);
        let changed: BTreeSet<String> =
            inputs.iter().filter(is_other).map(|(name, _)| name.clone()).collect();
        if from.is_empty() && changed.is_empty() {
            let message = "the inputs have these values already: nothing would run again";
            return Err(Failure::new(FailureKind::Usage, message)
                .hint("--from TASK says where to begin again"));
        }
        self.keeping(inputs, &self.facts()?, &from, changed)
    }

    /// A fork that does the tasks at these addresses again, or those that failed where none is
    /// given; in a run that was cancelled those that were broken off.
    ///
    /// # Errors
    /// When the run is not over, a task is unknown, nothing has failed, or the run is damaged.
    pub fn retried(&self, tasks: &[String]) -> Result<Forked, Failure> {
        let run = &self.record.id;
        let usage = |message: String| Failure::new(FailureKind::Usage, message);
        let mut from = tasks_at(&self.plan, tasks)?;
        let facts = self.facts()?;
        let state = State::of_facts(Arc::clone(&self.plan), &facts)
            .map_err(|error| self.damaged(&error))?;
        if !state.status.is_final() {
            return Err(usage(format!("run {run} is not over"))
                .hint(format!("`partita resume {run}` goes on with it")));
        }
        if from.is_empty() {
            from = state.to_be_retried();
        }
        if from.is_empty() {
            return Err(usage(format!("no task of run {run} has failed"))
                .hint(format!("`partita retry {run} TASK` runs a task again all the same")));
        }
        self.keeping(self.inputs()?, &facts, &from, BTreeSet::new())
    }

    fn keeping(
        &self,
        inputs: Map<String, Value>,
        facts: &[Recorded],
        from: &[TaskId],
        changed: BTreeSet<String>,
    ) -> Result<Forked, Failure> {
        let fork = Fork::of_run(self.record.id.as_str(), &self.plan, facts, from, changed)
            .map_err(|error| self.damaged(&error))?;
        let settings = facts.iter().rev().find_map(|recorded| recorded.fact.settings());
        let guidance = settings.and_then(|settings| settings.guidance.clone());
        Ok(Forked { inputs, fork, guidance })
    }

    fn inputs(&self) -> Result<Map<String, Value>, Failure> {
        let inputs = self.contents()?.read(&self.record.inputs);
        let inputs = inputs.map_err(|error| self.damaged(&error))?;
        Ok(inputs.as_object().cloned().unwrap_or_default())
    }
}

impl Forked {
    /// That decisions that were made beforehand meet gates that ask.
    ///
    /// # Errors
    /// When one is about a gate that keeps its decision.
    pub fn check_decisions(&self, plan: &Plan, decisions: &[DecidedAhead]) -> Result<(), Failure> {
        // What is done several times is kept as a whole.
        let path_of = |decision: &DecidedAhead| {
            let several = decision.address.split('[').next().unwrap_or_default().to_owned();
            let mut paths = [decision.address.clone(), several].into_iter();
            paths.find(|path| plan.find(path).is_some_and(|task| self.fork.kept(task).is_some()))
        };
        let Some(path) = decisions.iter().find_map(path_of) else {
            return Ok(());
        };
        let message = format!("`{path}` keeps its decision and does not ask");
        Err(Failure::new(FailureKind::Usage, message)
            .hint(format!("`--from {path}` of `partita fork` asks it again")))
    }
}

/// The tasks at some addresses.
fn tasks_at(plan: &Plan, paths: &[String]) -> Result<Vec<TaskId>, Failure> {
    paths.iter().map(|path| task_at(plan, path)).collect()
}

/// The task at an address.
pub(super) fn task_at(plan: &Plan, path: &str) -> Result<TaskId, Failure> {
    plan.find(path).ok_or_else(|| {
        let paths = || plan.tasks.iter().map(|task| task.path.as_str());
        let message = match nearest(path, paths()) {
            Some(near) => format!("there is no task `{path}`, did you mean `{near}`?"),
            None => format!("there is no task `{path}`"),
        };
        let names = paths().take(SHOWN_TASKS).collect::<Vec<_>>().join(", ");
        let more = if plan.tasks.len() > SHOWN_TASKS { ", …" } else { "" };
        Failure::new(FailureKind::Usage, message).hint(format!("the tasks are {names}{more}"))
    })
}

/// So many tasks are listed where one is unknown.
const SHOWN_TASKS: usize = 40;
