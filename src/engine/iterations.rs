//! Work that is done several times: which of it has begun, and when enough is done.

use serde::{Deserialize, Serialize};

use super::conduct::Engine;
use super::fold_error::FoldError;
use super::moves::TaskStatus;
use super::state::State;
use super::time::Time;
use super::vocabulary::{Command, Fact};
use crate::language::digest::Digest;
use crate::language::document::Stop;
use crate::language::plan::{Expand, Items, Over, Part, Plan, ScopeId, TaskId, Work};

/// One of several times that work is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Iteration {
    /// What tells it from the others in addresses.
    pub key: String,
    /// The values that its templates read besides those of the scope around it.
    pub inputs: Digest,
    /// What is done, of work that an agent plans.
    #[serde(default, skip_serializing_if = "Part::is_main")]
    pub part: Part,
    /// Those of the list before it whose results it needs, by their places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<u32>,
}

impl Iteration {
    /// One that does what is always done, and needs nothing of the others.
    pub(super) fn new(key: String, inputs: Digest) -> Iteration {
        Iteration { key, inputs, part: Part::Main, needs: Vec::new() }
    }

    /// The tasks whose results it needs, where `begun` gives the scopes of those before it; `None` where
    /// it needs one that is not before it.
    pub fn needed(
        &self,
        plan: &Plan,
        begun: impl Fn(usize) -> Option<ScopeId>,
    ) -> Option<Vec<TaskId>> {
        let task = |place: &u32| plan.scope(begun(*place as usize)?).tasks.first().copied();
        self.needs.iter().map(task).collect()
    }
}

/// How work that is done in rounds ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundsEnd {
    /// Why there were no more.
    pub stopped: Stopped,
    /// The round whose output is that of the task, counted from 1; none where none has any.
    pub counts: Option<u32>,
}

/// Why there are no more rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// What they were for is reached.
    Until,
    /// The last ones were no better than one before.
    Patience,
    /// There may be no more.
    Max,
    /// The last one failed.
    Failed,
}

impl Stopped {
    /// The reason in machine output and templates.
    pub fn as_str(self) -> &'static str {
        match self {
            Stopped::Until => "until",
            Stopped::Patience => "patience",
            Stopped::Max => "max",
            Stopped::Failed => "failed",
        }
    }
}

/// How work that is done several times stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Iterations {
    /// All that are to be, in order.
    pub(super) listed: Vec<Iteration>,
    /// The scopes of those that have begun: so many of the first.
    pub(super) scopes: Vec<ScopeId>,
    /// How many of those have ended.
    pub(super) ended: usize,
    /// How many have succeeded.
    pub(super) succeeded: usize,
    /// How its rounds ended, where it is done in rounds that have.
    pub(super) rounds_end: Option<RoundsEnd>,
    /// When the last of them began.
    pub(super) begun_at: Time,
}

impl Iterations {
    /// All that are to be, in order, with the scopes of those that have begun.
    pub fn all(&self) -> impl Iterator<Item = (&Iteration, Option<ScopeId>)> {
        let scopes = self.scopes.iter().map(|scope| Some(*scope));
        self.listed.iter().zip(scopes.chain(std::iter::repeat(None)))
    }

    /// One of them has ended.
    pub(super) fn end_one(&mut self, how: TaskStatus) {
        self.ended += 1;
        self.succeeded += usize::from(how == TaskStatus::Succeeded);
    }

    /// Whether those that are left need not be done.
    fn are_enough(&self, over: &Over) -> bool {
        match over {
            Over::Items(items) => self.are_enough_items(items),
            // Without one of its comparisons nothing is the best.
            Over::Pairs(_) => self.ended > self.succeeded,
            // Found out when all that are listed have ended; of what is planned also with a failure.
            Over::Expand(_)
            | Over::Ladder(_)
            | Over::Rounds(_)
            | Over::Review(_)
            | Over::Samples(_)
            | Over::TieBreak(_) => false,
        }
    }

