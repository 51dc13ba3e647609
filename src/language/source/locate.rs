//! From a JSON pointer (RFC 6901) into a tree's JSON value to the places in the text.

use super::pointer::{index_of, token_of};
use super::span::Span;
use super::tree::{Mapping, NodeId, NodeKind, Pair, Tree};

/// Where a value is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The key in front of the value; none for the root and for the items of a sequence.
    pub key: Option<Span>,
    /// The value itself; where an alias stands for it, the value that the alias names. Empty if
    /// nothing is written, as after `key:`.
    pub value: Span,
    /// What to underline: the value, or, where nothing is written, the key or the dash.
    pub underline: Span,
    /// The aliases that lead to it, the outermost first: as a value, or under `<<`.
    pub aliases: Vec<Span>,
}

/// The deepest part of a pointer that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest<'p> {
    /// Where the value at `found` is written.
    pub location: Location,
    /// The pointer to the value that exists: a beginning of the one asked for.
    pub found: &'p str,
    /// The rest of the pointer; empty if all of it exists.
    pub missing: &'p str,
}

/// A value on the way along a pointer.
struct Step {
    key: Option<NodeId>,
    value: NodeId,
    aliases: Vec<NodeId>,
}

impl Tree {
    /// Where the value at a JSON pointer into [`to_json`](Self::to_json) is written: `""` is the
    /// root, `/waves/0/name` a key of an item. `None` if there is no such value, or the text is no
    /// pointer.
    #[must_use]
    pub fn locate(&self, pointer: &str) -> Option<Location> {
        let nearest = self.walk(pointer);
        nearest.1.is_empty().then(|| self.location(&nearest.0))
    }

    /// Like [`locate`](Self::locate), but where a part of the pointer does not exist, the value
    /// that was reached before it.
    #[must_use]
    pub fn locate_nearest<'p>(&self, pointer: &'p str) -> Nearest<'p> {
        let (step, missing) = self.walk(pointer);
        Nearest {
            location: self.location(&step),
            found: &pointer[..pointer.len() - missing.len()],
            missing,
        }
    }

    /// The node at a JSON pointer, aliases followed.
    #[must_use]
    pub fn node_at(&self, pointer: &str) -> Option<NodeId> {
        let (step, missing) = self.walk(pointer);
        missing.is_empty().then_some(step.value)
    }

    /// The node of the key in front of the value at a JSON pointer; none for the root and for the
    /// items of a sequence.
    #[must_use]
    pub fn key_node_at(&self, pointer: &str) -> Option<NodeId> {
        let (step, missing) = self.walk(pointer);
        step.key.filter(|_| missing.is_empty())
    }

    /// Follows a pointer as far as it goes; gives the rest, too.
    fn walk<'p>(&self, pointer: &'p str) -> (Step, &'p str) {
        let mut step = Step { key: None, value: self.root, aliases: Vec::new() };
        self.follow(&mut step);
        let mut rest = pointer;
        while let Some(after) = rest.strip_prefix('/') {
            let (token, next) = after.split_at(after.find('/').unwrap_or(after.len()));
            let Some(token) = token_of(token) else {
                break;
            };
            if !self.descend(&mut step, &token) {
                break;
            }
            self.follow(&mut step);
            rest = next;
        }
        (step, rest)
    }

    /// Goes on to an item or an entry; `false` if there is none.
    fn descend(&self, step: &mut Step, token: &str) -> bool {
        match &self.node(step.value).kind {
            NodeKind::Sequence(items) => {
                let Some(item) = index_of(token).and_then(|index| items.get(index)) else {
                    return false;
                };
                step.key = None;
                step.value = *item;
                true
            }
            NodeKind::Mapping(_) => match self.entry(step, token) {
                Some(pair) => {
                    step.key = Some(pair.key);
                    step.value = pair.value;
                    true
                }
                None => false,
            },
            NodeKind::Scalar(_) | NodeKind::Alias(_) => false,
        }
    }

    /// The entry with this key. Notes the aliases through which it comes in under `<<`.
    fn entry(&self, step: &mut Step, key: &str) -> Option<Pair> {
        let has_key = |pair: &&Pair| self.key_text(**pair) == key;
        let mut node = step.value;
        loop {
            let NodeKind::Mapping(mapping) = &self.node(node).kind else {
                return None;
            };
            if let Some(pair) = self.own_entry(mapping, key) {
                return Some(pair);
            }
            let inherited = mapping.inherited().iter().find(has_key)?;
            // The first source that has the key is the one that it came from.
            let sources = mapping.merge_pair()?.value;
            self.note(step, sources);
            let sources = match &self.node(self.resolve(sources)).kind {
                NodeKind::Sequence(items) => items.as_slice(),
                _ => &[],
            };
            node = match sources.iter().find(|source| self.has(**source, inherited)) {
                Some(source) => {
                    self.note(step, *source);
                    self.resolve(*source)
                }
                None => self.resolve(mapping.merge_pair()?.value),
            };
        }
    }

    /// The entry with this key among those that the mapping has itself.
    fn own_entry(&self, mapping: &Mapping, key: &str) -> Option<Pair> {
        self.own_place(mapping, key).map(|place| mapping.pairs[place])
    }

    /// The place of that entry in the order of the text.
    pub(super) fn own_place(&self, mapping: &Mapping, key: &str) -> Option<usize> {
        match &mapping.by_key {
            Some(by_key) => {
                let key_at = |place: &u32| self.key_text(mapping.pairs[*place as usize]);
                let found = by_key.binary_search_by(|place| key_at(place).cmp(key)).ok()?;
                Some(by_key[found] as usize)
            }
            None => mapping.pairs.iter().position(|pair| self.key_text(*pair) == key),
        }
    }

    /// Whether a mapping, or the one that an alias names, has the entry itself or through `<<`.
    fn has(&self, source: NodeId, entry: &Pair) -> bool {
        match &self.node(self.resolve(source)).kind {
            NodeKind::Mapping(mapping) => mapping.entries().any(|pair| pair == *entry),
            _ => false,
        }
    }

    /// Goes on to what an alias names.
    fn follow(&self, step: &mut Step) {
        self.note(step, step.value);
        step.value = self.resolve(step.value);
    }

    fn note(&self, step: &mut Step, node: NodeId) {
        if matches!(self.node(node).kind, NodeKind::Alias(_)) {
            step.aliases.push(node);
        }
    }

    fn location(&self, step: &Step) -> Location {
        let span = |node: NodeId| self.node(node).span;
        let key = step.key.map(span);
        let value = span(step.value);
        Location {
            key,
            value,
            underline: self.underline(key, value),
            aliases: step.aliases.iter().copied().map(span).collect(),
        }
    }

    fn underline(&self, key: Option<Span>, value: Span) -> Span {
        if !value.is_empty() {
            return value;
        }
        let is_dash = self.text[..value.start as usize].ends_with('-');
        match key {
            Some(key) => key,
            None if is_dash => Span::new(value.source, value.start - 1, value.end),
            None => value,
        }
    }
}
