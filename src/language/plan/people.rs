//! Who the agents of a plan are.

use super::model::{Plan, PlanAgentId};
use crate::organization::{AgentId, Team};

impl Plan {
    /// What an agent is called in messages; nothing for one that the plan does not have.
    pub fn agent_id(&self, agent: PlanAgentId) -> Option<&AgentId> {
        self.agents.get(agent.index()).map(|known| &known.agent.id)
    }

    /// The name of an agent; empty for one that the plan does not have.
    pub fn agent_name(&self, agent: PlanAgentId) -> &str {
        self.agent_id(agent).map(AgentId::as_str).unwrap_or_default()
    }

    /// The team of an agent.
    pub fn team_of(&self, agent: PlanAgentId) -> Option<&Team> {
        self.teams.get(self.agents.get(agent.index())?.team as usize)
    }
}
