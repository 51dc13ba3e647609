//! Spans that overlap, in lanes: none overlaps another of its lane.

use std::time::Duration;

/// The lane of each span; spans are in the order of their beginnings. Each is in the first lane that
/// is free, so that there are no more lanes than spans at one moment.
pub(super) fn lanes(spans: impl Iterator<Item = (Duration, Duration)>) -> Vec<usize> {
    let mut ends: Vec<Duration> = Vec::new();
    spans
        .map(|(from, until)| {
            let free = ends.iter().position(|end| *end <= from);
            let lane = free.unwrap_or(ends.len());
            if lane == ends.len() {
                ends.push(until);
            }
            ends[lane] = until;
            lane
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_used_again() {
        let spans = [(0, 4), (1, 2), (2, 6), (4, 5), (5, 9)];
        let second = Duration::from_secs;
        let found = lanes(spans.iter().map(|(from, until)| (second(*from), second(*until))));
        assert_eq!(found, [0, 1, 1, 0, 0]);
    }
}
