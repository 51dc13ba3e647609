//! What has been done, is being done, comes next and stands still: by person, by domain, in all.

use std::collections::BTreeMap;

use super::view::Organization;
use crate::engine::Time;
use crate::organization::{AgentId, WorkState};

/// What there is to say of work, as places among all pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Completed since the moment that is asked for.
    pub done: Vec<usize>,
    /// Somebody is at it.
    pub doing: Vec<usize>,
    /// It has its people, or waits for them, and nobody has begun.
    pub next: Vec<usize>,
    /// It stands still.
    pub blocked: Vec<usize>,
}

/// What there is to say of everybody's work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standup {
    /// By who does it; work that nobody has yet is under none.
    pub people: BTreeMap<Option<AgentId>, Report>,
    /// By domain; work of none is under an empty name.
    pub domains: BTreeMap<String, Report>,
    /// In all.
    pub whole: Report,
}

impl Standup {
    /// Of a run's work, with what was completed since a moment.
    pub fn of(organization: &Organization, since: Time) -> Standup {
        let mut standup = Standup::default();
        for (place, item) in organization.work.pieces() {
            let Some(part) = part(organization, place, since) else { continue };
            let domain = item.about.domain.clone().unwrap_or_default();
            part(standup.people.entry(item.author.clone()).or_default()).push(place);
            part(standup.domains.entry(domain).or_default()).push(place);
            part(&mut standup.whole).push(place);
        }
        standup
    }
}

type Part = fn(&mut Report) -> &mut Vec<usize>;

/// What is said of a piece of work; nothing of what was over before.
fn part(organization: &Organization, place: usize, since: Time) -> Option<Part> {
    use WorkState::{
        Assigned, Blocked, Cancelled, Completed, DomainReview, Escalated, InPlanning, InProgress,
        Pending, ReadyForHandoff, UnderReview,
    };
    let item = organization.work.items.get(place)?;
    let waits = organization.decisions.iter().any(|one| one.waits && one.item == Some(place));
    let part: Part = match item.state() {
        Completed if item.since() >= since => |report| &mut report.done,
        Completed | Cancelled => return None,
        Blocked | Escalated => |report| &mut report.blocked,
        _ if waits => |report| &mut report.blocked,
        Pending | Assigned => |report| &mut report.next,
        InPlanning | InProgress | UnderReview | DomainReview | ReadyForHandoff => {
            |report| &mut report.doing
        }
    };
    Some(part)
}
