//! Who works on a plan: teams and agents as the plan holds them.

use std::collections::BTreeMap;

use super::model::{PlanAgent, PlanAgentId};
use super::posts::PostChoice;
use crate::language::document::{
    AgentEntry, AgentTools, Body, CapacityEntry, ModelOptions, Names, OrchestrationSettings, Takes,
    TeamDocument, TeamReference,
};
use crate::organization::{Agent, AgentId, FrameworkExtent, Layer, Team, is_same_role, leads};

/// The teams and agents that have been named so far.
#[derive(Default)]
pub(super) struct Cast {
    rosters: Vec<Roster>,
    pub(super) agents: Vec<PlanAgent>,
    /// Whoever may get a seat that is nobody's yet.
    vacant: BTreeMap<PlanAgentId, Vec<PlanAgentId>>,
}

struct Roster {
    team: Team,
    model: Option<String>,
    entries: Vec<AgentEntry>,
    /// What those who lead it may start.
    orchestration: Option<OrchestrationSettings>,
}

/// The people of a scope: who can be addressed, and how.
#[derive(Clone, Default)]
pub(super) struct People {
    /// The team, as a place in the cast.
    pub(super) team: Option<u32>,
    /// Agents that take others' places, by the address of those.
    pub(super) stand_ins: BTreeMap<String, PlanAgentId>,
}

impl Cast {
    /// The teams in the order of their places.
    pub(super) fn into_parts(self) -> (Vec<Team>, Vec<PlanAgent>) {
        (self.rosters.into_iter().map(|roster| roster.team).collect(), self.agents)
    }

    /// The place of a team. The same team named twice has one place.
    pub(super) fn team(&mut self, names: Names<'_>, reference: &TeamReference) -> Option<u32> {
        let roster = match reference {
            TeamReference::Named(name) => {
                let Body::Team(document) = names.team(name)?.body()? else {
                    return None;
                };
                Roster::of_document(document)?
            }
            TeamReference::Inline(inline) => Roster::of(
                (inline.name.clone(), inline.purpose.clone(), inline.department.clone()),
                inline.framework,
                inline.model.clone(),
                &inline.agents,
            )?
            .orchestrating(inline.orchestration),
        };
        let same = |known: &Roster| {
            known.team == roster.team
                && known.entries == roster.entries
                && known.orchestration == roster.orchestration
        };
        let place = self.rosters.iter().position(same).unwrap_or_else(|| {
            self.rosters.push(roster);
            self.rosters.len() - 1
        });
        u32::try_from(place).ok()
    }

    /// The agent that an address means.
    pub(super) fn agent(&mut self, people: &People, address: &str) -> Option<PlanAgentId> {
        if let Some(id) = people.stand_ins.get(address) {
            return Some(*id);
        }
        let team = people.team?;
        let id = self.rosters.get(team as usize)?.team.find(address)?.id.clone();
        self.seat(team, &id)
    }

    /// The agent that speaks for the team.
    pub(super) fn lead(&mut self, people: &People) -> Option<PlanAgentId> {
        let team = people.team?;
        let lead = self.rosters.get(team as usize)?.team.lead()?;
        let stand_in = people.stand_ins.iter().find(|(address, _)| {
            is_same_role(address, lead.id.as_str()) || is_same_role(address, &lead.role)
        });
        if let Some((_, id)) = stand_in {
            return Some(*id);
        }
        let id = lead.id.clone();
        self.seat(team, &id)
    }

    /// What an agent may start, if it leads a team whose leaders may start anything. Of a seat that is nobody's yet
    /// that is not known; whoever may get it is asked in their own way.
    pub(super) fn orchestration(&self, agent: PlanAgentId) -> Option<OrchestrationSettings> {
        let seat = self.agents.get(agent.index()).filter(|seat| !seat.is_seat)?;
        let roster = self.rosters.get(seat.team as usize)?;
        roster.orchestration.filter(|_| leads(&seat.agent, &roster.team))
    }

