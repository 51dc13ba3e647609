//! How much of somebody's time there is, by a calendar.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::calendar::{Day, Weekday};

/// So many days are looked at when somebody's next working day is looked for: two years.
const MOST_DAYS: i64 = 731;

/// How many minutes somebody works on which days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capacity {
    /// Minutes of a working day.
    pub minutes_per_day: u32,
    /// The working days of the week.
    pub days: BTreeSet<Weekday>,
    /// Days on which the person is away.
    pub away: BTreeSet<Day>,
}

impl Default for Capacity {
    /// Eight hours from Monday to Friday.
    fn default() -> Capacity {
        let days = Weekday::ALL.into_iter().filter(|day| *day <= Weekday::Friday);
        Capacity { minutes_per_day: 8 * 60, days: days.collect(), away: BTreeSet::new() }
    }
}

impl Capacity {
    /// Whether it is that of somebody who says nothing of it.
    pub fn is_usual(&self) -> bool {
        *self == Capacity::default()
    }

    /// Whether there is any day at all on which the person works.
    pub fn is_nothing(&self) -> bool {
        self.days.is_empty() || self.minutes_per_day == 0
    }

    /// The minutes that the person works on a day.
    pub fn minutes_on(&self, day: Day) -> u32 {
        let works = self.days.contains(&day.weekday()) && !self.away.contains(&day);
        if works { self.minutes_per_day } else { 0 }
    }

    /// The working days from a day on, that one included, with their minutes. It ends after two
    /// years, so that there may be none.
    pub fn working_days(&self, from: Day) -> impl Iterator<Item = (Day, u32)> + '_ {
        let days = (0..MOST_DAYS).map(move |later| from.plus(later));
        days.map(|day| (day, self.minutes_on(day))).filter(|(_, minutes)| *minutes > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_work_on_their_days() {
        let friday: Day = "2026-12-25".parse().unwrap();
        let mut capacity = Capacity::default();
        let next: Vec<Day> = capacity.working_days(friday).map(|(day, _)| day).take(2).collect();
        assert_eq!(next, [friday, friday.plus(3)]);
        capacity.away.insert(friday);
        assert_eq!((capacity.minutes_on(friday), capacity.minutes_on(friday.plus(3))), (0, 480));
        assert_eq!(capacity.working_days(friday).next(), Some((friday.plus(3), 480)));
        capacity.days.clear();
        assert!(capacity.is_nothing());
        assert_eq!(capacity.working_days(friday).next(), None);
    }
}
