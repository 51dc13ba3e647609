//! Changes of a text that leave everything else as it is: comments, layout, quotes, anchors.

use super::span::Span;

/// One change: what stands at a place is replaced. An empty place is an insertion, an empty
/// replacement a removal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The bytes that go.
    pub span: Span,
    /// What takes their place.
    pub replacement: String,
}

impl Edit {
    /// Replaces what stands at a place.
    #[must_use]
    pub fn replace(span: Span, replacement: impl Into<String>) -> Edit {
        Edit { span, replacement: replacement.into() }
    }

    /// Inserts before what stands at a place.
    #[must_use]
    pub fn insert_before(span: Span, text: impl Into<String>) -> Edit {
        Edit::replace(Span::new(span.source, span.start, span.start), text)
    }

    /// Inserts behind what stands at a place.
    #[must_use]
    pub fn insert_after(span: Span, text: impl Into<String>) -> Edit {
        Edit::replace(Span::new(span.source, span.end, span.end), text)
    }

    /// Removes what stands at a place.
    #[must_use]
    pub fn remove(span: Span) -> Edit {
        Edit::replace(span, "")
    }

    /// Whether the two cannot both be made: they have a byte in common, or insert at one place.
    #[must_use]
    pub fn collides_with(&self, other: &Edit) -> bool {
        let (a, b) = (self.span, other.span);
        if a.source != b.source {
            return false;
        }
        let (first, second) = if (a.start, a.end) <= (b.start, b.end) { (a, b) } else { (b, a) };
        first.start == second.start || first.end > second.start
    }
}

/// The text with all edits made, each given in bytes of the text as it is.
///
/// Returns `None` where two edits collide, or a place is not in the text or inside a character.
#[must_use]
pub fn apply_edits(text: &str, edits: &[Edit]) -> Option<String> {
    let mut ordered: Vec<&Edit> = edits.iter().collect();
    ordered.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut edited = String::with_capacity(text.len());
    let mut done = 0;
    for (place, edit) in ordered.iter().enumerate() {
        if place > 0 && ordered[place - 1].collides_with(edit) {
            return None;
        }
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        edited.push_str(text.get(done..start)?);
        edited.push_str(&edit.replacement);
        text.get(start..end)?;
        done = end;
    }
    edited.push_str(text.get(done..)?);
    Some(edited)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::source::SourceId;

    fn check(text: &str, edits: &[(u32, u32, &str)], expected: Option<&str>) {
        let source = SourceId(0);
        let edits: Vec<Edit> = edits
            .iter()
            .map(|(start, end, new)| Edit::replace(Span::new(source, *start, *end), *new))
            .collect();
        assert_eq!(apply_edits(text, &edits).as_deref(), expected, "{text:?} {edits:?}");
    }

    #[test]
    fn edits_are_made_in_the_order_of_the_text() {
        check("a: b # c\n", &[(3, 4, "x")], Some("a: x # c\n"));
        check("a: b", &[(3, 4, ""), (0, 1, "long")], Some("long: "));
        check("ab", &[(1, 1, "-"), (2, 2, "!")], Some("a-b!"));
        check("ab", &[(0, 1, "x"), (1, 1, "-")], Some("x-b"));
    }

    #[test]
    fn edits_that_collide_or_lie_outside_are_refused() {
        check("abc", &[(0, 2, ""), (1, 3, "")], None);
        check("abc", &[(1, 1, "x"), (1, 1, "y")], None);
        check("abc", &[(2, 9, "")], None);
        check("ä", &[(1, 2, "")], None);
    }
}
