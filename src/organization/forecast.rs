//! How much time there is over the next days, and whether so much work fits.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::assignment::{Assignment, Unassigned, assign};
use super::calendar::Day;
use super::demand::Demand;
use super::layer::Layer;
use super::ledger::Ledger;
use super::skills::skill_match;
use super::{Agent, AgentId, LEAST_SKILL_TO_BORROW, Team};

/// A forecast looks so many days ahead unless somebody says otherwise.
pub const DAYS_AHEAD: usize = 3;

/// A domain that has promised more of its time, in hundredths, is oversubscribed.
pub const MOST_PROMISED: u64 = 90;

/// Days on which nobody works are no part of a forecast; it looks at so many at most.
const MOST_DAYS: i64 = 731;

/// Minutes of a day, or of several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// How much is worked.
    pub capacity: u32,
    /// How much of it is promised.
    pub promised: u32,
    /// How much is left: nobody's time makes up for another's.
    pub free: u32,
}

impl Room {
    fn of(agent: &Agent, ledger: &Ledger, day: Day) -> Room {
        let capacity = agent.capacity.minutes_on(day);
        let promised = ledger.minutes(&agent.id, day);
        Room { capacity, promised, free: capacity.saturating_sub(promised) }
    }

    fn add(&mut self, other: Room) {
        self.capacity = self.capacity.saturating_add(other.capacity);
        self.promised = self.promised.saturating_add(other.promised);
        self.free = self.free.saturating_add(other.free);
    }

    /// Whether so much is promised that others should help.
    pub fn is_oversubscribed(&self) -> bool {
        u64::from(self.promised) * 100 > u64::from(self.capacity) * MOST_PROMISED
    }
}

/// The time of one day: of each contributor, of each domain, and of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForecastDay {
    /// Which day.
    pub day: Day,
    /// By contributor.
    pub people: BTreeMap<AgentId, Room>,
    /// By domain.
    pub domains: BTreeMap<String, Room>,
    /// Of all.
    pub overall: Room,
}

/// The time of the next days on which anybody works.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forecast {
    /// Day by day.
    pub days: Vec<ForecastDay>,
}

impl Forecast {
    /// What a domain has on all of the days.
    pub fn of_domain(&self, domain: &str) -> Room {
        sum(self.days.iter().filter_map(|day| day.domains.get(domain)))
    }

    /// What somebody has on all of the days.
    pub fn of_agent(&self, agent: &AgentId) -> Room {
        sum(self.days.iter().filter_map(|day| day.people.get(agent)))
    }

    /// What all have on all of the days.
    pub fn overall(&self) -> Room {
        sum(self.days.iter().map(|day| &day.overall))
    }
}

fn sum<'r>(rooms: impl Iterator<Item = &'r Room>) -> Room {
    rooms.fold(Room::default(), |mut sum, room| {
        sum.add(*room);
        sum
    })
}

/// The time of a team's contributors on the next so many days on which any of them works, the first
/// included.
pub fn forecast(team: &Team, ledger: &Ledger, from: Day, days: usize) -> Forecast {
    let contributors: Vec<&Agent> = contributors(team).collect();
    let works = |day: &Day| contributors.iter().any(|agent| agent.capacity.minutes_on(*day) > 0);
    let next = (0..MOST_DAYS).map(|later| from.plus(later)).filter(works).take(days);
    let of_day = |day: Day| {
        let mut found = ForecastDay {
            day,
            people: BTreeMap::new(),
            domains: BTreeMap::new(),
            overall: Room::default(),
        };
        for agent in &contributors {
            let room = Room::of(agent, ledger, day);
            found.people.insert(agent.id.clone(), room);
            if let Some(domain) = &agent.domain {
                found.domains.entry(domain.clone()).or_default().add(room);
            }
            found.overall.add(room);
        }
        found
    };
    Forecast { days: next.map(of_day).collect() }
}

fn contributors(team: &Team) -> impl Iterator<Item = &Agent> {
    team.agents().iter().filter(|agent| agent.layer == Some(Layer::Contributor))
}

