//! Messages: who sends them, and whom they reach.

use std::collections::{BTreeMap, BTreeSet};

use super::{Inside, Lowering};
use crate::language::document::{Addressees, MessageKind, Modifiers, SendTask};
use crate::language::plan::iterate::Over;
use crate::language::plan::model::{
    MessageTemplate, Need, NeedKind, PlanAgentId, Purpose, ScopeId, Task, TaskId, Trigger, Work,
};
use crate::organization::AgentId;

/// What a task starts on; who sends it is known when all tasks of the scope are.
pub(super) fn triggers(modifiers: &Modifiers) -> Vec<Trigger> {
    let topics = modifiers.on_message.iter().flat_map(|topics| &topics.0);
    topics.map(|topic| Trigger { topic: topic.clone(), senders: Vec::new() }).collect()
}

impl Lowering<'_> {
    /// A message, with its sender and those whom it is to by their ids.
    pub(super) fn send(&self, inside: &Inside, task: &SendTask) -> Option<Work> {
        let people = &inside.people;
        let from = match &task.from {
            Some(agent) => self.cast.id_of(people, agent)?,
            None => self.cast.lead_id(people)?,
        };
        let to_all = match (&task.to, task.send) {
            (Some(to), _) => *to == Addressees::All,
            (None, kind) => kind == MessageKind::Broadcast,
        };
        let mut to: Vec<AgentId> = match &task.to {
            Some(Addressees::Agents(agents)) => {
                agents.iter().map(|agent| self.cast.id_of(people, agent)).collect::<Option<_>>()?
            }
            _ if to_all => self.cast.member_ids(people)?,
            // In a team that has taken the place of another nobody may be above the sender.
            _ => self.cast.manager_id(people, &from).into_iter().collect(),
        };
        to.retain(|agent| *agent != from);
        Some(Work::Send(Box::new(MessageTemplate {
            kind: task.send,
            from,
            to,
            to_all,
            topic: task.topic.clone(),
            subject: task.subject.clone(),
            body: task.body.clone(),
        })))
    }

    /// Finds out who sends what the tasks of a scope start on, and has every agent's tasks need the messages
    /// to it that are sent before them: what is read follows from the plan, and a change of a message reaches
    /// whoever reads it.
    pub(super) fn resolve_messages(&mut self, scope: ScopeId) {
        let tasks = self.scopes[scope.index()].tasks.clone();
        let sends: Vec<TaskId> =
            tasks.iter().copied().filter(|id| self.message(*id).is_some()).collect();
        if sends.is_empty() {
            return;
        }
        for id in &tasks {
            let mut triggers = std::mem::take(&mut self.tasks[id.index()].on_message);
            for trigger in &mut triggers {
                let is_on_it = |sender: &TaskId| {
                    self.message(*sender).and_then(|send| send.topic.as_ref())
                        == Some(&trigger.topic)
                };
                trigger.senders = sends.iter().copied().filter(is_on_it).collect();
            }
            self.tasks[id.index()].on_message = triggers;
        }
        let mut dependents: BTreeMap<TaskId, Vec<TaskId>> = BTreeMap::new();
        for id in &tasks {
            for need in &self.tasks[id.index()].needs {
                dependents.entry(need.task).or_default().push(*id);
            }
        }
        for send in sends {
            for id in self.behind(scope, send, &dependents) {
                self.read_message(id, send);
            }
        }
    }

    fn message(&self, id: TaskId) -> Option<&MessageTemplate> {
        match &self.tasks[id.index()].work {
            Work::Send(template) => Some(template),
            _ => None,
        }
    }

    /// The tasks of a scope that begin only when another of its tasks has ended: by what they need, or
    /// because a barrier is between them.
    fn behind(
        &self,
        scope: ScopeId,
        task: TaskId,
        dependents: &BTreeMap<TaskId, Vec<TaskId>>,
    ) -> BTreeSet<TaskId> {
        let own = self.tasks[task.index()].wave;
        let later = self.scopes[scope.index()].waves.iter().skip_while(|wave| **wave <= own);
        let behind_barrier = later.skip_while(|wave| !self.waves[wave.index()].barrier);
        let mut found: BTreeSet<TaskId> =
            behind_barrier.flat_map(|wave| &self.waves[wave.index()].tasks).copied().collect();
        let mut pending = vec![task];
        while let Some(id) = pending.pop() {
            let next = dependents.get(&id).into_iter().flatten().copied();
            pending.extend(next.filter(|next| found.insert(*next)));
        }
        found
    }

    /// A task needs a message that is to an agent whom it asks.
    fn read_message(&mut self, id: TaskId, send: TaskId) {
        let asked = self.asked_in(&self.tasks[id.index()]);
        let to = self.message(send).map(|send| send.to.as_slice()).unwrap_or_default();
        if !asked.iter().any(|agent| to.contains(agent)) {
            return;
        }
        let needs = &mut self.tasks[id.index()].needs;
        if let Err(place) = needs.binary_search_by_key(&send, |need| need.task) {
            needs.insert(place, Need { task: send, kind: NeedKind::Order });
        }
    }

    /// The agents whom a task asks and who read their messages for it: not those who only compare, or
    /// decide between equals, and not those who do what somebody has planned.
    fn asked_in(&self, task: &Task) -> Vec<AgentId> {
        let id = |agent: PlanAgentId| Some(self.cast.agents.get(agent.index())?.agent.id.clone());
        match &task.work {
            Work::Ask(ask) => match ask.purpose {
                Purpose::Task | Purpose::Custom | Purpose::Consensus | Purpose::Plan => {
                    id(ask.agent).into_iter().collect()
                }
                Purpose::Compare | Purpose::TieBreak | Purpose::Planned => Vec::new(),
            },
            Work::Iterate(iterate) => match &iterate.over {
                Over::Items(_) | Over::Rounds(_) | Over::Samples(_) | Over::Expand(_) => {
                    self.asked_in(iterate.task())
                }
                Over::Review(_) => {
                    iterate.body.tasks.iter().flat_map(|task| self.asked_in(task)).collect()
                }
                Over::Ladder(_) => {
                    let tried = iterate.bodies().filter_map(|body| body.tasks.first());
                    tried.flat_map(|task| self.asked_in(task)).collect()
                }
                Over::TieBreak(_) | Over::Pairs(_) => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}
