//! Who has promised how much time on which day, and who has worked on what.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::AgentId;
use super::calendar::Day;
use super::calibration::EstimateFactor;
use super::demand::Demand;

/// A piece of work that somebody has taken, and the time set aside for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// The address of the work.
    pub work: String,
    /// Who does it.
    pub agent: AgentId,
    /// Days with the minutes that are set aside on each.
    pub days: Vec<(Day, u32)>,
    /// What the work belongs to: a milestone, a component.
    pub labels: BTreeSet<String>,
}

/// All bookings so far: a fold, so that the same bookings in the same order make the same ledger. It begins with what
/// is known of earlier work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    known: Vec<EstimateFactor>,
    bookings: BTreeMap<String, Booking>,
    promised: BTreeMap<AgentId, BTreeMap<Day, u32>>,
    worked_on: BTreeMap<AgentId, BTreeSet<String>>,
}

impl Ledger {
    /// What others have promised, and what earlier work has shown of estimates.
    pub fn beginning_with(promised: &[Booking], known: &[EstimateFactor]) -> Ledger {
        let mut ledger = Ledger { known: known.to_vec(), ..Ledger::default() };
        promised.iter().for_each(|booking| ledger.book(booking));
        ledger
    }

    /// How long a piece of work is expected to take somebody, in minutes: its estimate, corrected by what earlier
    /// work has shown.
    pub fn expected_minutes(&self, agent: &AgentId, demand: &Demand) -> u32 {
        let domain = demand.domain.as_deref();
        let factor = EstimateFactor::of(&self.known, agent, domain, demand.complexity);
        factor.map_or(demand.minutes, |factor| factor.apply(demand.minutes))
    }

    /// Sets time aside. Work that was booked before is booked anew: it has one booking at a time.
    pub fn book(&mut self, booking: &Booking) {
        self.release(&booking.work);
        let promised = self.promised.entry(booking.agent.clone()).or_default();
        for (day, minutes) in booking.days.iter().filter(|(_, minutes)| *minutes > 0) {
            let of_day = promised.entry(*day).or_default();
            *of_day = of_day.saturating_add(*minutes);
        }
        if promised.is_empty() {
            self.promised.remove(&booking.agent);
        }
        let worked_on = self.worked_on.entry(booking.agent.clone()).or_default();
        worked_on.extend(booking.labels.iter().cloned());
        self.bookings.insert(booking.work.clone(), booking.clone());
    }

    /// Gives the time of a piece of work back: it is done, or somebody else does it. That the one
    /// who had it knows it stays. Work without a booking changes nothing.
    pub fn release(&mut self, work: &str) {
        let Some(booking) = self.bookings.remove(work) else { return };
        let Some(promised) = self.promised.get_mut(&booking.agent) else { return };
        for (day, minutes) in &booking.days {
            if let Some(of_day) = promised.get_mut(day) {
                *of_day = of_day.saturating_sub(*minutes);
            }
        }
        promised.retain(|_, minutes| *minutes > 0);
        if promised.is_empty() {
            self.promised.remove(&booking.agent);
        }
    }

    /// The minutes that somebody has promised on a day.
    pub fn minutes(&self, agent: &AgentId, day: Day) -> u32 {
        self.promised.get(agent).and_then(|days| days.get(&day)).copied().unwrap_or(0)
    }

    /// The minutes that somebody has promised from a day on.
    pub fn minutes_from(&self, agent: &AgentId, from: Day) -> u32 {
        let days = self.promised.get(agent).into_iter().flat_map(|days| days.range(from..));
        days.fold(0, |sum, (_, minutes)| sum.saturating_add(*minutes))
    }

    /// What somebody has worked on, by its labels.
    pub fn labels(&self, agent: &AgentId) -> impl Iterator<Item = &str> {
        self.worked_on.get(agent).into_iter().flatten().map(String::as_str)
    }

    /// Whether somebody has worked on something with this label.
    pub fn has_worked_on(&self, agent: &AgentId, label: &str) -> bool {
        self.worked_on.get(agent).is_some_and(|labels| labels.contains(label))
    }

    /// The booking of a piece of work.
    pub fn booking(&self, work: &str) -> Option<&Booking> {
        self.bookings.get(work)
    }

    /// All bookings, by the addresses of the work.
    pub fn bookings(&self) -> impl Iterator<Item = &Booking> {
        self.bookings.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn booking(work: &str, agent: &str, days: &[(i64, u32)], label: &str) -> Booking {
        Booking {
            work: work.to_owned(),
            agent: AgentId::new(None, agent),
            days: days.iter().map(|(day, minutes)| (Day(*day), *minutes)).collect(),
            labels: BTreeSet::from([label.to_owned()]),
        }
    }

    #[test]
    fn what_is_booked_is_promised_until_it_is_released() {
        let (ada, bob) = (AgentId::new(None, "ada"), AgentId::new(None, "bob"));
        let mut ledger = Ledger::default();
        ledger.book(&booking("one", "ada", &[(1, 300), (2, 100)], "billing"));
        ledger.book(&booking("two", "ada", &[(2, 60)], "search"));
        assert_eq!((ledger.minutes(&ada, Day(2)), ledger.minutes_from(&ada, Day(2))), (160, 160));
        ledger.book(&booking("one", "bob", &[(1, 200)], "billing"));
        assert_eq!((ledger.minutes(&ada, Day(1)), ledger.minutes(&bob, Day(1))), (0, 200));
        assert_eq!(ledger.labels(&ada).collect::<Vec<_>>(), ["billing", "search"]);
        ledger.release("one");
        ledger.release("two");
        ledger.release("three");
        assert_eq!(ledger.minutes_from(&ada, Day(0)) + ledger.minutes_from(&bob, Day(0)), 0);
        assert!(ledger.has_worked_on(&bob, "billing") && ledger.bookings().next().is_none());
    }
}
