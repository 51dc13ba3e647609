//! Spans of time: what they cover, and where they overlap.

use std::time::Duration;

/// A beginning and an end.
pub(super) type Span = (Duration, Duration);

/// The most spans that hold one moment. A span that ends where another begins does not meet it.
pub(super) fn peak<'s>(spans: impl Iterator<Item = &'s Span>) -> u32 {
    let mut edges: Vec<(Duration, i32)> = Vec::new();
    for (start, end) in spans {
        edges.push((*start, 1));
        edges.push((*end, -1));
    }
    edges.sort_unstable();
    let mut open = 0;
    let mut most = 0;
    for (_, change) in edges {
        open += change;
        most = most.max(open);
    }
    u32::try_from(most).unwrap_or(0)
}

/// The time that spans cover together.
pub(super) fn covered(spans: &mut [Span]) -> Duration {
    spans.sort_unstable();
    let mut covered = Duration::ZERO;
    let mut until = Duration::ZERO;
    for (start, end) in spans {
        covered += end.saturating_sub((*start).max(until));
        until = until.max(*end);
    }
    covered
}

/// The spans in which both some of these and some of those lie.
pub(super) fn common(these: &[Span], those: &[Span]) -> Vec<Span> {
    let overlap = |(a, b): &Span, (c, d): &Span| {
        let span = ((*a).max(*c), (*b).min(*d));
        (span.0 < span.1).then_some(span)
    };
    these.iter().flat_map(|this| those.iter().filter_map(|that| overlap(this, that))).collect()
}

/// The spans that cover the same, in order and apart from each other.
pub(super) fn covering(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut covering: Vec<Span> = Vec::new();
    for (start, end) in spans {
        match covering.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => covering.push((start, end)),
        }
    }
    covering
}

/// How many groups of overlapping spans there are.
pub(super) fn groups(spans: &mut [Span]) -> u32 {
    spans.sort_unstable();
    let mut count = 0;
    let mut until = None;
    for (start, end) in spans {
        count += u32::from(until.is_none_or(|until| *start > until));
        until = until.max(Some(*end));
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(seconds: &[(u64, u64)]) -> Vec<Span> {
        let second = Duration::from_secs;
        seconds.iter().map(|(start, end)| (second(*start), second(*end))).collect()
    }

    #[test]
    fn spans_are_covered_once() {
        assert_eq!(covered(&mut spans(&[(0, 4), (2, 6), (8, 9)])), Duration::from_secs(7));
        assert_eq!(covered(&mut spans(&[(5, 6), (0, 10)])), Duration::from_secs(10));
        assert_eq!(covered(&mut []), Duration::ZERO);
    }

    #[test]
    fn what_is_common_lies_in_both() {
        let (these, those) = (spans(&[(0, 4), (6, 9)]), spans(&[(3, 7), (9, 12)]));
        assert_eq!(common(&these, &those), spans(&[(3, 4), (6, 7)]));
        assert_eq!(common(&these, &[]), spans(&[]));
    }

    #[test]
    fn what_meets_is_one_span() {
        let found = covering(spans(&[(8, 9), (0, 4), (1, 2), (4, 6)]));
        assert_eq!(found, spans(&[(0, 6), (8, 9)]));
    }

    #[test]
    fn what_overlaps_is_one_group() {
        assert_eq!(groups(&mut spans(&[(0, 4), (1, 2), (3, 6), (8, 9)])), 2);
        assert_eq!(groups(&mut []), 0);
    }

    #[test]
    fn the_peak_counts_what_overlaps() {
        assert_eq!(peak(spans(&[(0, 4), (1, 2), (3, 5), (4, 6)]).iter()), 2);
        assert_eq!(peak(spans(&[(0, 1), (1, 2)]).iter()), 1);
    }
}
