//! The plan: the compiled, immutable graph that a run executes.
//!
//! A plan is complete: it holds the prompts, teams and types that a run needs, so that a run goes
//! on with the plan it began with even when the documents have changed. It holds no places and
//! no paths, so that it is the same wherever its documents lie.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::choice::Ballot;
use super::iterate::{Body, Iterate, Over};
use super::posts::{PlannedPost, Voice};
use super::tools::{PlanToolServer, PlannedTool, Toolbox};
use crate::language::digest::Digest;
use crate::language::document::{
    AgentTools, Backoff, Budget, DocumentKind, Effect, ExpectedTimes, HumanDuration, Learned,
    LifecycleState, MessageKind, ModelOptions, OnFailure, Priority, RetriedClass, SuccessCriteria,
    Takes, VerbKind,
};
use crate::organization::{Agent, AgentId, MANAGER_TOOLS, Team};

/// Which task of a plan: its place in [`Plan::tasks`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(pub u32);

/// Which scope of a plan: its place in [`Plan::scopes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScopeId(pub u32);

/// Which wave of a plan: its place in [`Plan::waves`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WaveId(pub u32);

/// Which agent of a plan: its place in [`Plan::agents`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanAgentId(pub u32);

impl TaskId {
    /// The place in [`Plan::tasks`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl ScopeId {
    /// The scope of the pattern or pipeline that is run; all others are inside it.
    pub const ROOT: ScopeId = ScopeId(0);

    /// The place in [`Plan::scopes`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl WaveId {
    /// The place in [`Plan::waves`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl PlanAgentId {
    /// The place in [`Plan::agents`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The compiled form of a pattern or pipeline with everything that it uses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The name of what is run.
    pub name: String,
    /// Whether it is a pattern or a pipeline.
    pub kind: DocumentKind,
    /// What it does, in a sentence.
    pub summary: String,
    /// Scopes, the root first, each before those inside it.
    pub scopes: Vec<Scope>,
    /// Waves, each scope's in their order.
    pub waves: Vec<Wave>,
    /// Tasks in the author's order; a task that uses a pattern comes before the pattern's tasks.
    pub tasks: Vec<Task>,
    /// The teams that work on it.
    pub teams: Vec<Team>,
    /// The agents that are asked.
    pub agents: Vec<PlanAgent>,
    /// The servers of the tools that agents use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_servers: Vec<PlanToolServer>,
    /// The times that the author expects.
    pub expected: Option<ExpectedTimes>,
    /// How much may be spent on a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
}

/// What one pattern says, in the place where it is used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scope {
    /// The pattern's name.
    pub pattern: String,
    /// The task that uses it; none for the root.
    pub caller: Option<TaskId>,
    /// Its inputs.
    pub inputs: IndexMap<String, Input>,
    /// Its waves in order.
    pub waves: Vec<WaveId>,
    /// Its tasks in order, without those of scopes inside it.
    pub tasks: Vec<TaskId>,
    /// What comes out: templates.
    pub outputs: IndexMap<String, Value>,
    /// When it has succeeded.
    pub success_criteria: SuccessCriteria,
    /// Agents of whom only a run knows who they are, in the order in which that is decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub staff: Vec<PlannedPost>,
}

/// An input of a scope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// What it is.
    pub description: Option<String>,
    /// JSON Schema of its values.
    pub schema: Value,
    /// The value where none is given.
    pub default: Option<Value>,
    /// What earlier runs have shown, which goes before the default where a run begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learned: Option<Learned>,
}

/// Tasks that may run at the same time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wave {
    /// The author's name, or `level_N` where waves are computed.
    pub name: String,
    /// Whether it starts only when every earlier wave of its scope has ended.
    pub barrier: bool,
    /// Its scope.
    pub scope: ScopeId,
    /// Its tasks in the author's order.
    pub tasks: Vec<TaskId>,
}

/// One unit of work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Its name inside its scope.
    pub name: String,
    /// Its address in the whole plan: names from the root, with slashes between.
    pub path: String,
    /// Its scope.
    pub scope: ScopeId,
    /// Its wave.
    pub wave: WaveId,
    /// What is done.
    pub work: Work,
    /// What must have ended before, each task once with its strongest kind, in the plan's order.
    pub needs: Vec<Need>,
    /// What must have been sent before; where it was not, the task is skipped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_message: Vec<Trigger>,
    /// A condition; where it is false the task is skipped.
    pub when: Option<String>,
    /// Time limits.
    pub limits: Limits,
    /// Retries.
    pub retry: RetryPolicy,
    /// What its failure means.
    pub on_failure: OnFailure,
    /// How long it is expected to take.
    pub estimate: HumanDuration,
    /// How long it may take from when it could begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla: Option<HumanDuration>,
    /// The state in which the piece of work is that its scope does, while it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<LifecycleState>,
    /// How urgent it is by itself.
    #[serde(default, skip_serializing_if = "Priority::is_normal")]
    pub priority: Priority,
    /// How much may be spent on what it uses, with `for_each` on all items together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// How what it has done is undone: a body of one task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compensate: Option<Box<Body>>,
}

