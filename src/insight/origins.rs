//! Where it comes from that a task was asked something else than in an earlier run: back along what
//! it reads, to an input, a definition or an answer.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::ingredients::{Differing, differing, ingredients};
use super::requests::{Asked, Requests};
use crate::engine::content::{ContentError, Contents};
use crate::engine::{FoldError, Recorded, State, TaskStatus};
use crate::language::plan::{Difference, Plan, ScopeId, Status, TaskId, Work};

/// Settings of a task that change when and how often it is asked, and not what.
const WITHOUT_EFFECT: [&str; 8] =
    ["wave", "needs", "timeout", "retry", "on_failure", "estimate", "cache", "hedge"];

/// A run, with what it takes to compare it with another.
pub struct Told<'c> {
    /// As it was entered, which is what documents say.
    entered: Arc<Plan>,
    /// As it has grown.
    plan: Arc<Plan>,
    state: State,
    requests: Requests,
    contents: &'c dyn Contents,
}

/// A step on the way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Another task came out otherwise; the next step says why.
    Task(String),
    /// An input of the run has another value.
    Input(String),
    /// The document says something else of a task, in these fields.
    Definition {
        /// The task.
        task: String,
        /// The fields.
        fields: Vec<String>,
    },
    /// An agent is described otherwise; its team stands before it.
    Agent(String),
    /// The same was asked, and another answer came.
    Answer(String),
    /// A person decided otherwise.
    Decision(String),
    /// It did not end as it did before.
    Ending {
        /// The task.
        task: String,
        /// How it ended before.
        before: TaskStatus,
        /// How it ended now.
        now: TaskStatus,
    },
}

impl<'c> Told<'c> {
    /// A run as its facts have it.
    ///
    /// # Errors
    /// When the facts do not follow from each other or are not of this plan.
    pub fn of(
        plan: &Arc<Plan>,
        facts: &[Recorded],
        contents: &'c dyn Contents,
    ) -> Result<Told<'c>, FoldError> {
        let state = State::of_facts(Arc::clone(plan), facts)?;
        let entered = Arc::clone(plan);
        let plan = Arc::clone(state.plan());
        let requests = Requests::of(&plan, facts);
        Ok(Told { entered, plan, state, requests, contents })
    }

    /// What its tasks asked.
    pub fn requests(&self) -> &Requests {
        &self.requests
    }

    /// The plan as it has grown.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// What is otherwise in what a task asked than in what one asked in an earlier run.
    ///
    /// # Errors
    /// When a request cannot be read.
    pub fn differing(
        &self,
        asked: &Asked,
        (earlier, before): (&Told<'_>, &Asked),
    ) -> Result<Vec<Differing>, ContentError> {
        let before = ingredients(&before.manifest, earlier.contents)?;
        Ok(differing(&before, &ingredients(&asked.manifest, self.contents)?))
    }

    fn input(&self, scope: ScopeId, name: &str) -> Option<Value> {
        let inputs = self.contents.read(self.state.scope_inputs(scope)?).ok()?;
        inputs.get(name).cloned()
    }

    /// Why a task asks something else than in an earlier run, step by step; empty where that cannot
    /// be traced.
    pub fn origins(&self, task: TaskId, earlier: &Told<'_>) -> Vec<Origin> {
        let difference = Difference::between(&earlier.entered, &self.entered);
        let mut trace = Trace {
            now: self,
            before: earlier,
            difference,
            steps: Vec::new(),
            seen: BTreeSet::new(),
        };
        trace.follow(task);
        trace.steps
    }
}

struct Trace<'t> {
    now: &'t Told<'t>,
    before: &'t Told<'t>,
    difference: Difference,
    steps: Vec<Origin>,
    seen: BTreeSet<TaskId>,
}

