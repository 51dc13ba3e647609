//! The states of a piece of work, and who answers for it in each.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::service_level::ServiceLevel;
use crate::organization::tier::Tier;

/// How a piece of work stands in an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkState {
    /// It is asked for, and nobody has begun to plan it.
    Pending,
    /// Its domain plans it.
    InPlanning,
    /// Somebody has it and has not begun.
    Assigned,
    /// Its author works on it.
    InProgress,
    /// It cannot go on until something else has happened.
    Blocked,
    /// Somebody above decides how it goes on.
    Escalated,
    /// A peer of its author reviews it.
    UnderReview,
    /// The lead of its domain looks whether it is what was asked for.
    DomainReview,
    /// Other domains try it, and whoever goes on with it takes it over.
    ReadyForHandoff,
    /// It is done.
    Completed,
    /// It was called off.
    Cancelled,
}

/// Who answers for a piece of work as long as it is in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// Whoever coordinates the domains.
    Coordinator,
    /// The lead of the domain to which it belongs.
    DomainLead,
    /// Who does it.
    Author,
    /// Who reviews it for a peer.
    PeerReviewer,
    /// The one on its route upwards who has been asked.
    EscalationContact,
}

impl Owner {
    /// The word for it in machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            Owner::Coordinator => "coordinator",
            Owner::DomainLead => "domain_lead",
            Owner::Author => "author",
            Owner::PeerReviewer => "peer_reviewer",
            Owner::EscalationContact => "escalation_contact",
        }
    }
}

impl WorkState {
    /// All states, in the order of a life without trouble, with the ways around behind them.
    pub const ALL: [WorkState; 11] = [
        WorkState::Pending,
        WorkState::InPlanning,
        WorkState::Assigned,
        WorkState::InProgress,
        WorkState::UnderReview,
        WorkState::DomainReview,
        WorkState::ReadyForHandoff,
        WorkState::Completed,
        WorkState::Blocked,
        WorkState::Escalated,
        WorkState::Cancelled,
    ];

    /// The word for it in machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            WorkState::Pending => "pending",
            WorkState::InPlanning => "in_planning",
            WorkState::Assigned => "assigned",
            WorkState::InProgress => "in_progress",
            WorkState::Blocked => "blocked",
            WorkState::Escalated => "escalated",
            WorkState::UnderReview => "under_review",
            WorkState::DomainReview => "domain_review",
            WorkState::ReadyForHandoff => "ready_for_handoff",
            WorkState::Completed => "completed",
            WorkState::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will happen to the work.
    pub fn is_final(self) -> bool {
        matches!(self, WorkState::Completed | WorkState::Cancelled)
    }

    /// Who answers for work in the state; nobody has to when it is over.
    pub fn owner(self) -> Option<Owner> {
        match self {
            WorkState::Pending | WorkState::ReadyForHandoff => Some(Owner::Coordinator),
            WorkState::InPlanning | WorkState::Blocked | WorkState::DomainReview => {
                Some(Owner::DomainLead)
            }
            WorkState::Assigned | WorkState::InProgress => Some(Owner::Author),
            WorkState::UnderReview => Some(Owner::PeerReviewer),
            WorkState::Escalated => Some(Owner::EscalationContact),
            WorkState::Completed | WorkState::Cancelled => None,
        }
    }

    /// How long work may stay in the state; work that is over may stay so.
    pub fn service_level(self, tier: Tier) -> Option<ServiceLevel> {
        let minutes = match self {
            WorkState::Pending | WorkState::Assigned => [60, 240, 480, 480],
            WorkState::InPlanning => [60, 240, 960, 2400],
            WorkState::InProgress => [480, 960, 1920, 2400],
            WorkState::Blocked | WorkState::Escalated => [60, 120, 240, 240],
            WorkState::UnderReview | WorkState::DomainReview => [120, 240, 480, 480],
            WorkState::ReadyForHandoff => [240, 480, 960, 960],
            WorkState::Completed | WorkState::Cancelled => return None,
        };
        let place = usize::from(tier.number() - 1);
        minutes.get(place).map(|minutes| ServiceLevel { minutes: *minutes })
    }

    /// Where work goes that stays too long in the state: to those above. Work for which nobody above is
    /// left to be asked is called off.
    pub fn way_out(self) -> Option<WorkState> {
        match self {
            WorkState::Completed | WorkState::Cancelled => None,
            WorkState::Escalated => Some(WorkState::Cancelled),
            _ => Some(WorkState::Escalated),
        }
    }
}

impl fmt::Display for WorkState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
