//! What a run takes over from an earlier one of the same plan.
//!
//! A fork is a run of its own that begins with the results of another. It goes the same way through
//! its plan as any run; a task that keeps its result ends with it in the moment in which it would
//! have started. Used patterns are opened anew, so that what is inside them can be kept or done
//! again task by task.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::fold_error::FoldError;
use super::iterations::{Iteration, Iterations, RoundsEnd};
use super::moves::TaskStatus;
use super::settings::Server;
use super::state::State;
use super::vocabulary::{AttemptId, Fact, Outcome, Recorded, SkipReason};
use crate::language::digest::Digest;
use crate::language::document::OnFailure;
use crate::language::plan::{Change, Plan, ScopeId, TaskId, Work};

/// Which run another one is a fork of, and what it keeps of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fork {
    /// The earlier run.
    pub of: String,
    /// The tasks that were named to be done again.
    pub from: Vec<TaskId>,
    /// The inputs that have other values than in the earlier run.
    pub changed: Vec<String>,
    /// The results that are kept, in the plan's order.
    pub kept: Vec<Kept>,
}

/// A result that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The task.
    pub task: TaskId,
    /// The run in which the task was done: the earlier one, or one before that.
    pub run: String,
    /// How it ended there.
    pub ending: Ending,
    /// Whether a simulated server invented it.
    pub simulated: bool,
    /// What came of each item, where it was done several times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<KeptItem>,
    /// The votes from which its result follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub votes: Option<Digest>,
    /// How its rounds ended, where it was done in rounds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounds_end: Option<RoundsEnd>,
}

impl Kept {
    /// How it ended, and each of its items.
    fn endings(&self) -> impl Iterator<Item = &Ending> {
        std::iter::once(&self.ending).chain(self.items.iter().map(|item| &item.ending))
    }
}

/// What came of one of several times that a task was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptItem {
    /// What tells it from the others.
    pub key: String,
    /// How it ended.
    pub ending: Ending,
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Ending {
    /// It was done.
    Succeeded {
        /// Its output.
        output: Digest,
        /// Why it failed before a fallback took the place of its output.
        failure: Option<Failure>,
    },
    /// A person, or the default, decided.
    Decided {
        /// The choice.
        choice: String,
        /// Who or what.
        by: String,
    },
    /// It failed.
    Failed {
        /// Why.
        failure: Failure,
        /// What can be said of it.
        output: Option<Digest>,
    },
    /// It was not to be done.
    Skipped {
        /// Why.
        reason: SkipReason,
    },
    /// It was broken off.
    Cancelled,
}

impl Ending {
    /// The status that it gives a task.
    pub fn status(&self) -> TaskStatus {
        match self {
            Ending::Succeeded { .. } | Ending::Decided { .. } => TaskStatus::Succeeded,
            Ending::Failed { .. } => TaskStatus::Failed,
            Ending::Skipped { .. } => TaskStatus::Skipped,
            Ending::Cancelled => TaskStatus::Cancelled,
        }
    }

    /// What came out; none where nothing did, or a person chose.
    pub fn output(&self) -> Option<&Digest> {
        match self {
            Ending::Succeeded { output, .. } => Some(output),
            Ending::Failed { output, .. } => output.as_ref(),
            _ => None,
        }
    }

    /// Of a task whose status is final; `None` of any other.
    fn of(state: &State, id: TaskId) -> Option<Ending> {
        let task = state.task(id);
        match task.status {
            TaskStatus::Succeeded => match (task.decision.as_deref(), &task.output) {
                (Some((choice, by)), _) => {
                    Some(Ending::Decided { choice: choice.clone(), by: by.clone() })
                }
                (None, output) => Some(Ending::Succeeded {
                    output: output.clone()?,
                    failure: task.failure.as_deref().cloned(),
                }),
            },
            TaskStatus::Failed => Some(Ending::Failed {
                failure: task.failure.as_deref().cloned()?,
                output: task.output.clone(),
            }),
            TaskStatus::Skipped => Some(Ending::Skipped { reason: task.skipped? }),
            TaskStatus::Cancelled => Some(Ending::Cancelled),
            _ => None,
        }
    }
}

