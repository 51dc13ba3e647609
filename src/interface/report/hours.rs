//! Hours as people read them.

pub(in crate::interface::report) use crate::organization::hours_of;

/// Minutes as hours: `6 h`, `1.5 h`, `0.25 h`.
pub(in crate::interface::report) fn hours(minutes: u32) -> String {
    format!("{} h", hours_of(minutes))
}

/// A share in hundredths, rounded; nothing of nothing is nothing.
pub(in crate::interface::report) fn percent(part: u32, of: u32) -> u32 {
    let share = (u64::from(part) * 100 + u64::from(of) / 2).checked_div(u64::from(of));
    share.and_then(|share| u32::try_from(share).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_hours() {
        for (minutes, text) in [(0, "0 h"), (15, "0.25 h"), (90, "1.5 h"), (360, "6 h")] {
            assert_eq!(hours(minutes), text);
        }
        assert_eq!((percent(1, 3), percent(2, 3), percent(5, 0)), (33, 67, 0));
    }
}
