//! Posts: agents of a scope of whom only a run knows who they are. Their tasks ask a seat that nobody has, until
//! it is known who has it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::iterate::Body;
use super::model::{Ask, Plan, PlanAgentId, ScopeId, Task, TaskId, Work};
use super::tools::Toolbox;
use crate::language::document::{ModelOptions, Takes};
use crate::organization::{AgentId, Layer};

/// An agent of a scope of whom only a run knows who it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedPost {
    /// What its tasks call it.
    pub name: String,
    /// The seat that its tasks ask: nobody's, until it is known whose.
    pub seat: PlanAgentId,
    /// Whoever may get it.
    pub candidates: Vec<PlanAgentId>,
    /// How it is decided who gets it.
    pub choice: PostChoice,
    /// Posts before it and agents, none of whom gets it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub never: Vec<PlanAgentId>,
}

/// How it is decided who gets a post.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostChoice {
    /// By what there is to do.
    Assign(WorkTemplate),
    /// Another one of the same domain, by the skills, or else the next above.
    PeerOf(PlanAgentId, WorkTemplate),
    /// The next above.
    Above(PlanAgentId),
}

/// What there is to do for who gets a post: templates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WorkTemplate {
    /// The layer from which it is filled.
    pub layer: Layer,
    /// The domain from which it is filled; any if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// A list of skills.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skills: Option<Value>,
    /// How hard it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complexity: Option<String>,
    /// A number of hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Value>,
    /// A list of what it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub related: Option<Value>,
}

impl PlannedPost {
    /// What there is to do for who gets it, where that decides.
    pub fn work(&self) -> Option<&WorkTemplate> {
        match &self.choice {
            PostChoice::Assign(work) | PostChoice::PeerOf(_, work) => Some(work),
            PostChoice::Above(_) => None,
        }
    }
}

impl WorkTemplate {
    /// Everything in it that is a template.
    pub(super) fn values(&self) -> impl Iterator<Item = Value> {
        let WorkTemplate { layer: _, domain, skills, complexity, hours, related } = self;
        let texts =
            [domain, complexity].into_iter().flatten().map(|text| Value::from(text.as_str()));
        texts.chain([skills, hours, related].into_iter().flatten().cloned())
    }
}

/// How one who may get a post is asked, where that is not as any other is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Voice {
    /// Who.
    pub agent: PlanAgentId,
    /// The model, where a document names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Options of the call.
    pub options: ModelOptions,
    /// Whether its answer may serve other runs, and theirs may serve it.
    pub cache: bool,
    /// Whether a second attempt may be begun beside one that takes unusually long.
    pub hedge: bool,
    /// What the call takes of the cluster's resources while it is under way.
    #[serde(default, skip_serializing_if = "Takes::is_nothing")]
    pub takes: Takes,
    /// The tools that the agent may use for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Box<Toolbox>>,
}

impl Ask {
    /// The models that may be asked for it, whoever gets the agent's post; nothing for the one of those to whom nobody
    /// gave one.
    pub fn models(&self) -> impl Iterator<Item = Option<&str>> {
        let of_voices = self.voices.iter().map(|voice| voice.model.as_deref());
        std::iter::once(self.model.as_deref()).chain(of_voices)
    }
}

impl Voice {
    /// How an agent is asked, of what is asked.
    pub(super) fn of(ask: &Ask) -> Voice {
        Voice {
            agent: ask.agent,
            model: ask.model.clone(),
            options: ask.options.clone(),
            cache: ask.cache,
            hedge: ask.hedge,
            takes: ask.takes.clone(),
            tools: ask.tools.clone(),
        }
    }

    /// Whether nothing but who is asked tells it from another.
    pub(super) fn is_like(&self, other: &Voice) -> bool {
        *self == Voice { agent: self.agent, ..other.clone() }
    }
}

/// Who has the seats of a scope.
struct Seated<'p> {
    by_seat: &'p BTreeMap<PlanAgentId, PlanAgentId>,
    /// The same by how they are called in messages.
    by_id: BTreeMap<AgentId, AgentId>,
}