impl Fork {
    /// A fork of a run as its facts have it: `from` names tasks to be done again, with everything
    /// inside them, `changed` inputs of the root that have other values. Done again is besides what
    /// these reach ([`Plan::reached_by`]), and what has no result that anything could be built on:
    /// tasks that have not ended, were broken off, were undone, or failed their scope, unless that scope
    /// as a whole stays as it was. All other tasks keep their results.
    ///
    /// # Errors
    /// When the facts do not follow from each other or are not of this plan.
    pub fn of_run(
        run: &str,
        plan: &Arc<Plan>,
        facts: &[Recorded],
        from: &[TaskId],
        changed: BTreeSet<String>,
    ) -> Result<Fork, FoldError> {
        let state = State::of_facts(Arc::clone(plan), facts)?;
        let inputs: Vec<String> = changed.iter().cloned().collect();
        let undone = state.compensations().into_iter().map(|(task, _)| state.compiled(task));
        let again = from.iter().copied().chain(undone);
        let tasks = again.flat_map(|task| plan.with_inside(task)).collect();
        let again = done_again(&state, Change { tasks, inputs: changed });
        let kept = kept(&state, run, &again, &invented(facts));
        Ok(Fork { of: run.to_owned(), from: from.to_vec(), changed: inputs, kept })
    }

    /// The result that a task keeps, if it keeps one.
    pub fn kept(&self, task: TaskId) -> Option<&Kept> {
        let place = self.kept.binary_search_by_key(&task, |kept| kept.task).ok()?;
        self.kept.get(place)
    }

    /// The tasks that it names.
    pub(super) fn tasks(&self) -> impl Iterator<Item = TaskId> {
        let kept = self.kept.iter().flat_map(|kept| {
            let cause = match kept.ending {
                Ending::Skipped {
                    reason:
                        SkipReason::NeedWithoutOutput { task } | SkipReason::MessageNotSent { task },
                } => Some(task),
                _ => None,
            };
            std::iter::once(kept.task).chain(cause)
        });
        self.from.iter().copied().chain(kept)
    }

    /// The contents that it names.
    pub fn contents(&self) -> impl Iterator<Item = &Digest> {
        let outputs = self.kept.iter().flat_map(Kept::endings).filter_map(|ending| match ending {
            Ending::Succeeded { output, .. } => Some(output),
            Ending::Failed { output, .. } => output.as_ref(),
            _ => None,
        });
        outputs.chain(self.kept.iter().filter_map(|kept| kept.votes.as_ref()))
    }
}

impl State {
    /// The task of the compiled plan that a task is, or that does it several times.
    fn compiled(&self, task: TaskId) -> TaskId {
        let mut outwards = std::iter::once(task).chain(self.plan().around(task));
        outwards.find(|task| task.index() < self.compiled_tasks()).unwrap_or(task)
    }

    /// The tasks in which a run's failures began: those that failed, and of tasks that use a
    /// pattern only those in which no task failed. Where none has failed, those that were broken
    /// off.
    pub fn to_be_retried(&self) -> Vec<TaskId> {
        let with = |status: TaskStatus| {
            let plan = self.plan();
            let here = move |id: &TaskId| self.task(*id).status == status;
            let is_cause = move |id: &TaskId| match plan.task(*id).work {
                Work::Call { scope, .. } => !plan.scope(scope).tasks.iter().any(here),
                _ => true,
            };
            // What is done several times is done again as a whole.
            let ids = plan.tasks().map(|(id, _)| id).take(self.compiled_tasks());
            ids.filter(here).filter(is_cause).collect::<Vec<TaskId>>()
        };
        let failed = with(TaskStatus::Failed);
        if failed.is_empty() { with(TaskStatus::Cancelled) } else { failed }
    }
}

/// The tasks that are done again. What has no lasting result joins what the change reaches, and
/// reaches others itself, until nothing new is reached.
fn done_again(state: &State, mut change: Change) -> BTreeSet<TaskId> {
    let plan = state.plan();
    loop {
        let again = plan.reached_by(&change);
        let goes_on =
            |scope: ScopeId| plan.scope(scope).caller.is_none_or(|caller| again.contains(&caller));
        let without_result: Vec<TaskId> = plan
            .tasks()
            .filter(|(id, task)| goes_on(task.scope) && !again.contains(id) && !lasts(state, *id))
            .map(|(id, _)| id)
            .collect();
        if without_result.is_empty() {
            return again;
        }
        change.tasks.extend(without_result);
    }
}

