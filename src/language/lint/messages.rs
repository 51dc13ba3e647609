//! Which task reads the message of which other one.

use serde_json::Value;

use super::orchestration::Orchestration;
use crate::language::document::{EVERYBODY, VerbKind};
use crate::language::plan::{Member, TaskOutline, topic};

impl<'a> Orchestration<'a> {
    /// Whether a task reads what another one sends, both by their places: it starts on it, or asks an agent whom
    /// the message is to, and surely comes later.
    pub(super) fn reads_message(&self, reader: usize, sender: usize) -> bool {
        let tasks = self.tasks();
        let (reading, sending) = (&tasks[reader], &tasks[sender]);
        if sending.verb != Some(VerbKind::Send) {
            return false;
        }
        let starts_on_it = topic(sending)
            .is_some_and(|topic| reading.topics.iter().any(|named| named.name == topic));
        starts_on_it
            || (self.is_asked_by(reading).iter().any(|agent| self.is_to(sending, agent))
                && self.flow().is_before(sender, reader))
    }

    /// The agents whom a task asks something.
    fn is_asked_by(&self, task: &TaskOutline<'_>) -> Vec<&'a Member<'a>> {
        let named = task.agents.iter().filter_map(|named| self.team?.find(named.name));
        match task.verb {
            Some(VerbKind::Agent | VerbKind::Review) => named.collect(),
            Some(VerbKind::Synthesize) => self.agent_of(task).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// Whether a message is to an agent.
    fn is_to(&self, sending: &TaskOutline<'_>, agent: &Member<'_>) -> bool {
        let Some(team) = self.team else { return false };
        let sender = match sending.get("from").and_then(Value::as_str) {
            Some(from) => team.find(from),
            None => team.lead(),
        };
        let is = |member: Option<&Member<'_>>| {
            member.is_some_and(|member| member.agent.id == agent.agent.id)
        };
        if is(sender) {
            return false;
        }
        match (sending.get("to"), sending.get("send").and_then(Value::as_str)) {
            (Some(Value::String(to)), _) => to == EVERYBODY || is(team.find(to)),
            (Some(Value::Array(agents)), _) => {
                agents.iter().filter_map(Value::as_str).any(|to| is(team.find(to)))
            }
            (None, Some("broadcast")) => true,
            (None, Some("standup")) => {
                let manager = sender.and_then(|sender| sender.agent.reports_to.as_ref());
                manager.is_some_and(|manager| *manager == agent.agent.id)
            }
            _ => false,
        }
    }
}