impl Plan {
    /// Gives the seats of a scope, and of everything inside it, to those who have got its posts.
    pub fn fill(&mut self, scope: ScopeId, by_seat: &BTreeMap<PlanAgentId, PlanAgentId>) {
        let id = |agent: &PlanAgentId| self.agent_id(*agent).cloned();
        let by_id = by_seat.iter().filter_map(|(seat, agent)| Some((id(seat)?, id(agent)?)));
        let seated = Seated { by_seat, by_id: by_id.collect() };
        let (tasks, used) = self.inside(scope);
        for task in &tasks {
            seated.fill(&mut self.tasks[task.index()]);
        }
        for scope in used {
            let posts = self.scopes[scope.index()].staff.iter_mut();
            posts.for_each(|post| seated.fill_post(post));
        }
    }

    /// The tasks of a scope that has not begun, and of those that are used in it, with these.
    pub fn inside(&self, scope: ScopeId) -> (Vec<TaskId>, Vec<ScopeId>) {
        let mut tasks = self.scope(scope).tasks.clone();
        let mut used = Vec::new();
        let mut place = 0;
        while let Some(task) = tasks.get(place) {
            if let Work::Call { scope, .. } = self.task(*task).work {
                tasks.extend(&self.scope(scope).tasks);
                used.push(scope);
            }
            place += 1;
        }
        (tasks, used)
    }

    /// How many agents may be asked, without the seats that are nobody's.
    pub fn people(&self) -> usize {
        self.agents.iter().filter(|agent| !agent.is_seat).count()
    }

    /// The post whose seat an agent is, if it is one.
    pub fn post(&self, seat: PlanAgentId) -> Option<&PlannedPost> {
        if !self.agents.get(seat.index())?.is_seat {
            return None;
        }
        let bodies = self.all_tasks().into_iter().flat_map(|task| {
            let undo = task.compensate.as_deref();
            let several = match &task.work {
                Work::Iterate(iterate) => Some(iterate.bodies()),
                _ => None,
            };
            several.into_iter().flatten().chain(undo)
        });
        let scopes = self.scopes.iter().chain(bodies.flat_map(|body| &body.scopes));
        scopes.flat_map(|scope| &scope.staff).find(|post| post.seat == seat)
    }
}

impl Seated<'_> {
    fn fill(&self, task: &mut Task) {
        match &mut task.work {
            Work::Ask(ask) => self.fill_ask(ask),
            Work::Send(message) => {
                let from = self.renamed(&message.from);
                let mut to: Vec<AgentId> = Vec::with_capacity(message.to.len());
                for id in message.to.iter().map(|id| self.renamed(id)) {
                    // One person may have several posts, and nobody writes to themselves.
                    if id != from && !to.contains(&id) {
                        to.push(id);
                    }
                }
                message.from = from;
                message.to = to;
            }
            Work::Iterate(iterate) => iterate.bodies_mut().for_each(|body| self.fill_body(body)),
            Work::Call { .. }
            | Work::Combine(_)
            | Work::Check { .. }
            | Work::Approve { .. }
            | Work::Tool(_) => {}
        }
        if let Some(compensate) = &mut task.compensate {
            self.fill_body(compensate);
        }
    }

    fn renamed(&self, id: &AgentId) -> AgentId {
        self.by_id.get(id).unwrap_or(id).clone()
    }

    fn fill_body(&self, body: &mut Body) {
        body.tasks.iter_mut().for_each(|task| self.fill(task));
        // Posts of patterns inside it may be beside posts of this one.
        for post in body.scopes.iter_mut().flat_map(|scope| &mut scope.staff) {
            self.fill_post(post);
        }
    }

    fn fill_post(&self, post: &mut PlannedPost) {
        let seated = |agent: &mut PlanAgentId| {
            if let Some(other) = self.by_seat.get(agent) {
                *agent = *other;
            }
        };
        post.never.iter_mut().for_each(seated);
        if let PostChoice::PeerOf(agent, _) | PostChoice::Above(agent) = &mut post.choice {
            seated(agent);
        }
    }

    fn fill_ask(&self, ask: &mut Ask) {
        let Some(agent) = self.by_seat.get(&ask.agent) else { return };
        ask.agent = *agent;
        let voices = std::mem::take(&mut ask.voices).into_vec();
        if let Some(voice) = voices.into_iter().find(|voice| voice.agent == *agent) {
            let Voice { agent: _, model, options, cache, hedge, takes, tools } = voice;
            ask.model = model;
            ask.options = options;
            ask.cache = cache;
            ask.hedge = hedge;
            ask.takes = takes;
            ask.tools = tools;
        }
    }
}