/// Whether others of a scope that goes on can build on how a task ended.
fn lasts(state: &State, id: TaskId) -> bool {
    match state.task(id).status {
        TaskStatus::Succeeded | TaskStatus::Skipped => true,
        TaskStatus::Failed => state.plan().task(id).on_failure != OnFailure::Fail,
        _ => false,
    }
}

fn kept(
    state: &State,
    run: &str,
    again: &BTreeSet<TaskId>,
    invented: &BTreeSet<TaskId>,
) -> Vec<Kept> {
    let mut kept = Vec::new();
    // Scopes that the fork does not open: nothing in them is kept, since nothing of them is shown.
    let mut closed: BTreeSet<ScopeId> = BTreeSet::new();
    // What a task does several times is not kept without the task.
    for (id, task) in state.plan().tasks().take(state.compiled_tasks()) {
        let inside = match &task.work {
            Work::Call { scope, .. } => Some(*scope),
            _ => None,
        };
        if closed.contains(&task.scope) {
            closed.extend(inside);
            continue;
        }
        if again.contains(&id) || inside.is_some_and(|inside| is_opened_anew(state, id, inside)) {
            continue;
        }
        closed.extend(inside);
        if let Some(ending) = Ending::of(state, id) {
            let earlier = state.kept(id);
            let run = match (earlier, &state.task(id).reused_from) {
                (Some(earlier), _) => earlier.run.clone(),
                (None, Some(reused)) => reused.clone(),
                (None, None) => run.to_owned(),
            };
            let simulated = earlier.map_or(invented.contains(&id), |earlier| earlier.simulated);
            let items = items(state, id);
            let votes = state.task(id).votes.as_deref().cloned();
            let rounds_end = state.rounds_end(id);
            kept.push(Kept { task: id, run, ending, simulated, items, votes, rounds_end });
        }
    }
    kept
}

/// What came of each of several times that a task was done, in this run or in an earlier one.
fn items(state: &State, id: TaskId) -> Vec<KeptItem> {
    if let Some(earlier) = state.kept(id) {
        return earlier.items.clone();
    }
    let iterations = state.iterations(id).into_iter().flat_map(Iterations::all);
    let item = |(iteration, scope): (&Iteration, Option<ScopeId>)| {
        let task = scope.and_then(|scope| state.plan().scope(scope).tasks.first());
        let ending = task.and_then(|task| Ending::of(state, *task));
        KeptItem { key: iteration.key.clone(), ending: ending.unwrap_or(Ending::Cancelled) }
    };
    iterations.map(item).collect()
}

/// Whether a pattern that is used in a task is opened again, so that its tasks can be kept.
fn is_opened_anew(state: &State, id: TaskId, inside: ScopeId) -> bool {
    state.scope_inputs(inside).is_some() && state.task(id).status != TaskStatus::Cancelled
}

/// The tasks whose last attempt, or the one that was answered, went to a server that invents its
/// answers, or whose reused answer did.
fn invented(facts: &[Recorded]) -> BTreeSet<TaskId> {
    let mut servers: &[Server] = &[];
    let mut by_task: BTreeMap<TaskId, bool> = BTreeMap::new();
    let mut under_way: BTreeMap<AttemptId, bool> = BTreeMap::new();
    for recorded in facts {
        if let Fact::TaskReused { task, manifest, .. } = &recorded.fact {
            by_task.insert(*task, manifest.simulated);
        }
        if let Fact::ToolAnswered { attempt, answer } = &recorded.fact
            && !under_way.contains_key(attempt)
        {
            by_task.insert(attempt.task, answer.simulated);
        }
        if let Some(settings) = recorded.fact.settings() {
            servers = &settings.servers;
        }
        if let Fact::AttemptStarted { attempt, server, .. } = &recorded.fact {
            let simulated = servers.get(server.index()).is_some_and(|server| server.simulated);
            under_way.insert(*attempt, simulated);
            by_task.insert(attempt.task, simulated);
        }
        if let Fact::AttemptEnded { attempt, outcome, .. } = &recorded.fact
            && let Some(simulated) = under_way.remove(attempt)
            && matches!(outcome, Outcome::Answered { .. })
        {
            by_task.insert(attempt.task, simulated);
        }
    }
    by_task.into_iter().filter(|(_, simulated)| *simulated).map(|(task, _)| task).collect()
}