/// What becomes of new work that asks to be taken on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Admission {
    /// It fits.
    Fits {
        /// The day on which the last of it is done; none where it takes no time.
        until: Option<Day>,
        /// Who would do what, in the order of the demands.
        assignments: Vec<Assignment>,
    },
    /// It does not.
    TooMuch {
        /// The first that does not fit of each domain, in the order of the demands.
        shortages: Vec<Shortage>,
    },
}

/// A piece of work that nobody can take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortage {
    /// Which of the demands.
    pub demand: usize,
    /// The domain that cannot take it.
    pub domain: Option<String>,
    /// Why, and what to do about it.
    pub reason: Unassigned,
}

/// Whether new work fits beside what is promised, by trying it out: nothing is booked.
pub fn admit(team: &Team, ledger: &Ledger, demands: &[Demand], today: Day) -> Admission {
    let mut ledger = ledger.clone();
    let (mut assignments, mut shortages): (Vec<Assignment>, Vec<Shortage>) = Default::default();
    for (place, demand) in demands.iter().enumerate() {
        match assign(team, &ledger, demand, &BTreeSet::new(), today) {
            Ok(assignment) => {
                // No address of work begins like this, and so nothing that is booked is lost.
                ledger.book(&assignment.booking(&format!("\0{place}"), demand));
                assignments.push(assignment);
            }
            Err(reason) => {
                if shortages.iter().all(|known| known.domain != demand.domain) {
                    let domain = demand.domain.clone();
                    shortages.push(Shortage { demand: place, domain, reason });
                }
            }
        }
    }
    if shortages.is_empty() {
        let until = assignments.iter().filter_map(Assignment::until).max();
        Admission::Fits { until, assignments }
    } else {
        Admission::TooMuch { shortages }
    }
}

/// A domain that has promised nearly all of its time or more, and who could help it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Oversubscribed {
    /// The domain.
    pub domain: String,
    /// Its next three days together.
    pub room: Room,
    /// Who could help, those with the most time first.
    pub helpers: Vec<Helper>,
}

/// Somebody of another domain who has time, and can do what one of the oversubscribed domain can.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Helper {
    /// Who.
    pub agent: AgentId,
    /// The domain they would be missing in.
    pub domain: Option<String>,
    /// How well they match the one whose skills they match best, from 50 to 100.
    pub skill: u8,
    /// The minutes they have left on these days.
    pub free: u32,
}

/// The domains that have promised too much of their next three days, with those who could help.
pub fn rebalance(team: &Team, ledger: &Ledger, today: Day) -> Vec<Oversubscribed> {
    let forecast = forecast(team, ledger, today, DAYS_AHEAD);
    let domains: BTreeSet<&String> =
        contributors(team).filter_map(|agent| agent.domain.as_ref()).collect();
    let found = domains.into_iter().filter_map(|domain| {
        let room = forecast.of_domain(domain);
        room.is_oversubscribed().then(|| Oversubscribed {
            domain: domain.clone(),
            room,
            helpers: helpers(team, &forecast, domain),
        })
    });
    found.collect()
}

fn helpers(team: &Team, forecast: &Forecast, domain: &str) -> Vec<Helper> {
    let is_own = |agent: &&Agent| agent.domain.as_deref() == Some(domain);
    let mut found: Vec<Helper> = contributors(team)
        .filter(|agent| !is_own(agent))
        .filter_map(|agent| {
            // Of those who name no skills nobody knows what a helper would have to be able to do.
            let own = contributors(team).filter(is_own).filter(|own| !own.skills.is_empty());
            let skill = own.map(|own| skill_match(&own.skills, &agent.skills)).max()?;
            let free = forecast.of_agent(&agent.id).free;
            let (id, domain) = (agent.id.clone(), agent.domain.clone());
            (skill >= LEAST_SKILL_TO_BORROW && free > 0).then_some(Helper {
                agent: id,
                domain,
                skill,
                free,
            })
        })
        .collect();
    found.sort_by_key(|helper| (u32::MAX - helper.free, 100 - helper.skill, helper.agent.clone()));
    found
}
