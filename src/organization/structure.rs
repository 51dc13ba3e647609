//! Whether the layers of a team fit together, and who stands above whom.
//!
//! All of it is about those who have a layer. In a team where nobody has, there is nothing to say.

use std::collections::{BTreeMap, BTreeSet};

use super::layer::Layer;
use super::{Agent, AgentId, Team};

/// More people than this should not report to one.
pub const SPAN_OF_CONTROL: usize = 8;

/// What does not fit in the layers of a team. The author's fault; numbers are places in the list of
/// agents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayerFault {
    /// A lead or contributor without a domain.
    #[error("`{agent}` is a {layer} of no domain")]
    NoDomain {
        /// Who.
        agent: AgentId,
        /// In which layer.
        layer: Layer,
        /// Its place.
        index: usize,
    },
    /// A domain in which people work and nobody leads.
    #[error("nobody leads the domain `{domain}`")]
    NoLead {
        /// The domain.
        domain: String,
        /// The first who works in it.
        index: usize,
    },
    /// Somebody reports to a lower layer.
    #[error("`{agent}`, a {layer}, reports to `{manager}`, a {below}")]
    ReportsDownwards {
        /// Who reports.
        agent: AgentId,
        /// In which layer.
        layer: Layer,
        /// To whom.
        manager: AgentId,
        /// The layer of that one.
        below: Layer,
        /// The places of both.
        places: (usize, usize),
    },
    /// A contributor is led by the lead of another domain.
    #[error("`{agent}` works in `{domain}` and is led by `{lead}`, a lead of `{of}`")]
    ForeignLead {
        /// Who is led.
        agent: AgentId,
        /// Where they work.
        domain: String,
        /// By whom.
        lead: AgentId,
        /// What that one leads.
        of: String,
        /// The places of both.
        places: (usize, usize),
    },
    /// Somebody works on no day.
    #[error("`{agent}` works on no day")]
    NoCapacity {
        /// Who.
        agent: AgentId,
        /// Its place.
        index: usize,
    },
}

/// Whether anybody of a team has a layer.
pub fn has_layers<M: AsRef<Agent>>(members: &[M]) -> bool {
    members.iter().any(|member| member.as_ref().layer.is_some())
}

/// All that does not fit in the layers of a team, member by member.
pub fn layer_faults<M: AsRef<Agent>>(members: &[M]) -> Vec<LayerFault> {
    let lines = Lines::of(members);
    let is_lead = |agent: &&&Agent| agent.layer == Some(Layer::Lead);
    let leads = lines.agents.iter().filter(is_lead);
    let mut led: BTreeSet<&str> = leads.filter_map(|lead| lead.domain.as_deref()).collect();
    let mut faults = Vec::new();
    for (index, agent) in lines.agents.iter().enumerate() {
        let Some(layer) = agent.layer else { continue };
        let id = || agent.id.clone();
        if layer.has_domain() && agent.domain.is_none() {
            faults.push(LayerFault::NoDomain { agent: id(), layer, index });
        }
        // Said of the first who works in the domain.
        if let (Layer::Contributor, Some(domain)) = (layer, &agent.domain)
            && led.insert(domain)
        {
            faults.push(LayerFault::NoLead { domain: domain.clone(), index });
        }
        if let Some((place, manager)) = lines.above(agent).next()
            && let Some(below) = manager.layer.filter(|below| *below < layer)
        {
            let (manager, places) = (manager.id.clone(), (index, place));
            faults.push(LayerFault::ReportsDownwards {
                agent: id(),
                layer,
                manager,
                below,
                places,
            });
        }
        faults.extend(foreign_lead(&lines, agent, index));
        if agent.capacity.is_nothing() {
            faults.push(LayerFault::NoCapacity { agent: id(), index });
        }
    }
    faults
}

fn foreign_lead(lines: &Lines<'_>, agent: &Agent, index: usize) -> Option<LayerFault> {
    let domain = agent.domain.as_ref().filter(|_| agent.layer == Some(Layer::Contributor))?;
    let (place, lead) = lines.above(agent).find(|(_, other)| is_above_contributors(other))?;
    let of = lead.domain.as_ref().filter(|of| lead.layer == Some(Layer::Lead) && *of != domain)?;
    Some(LayerFault::ForeignLead {
        agent: agent.id.clone(),
        domain: domain.clone(),
        lead: lead.id.clone(),
        of: of.clone(),
        places: (index, place),
    })
}

fn is_above_contributors(agent: &Agent) -> bool {
    agent.layer > Some(Layer::Contributor)
}

/// The reporting lines of people of whom nothing has been checked.
struct Lines<'a> {
    agents: Vec<&'a Agent>,
    places: BTreeMap<&'a AgentId, usize>,
}