/// A topic on which a message must have been sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// The topic.
    pub topic: String,
    /// The tasks that send a message on it.
    pub senders: Vec<TaskId>,
}

/// What must have ended before a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// The task that is needed, of the same scope; of planned tasks it is another planned one.
    pub task: TaskId,
    /// In what way.
    pub kind: NeedKind,
}

/// In what way a task needs another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NeedKind {
    /// The other must have ended, however.
    Order,
    /// The other is one of those that send a message on which the task starts; one of them must have.
    Message,
    /// The other is one of several whose results are put together; one of them must be there.
    Source,
    /// The other's output must be there; without it the task is skipped.
    Value,
}

/// What is done in a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Work {
    /// An agent is asked.
    Ask(Ask),
    /// Results are put together without a model.
    Combine(Combine),
    /// Conditions are evaluated.
    Check {
        /// Expressions with their names; a single one has none.
        conditions: Vec<(Option<String>, String)>,
        /// What is said when one is false: a template.
        message: Option<String>,
    },
    /// A person decides.
    Approve {
        /// The question: a template.
        ask: String,
        /// What can be chosen; where there is nothing, the person writes the answer.
        options: Vec<String>,
        /// The choice at the deadline, or where nobody can be asked.
        default: Option<String>,
        /// How long the person has.
        deadline: Option<HumanDuration>,
    },
    /// Another pattern is run.
    Call {
        /// Its scope.
        scope: ScopeId,
        /// Its inputs: templates.
        with: IndexMap<String, Value>,
    },
    /// A tool is called, without a model.
    Tool(Box<PlannedTool>),
    /// A task is done several times.
    Iterate(Box<Iterate>),
    /// A message is posted.
    Send(Box<MessageTemplate>),
}

/// A message that is posted to agents of the scope's team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageTemplate {
    /// What it is for. `kind` is what tells one work from another.
    #[serde(rename = "message")]
    pub kind: MessageKind,
    /// Who sends it.
    pub from: AgentId,
    /// Whom it is to, without its sender, in the order of the author or of the team.
    pub to: Vec<AgentId>,
    /// Whether these are all of the team.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub to_all: bool,
    /// What it is an event of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// What it is about: a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What it says: a value in which every text is a template.
    pub body: Value,
}

/// An agent is asked, for a task of its own or to put results together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// Who.
    pub agent: PlanAgentId,
    /// What: a template; absent for a consensus without a question of its own.
    pub prompt: Option<String>,
    /// Tasks whose results are put together.
    pub sources: Vec<TaskId>,
    /// Whether the answer weighs the sources against each other.
    pub purpose: Purpose,
    /// JSON Schema of the answer; free text if absent.
    pub output: Option<Value>,
    /// The model, where a document names one.
    pub model: Option<String>,
    /// Options of the call.
    pub options: ModelOptions,
    /// Whether its answer may serve other runs, and theirs may serve it.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub cache: bool,
    /// Whether a second attempt may be begun beside one that takes unusually long.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub hedge: bool,
    /// What it changes outside of the run, where its author says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// What the call takes of the cluster's resources while it is under way.
    #[serde(default, skip_serializing_if = "Takes::is_nothing")]
    pub takes: Takes,
    /// The tools that the agent may use for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Box<Toolbox>>,
    /// How those who may get the agent's post are asked otherwise, where it is one.
    #[serde(default, skip_serializing_if = "<[Voice]>::is_empty")]
    pub voices: Box<[Voice]>,
}

impl Ask {
    /// The tools with which the agent orchestrates, each with what it is for in a line: all of them, or none.
    pub fn manager_tools(&self) -> &'static [(&'static str, &'static str)] {
        let orchestrates = self.tools.as_ref().is_some_and(|tools| tools.orchestration.is_some());
        if orchestrates { &MANAGER_TOOLS } else { &[] }
    }
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_yes(said: &bool) -> bool {
    *said
}

/// Why an agent is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To do a task.
    Task,
    /// To find what several results have in common and what follows from them.
    Consensus,
    /// To put several results together as the prompt says.
    Custom,
    /// To compare two results.
    Compare,
    /// To decide between results that have the same number of votes.
    TieBreak,
    /// To plan.
    Plan,
    /// To do what has been planned, or to make one result of all of it.
    Planned,
}

/// Results are put together without a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Combine {
    /// Tasks whose results are put together, in the author's order.
    pub sources: Vec<TaskId>,
    /// How.
    pub method: CombineMethod,
}

/// How results are put together without a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CombineMethod {
    /// A mapping from task name to result.
    MergeAll,
    /// The first that succeeded.
    UseFirstResult,
    /// A template.
    Template(Value),
    /// The one that most sources came to.
    Vote(Ballot),
}

