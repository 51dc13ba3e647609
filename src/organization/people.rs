//! Finding people by where they stand. Of several the answer is always the same: those of one's own
//! reporting line first, the next before those further up, then by id, never by the order in a file.

use super::layer::Layer;
use super::lifecycle::Owner;
use super::quality::{Gate, reviewers};
use super::structure::superiors;
use super::{Agent, AgentId, Team};

/// Who it is that answers for somebody's work. Of escalated work that depends on what it is about: the
/// [`route`](super::route) says it, and here it is nobody. Where those are missing whose part it is, the author answers.
pub fn who_answers(team: &Team, owner: Owner, author: &AgentId) -> Option<AgentId> {
    let first = |gate| reviewers(team, author, gate).into_iter().next();
    let found = match owner {
        Owner::Author => None,
        Owner::EscalationContact => return None,
        Owner::DomainLead => first(Gate::Domain),
        Owner::PeerReviewer => first(Gate::Peer),
        Owner::Coordinator => {
            let above = [Layer::Coordinator, Layer::Manager, Layer::Lead];
            let mut above = above.into_iter().flat_map(|layer| of_layer(team, layer, author));
            above.next().map(|agent| agent.id.clone())
        }
    };
    Some(found.unwrap_or_else(|| author.clone()))
}

/// Everybody of a layer: first those above somebody, the next first, then the others by id.
pub(super) fn of_layer<'t>(team: &'t Team, layer: Layer, seen_from: &AgentId) -> Vec<&'t Agent> {
    let mut found: Vec<&Agent> = superiors(team, seen_from);
    found.retain(|above| above.layer == Some(layer));
    let mut others: Vec<&Agent> = team.agents().iter().collect();
    others
        .retain(|agent| agent.layer == Some(layer) && !found.iter().any(|one| one.id == agent.id));
    others.sort_by(|one, other| one.id.cmp(&other.id));
    found.extend(others);
    found
}

/// The leads of a domain, those above somebody first.
pub(super) fn leads_of<'t>(team: &'t Team, domain: &str, seen_from: &AgentId) -> Vec<&'t Agent> {
    let mut leads = of_layer(team, Layer::Lead, seen_from);
    leads.retain(|lead| lead.domain.as_deref() == Some(domain));
    leads
}

/// The contributors of a domain, the most experienced first, then by id.
pub(super) fn contributors_of<'t>(team: &'t Team, domain: &str) -> Vec<&'t Agent> {
    let mut found: Vec<&Agent> = team.agents().iter().collect();
    found.retain(|agent| {
        agent.layer == Some(Layer::Contributor) && agent.domain.as_deref() == Some(domain)
    });
    found.sort_by(|one, other| {
        let level = |agent: &Agent| agent.level.unwrap_or_default();
        level(other).cmp(&level(one)).then_with(|| one.id.cmp(&other.id))
    });
    found
}
