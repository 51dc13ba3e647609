//! Places: a byte range in a known source.

/// Which source a place is in. Ids are given by a [`SourceMap`](super::SourceMap), from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A half-open range of bytes in one source; both ends lie on character boundaries.
///
/// Sorted by source, then by start, then by end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The source that the range is in.
    pub source: SourceId,
    /// The first byte, counted from 0.
    pub start: u32,
    /// The byte after the last; never before `start`.
    pub end: u32,
}

impl Span {
    /// The range from `start` to `end`; an `end` before `start` makes an empty range.
    #[must_use]
    pub fn new(source: SourceId, start: u32, end: u32) -> Self {
        let end = end.max(start);
        Self { source, start, end }
    }

    /// The empty range at `offset`.
    #[must_use]
    pub fn empty(source: SourceId, offset: u32) -> Self {
        Self::new(source, offset, offset)
    }

    /// The number of bytes.
    #[must_use]
    pub fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether there is no byte in it; its place may mean something all the same.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether the other range lies wholly within this one.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }

    /// The smallest range that holds both. A range of another source changes nothing.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        if self.source != other.source {
            return self;
        }
        Self::new(self.source, self.start.min(other.start), self.end.max(other.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(source: u32, start: u32, end: u32) -> Span {
        Span::new(SourceId(source), start, end)
    }

    #[test]
    fn covers_both_and_stays_in_its_source() {
        assert_eq!(span(0, 4, 6).cover(span(0, 1, 5)), span(0, 1, 6));
        assert_eq!(span(0, 4, 6).cover(span(1, 1, 9)), span(0, 4, 6));
        assert_eq!(span(0, 6, 4), Span::empty(SourceId(0), 6));
    }

    #[test]
    fn sorts_by_source_then_place() {
        let mut spans = [span(1, 0, 1), span(0, 5, 9), span(0, 5, 6), span(0, 2, 3)];
        spans.sort();
        assert_eq!(spans, [span(0, 2, 3), span(0, 5, 6), span(0, 5, 9), span(1, 0, 1)]);
        assert!(span(0, 2, 9).contains(span(0, 2, 3)));
        assert!(!span(0, 2, 9).contains(span(1, 2, 3)));
        assert_eq!(span(0, 2, 9).len(), 7);
    }
}
