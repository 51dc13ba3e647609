//! Edits by JSON pointer: one key or value of a document changes, and its comments, layout, quotes
//! and anchors stay as they are.
//!
//! Every function gives `None` where it cannot promise that: what comes in through an alias or `<<`
//! stands elsewhere, too; an anchor may be used below; a comment would be lost.

use super::edit::Edit;
use super::gap::break_length;
use super::pointer::token_of;
use super::scalar::ScalarStyle;
use super::span::Span;
use super::tree::{Node, NodeId, NodeKind, Pair, Tree};

/// What ends a line (YAML 1.2.2, section 5.4).
const BREAKS: [char; 2] = ['\n', '\r'];

/// Where a value hangs: the collection that holds it and its place there.
#[derive(Debug, Clone, Copy)]
struct Hold {
    holder: NodeId,
    index: usize,
}

impl Tree {
    /// Writes another scalar in the place of one. `text` is YAML and fits on a line.
    #[must_use]
    pub fn replace_value(&self, pointer: &str, text: &str) -> Option<Edit> {
        let path = self.holds(pointer)?;
        let value = path.last().map_or(Some(self.root), |hold| self.held(*hold))?;
        let NodeKind::Scalar(scalar) = &self.node(value).kind else { return None };
        let span = self.node(value).span;
        let is_block = matches!(scalar.style(), ScalarStyle::Literal | ScalarStyle::Folded);
        // A tag says what the old value was.
        let has_tag = self.node(value).tag().is_some();
        (!is_block && !has_tag && !span.is_empty()).then(|| Edit::replace(span, text))
    }

    /// Writes another key in front of a value. `text` is YAML and fits on a line.
    #[must_use]
    pub fn rename_key(&self, pointer: &str, text: &str) -> Option<Edit> {
        let hold = *self.holds(pointer)?.last()?;
        let key = self.pair(hold)?.key;
        matches!(self.node(key).kind, NodeKind::Scalar(_))
            .then(|| Edit::replace(self.node(key).span, text))
    }

    /// Removes an entry or an item with everything in it, and the collection around it where
    /// nothing else is in there.
    #[must_use]
    pub fn remove(&self, pointer: &str) -> Option<Edit> {
        let mut path = self.holds(pointer)?;
        loop {
            let hold = path.pop()?;
            if matches!(&self.node(hold.holder).kind, NodeKind::Mapping(map) if map.merge.is_some())
            {
                // What `<<` brings under this key would take its place.
                return None;
            }
            if self.size(hold.holder) > 1 {
                return self.remove_held(hold);
            }
        }
    }

    /// Adds an entry to the mapping at a pointer, behind its first one where that is a line of
    /// its own, else before it. `key` and `value` are YAML and fit on a line.
    #[must_use]
    pub fn insert_entry(&self, pointer: &str, key: &str, value: &str) -> Option<Edit> {
        let path = self.holds(pointer)?;
        let mapping = path.last().map_or(Some(self.root), |hold| self.held(*hold))?;
        let NodeKind::Mapping(entries) = &self.node(mapping).kind else { return None };
        let first = entries.pairs.first()?;
        let (first_key, first_value) = (self.node(first.key).span, self.node(first.value).span);
        if self.is_flow(mapping) {
            return Some(Edit::insert_before(first_key, format!("{key}: {value}, ")));
        }
        if path.iter().any(|hold| self.is_flow(hold.holder)) {
            // `[a: b]` has a mapping without braces, which has room for one entry.
            return None;
        }
        let line = self.line_start(first_key.start);
        let before = &self.text[line..first_key.start as usize];
        if before.contains('?') || before.contains('&') || before.contains('!') {
            return None;
        }
        let indent: String = before.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        let line_break = self.line_break();
        let end = self.line_end(first_value.end);
        let is_short = matches!(&self.node(first.value).kind, NodeKind::Scalar(scalar)
            if !matches!(scalar.style(), ScalarStyle::Literal | ScalarStyle::Folded))
            && !self.text[first_key.start as usize..first_value.end as usize].contains(BREAKS);
        if is_short {
            let place = Span::new(first_key.source, to_offset(end), to_offset(end));
            return Some(Edit::replace(place, format!("{line_break}{indent}{key}: {value}")));
        }
        Some(Edit::insert_before(first_key, format!("{key}: {value}{line_break}{indent}")))
    }

    /// The way to a value, if it leads through no alias and no merge, and nothing on it is meant
    /// by an alias elsewhere.
    fn holds(&self, pointer: &str) -> Option<Vec<Hold>> {
        let mut path = Vec::new();
        let mut holder = self.root;
        for token in pointer.split('/').skip(1) {
            let token = token_of(token)?;
            let index = match &self.node(holder).kind {
                NodeKind::Sequence(_) => token.parse().ok()?,
                NodeKind::Mapping(mapping) => self.own_place(mapping, &token)?,
                NodeKind::Scalar(_) | NodeKind::Alias(_) => return None,
            };
            let hold = Hold { holder, index };
            holder = self.held(hold)?;
            if self.is_shared(holder) {
                return None;
            }
            path.push(hold);
        }
        Some(path)
    }