impl<'a> Lines<'a> {
    fn of<M: AsRef<Agent>>(members: &'a [M]) -> Lines<'a> {
        let agents: Vec<&Agent> = members.iter().map(AsRef::as_ref).collect();
        let mut places = BTreeMap::new();
        for (place, agent) in agents.iter().enumerate() {
            places.entry(&agent.id).or_insert(place);
        }
        Lines { agents, places }
    }

    fn manager(&self, agent: &Agent) -> Option<(usize, &'a Agent)> {
        let place = self.places.get(agent.reports_to.as_ref()?)?;
        Some((*place, self.agents.get(*place)?))
    }

    /// Everybody above somebody, the next first; a circle is left after so many as there are.
    fn above<'l>(
        &'l self,
        agent: &Agent,
    ) -> impl Iterator<Item = (usize, &'a Agent)> + use<'l, 'a> {
        let next = |(_, above): &(usize, &'a Agent)| self.manager(above);
        std::iter::successors(self.manager(agent), next).take(self.agents.len())
    }
}

/// Everybody above somebody in the reporting line, the next first.
pub fn superiors<'t>(team: &'t Team, agent: &AgentId) -> Vec<&'t Agent> {
    let lines = Lines::of(team.agents());
    let Some(start) = lines.places.get(agent) else { return Vec::new() };
    lines.above(lines.agents[*start]).map(|(_, above)| above).collect()
}

/// The next above somebody in the reporting line who is more than a contributor; where nobody has a
/// layer, there is no such person.
pub fn superior<'t>(team: &'t Team, agent: &AgentId) -> Option<&'t Agent> {
    superiors(team, agent).into_iter().find(|above| is_above_contributors(above))
}

/// Everybody below somebody in the reporting line, however far.
pub fn inferiors<'t>(team: &'t Team, agent: &AgentId) -> BTreeSet<&'t AgentId> {
    let mut reports: BTreeMap<&AgentId, Vec<&'t AgentId>> = BTreeMap::new();
    for other in team.agents() {
        if let Some(above) = &other.reports_to {
            reports.entry(above).or_default().push(&other.id);
        }
    }
    let mut found = BTreeSet::new();
    let mut next: Vec<&AgentId> = reports.get(agent).cloned().unwrap_or_default();
    while let Some(id) = next.pop() {
        if found.insert(id) {
            next.extend(reports.get(id).into_iter().flatten().copied());
        }
    }
    found
}

/// Those to whom more people report than should, with how many, in the order of the members.
pub fn wide_spans<M: AsRef<Agent>>(members: &[M]) -> Vec<(usize, usize)> {
    let agents = || members.iter().map(AsRef::as_ref);
    let spans = agents().enumerate().map(|(place, agent)| {
        let reports = agents().filter(|other| other.reports_to.as_ref() == Some(&agent.id));
        (place, reports.count())
    });
    spans.filter(|(_, reports)| *reports > SPAN_OF_CONTROL).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(id: &str, layer: Option<Layer>, domain: &str, above: &str) -> Agent {
        Agent {
            layer,
            domain: (!domain.is_empty()).then(|| domain.to_owned()),
            reports_to: (!above.is_empty()).then(|| AgentId::new(None, above)),
            ..Agent::of_role(None, id)
        }
    }

    fn check(agents: &[Agent], expected: &[&str]) {
        let found: Vec<String> = layer_faults(agents).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn layers_must_fit_together() {
        let (manager, coordinator) = (Some(Layer::Manager), Some(Layer::Coordinator));
        let (lead, contributor) = (Some(Layer::Lead), Some(Layer::Contributor));
        let sound = [
            agent("max", manager, "", ""),
            agent("cora", coordinator, "", "max"),
            agent("bea", lead, "backend", "cora"),
            agent("ada", contributor, "backend", "bea"),
            agent("bob", contributor, "backend", "ada"),
            agent("cem", contributor, "backend", "cora"),
            agent("guest", None, "", "ada"),
        ];
        check(&sound, &[]);
        assert!(has_layers(&sound) && !has_layers(&sound[6..]));
        check(&[agent("ada", contributor, "", "")], &["`ada` is a contributor of no domain"]);
        check(
            &[
                agent("max", manager, "", "fay"),
                agent("fay", lead, "frontend", ""),
                agent("eve", contributor, "backend", "fay"),
                agent("dan", contributor, "backend", "eve"),
            ],
            &[
                "`max`, a manager, reports to `fay`, a lead",
                "nobody leads the domain `backend`",
                "`eve` works in `backend` and is led by `fay`, a lead of `frontend`",
                "`dan` works in `backend` and is led by `fay`, a lead of `frontend`",
            ],
        );
        let mut idle = agent("ada", manager, "", "");
        idle.capacity.days.clear();
        check(&[idle.clone()], &["`ada` works on no day"]);
        idle.layer = None;
        check(&[idle], &[]);
    }

    /// What has not been checked yet may have circles.
    #[test]
    fn circles_end() {
        let contributor = Some(Layer::Contributor);
        let circle = [agent("a", contributor, "x", "b"), agent("b", contributor, "x", "a")];
        check(&circle, &["nobody leads the domain `x`"]);
    }

    #[test]
    fn eight_may_report_to_one() {
        let team = |reports: usize| -> Vec<Agent> {
            let hands = (0..reports).map(|hand| agent(&format!("hand{hand}"), None, "", "head"));
            std::iter::once(agent("head", None, "", "")).chain(hands).collect()
        };
        assert_eq!((wide_spans(&team(8)), wide_spans(&team(9))), (vec![], vec![(0, 9)]));
    }
}
