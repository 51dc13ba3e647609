//! Who does a piece of work, and when: the best of those who have room, never by chance.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::calendar::Day;
use super::demand::{Demand, Scored};
use super::hours::hours_of;
use super::layer::Layer;
use super::ledger::{Booking, Ledger};
use super::{Agent, AgentId, Team};

/// Work is booked at most so many working days ahead.
pub const HORIZON: usize = 20;

/// Who helps out in another domain matches at least so well in skills.
pub const LEAST_SKILL_TO_BORROW: u8 = 50;

/// Who does a piece of work, on which days, and who else could have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Who does it.
    pub agent: AgentId,
    /// How long it is expected to take the one who does it, in minutes.
    pub minutes: u32,
    /// Days with the minutes set aside on each.
    pub days: Vec<(Day, u32)>,
    /// All who could have, the best first.
    pub candidates: Vec<Scored>,
    /// The domain of the one who helps out, where nobody of the work's own had room.
    pub borrowed: Option<String>,
}

impl Assignment {
    /// What to book for the work at this address.
    pub fn booking(&self, work: &str, demand: &Demand) -> Booking {
        Booking {
            work: work.to_owned(),
            agent: self.agent.clone(),
            days: self.days.clone(),
            labels: demand.related.clone(),
        }
    }

    /// The last day on which something of it is done; none for work that takes no time.
    pub fn until(&self) -> Option<Day> {
        self.days.iter().map(|(day, _)| *day).max()
    }
}

/// Why nobody can do a piece of work, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Unassigned {
    /// The team has nobody of the layer and domain.
    #[error("the team has no {layer}{}; add one, or give the work to another domain", of(.domain))]
    NobodyThere {
        /// The layer that does such work.
        layer: Layer,
        /// The domain to which the work belongs.
        domain: Option<String>,
    },
    /// All there are must not do this work, as its authors must not review it.
    #[error("no {layer}{} may do this but those who must not; add another", of(.domain))]
    NobodyElse {
        /// The layer that does such work.
        layer: Layer,
        /// The domain to which the work belongs.
        domain: Option<String>,
    },
    /// Nobody has enough time left.
    #[error(
        "no {layer}{} has {} h left until {until}, {} at most; make the work smaller, put other \
         work off, or add somebody", of(.domain), hours_of(*.minutes), hours_of(*.free)
    )]
    NoCapacity {
        /// The layer that does such work.
        layer: Layer,
        /// The domain to which the work belongs.
        domain: Option<String>,
        /// How long the work takes.
        minutes: u32,
        /// The most that one person has left.
        free: u32,
        /// The last day that was looked at.
        until: Day,
        /// Who would do it with more time, the best first.
        candidates: Vec<Scored>,
    },
}

/// Minutes as hours with two digits behind the point at most.
fn of(domain: &Option<String>) -> String {
    domain.as_ref().map(|domain| format!(" of `{domain}`")).unwrap_or_default()
}

/// Finds who does a piece of work: of those of its layer and domain who can finish it within the
/// [`HORIZON`], as long as earlier work shows that it takes them, the one with the highest score. Where none of them can, contributors of other
/// domains with enough of its skills help out.
///
/// # Errors
/// Nobody is there, nobody is left beside those who `never` do it, or nobody has time.
pub fn assign(
    team: &Team,
    ledger: &Ledger,
    demand: &Demand,
    never: &BTreeSet<AgentId>,
    today: Day,
) -> Result<Assignment, Unassigned> {
    let of_layer = || team.agents().iter().filter(|agent| agent.layer == Some(demand.layer));
    let (own, others): (Vec<&Agent>, Vec<&Agent>) =
        of_layer().partition(|agent| is_of_domain(agent, demand));
    let (layer, domain) = (demand.layer, demand.domain.clone());
    if own.is_empty() {
        return Err(Unassigned::NobodyThere { layer, domain });
    }
    let allowed = |agent: &&&Agent| !never.contains(&agent.id);
    let scored = |agents: &[&Agent]| -> Vec<Candidate> {
        let scored = agents.iter().filter(allowed);
        scored.map(|agent| Candidate::of(agent, ledger, demand, today)).collect()
    };
    let own = scored(&own);
    let helpers = || {
        let mut helpers = scored(&others);
        helpers.retain(|helper| {
            layer == Layer::Contributor && helper.score.skill >= LEAST_SKILL_TO_BORROW
        });
        helpers
    };
    if let Some(assignment) = best(&own).or_else(|| best(&helpers())) {
        let chosen = team.agents().iter().find(|agent| agent.id == assignment.agent);
        let is_helper = chosen.is_some_and(|agent| !is_of_domain(agent, demand));
        let borrowed = chosen.filter(|_| is_helper).and_then(|agent| agent.domain.clone());
        return Ok(Assignment { borrowed, ..assignment });
    }
    let Some(until) = own.iter().map(|candidate| candidate.until).max() else {
        return Err(Unassigned::NobodyElse { layer, domain });
    };
    let free = own.iter().map(|candidate| candidate.free).max().unwrap_or(0);
    let minutes = own.iter().map(|candidate| candidate.minutes).min().unwrap_or(demand.minutes);
    let candidates = ranked(own.iter().collect());
    Err(Unassigned::NoCapacity { layer, domain, minutes, free, until, candidates })
}

fn is_of_domain(agent: &Agent, demand: &Demand) -> bool {
    !demand.layer.has_domain() || demand.domain.is_none() || agent.domain == demand.domain
}

/// Somebody who might do the work, with the time they have for it.
struct Candidate {
    score: Scored,
    /// All that is promised from today on.
    promised: u32,
    /// How long it would take them.
    minutes: u32,
    /// The days on which the work would be done; none where there is not enough time.
    days: Option<Vec<(Day, u32)>>,
    /// The minutes left within the horizon, and the last day of it.
    free: u32,
    until: Day,
}

impl Candidate {
    fn of(agent: &Agent, ledger: &Ledger, demand: &Demand, today: Day) -> Candidate {
        let minutes = ledger.expected_minutes(&agent.id, demand);
        let (mut left, mut free, mut until) = (minutes, 0u32, today);
        let mut days = Vec::new();
        for (day, worked) in agent.capacity.working_days(today).take(HORIZON) {
            let room = worked.saturating_sub(ledger.minutes(&agent.id, day));
            let taken = room.min(left);
            if taken > 0 {
                days.push((day, taken));
            }
            left -= taken;
            free = free.saturating_add(room);
            until = day;
        }
        Candidate {
            score: Scored::of(agent, ledger, demand, today),
            promised: ledger.minutes_from(&agent.id, today),
            minutes,
            days: (left == 0).then_some(days),
            free,
            until,
        }
    }
}

/// The best of those who have the time.
fn best(candidates: &[Candidate]) -> Option<Assignment> {
    let able: Vec<&Candidate> =
        candidates.iter().filter(|candidate| candidate.days.is_some()).collect();
    let first = able.iter().min_by_key(|candidate| candidate.score.rank(candidate.promised))?;
    let (agent, minutes, days) = (first.score.agent.clone(), first.minutes, first.days.clone()?);
    Some(Assignment { agent, minutes, days, candidates: ranked(able), borrowed: None })
}

fn ranked(mut candidates: Vec<&Candidate>) -> Vec<Scored> {
    candidates.sort_by_cached_key(|candidate| candidate.score.rank(candidate.promised));
    candidates.into_iter().map(|candidate| candidate.score.clone()).collect()
}
