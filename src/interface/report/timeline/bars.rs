//! Bars of characters: a course in so many columns.

use std::time::Duration;

use crate::insight::{Activity, Course};

/// What a column of a bar shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// Nothing.
    Empty,
    /// What most of the column's time went on.
    Of(Activity),
    /// A used pattern was at work.
    Pattern,
    /// Something that took no time happened here.
    Moment,
}

/// So many columns that stand for so much time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    pub(super) columns: usize,
    pub(super) whole: Duration,
}

impl Scale {
    /// The course as a bar. Whatever there is of it has a column at least.
    pub(super) fn bar(self, course: &Course, is_pattern: bool) -> Vec<Cell> {
        let mut cells = vec![Cell::Empty; self.columns];
        if is_pattern {
            let last = self.column(course.end);
            cells[self.column(course.ready)..=last].fill(Cell::Pattern);
            return cells;
        }
        let mut most = vec![Duration::ZERO; self.columns];
        for stretch in &course.stretches {
            for column in self.column(stretch.from)..=self.column(stretch.until) {
                let from = stretch.from.max(self.begin(column));
                let part = stretch.until.min(self.begin(column + 1)).saturating_sub(from);
                if part > most[column] {
                    most[column] = part;
                    cells[column] = Cell::Of(stretch.activity);
                }
            }
        }
        // What is short beside a long wait is what the reader looks for.
        for wanted in [Activity::Retry, Activity::Work] {
            let mut stretches = course.stretches.iter().filter(|s| s.activity == wanted);
            if !cells.contains(&Cell::Of(wanted))
                && let Some(stretch) = stretches.next_back()
            {
                cells[self.column(stretch.from)] = Cell::Of(wanted);
            }
        }
        if cells.iter().all(|cell| *cell == Cell::Empty) {
            cells[self.column(course.end)] = Cell::Moment;
        }
        cells
    }

    /// The column in which a moment is; the end of the whole is in the last.
    fn column(self, moment: Duration) -> usize {
        let last = self.columns - 1;
        if self.whole.is_zero() {
            return 0;
        }
        let place = moment.as_micros() * self.columns as u128 / self.whole.as_micros().max(1);
        usize::try_from(place).unwrap_or(last).min(last)
    }

    fn begin(self, column: usize) -> Duration {
        let columns = u32::try_from(self.columns).unwrap_or(u32::MAX);
        self.whole.saturating_mul(u32::try_from(column).unwrap_or(u32::MAX)) / columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::{Release, Stretch};

    fn check(parts: &[(Activity, u64, u64)], expected: &str) {
        let second = Duration::from_secs;
        let stretches: Vec<Stretch> = parts
            .iter()
            .map(|(activity, from, until)| Stretch {
                activity: *activity,
                from: second(*from),
                until: second(*until),
            })
            .collect();
        let course = Course {
            ready: stretches.first().map_or(second(50), |first| first.from),
            release: Release::Beginning,
            held: Duration::ZERO,
            end: stretches.last().map_or(second(50), |last| last.until),
            stretches,
        };
        let bar = Scale { columns: 10, whole: second(100) }.bar(&course, false);
        let signs: String = bar
            .iter()
            .map(|cell| match cell {
                Cell::Empty => ' ',
                Cell::Of(Activity::Queue) => 'q',
                Cell::Of(Activity::Work) => 'w',
                Cell::Of(_) | Cell::Pattern => 'o',
                Cell::Moment => '|',
            })
            .collect();
        assert_eq!(signs, expected);
    }

    #[test]
    fn a_column_shows_what_takes_most_of_it() {
        use Activity::{Queue, Work};
        check(&[(Queue, 0, 10), (Work, 10, 100)], "qwwwwwwwww");
        check(&[(Queue, 0, 14), (Work, 14, 30)], "qww       ");
        check(&[(Queue, 0, 16), (Work, 16, 30)], "qqw       ");
        check(&[(Work, 95, 100)], "         w");
        check(&[(Work, 41, 42)], "    w     ");
        check(&[], "     |    ");
    }

    #[test]
    fn work_is_seen_however_short_it_is() {
        use Activity::{Queue, Work};
        check(&[(Queue, 0, 98), (Work, 98, 99)], "qqqqqqqqqw");
        check(&[(Queue, 0, 8), (Work, 8, 9)], "w         ");
    }
}
