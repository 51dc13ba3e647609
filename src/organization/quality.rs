//! The gates that work passes before it is done: who reviews it, by what, and what follows.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::escalation::EscalationKind;
use super::layer::Layer;
use super::lifecycle::WorkState;
use super::people::{contributors_of, leads_of, of_layer};
use super::tier::Tier;
use super::{Agent, AgentId, Team};

/// After so many changes somebody above decides.
pub const MOST_REVISIONS: u32 = 3;

/// The domains that try what others have made.
pub const VALIDATING_DOMAINS: [&str; 2] = ["qa", "security"];

/// A gate of quality. The order is that in which they are passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Somebody who does the same kind of work looks at how it is made.
    Peer,
    /// The lead of the domain looks whether it is what was asked for.
    Domain,
    /// Quality assurance and security try it.
    CrossFunctional,
    /// Whoever coordinates the domains looks whether it fits the whole.
    Architecture,
}

/// What a reviewer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It passes.
    Approved,
    /// It has to be changed.
    ChangesWanted,
}

/// What follows from a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AfterReview {
    /// The next gate is due.
    Next {
        /// Which.
        gate: Gate,
    },
    /// It has passed all of them.
    Passed,
    /// Its author changes it, and it is reviewed from the first gate on.
    Rework,
    /// It has been changed too often: somebody above decides.
    Escalated {
        /// What it is about.
        about: EscalationKind,
    },
}

impl AfterReview {
    /// The state of the work then.
    pub fn state(self) -> WorkState {
        match self {
            AfterReview::Next { gate } => gate.state(),
            AfterReview::Passed => WorkState::Completed,
            AfterReview::Rework => WorkState::InProgress,
            AfterReview::Escalated { .. } => WorkState::Escalated,
        }
    }
}

impl Gate {
    /// All gates in their order.
    pub const ALL: [Gate; 4] =
        [Gate::Peer, Gate::Domain, Gate::CrossFunctional, Gate::Architecture];

    /// The word for it in machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            Gate::Peer => "peer",
            Gate::Domain => "domain",
            Gate::CrossFunctional => "cross_functional",
            Gate::Architecture => "architecture",
        }
    }

    /// The state in which work waits at the gate.
    pub fn state(self) -> WorkState {
        match self {
            Gate::Peer => WorkState::UnderReview,
            Gate::Domain => WorkState::DomainReview,
            Gate::CrossFunctional | Gate::Architecture => WorkState::ReadyForHandoff,
        }
    }

    /// What follows when work of a tier gets a verdict at this gate, and has been changed so many times
    /// before. A gate that the tier does not have leads on to the next that it has.
    pub fn after(self, verdict: Verdict, revisions: u32, tier: Tier) -> AfterReview {
        match verdict {
            Verdict::Approved => {
                let next = tier.rules().gates.iter().find(|gate| **gate > self);
                next.map_or(AfterReview::Passed, |gate| AfterReview::Next { gate: *gate })
            }
            Verdict::ChangesWanted if revisions < MOST_REVISIONS => AfterReview::Rework,
            Verdict::ChangesWanted => AfterReview::Escalated { about: EscalationKind::Quality },
        }
    }
}

/// Who reviews somebody's work at a gate: the first of each seat, nobody twice, and never the author. Nobody
/// where the team has nobody else.
pub fn reviewers(team: &Team, author: &AgentId, gate: Gate) -> Vec<AgentId> {
    let mut found: Vec<AgentId> = Vec::new();
    for seat in seats(team, author, gate) {
        if let Some(reviewer) = seat.into_iter().find(|reviewer| !found.contains(reviewer)) {
            found.push(reviewer);
        }
    }
    found
}

/// The seats at a gate, each with those who may take it, the best first: one, but for quality assurance and
/// security, who have one each. The author is in none of them.
///
/// Where those are missing whose part it is, others take the seat rather than nobody: leads, whoever
/// coordinates, managers, and in the end any peer.
pub fn seats(team: &Team, author: &AgentId, gate: Gate) -> Vec<Vec<AgentId>> {
    let domain = team.agents().iter().find(|agent| agent.id == *author);
    let domain = domain.and_then(|agent| agent.domain.as_deref()).unwrap_or_default();
    let layer = |layer| of_layer(team, layer, author);
    let above = || [layer(Layer::Coordinator), layer(Layer::Manager)].concat();
    let seats: Vec<Vec<&Agent>> = match gate {
        Gate::Peer => {
            vec![[contributors_of(team, domain), leads_of(team, domain, author)].concat()]
        }
        Gate::Domain => vec![[leads_of(team, domain, author), above()].concat()],
        Gate::CrossFunctional => VALIDATING_DOMAINS
            .into_iter()
            .map(|validating| {
                let leads = leads_of(team, validating, author);
                [contributors_of(team, validating), leads].concat()
            })
            .collect(),
        Gate::Architecture => vec![above()],
    };
    // Whoever is left, so that no gate is passed unseen in a team of few.
    let rest = [layer(Layer::Lead), above(), layer(Layer::Contributor)].concat();
    let seats = seats.into_iter().map(|seat| {
        let mut known = BTreeSet::from([author]);
        let all = seat.into_iter().chain(rest.iter().copied());
        all.filter(|agent| known.insert(&agent.id)).map(|agent| agent.id.clone()).collect()
    });
    seats.collect()
}