/// Time limits with every default filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// One attempt, from sending it to its last word.
    pub total: HumanDuration,
    /// Waiting for a free server; none waits as long as it takes.
    pub queue: Option<HumanDuration>,
    /// Loading the model, where it is not resident.
    pub load: HumanDuration,
    /// From sending an attempt, or from the end of the load, to its first token.
    pub first_token: HumanDuration,
    /// Between two tokens.
    pub silence: HumanDuration,
}

/// Retries with every default filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// Attempts in all.
    pub max_attempts: u32,
    /// Pauses between them.
    pub backoff: Backoff,
    /// The classes of failure behind which there is another one; all that allow one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<BTreeSet<RetriedClass>>,
}

/// An agent that is asked, and what speaks for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanAgent {
    /// Who it is.
    pub agent: Agent,
    /// Its team's place in [`Plan::teams`].
    pub team: u32,
    /// The model that its team gives it, where it does.
    pub model: Option<String>,
    /// Models that take its place where a task fails with the one before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallback_models: Vec<String>,
    /// Options of its calls.
    pub options: ModelOptions,
    /// Tags that its server must have.
    pub requires: Vec<String>,
    /// The most calls for it at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_parallel: Option<NonZeroU32>,
    /// What each of its calls takes of the cluster's resources.
    #[serde(default, skip_serializing_if = "Takes::is_nothing")]
    pub takes: Takes,
    /// The tools that it uses, whoever offers them.
    #[serde(default, skip_serializing_if = "AgentTools::is_nothing")]
    pub tools: AgentTools,
    /// Whether it is nobody, but the seat of a post.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_seat: bool,
}

impl Plan {
    /// A task by its id.
    pub fn task(&self, id: TaskId) -> &Task {
        &self.tasks[id.index()]
    }

    /// A scope by its id.
    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.index()]
    }

    /// The scope of what is run.
    pub fn root(&self) -> &Scope {
        self.scope(ScopeId::ROOT)
    }

    /// A wave by its id.
    pub fn wave(&self, id: WaveId) -> &Wave {
        &self.waves[id.index()]
    }

    /// All tasks with their ids.
    pub fn tasks(&self) -> impl Iterator<Item = (TaskId, &Task)> {
        (0..).map(TaskId).zip(&self.tasks)
    }

    /// The task at an address.
    pub fn find(&self, path: &str) -> Option<TaskId> {
        self.tasks().find(|(_, task)| task.path == path).map(|(id, _)| id)
    }

    /// The agent that a task asks, if it asks one.
    pub fn agent_of(&self, task: &Task) -> Option<&PlanAgent> {
        match &task.work {
            Work::Ask(ask) => self.agents.get(ask.agent.index()),
            Work::Iterate(iterate) => self.agent_of(iterate.task()),
            _ => None,
        }
    }

    /// The wave of the root scope in which a task, or the task that uses its pattern, stands.
    pub fn root_wave(&self, id: TaskId) -> WaveId {
        let mut task = self.task(id);
        while let Some(caller) = self.scope(task.scope).caller {
            task = self.task(caller);
        }
        task.wave
    }

    /// The tasks of a root wave with everything inside them, in the plan's order, without what undoes
    /// them.
    pub fn tasks_of_root_wave(&self, wave: WaveId) -> Vec<TaskId> {
        let ids = self.tasks().filter(|(_, task)| self.compensates(task.scope).is_none());
        ids.map(|(id, _)| id).filter(|id| self.root_wave(*id) == wave).collect()
    }

    /// What makes two plans the same: equal for equal documents, whatever their layout, comments
    /// and paths.
    pub fn fingerprint(&self) -> Digest {
        Digest::of(&serde_json::to_vec(self).unwrap_or_default())
    }
}

impl Task {
    /// The verb that the author wrote.
    pub fn verb(&self) -> VerbKind {
        match &self.work {
            Work::Ask(Ask {
                purpose: Purpose::Task | Purpose::Plan | Purpose::Planned, ..
            }) => VerbKind::Agent,
            Work::Ask(_) | Work::Combine(_) => VerbKind::Synthesize,
            Work::Check { .. } => VerbKind::Check,
            Work::Approve { .. } => VerbKind::Approval,
            Work::Call { .. } => VerbKind::Uses,
            Work::Tool(_) => VerbKind::Tool,
            Work::Send(_) => VerbKind::Send,
            Work::Iterate(iterate) => match iterate.over {
                Over::Review(_) => VerbKind::Review,
                Over::Expand(_) => VerbKind::Expand,
                _ => iterate.task().verb(),
            },
        }
    }

    /// What doing it changes outside, where the author says so.
    pub fn effect(&self) -> Option<Effect> {
        match &self.work {
            Work::Ask(ask) => ask.effect,
            Work::Tool(tool) => tool.effect,
            _ => None,
        }
    }

    /// Whether it must not be done a second time.
    pub fn is_once(&self) -> bool {
        self.effect() == Some(Effect::Once)
    }

    /// Whether a server is asked.
    pub fn asks_a_model(&self) -> bool {
        matches!(self.work, Work::Ask(_))
    }
}
