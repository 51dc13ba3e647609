//! Days without a clock: a day is a number, and which one is today is said by whoever asks.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A day of the Gregorian calendar, as days since 1970-01-01 UTC. Written `2026-12-24`.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Day(pub i64);

/// A text that is no day. The author's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no date; write year, month and day, such as 2026-12-24")]
pub struct NoDay(pub String);

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// The first.
    Monday,
    /// The second.
    Tuesday,
    /// The third.
    Wednesday,
    /// The fourth.
    Thursday,
    /// The fifth.
    Friday,
    /// The sixth.
    Saturday,
    /// The seventh.
    Sunday,
}

impl Weekday {
    /// The whole week.
    pub const ALL: [Weekday; 7] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];

    /// The word for it in documents and machine output.
    pub fn as_str(self) -> &'static str {
        match self {
            Weekday::Monday => "monday",
            Weekday::Tuesday => "tuesday",
            Weekday::Wednesday => "wednesday",
            Weekday::Thursday => "thursday",
            Weekday::Friday => "friday",
            Weekday::Saturday => "saturday",
            Weekday::Sunday => "sunday",
        }
    }
}

const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// 1970-01-01 was a Thursday.
const WEEKDAY_OF_EPOCH: i64 = 3;

/// 0000-01-01 and 9999-12-31: what four digits can say of years.
const FIRST: i64 = -719_528;
const LAST: i64 = 2_932_896;

/// The Gregorian calendar repeats itself after 400 years.
const DAYS_PER_ERA: i64 = 146_097;

/// From 0000-03-01, on which eras begin, to 1970-01-01.
const EPOCH_IN_ERAS: i64 = 719_468;

impl Day {
    /// The day on which a moment lies, given as seconds since the beginning of 1970 in UTC.
    pub fn of_unix_seconds(seconds: i64) -> Day {
        Day(seconds.div_euclid(SECONDS_PER_DAY))
    }

    /// The day that comes so many days later.
    #[must_use]
    pub fn plus(self, days: i64) -> Day {
        Day(self.0.saturating_add(days))
    }

    /// Which day of the week it is.
    pub fn weekday(self) -> Weekday {
        let place = (self.0.rem_euclid(7) + WEEKDAY_OF_EPOCH).rem_euclid(7);
        Weekday::ALL[usize::try_from(place).unwrap_or_default()]
    }

    /// The day of a year, month and day of the month; none where the calendar has no such day.
    ///
    /// The arithmetic is Howard Hinnant's `days_from_civil` (chrono-Compatible Low-Level Date
    /// Algorithms): years begin in March, so that the day that some have and others do not is the last.
    pub fn of_date(year: i64, month: u8, day: u8) -> Option<Day> {
        if !(0..=9999).contains(&year) || day < 1 || day > days_of_month(year, month)? {
            return None;
        }
        let (month, day) = (i64::from(month), i64::from(day));
        let year = if month <= 2 { year - 1 } else { year };
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Day(era * DAYS_PER_ERA + day_of_era - EPOCH_IN_ERAS))
    }

    /// Year, month and day of the month. Days beyond the years 0 to 9999 count as the nearest within.
    pub fn date(self) -> (i64, u8, u8) {
        let days = self.0.clamp(FIRST, LAST) + EPOCH_IN_ERAS;
        let (era, day_of_era) = (days.div_euclid(DAYS_PER_ERA), days.rem_euclid(DAYS_PER_ERA));
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        (year, u8::try_from(month).unwrap_or_default(), u8::try_from(day).unwrap_or_default())
    }
}

fn days_of_month(year: i64, month: u8) -> Option<u8> {
    let is_leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if is_leap_year { 29 } else { 28 }),
        _ => None,
    }
}

impl FromStr for Day {
    type Err = NoDay;

    fn from_str(text: &str) -> Result<Day, NoDay> {
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let parts: Vec<&str> = text.split('-').collect();
        let day = match parts.as_slice() {
            [year, month, day]
                if [year.len(), month.len(), day.len()] == [4, 2, 2]
                    && parts.iter().all(|part| is_number(part)) =>
            {
                let read = |part: &str| part.parse().ok();
                year.parse().ok().zip(read(month)).zip(read(day))
            }
            _ => None,
        };
        day.and_then(|((year, month), day)| Day::of_date(year, month, day))
            .ok_or_else(|| NoDay(text.to_owned()))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl TryFrom<String> for Day {
    type Error = NoDay;

    fn try_from(text: String) -> Result<Day, NoDay> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> String {
        day.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_have_numbers_dates_and_weekdays() {
        for (date, number, weekday) in [
            ("1970-01-01", 0, Weekday::Thursday),
            ("1969-12-31", -1, Weekday::Wednesday),
            ("2000-02-29", 11_016, Weekday::Tuesday),
            ("2026-12-24", 20_811, Weekday::Thursday),
            ("0000-01-01", FIRST, Weekday::Saturday),
            ("9999-12-31", LAST, Weekday::Friday),
        ] {
            let day: Day = date.parse().unwrap();
            assert_eq!((day, day.weekday()), (Day(number), weekday), "{date}");
            assert_eq!(day.to_string(), date);
        }
        assert_eq!(Day::of_unix_seconds(-1), Day(-1));
        assert_eq!(Day::of_unix_seconds(86_400), Day(1));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "tomorrow",
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-10",
            "2026-01-32",
            "2026-01-00",
            "+026-01-01",
            "2026-01-01 ",
            "2026-01-01-01",
            "20260101",
        ] {
            let refused = text.parse::<Day>().unwrap_err().to_string();
            assert!(refused.starts_with(&format!("`{text}` is no date")), "{refused}");
        }
    }

    proptest! {
        #[test]
        fn every_day_is_its_date(number in FIRST..=LAST) {
            let day = Day(number);
            let (year, month, of_month) = day.date();
            prop_assert_eq!(Day::of_date(year, month, of_month), Some(day));
            prop_assert_eq!(day.to_string().parse(), Ok(day));
            prop_assert!(day.date() < day.plus(1).date() || number == LAST);
        }

        #[test]
        fn no_number_is_too_large(number: i64, days: i64) {
            let day = Day(number).plus(days);
            let _ = (day.weekday(), day.to_string());
        }
    }
}