    /// The id of whom an address means. Who gets a message need not be asked anything.
    pub(super) fn id_of(&self, people: &People, address: &str) -> Option<AgentId> {
        if let Some(id) = people.stand_ins.get(address) {
            return self.seated_id(*id);
        }
        let team = people.team?;
        Some(self.rosters.get(team as usize)?.team.find(address)?.id.clone())
    }

    /// The id of who speaks for the team.
    pub(super) fn lead_id(&self, people: &People) -> Option<AgentId> {
        let lead = self.rosters.get(people.team? as usize)?.team.lead()?;
        self.instead_of(people, lead)
    }

    /// The ids of all members of the team, in its order.
    pub(super) fn member_ids(&self, people: &People) -> Option<Vec<AgentId>> {
        let members = self.rosters.get(people.team? as usize)?.team.agents().iter();
        members.map(|member| self.instead_of(people, member)).collect()
    }

    /// The id of whom somebody reports to.
    pub(super) fn manager_id(&self, people: &People, id: &AgentId) -> Option<AgentId> {
        let team = &self.rosters.get(people.team? as usize)?.team;
        let mut members = team.agents().iter();
        let member = members.find(|member| self.instead_of(people, member).as_ref() == Some(id))?;
        let manager = member.reports_to.as_ref()?;
        self.instead_of(people, team.agents().iter().find(|agent| agent.id == *manager)?)
    }

    /// Whom an agent reports to.
    pub(super) fn manager(&mut self, people: &People, agent: PlanAgentId) -> Option<PlanAgentId> {
        let id = self.manager_id(people, &self.seated_id(agent)?)?;
        let mut stand_ins = people.stand_ins.values().copied();
        match stand_ins.find(|seat| self.seated_id(*seat).as_ref() == Some(&id)) {
            Some(seat) => Some(seat),
            None => self.seat(people.team?, &id),
        }
    }

    /// The id of a member, or of who takes the member's place.
    fn instead_of(&self, people: &People, member: &Agent) -> Option<AgentId> {
        let mut stand_ins = people.stand_ins.iter();
        match stand_ins.find(|(address, _)| member.is_called(address)) {
            Some((_, id)) => self.seated_id(*id),
            None => Some(member.id.clone()),
        }
    }

    /// Those of a team who may get a post, in its order.
    pub(super) fn candidates(
        &mut self,
        people: &People,
        choice: &PostChoice,
    ) -> Option<Vec<PlanAgentId>> {
        let team = people.team?;
        let may_get = |agent: &&Agent| match (choice, agent.layer) {
            (_, None) => false,
            (PostChoice::Assign(work), Some(layer)) => layer == work.layer,
            // Where there is no peer, whoever is above does it.
            (PostChoice::PeerOf(..), Some(_)) => true,
            (PostChoice::Above(_), Some(layer)) => layer != Layer::Contributor,
        };
        let members = self.rosters.get(team as usize)?.team.agents().iter().filter(may_get);
        let ids: Vec<AgentId> = members.map(|agent| agent.id.clone()).collect();
        ids.iter().map(|id| self.seat(team, id)).collect()
    }

    /// A seat that is nobody's until it is known who has the post.
    pub(super) fn vacant(
        &mut self,
        people: &People,
        name: &str,
        candidates: Vec<PlanAgentId>,
    ) -> Option<PlanAgentId> {
        let seat = PlanAgentId(u32::try_from(self.agents.len()).ok()?);
        let team = people.team?;
        self.agents.push(PlanAgent {
            agent: Agent::of_role(Some(name), name),
            team,
            model: self.rosters.get(team as usize)?.model.clone(),
            fallback_models: Vec::new(),
            options: ModelOptions::default(),
            requires: Vec::new(),
            max_parallel: None,
            takes: Takes::default(),
            tools: AgentTools::default(),
            is_seat: true,
        });
        self.vacant.insert(seat, candidates);
        Some(seat)
    }

    /// Whoever may get a seat; nobody where it is somebody's.
    pub(super) fn may_get(&self, seat: PlanAgentId) -> &[PlanAgentId] {
        self.vacant.get(&seat).map(Vec::as_slice).unwrap_or_default()
    }

