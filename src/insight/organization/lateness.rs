//! Work that is late: who is warned, and whom it goes to when its time is over.

use super::item::{Stay, WorkItem};
use super::view::Organization;
use crate::organization::{
    AgentId, Contact, EscalationKind, Owner, Team, Timeliness, route, superior, who_answers,
};

/// Work that has been in a state for four fifths of the time that it may be, or longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateWork {
    /// Which: its place among all work.
    pub item: usize,
    /// The state in which it is.
    pub stay: Stay,
    /// Whether all of its time is over.
    pub is_breached: bool,
    /// Who answers for it there; nobody of the team where it waits for a decision.
    pub answers: Option<AgentId>,
    /// Whom it goes to as soon as its time is over.
    pub goes_to: Contact,
}

impl Organization {
    /// All work that is late, the longest first.
    pub fn late_work(&self) -> Vec<LateWork> {
        let pieces = self.work.pieces();
        let mut found: Vec<LateWork> =
            pieces.filter_map(|(place, item)| self.lateness(place, item)).collect();
        found.sort_by_key(|late| {
            let share = self.work.items[late.item].share_of_time();
            (std::cmp::Reverse(share), late.item)
        });
        found
    }

    fn lateness(&self, place: usize, item: &WorkItem) -> Option<LateWork> {
        let stay = item.stays().last().copied().filter(|stay| !stay.is_over)?;
        let timeliness = item.timeliness(&stay)?;
        if timeliness == Timeliness::InTime {
            return None;
        }
        let team = self.team_of(item);
        let owner = stay.state.owner();
        let author = item.author.as_ref();
        let answers = team.zip(author).and_then(|(team, author)| who_answers(team, owner?, author));
        Some(LateWork {
            item: place,
            stay,
            is_breached: timeliness == Timeliness::Breached,
            goes_to: goes_to(team, owner, answers.as_ref().or(author)),
            answers,
        })
    }

    /// The team of those who have the posts of a piece of work.
    fn team_of(&self, item: &WorkItem) -> Option<&Team> {
        let (_, posts) = self.history.posts().get(&item.scope?)?;
        self.history.plan().team_of(posts.first()?.agent)
    }
}

/// The next above whoever answers; of what waits for a decision the first who decides on means.
fn goes_to(team: Option<&Team>, owner: Option<Owner>, from: Option<&AgentId>) -> Contact {
    let Some((team, from)) = team.zip(from) else { return Contact::Person };
    if owner == Some(Owner::EscalationContact) {
        let route = route(team, from, EscalationKind::Resource);
        return route.into_iter().next().unwrap_or(Contact::Person);
    }
    superior(team, from).map_or(Contact::Person, |above| Contact::Agent(above.id.clone()))
}
