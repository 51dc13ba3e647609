//! The moves of work between its states: one table for all tiers, and nothing moves but along it.
//!
//! A way around never leads past a review: work that was blocked or escalated goes back to where it is
//! planned, given out or done, and is reviewed from the beginning.

use super::work_state::WorkState::{
    self, Assigned, Blocked, Cancelled, Completed, DomainReview, Escalated, InPlanning, InProgress,
    Pending, ReadyForHandoff, UnderReview,
};
use crate::organization::tier::Tier;

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkMove {
    /// Where the work stands.
    pub from: WorkState,
    /// Where it may go.
    pub to: WorkState,
    /// The least tier of which the work may be.
    pub least: Tier,
    /// The highest tier of which it may be.
    pub most: Tier,
    /// What has to have happened, for readers.
    pub when: &'static str,
}

/// A move that the table does not have for work of this tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("work of tier {tier} cannot go from {from} to {to}")]
pub struct ForbiddenWorkMove {
    /// Where it stands.
    pub from: WorkState,
    /// Where it was to go.
    pub to: WorkState,
    /// How large it is.
    pub tier: Tier,
}

const fn always(from: WorkState, to: WorkState, when: &'static str) -> WorkMove {
    WorkMove { from, to, least: Tier::One, most: Tier::Four, when }
}

const fn from_tier(least: Tier, from: WorkState, to: WorkState, when: &'static str) -> WorkMove {
    WorkMove { from, to, least, most: Tier::Four, when }
}

const fn only(tier: Tier, from: WorkState, to: WorkState, when: &'static str) -> WorkMove {
    WorkMove { from, to, least: tier, most: tier, when }
}

/// The table of permitted moves.
pub const WORK_MOVES: &[WorkMove] = &[
    from_tier(Tier::Two, Pending, InPlanning, "its domain has taken it up"),
    only(Tier::One, Pending, Assigned, "somebody has been found; one task needs no plan"),
    always(Pending, Escalated, "nobody has taken it up in time"),
    always(Pending, Cancelled, "it was called off"),
    from_tier(Tier::Two, InPlanning, Assigned, "it is planned, and somebody has been found"),
    from_tier(Tier::Two, InPlanning, Blocked, "the plan needs what is not known"),
    from_tier(Tier::Two, InPlanning, Escalated, "it cannot be planned, or not in time"),
    from_tier(Tier::Two, InPlanning, Cancelled, "it was called off, or got no go"),
    always(Assigned, InProgress, "its author has begun"),
    from_tier(Tier::Two, Assigned, InPlanning, "it has to be planned anew"),
    always(Assigned, Blocked, "what it needs is not there"),
    always(Assigned, Escalated, "nobody has begun in time"),
    always(Assigned, Cancelled, "it was called off"),
    only(Tier::One, InProgress, Completed, "it is done; one task needs no review"),
    from_tier(Tier::Two, InProgress, UnderReview, "its author says that it is done"),
    always(InProgress, Assigned, "somebody else is to do it"),
    always(InProgress, Blocked, "what it needs is not there"),
    always(InProgress, Escalated, "its author cannot do it, or not in time"),
    always(InProgress, Cancelled, "it was called off"),
    from_tier(Tier::Two, UnderReview, DomainReview, "the peer has approved it"),
    from_tier(Tier::Two, UnderReview, InProgress, "the peer wants it changed"),
    from_tier(Tier::Two, UnderReview, Escalated, "changed too often, or not reviewed in time"),
    from_tier(Tier::Two, UnderReview, Cancelled, "it was called off"),
    only(Tier::Two, DomainReview, Completed, "the lead has approved it"),
    from_tier(Tier::Three, DomainReview, ReadyForHandoff, "the lead has approved it"),
    from_tier(Tier::Two, DomainReview, InProgress, "the lead wants it changed"),
    from_tier(Tier::Two, DomainReview, Escalated, "changed too often, or not reviewed in time"),
    from_tier(Tier::Two, DomainReview, Cancelled, "it was called off"),
    from_tier(
        Tier::Three,
        ReadyForHandoff,
        Completed,
        "it has passed every gate, and is taken over",
    ),
    from_tier(Tier::Three, ReadyForHandoff, InProgress, "another domain wants it changed"),
    from_tier(Tier::Three, ReadyForHandoff, Escalated, "changed too often, or not taken in time"),
    from_tier(Tier::Three, ReadyForHandoff, Cancelled, "it was called off"),
    from_tier(Tier::Two, Blocked, InPlanning, "it is planned around what blocks it"),
    always(Blocked, Assigned, "what it needs is there, and nobody had begun"),
    always(Blocked, InProgress, "what it needs is there"),
    always(Blocked, Escalated, "it is still blocked"),
    always(Blocked, Cancelled, "it was called off"),
    from_tier(Tier::Two, Escalated, InPlanning, "it is to be planned anew"),
    always(Escalated, Assigned, "somebody else is to do it"),
    always(Escalated, InProgress, "its author goes on as was decided"),
    always(Escalated, Cancelled, "it was called off, or nobody is left to be asked"),
];

impl WorkMove {
    /// Whether work of a tier may make the move.
    pub fn is_for(&self, tier: Tier) -> bool {
        (self.least..=self.most).contains(&tier)
    }
}

/// The state after a move.
///
/// # Errors
/// When the table does not have the move for work of the tier.
pub fn moved(from: WorkState, to: WorkState, tier: Tier) -> Result<WorkState, ForbiddenWorkMove> {
    let is_meant = |row: &&WorkMove| row.from == from && row.to == to && row.is_for(tier);
    let row = WORK_MOVES.iter().find(is_meant);
    row.map(|row| row.to).ok_or(ForbiddenWorkMove { from, to, tier })
}

impl WorkState {
    /// Where work of a tier may go from here.
    pub fn moves(self, tier: Tier) -> impl Iterator<Item = WorkState> {
        let rows = WORK_MOVES.iter().filter(move |row| row.from == self && row.is_for(tier));
        rows.map(|row| row.to)
    }
}