    fn are_enough_items(&self, items: &Items) -> bool {
        let required = items.require.of(self.listed.len());
        let failed = self.ended - self.succeeded;
        let hopeless = self.listed.len() - failed < required;
        match items.stop {
            Stop::OnFailure => hopeless,
            Stop::WhenDecided => hopeless || self.succeeded >= required.max(1),
            Stop::AtEnd => false,
        }
    }

    /// Whether a planned task has failed for good: nothing is planned behind it any more.
    fn has_failed(&self, state: &State, expand: &Expand) -> bool {
        let given = usize::from(expand.given.is_some());
        let is_last = given + self.rounds_of_plan() > expand.replans as usize;
        let begun = self.begun_in_last_round();
        is_last && begun.iter().any(|scope| status_of(state, *scope) == TaskStatus::Failed)
    }

    /// How often has been planned, of what an agent plans.
    pub(super) fn rounds_of_plan(&self) -> usize {
        self.listed.iter().filter(|iteration| iteration.part.is_main()).count()
    }

    /// The scopes of what was planned last, as far as it has begun; no other ones can fail any more.
    fn begun_in_last_round(&self) -> &[ScopeId] {
        let last = self.listed.iter().rposition(|iteration| iteration.part.is_main());
        self.scopes.get(last.map_or(0, |last| last + 1)..).unwrap_or_default()
    }

    /// How many of them are to have begun, where so many may be under way.
    fn begin_upto(&self, parallel: usize) -> usize {
        let begun = self.scopes.len();
        let room = parallel.saturating_sub(begun - self.ended);
        begun.saturating_add(room).min(self.listed.len())
    }
}

/// How the task of an iteration stands.
pub(super) fn status_of(state: &State, scope: ScopeId) -> TaskStatus {
    let task = state.plan().scope(scope).tasks.first();
    task.map_or(TaskStatus::Pending, |task| state.task(*task).status)
}

impl Engine {
    /// Goes on with work that is done several times: begins as much of it as may be under way, and has
    /// its results gathered when no more is to be done.
    pub(super) fn go_on(&mut self, task: TaskId) -> Result<(), FoldError> {
        if self.state.cancelled || self.state.task(task).status != TaskStatus::Open {
            return Ok(());
        }
        let Some(iterations) = self.state.iterations(task) else { return Ok(()) };
        let Work::Iterate(iterate) = &self.state.plan().task(task).work else { return Ok(()) };
        let is_hopeless = match &iterate.over {
            Over::Expand(expand) => iterations.has_failed(&self.state, expand),
            _ => false,
        };
        if is_hopeless || iterations.are_enough(&iterate.over) {
            let open: Vec<ScopeId> = iterations.scopes.clone();
            open.into_iter().try_for_each(|scope| self.cancel_tasks(scope))?;
            self.gather(task);
        } else if iterations.ended == iterations.listed.len() {
            self.gather(task);
        } else {
            let upto = iterations.begin_upto(iterate.parallel());
            if upto > iterations.scopes.len() {
                let upto = u32::try_from(upto).unwrap_or(u32::MAX);
                self.record(Fact::IterationsOpened { task, upto })?;
                self.watch_rung(task);
            }
        }
        Ok(())
    }

    /// It is known for what work is done several times, or for what else.
    pub(super) fn list(
        &mut self,
        task: TaskId,
        iterations: Vec<Iteration>,
    ) -> Result<(), FoldError> {
        self.record(Fact::IterationsListed { task, iterations })?;
        self.go_on(task)
    }

    fn gather(&mut self, task: TaskId) {
        if self.hands.preparing.insert(task) {
            self.command(Command::Gather(task));
        }
    }

    /// The plan has grown: whatever is kept for each of its tasks does as well.
    pub(super) fn grow(&mut self) {
        let plan = self.state.plan();
        for id in self.remaining.len()..plan.tasks.len() {
            let caller = plan.scope(plan.tasks[id].scope).caller;
            let remaining = caller.and_then(|caller| self.remaining.get(caller.index()).copied());
            self.remaining.push(remaining.unwrap_or_default());
        }
        self.hands.grow(plan, &self.settings);
        self.know_urgencies();
    }
}