    /// Whether an alias stands for this node.
    fn is_shared(&self, node: NodeId) -> bool {
        let means =
            |other: &Node| matches!(other.kind, NodeKind::Alias(Some(target)) if target == node);
        self.node(node).anchor().is_some() && self.nodes.iter().any(means)
    }

    fn held(&self, hold: Hold) -> Option<NodeId> {
        match &self.node(hold.holder).kind {
            NodeKind::Sequence(items) => items.get(hold.index).copied(),
            NodeKind::Mapping(mapping) => mapping.pairs.get(hold.index).map(|pair| pair.value),
            NodeKind::Scalar(_) | NodeKind::Alias(_) => None,
        }
    }

    fn pair(&self, hold: Hold) -> Option<Pair> {
        match &self.node(hold.holder).kind {
            NodeKind::Mapping(mapping) => mapping.pairs.get(hold.index).copied(),
            _ => None,
        }
    }

    /// How many entries or items are written, `<<` counted.
    fn size(&self, holder: NodeId) -> usize {
        match &self.node(holder).kind {
            NodeKind::Sequence(items) => items.len(),
            NodeKind::Mapping(mapping) => {
                mapping.pairs.len() + usize::from(mapping.merge.is_some())
            }
            NodeKind::Scalar(_) | NodeKind::Alias(_) => 0,
        }
    }

    /// The bytes of an entry from its key, or of an item.
    fn extent(&self, hold: Hold) -> Option<Span> {
        let value = self.held(hold)?;
        let span = self.node(value).span;
        let Some(pair) = self.pair(hold) else { return Some(span) };
        let key = self.node(pair.key).span;
        Some(Span::new(key.source, key.start, span.end.max(key.end)))
    }

    fn remove_held(&self, hold: Hold) -> Option<Edit> {
        let extent = self.extent(hold)?;
        let anchored =
            self.nodes.iter().any(|node| extent.contains(node.span) && node.anchor().is_some());
        if anchored {
            return None;
        }
        let edit = if self.is_flow(hold.holder) {
            self.remove_in_flow(hold, extent)?
        } else {
            self.remove_lines(hold, extent)?
        };
        // The comments inside go with what they are about; those beside it must not.
        let outside =
            |comment: &&Span| edit.span.contains(**comment) && !self.is_about(extent, **comment);
        self.comments.iter().find(outside).is_none().then_some(edit)
    }

    /// Whether a comment stands inside a value or behind it on its last line.
    fn is_about(&self, extent: Span, comment: Span) -> bool {
        comment.start >= extent.start && (comment.start as usize) < self.line_end(extent.end)
    }

    fn remove_in_flow(&self, hold: Hold, extent: Span) -> Option<Edit> {
        let next = self.extent(Hold { index: hold.index + 1, ..hold });
        let (start, end) = match next {
            Some(next) => (extent.start, next.start),
            None => {
                let before = self.extent(Hold { index: hold.index.checked_sub(1)?, ..hold })?;
                (before.end, extent.end)
            }
        };
        let gap = Span::new(extent.source, start, end);
        // A `<<` between the two, or a tag, an anchor or quotes before the next.
        let between = [
            &self.text[start as usize..extent.start as usize],
            &self.text[extent.end as usize..end as usize],
        ]
        .concat();
        between
            .chars()
            .all(|c| c.is_whitespace() || matches!(c, ',' | ':'))
            .then(|| Edit::remove(gap))
    }

    fn remove_lines(&self, hold: Hold, extent: Span) -> Option<Edit> {
        let start = self.line_start(extent.start);
        let before = &self.text[start..extent.start as usize];
        let is_item = self.pair(hold).is_none();
        let begins_line = match is_item {
            true => before.trim() == "-",
            false => before.trim().is_empty(),
        };
        let source = extent.source;
        if begins_line {
            let end = self.line_end(extent.end);
            let line_break = break_length(&self.text, end);
            // The last line of a text without a final line break takes the one before with it.
            let (start, end) = match line_break {
                0 => (self.text[..start].trim_end_matches(BREAKS).len(), end),
                length => (start, end + length),
            };
            return Some(Edit::remove(Span::new(source, to_offset(start), to_offset(end))));
        }
        // The first entry behind a dash: the next one moves up.
        let next = self.extent(Hold { index: hold.index + 1, ..hold })?;
        let between = &self.text[extent.end as usize..next.start as usize];
        let moves = !is_item && before.trim_end().ends_with('-') && !between.contains('#');
        moves.then(|| Edit::remove(Span::new(source, extent.start, next.start)))
    }

    fn is_flow(&self, collection: NodeId) -> bool {
        let start = self.node(collection).span.start as usize;
        self.text[start..].starts_with(['{', '['])
    }

    fn line_start(&self, offset: u32) -> usize {
        self.text[..offset as usize].rfind(BREAKS).map_or(0, |at| at + 1)
    }

    /// Before the line break of the line in which a value ends.
    fn line_end(&self, offset: u32) -> usize {
        let offset = offset as usize;
        self.text[offset..].find(BREAKS).map_or(self.text.len(), |at| offset + at)
    }

    fn line_break(&self) -> &'static str {
        let first = self.text.find(BREAKS).map_or("", |at| &self.text[at..]);
        match first.as_bytes() {
            [b'\r', b'\n', ..] => "\r\n",
            [b'\r', ..] => "\r",
            _ => "\n",
        }
    }
}

fn to_offset(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
