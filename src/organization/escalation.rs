//! Who is asked when work cannot go on: a route upwards that depends on what it is about.

use serde::{Deserialize, Serialize};

use super::layer::Layer;
use super::people::{leads_of, of_layer};
use super::structure::superiors;
use super::{AgentId, Team};

/// What an escalation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EscalationKind {
    /// Nobody knows how to do it.
    Technical,
    /// There is not enough time, or not enough people.
    Resource,
    /// Two things cannot both come first.
    Priority,
    /// It is no longer what was asked for.
    Scope,
    /// It does not become good enough.
    Quality,
    /// Somebody could do harm.
    Security,
}

/// One step of a route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contact {
    /// A member of the team.
    Agent(AgentId),
    /// The person for whom the work is done.
    Person,
}

/// Where a step of a route is looked for.
enum Stop {
    /// The lead of the domain of whoever asks.
    OwnLead,
    /// The lead of this domain.
    LeadOf(&'static str),
    Layer(Layer),
}

impl EscalationKind {
    /// All kinds.
    pub const ALL: [EscalationKind; 6] = [
        EscalationKind::Technical,
        EscalationKind::Resource,
        EscalationKind::Priority,
        EscalationKind::Scope,
        EscalationKind::Quality,
        EscalationKind::Security,
    ];

    /// The word for it in machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            EscalationKind::Technical => "technical",
            EscalationKind::Resource => "resource",
            EscalationKind::Priority => "priority",
            EscalationKind::Scope => "scope",
            EscalationKind::Quality => "quality",
            EscalationKind::Security => "security",
        }
    }

    fn stops(self) -> &'static [Stop] {
        const COORDINATOR: Stop = Stop::Layer(Layer::Coordinator);
        const MANAGER: Stop = Stop::Layer(Layer::Manager);
        match self {
            EscalationKind::Technical => &[Stop::OwnLead, COORDINATOR, MANAGER],
            EscalationKind::Resource | EscalationKind::Priority => &[COORDINATOR, MANAGER],
            EscalationKind::Scope => &[MANAGER],
            EscalationKind::Quality => &[Stop::LeadOf("qa"), Stop::OwnLead, COORDINATOR, MANAGER],
            EscalationKind::Security => &[Stop::LeadOf("security"), COORDINATOR, MANAGER],
        }
    }
}

/// Who is asked about something, one after the other, when a member of the team cannot go on: a person at
/// the end, nobody twice, never the one who asks, and, but for quality assurance and security on
/// what is theirs, nobody who stands lower. In a team without layers the reporting line is the route.
pub fn route(team: &Team, from: &AgentId, about: EscalationKind) -> Vec<Contact> {
    let asking = team.agents().iter().find(|agent| agent.id == *from);
    let layer = asking.and_then(|agent| agent.layer);
    let domain = asking.and_then(|agent| agent.domain.as_deref());
    let mut found: Vec<AgentId> = Vec::new();
    let mut add = |id: &AgentId| {
        if id != from && !found.contains(id) {
            found.push(id.clone());
        }
    };
    for stop in about.stops() {
        let stops = match stop {
            Stop::OwnLead => domain.map(|domain| leads_of(team, domain, from)).unwrap_or_default(),
            Stop::LeadOf(domain) => leads_of(team, domain, from),
            Stop::Layer(layer) => of_layer(team, *layer, from),
        };
        let is_expert = matches!(stop, Stop::LeadOf(_));
        let mut stops = stops.into_iter().filter(|stop| is_expert || stop.layer > layer);
        if let Some(stop) = stops.find(|stop| stop.id != *from) {
            add(&stop.id);
        }
    }
    if layer.is_none() {
        superiors(team, from).into_iter().for_each(|above| add(&above.id));
    }
    found.into_iter().map(Contact::Agent).chain([Contact::Person]).collect()
}