    fn seated_id(&self, id: PlanAgentId) -> Option<AgentId> {
        self.agents.get(id.index()).map(|seat| seat.agent.id.clone())
    }

    fn seat(&mut self, team: u32, id: &AgentId) -> Option<PlanAgentId> {
        let taken = |seat: &PlanAgent| seat.team == team && seat.agent.id == *id && !seat.is_seat;
        let place = match self.agents.iter().position(taken) {
            Some(place) => place,
            None => {
                let roster = self.rosters.get(team as usize)?;
                let place = roster.team.agents().iter().position(|agent| agent.id == *id)?;
                let entry = roster.entries.get(place)?;
                self.agents.push(PlanAgent {
                    agent: roster.team.agents().get(place)?.clone(),
                    team,
                    model: entry.model.clone().or_else(|| roster.model.clone()),
                    fallback_models: entry.fallback_models.clone(),
                    options: entry.options.clone().unwrap_or_else(ModelOptions::default),
                    requires: entry.requires.clone(),
                    max_parallel: entry.max_parallel,
                    takes: entry.takes.clone(),
                    tools: entry.tools.clone(),
                    is_seat: false,
                });
                self.agents.len() - 1
            }
        };
        u32::try_from(place).ok().map(PlanAgentId)
    }
}

/// The team of a document, as plans hold it; none where its reporting lines do not end.
pub fn team_of_document(document: &TeamDocument) -> Option<Team> {
    Roster::of_document(document).map(|roster| roster.team)
}

impl Roster {
    fn of_document(document: &TeamDocument) -> Option<Roster> {
        let capabilities = document.special_capabilities.join("; ");
        let purpose = match (document.team.purpose.clone(), capabilities.is_empty()) {
            (purpose, true) => purpose,
            (None, false) => Some(format!("Special capabilities: {capabilities}")),
            (Some(purpose), false) => {
                Some(format!("{purpose}. Special capabilities: {capabilities}"))
            }
        };
        Roster::of(
            (document.team.name.clone(), purpose, document.team.department.clone()),
            document.team.framework,
            document.team.model.clone(),
            &document.agents,
        )
        .map(|roster| roster.orchestrating(document.team.orchestration))
    }

    fn of(
        (name, purpose, department): (String, Option<String>, Option<String>),
        framework: FrameworkExtent,
        model: Option<String>,
        entries: &[AgentEntry],
    ) -> Option<Roster> {
        let agents = entries.iter().map(|entry| agent(entry, entries)).collect();
        let team = Team::new(name, purpose, department, agents).ok()?.with_framework(framework);
        Some(Roster { team, model, entries: entries.to_vec(), orchestration: None })
    }

    fn orchestrating(self, orchestration: Option<OrchestrationSettings>) -> Roster {
        Roster { orchestration, ..self }
    }
}

fn agent(entry: &AgentEntry, all: &[AgentEntry]) -> Agent {
    // Whoever an agent reports to may be named by role or by id.
    let manager = |address: &String| {
        let same = |other: &&AgentEntry| {
            other.id.as_ref() == Some(address) || is_same_role(&other.role, address)
        };
        all.iter().find(same).map_or_else(
            || AgentId::new(None, address),
            |manager| AgentId::new(manager.id.as_deref(), &manager.role),
        )
    };
    Agent {
        id: AgentId::new(entry.id.as_deref(), &entry.role),
        role: entry.role.clone(),
        purpose: entry.purpose.clone(),
        skills: entry.skills.clone(),
        focus_areas: entry.focus_areas.clone(),
        instructions: entry.instructions.clone(),
        reports_to: entry.reports_to.as_ref().map(manager),
        layer: entry.layer,
        domain: entry.domain.clone(),
        level: entry.level,
        orchestration_expertise: entry.orchestration_expertise,
        capacity: entry.capacity.as_ref().map(CapacityEntry::capacity).unwrap_or_default(),
    }
}
