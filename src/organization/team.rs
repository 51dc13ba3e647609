//! A team and its reporting lines.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::framework::FrameworkExtent;
use super::{Agent, AgentId, is_same_role};

/// A team whose agents have distinct ids and whose reporting lines end somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    name: String,
    purpose: Option<String>,
    department: Option<String>,
    #[serde(default, skip_serializing_if = "FrameworkExtent::is_usual")]
    framework: FrameworkExtent,
    agents: Vec<Agent>,
}

/// What is wrong with a team's members. The author's fault; indices are places in the list of
/// agents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportingError {
    /// Two agents would be addressed by one id.
    #[error("two agents have the id `{id}`")]
    DuplicateId {
        /// The id.
        id: AgentId,
        /// The agent that has it first.
        first: usize,
        /// The agent that has it again.
        second: usize,
    },
    /// An agent reports to somebody who is not there.
    #[error("`{manager}`, to whom `{agent}` reports, is not in this team")]
    UnknownManager {
        /// Who reports.
        agent: AgentId,
        /// To whom.
        manager: AgentId,
        /// The place of the agent that reports.
        index: usize,
    },
    /// Some agents report to each other in a circle.
    #[error("reporting lines form a circle: {}", circle(.members))]
    Circle {
        /// The members in order; each reports to the next, the last to the first.
        members: Vec<(AgentId, usize)>,
    },
}

fn circle(members: &[(AgentId, usize)]) -> String {
    let mut names: Vec<&str> = members.iter().map(|(id, _)| id.as_str()).collect();
    names.extend(names.first().copied());
    names.join(" -> ")
}

impl Team {
    /// Checks the members and makes a team of them.
    ///
    /// # Errors
    /// Every duplicate id, unknown manager and circle of reporting lines.
    pub fn new(
        name: String,
        purpose: Option<String>,
        department: Option<String>,
        agents: Vec<Agent>,
    ) -> Result<Team, Vec<ReportingError>> {
        let mut errors = duplicate_ids(&agents);
        errors.extend(unknown_managers(&agents));
        errors.extend(circles(&agents));
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Team { name, purpose, department, framework: FrameworkExtent::default(), agents })
    }

    /// The team's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the team is there for.
    pub fn purpose(&self) -> Option<&str> {
        self.purpose.as_deref()
    }

    /// Where in the organisation it belongs.
    pub fn department(&self) -> Option<&str> {
        self.department.as_deref()
    }

    /// The team with as much of the decision framework for those who lead it.
    pub fn with_framework(mut self, framework: FrameworkExtent) -> Team {
        self.framework = framework;
        self
    }

    /// How much of the decision framework those who lead it are told.
    pub fn framework(&self) -> FrameworkExtent {
        self.framework
    }

    /// Everybody, in the author's order.
    pub fn agents(&self) -> &[Agent] {
        &self.agents
    }

    /// The agent with this id or role.
    pub fn find(&self, address: &str) -> Option<&Agent> {
        member_called(&self.agents, address)
    }

    /// Who speaks for the team.
    pub fn lead(&self) -> Option<&Agent> {
        lead_of(&self.agents)
    }
}

/// Whom of a team's members an address means: the one who has it as id, else the first who has it
/// as role.
pub fn member_called<'m, M: AsRef<Agent>>(members: &'m [M], address: &str) -> Option<&'m M> {
    let by_id = members.iter().find(|member| member.as_ref().id.as_str() == address);
    by_id.or_else(|| members.iter().find(|member| is_same_role(&member.as_ref().role, address)))
}

/// Who of a team's members speaks for it: the first who reports to nobody and to whom somebody
/// reports, else the first who reports to nobody.
pub fn lead_of<M: AsRef<Agent>>(members: &[M]) -> Option<&M> {
    let managers: BTreeSet<&AgentId> =
        members.iter().filter_map(|member| member.as_ref().reports_to.as_ref()).collect();
    let heads = || members.iter().filter(|member| member.as_ref().reports_to.is_none());
    let leader = heads().find(|head| managers.contains(&head.as_ref().id));
    leader.or_else(|| heads().next())
}

/// Where the first agent of each id is.
fn places(agents: &[Agent]) -> BTreeMap<&AgentId, usize> {
    let mut places = BTreeMap::new();
    for (place, agent) in agents.iter().enumerate() {
        places.entry(&agent.id).or_insert(place);
    }
    places
}

fn duplicate_ids(agents: &[Agent]) -> Vec<ReportingError> {
    let places = places(agents);
    let duplicate = |(second, agent): (usize, &Agent)| {
        let first = places.get(&agent.id).copied().filter(|first| *first < second)?;
        Some(ReportingError::DuplicateId { id: agent.id.clone(), first, second })
    };
    agents.iter().enumerate().filter_map(duplicate).collect()
}

fn unknown_managers(agents: &[Agent]) -> Vec<ReportingError> {
    let places = places(agents);
    let unknown = |(index, agent): (usize, &Agent)| {
        let manager = agent.reports_to.clone()?;
        (!places.contains_key(&manager)).then(|| ReportingError::UnknownManager {
            agent: agent.id.clone(),
            manager,
            index,
        })
    };
    agents.iter().enumerate().filter_map(unknown).collect()
}

fn circles(agents: &[Agent]) -> Vec<ReportingError> {
    let places = places(agents);
    let manager = |index: usize| {
        let manager = agents.get(index)?.reports_to.as_ref()?;
        places.get(manager).copied()
    };
    let mut found = Vec::new();
    let mut settled = vec![false; agents.len()];
    for start in 0..agents.len() {
        let mut path: Vec<usize> = Vec::new();
        let mut on_path: BTreeMap<usize, usize> = BTreeMap::new();
        let mut next = Some(start);
        while let Some(index) = next.filter(|index| !settled[*index]) {
            if let Some(from) = on_path.get(&index).copied() {
                let members =
                    path[from..].iter().map(|member| (agents[*member].id.clone(), *member));
                found.push(ReportingError::Circle { members: members.collect() });
                break;
            }
            on_path.insert(index, path.len());
            path.push(index);
            next = manager(index);
        }
        for index in path {
            settled[index] = true;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(role: &str, reports_to: Option<&str>) -> Agent {
        let reports_to = reports_to.map(|manager| AgentId::new(None, manager));
        Agent { reports_to, ..Agent::of_role(None, role) }
    }

    fn check(members: &[(&str, Option<&str>)], expected: &[&str]) {
        let agents = members.iter().map(|(role, manager)| agent(role, *manager)).collect();
        let found = Team::new("t".into(), None, None, agents).err().unwrap_or_default();
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn reporting_lines_must_end() {
        check(&[("A", None), ("B", Some("A")), ("C", Some("B"))], &[]);
        check(&[("A", None), ("a", None)], &["two agents have the id `a`"]);
        check(&[("A", Some("Z"))], &["`z`, to whom `a` reports, is not in this team"]);
        check(
            &[("A", Some("B")), ("B", Some("C")), ("C", Some("B"))],
            &["reporting lines form a circle: b -> c -> b"],
        );
        check(&[("A", Some("A"))], &["reporting lines form a circle: a -> a"]);
    }

    #[test]
    fn the_lead_has_somebody_to_lead() {
        let agents = vec![agent("Adviser", None), agent("Head", None), agent("Hand", Some("Head"))];
        let team = Team::new("t".into(), None, None, agents).unwrap();
        assert_eq!(team.lead().map(|lead| lead.id.as_str()), Some("head"));
        assert_eq!(team.find("Hand").map(|hand| hand.id.as_str()), Some("hand"));
    }
}
