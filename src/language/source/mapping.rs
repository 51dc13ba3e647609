//! The entries of a finished mapping: its keys, and what it takes in through `<<`.

use std::collections::{BTreeMap, BTreeSet};

use super::builder::Builder;
use super::error::{SyntaxError, SyntaxErrorKind, shown};
use super::limits::{MAX_EXPANSION, MAX_EXPANSION_BYTES, MAX_KEY_BYTES, MAX_MERGE_DEPTH};
use super::reference::is_merge_key;
use super::scalar::{Scalar, ScalarStyle, ScalarValue};
use super::text::to_offset;
use super::tree::{Mapping, Merge, NodeId, NodeKind, Pair};

/// Mappings with so many entries have an order in which keys are found without looking at all.
const LARGE: usize = 32;

/// So many bytes of merged keys count as much as one merged entry.
const BYTES_PER_ENTRY: u64 = MAX_EXPANSION_BYTES / MAX_EXPANSION;

impl Builder<'_> {
    /// Makes a mapping of its keys and values, and reports the keys that cannot be.
    pub(super) fn mapping(&mut self, children: &[NodeId]) -> Mapping {
        let entries = children.len() / 2;
        let mut mapping = Mapping { pairs: Vec::with_capacity(entries), ..Mapping::default() };
        let mut merge = None;
        // The places of the pairs by their keys; small mappings are looked through.
        let mut places: Option<BTreeMap<&str, u32>> = (entries >= LARGE).then(BTreeMap::new);
        let mut errors = Vec::new();
        // After a syntax error the last key may have no value.
        for &[key, value] in children.as_chunks().0 {
            let pair = Pair { key, value };
            let text = match self.key_text(key) {
                Ok(text) => text,
                Err(error) => {
                    errors.extend(error);
                    continue;
                }
            };
            let is_merge = is_merge_key(self.node(pair.key));
            let before = match &places {
                _ if is_merge => merge,
                Some(places) => places.get(text).map(|place| mapping.pairs[*place as usize]),
                None => mapping.pairs.iter().find(|pair| self.text(pair.key) == text).copied(),
            };
            if let Some(before) = before {
                let key = shown(text);
                let kind = SyntaxErrorKind::DuplicateKey { key };
                let error = SyntaxError::new(kind, self.node(pair.key).span);
                errors.push(error.with(self.node(before.key).span, "first used here"));
            } else if is_merge {
                merge = Some(pair);
            } else {
                if let Some(places) = &mut places {
                    places.insert(text, to_offset(mapping.pairs.len()));
                }
                mapping.pairs.push(pair);
            }
        }
        mapping.by_key = places.map(|places| places.into_values().collect());
        for error in errors {
            self.errors.push(error);
        }
        if let Some(pair) = merge {
            let merge = self.merge(&mapping, pair);
            mapping.merge = Some(Box::new(merge));
        }
        mapping
    }

    /// The text of a key, or why there is none; nothing if that was said at the alias.
    fn key_text(&self, key: NodeId) -> Result<&str, Option<SyntaxError>> {
        let span = self.node(key).span;
        let found = match &self.node(self.resolve(key)).kind {
            NodeKind::Scalar(scalar) if is_missing(scalar) => {
                // Nothing is written, so the colon is what can be underlined.
                let colon = self.span(span.start as usize..span.start as usize + 1);
                let place = match self.source.span_text(colon) {
                    ":" => colon,
                    _ => span,
                };
                return Err(Some(SyntaxError::new(SyntaxErrorKind::MissingKey, place)));
            }
            NodeKind::Scalar(scalar) if scalar.text.len() > MAX_KEY_BYTES => {
                let bytes = scalar.text.len();
                let kind = SyntaxErrorKind::KeyTooLong { bytes };
                return Err(Some(SyntaxError::new(kind, span)));
            }
            NodeKind::Scalar(scalar) => return Ok(&scalar.text),
            NodeKind::Alias(_) => return Err(None),
            NodeKind::Sequence(_) => "sequence",
            NodeKind::Mapping(_) => "mapping",
        };
        let kind = SyntaxErrorKind::ComplexKey { found };
        Err(Some(SyntaxError::new(kind, span)))
    }

    /// `{{ name }}` without quotes, which is a mapping with a mapping as its key. What was meant
    /// is the text.
    pub(super) fn unquoted_template(&mut self, id: NodeId, children: &[NodeId]) -> Option<Scalar> {
        let &[key, value] = children else {
            return None;
        };
        let span = self.node(id).span;
        let written = self.source.span_text(span);
        let is_template = written.starts_with("{{")
            && written.ends_with("}}")
            && !written.contains(['\n', '\r'])
            && self.node(key).span.start == span.start + 1
            && self.node(value).span.is_empty();
        if !is_template {
            return None;
        }
        let text = written.into();
        self.error(SyntaxErrorKind::UnquotedTemplate, span);
        Some(Scalar {
            text,
            value: ScalarValue::Text,
            style: ScalarStyle::Plain,
            span,
            header: None,
        })
    }

    /// The entries that come in through `<<`: of equal keys the mapping's own, then those of the
    /// first source (YAML's merge key draft of 2005).
    fn merge(&mut self, own: &Mapping, pair: Pair) -> Merge {
        let mut merge = Merge { pair, inherited: Vec::new(), depth: 1 };
        let mut taken: BTreeSet<&str> = own.pairs.iter().map(|pair| self.text(pair.key)).collect();
        let mut errors = Vec::new();
        let mut too_deep = None;
        let sources = match &self.node(self.resolve(pair.value)).kind {
            NodeKind::Sequence(items) => items,
            _ => std::slice::from_ref(&pair.value),
        };
        // What is looked at counts, even if it adds nothing: thousands of mappings may share a
        // list of thousands of sources.
        let mut merged = self.merged + sources.len() as u64;
        for &place in sources {
            if merged > MAX_EXPANSION {
                break;
            }
            let NodeKind::Mapping(source) = &self.node(self.resolve(place)).kind else {
                if self.resolve(pair.value) != pair.value {
                    // What an alias brings is right where it stands and wrong here.
                    errors.extend(self.cannot_merge(pair.value));
                    break;
                }
                errors.extend(self.cannot_merge(place));
                continue;
            };
            let depth = source.merge.as_ref().map_or(0, |merge| merge.depth);
            if depth >= MAX_MERGE_DEPTH {
                too_deep.get_or_insert(place);
            }
            merge.depth = merge.depth.max(depth.saturating_add(1));
            for pair in source.entries() {
                let text = self.text(pair.key);
                merged += 1 + text.len() as u64 / BYTES_PER_ENTRY;
                if merged > MAX_EXPANSION {
                    break;
                }
                if taken.insert(text) {
                    merge.inherited.push(pair);
                }
            }
        }
        self.merged = merged;
        for error in errors {
            self.errors.push(error);
        }
        if merged > MAX_EXPANSION {
            self.expansion_too_large(pair.value);
        }
        if let Some(place) = too_deep.filter(|_| !self.broken.merge_depth) {
            self.broken.merge_depth = true;
            self.error(SyntaxErrorKind::MergeTooDeep, self.node(place).span);
        }
        merge
    }

    /// Why a node cannot be merged; nothing if that was said at the alias.
    fn cannot_merge(&self, place: NodeId) -> Option<SyntaxError> {
        let found = match &self.node(self.resolve(place)).kind {
            NodeKind::Scalar(scalar) => match scalar.value {
                ScalarValue::Null => "null",
                ScalarValue::Bool(_) => "a boolean",
                ScalarValue::Number(_) => "a number",
                ScalarValue::Text => "text",
            },
            NodeKind::Sequence(_) => "a sequence",
            NodeKind::Mapping(_) => "a mapping",
            NodeKind::Alias(_) => return None,
        };
        let kind = SyntaxErrorKind::MergeNotAMapping { found };
        Some(SyntaxError::new(kind, self.node(place).span))
    }

    /// The text of a key.
    pub(super) fn text(&self, key: NodeId) -> &str {
        match &self.node(self.resolve(key)).kind {
            NodeKind::Scalar(scalar) => &scalar.text,
            _ => "",
        }
    }
}

/// Whether a key is not written, as in `: value`.
fn is_missing(key: &Scalar) -> bool {
    key.is_implied() && key.value == ScalarValue::Null
}