impl Trace<'_> {
    /// Goes one step back from a task that is otherwise than before; whether anything was found.
    fn follow(&mut self, id: TaskId) -> bool {
        if !self.seen.insert(id) {
            return false;
        }
        let plan = Arc::clone(&self.now.plan);
        let task = plan.task(id);
        if let Some(origin) = self.definition(id).or_else(|| self.input(id)) {
            self.steps.push(origin);
            return true;
        }
        let mut others: Vec<TaskId> = task.needs.iter().map(|need| need.task).collect();
        if let Work::Call { scope, .. } = task.work {
            others.extend(&plan.scope(scope).tasks);
        }
        if others.into_iter().any(|other| self.passes_through(other)) {
            return true;
        }
        // One of several times that a task is done reads what that task reads.
        if let Some(several) = plan.iterates(task.scope) {
            return self.follow(several);
        }
        // Inside a used pattern, what its inputs were made of.
        let caller = plan.scope(task.scope).caller;
        caller.is_some_and(|caller| self.inputs_differ(id) && self.follow(caller))
    }

    /// Whether another task came out otherwise, and why.
    fn passes_through(&mut self, id: TaskId) -> bool {
        let plan = Arc::clone(&self.now.plan);
        let path = plan.task(id).path.clone();
        let Some(other) = self.before.plan.find(&path) else { return false };
        let (now, before) = (self.now.state.task(id), self.before.state.task(other));
        if now.decision != before.decision {
            self.steps.push(Origin::Decision(path));
            return true;
        }
        if now.output == before.output && now.status == before.status {
            return false;
        }
        if now.status != before.status {
            self.steps.push(Origin::Ending { task: path, before: before.status, now: now.status });
            return true;
        }
        let key = |told: &Told<'_>, id| told.requests.get(id).map(|asked| asked.manifest.key());
        let asked = key(self.now, id);
        if asked.is_some() && asked == key(self.before, other) {
            self.steps.push(Origin::Answer(path));
            return true;
        }
        self.steps.push(Origin::Task(path));
        self.follow(id);
        true
    }

    /// What the document says otherwise of a task, or of the agent that it asks.
    fn definition(&self, id: TaskId) -> Option<Origin> {
        let task = self.now.plan.task(id);
        let changed = |entries: &[crate::language::plan::Entry], name: &str| -> Vec<String> {
            let entry =
                entries.iter().find(|entry| entry.name == name && entry.status == Status::Changed);
            let fields = entry.into_iter().flat_map(|entry| &entry.changes);
            let fields = fields.map(|change| change.field.clone());
            fields.filter(|field| !has_no_effect(field)).collect()
        };
        let fields = changed(&self.difference.tasks, &task.path);
        if !fields.is_empty() {
            return Some(Origin::Definition { task: task.path.clone(), fields });
        }
        let agent = self.now.plan.agent_of(task)?;
        let team = self.now.plan.teams.get(agent.team as usize)?;
        let name = format!("{}/{}", team.name(), agent.agent.id);
        (!changed(&self.difference.agents, &name).is_empty()).then_some(Origin::Agent(name))
    }

    /// An input of the run that a task reads and that has another value.
    fn input(&self, id: TaskId) -> Option<Origin> {
        let plan = &self.now.plan;
        let scope = plan.task(id).scope;
        if scope != ScopeId::ROOT {
            return None;
        }
        let mut names = plan.scope(scope).inputs.keys();
        let other = names.find(|name| {
            plan.reads_input(id, name)
                && self.now.input(scope, name) != self.before.input(scope, name)
        });
        other.map(|name| Origin::Input(name.clone()))
    }

    /// Whether the pattern that a task is inside of began with other inputs that it reads.
    fn inputs_differ(&self, id: TaskId) -> bool {
        let plan = &self.now.plan;
        let task = plan.task(id);
        let Some(other) = self.before.plan.find(&task.path) else { return false };
        let before = self.before.plan.task(other).scope;
        let mut names = plan.scope(task.scope).inputs.keys();
        names.any(|name| {
            plan.reads_input(id, name)
                && self.now.input(task.scope, name) != self.before.input(before, name)
        })
    }
}

/// Whether a change of a field leaves what is asked as it is.
fn has_no_effect(field: &str) -> bool {
    WITHOUT_EFFECT.iter().any(|name| field == *name || field.starts_with(&format!("{name}.")))
}
