//! Names and the places where they stand: what editors follow, list and rename.
//!
//! The occurrences are read from the same outline as the checks work on, so that they are there
//! for faulty documents too, and inside templates of every scalar style.

mod agents;
mod anchors;
mod collect;
mod templates;

use std::collections::BTreeMap;

use super::outlines::Outlines;
use crate::language::document::Library;
use crate::language::source::{SourceId, Span};

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Symbol {
    /// A task of a pattern or pipeline.
    Task(SourceId, String),
    /// A declared input.
    Input(SourceId, String),
    /// An output of a pattern or pipeline.
    Output(SourceId, String),
    /// A wave. Nothing refers to waves.
    Wave(SourceId, String),
    /// A post, of which only a run knows who has it.
    Post(SourceId, String),
    /// A member of a team: where the list of members stands, and the member's id.
    Agent(TeamPlace, String),
    /// A pattern or pipeline.
    Orchestration(SourceId),
    /// A team with a document of its own.
    Team(SourceId),
    /// A YAML anchor, by the place where it is written.
    Anchor(Span),
}

/// Where the members of a team are listed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TeamPlace {
    /// The document.
    pub source: SourceId,
    /// JSON pointer of the list in it.
    pub pointer: String,
}

/// What an occurrence does with its symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Brings it into being.
    Definition,
    /// Names it.
    Reference,
}

/// A place where a name stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// The name's bytes alone, without quotes around it.
    pub span: Span,
    /// What it stands for.
    pub symbol: Symbol,
    /// What it does there.
    pub role: Role,
    /// The name as it is written there: an agent may be called by its role or by its id.
    pub written: String,
    /// JSON pointer of the value that a definition defines; of the text that holds a reference.
    pub pointer: String,
}

/// All occurrences in a library, by place and by symbol.
#[derive(Debug, Default)]
pub struct SymbolIndex {
    /// Sorted by place, each place once.
    occurrences: Vec<Occurrence>,
    by_symbol: BTreeMap<Symbol, Vec<usize>>,
}

impl SymbolIndex {
    /// Reads every document of a library.
    pub fn of(library: &Library) -> SymbolIndex {
        let mut occurrences = Vec::new();
        let outlines = Outlines::of(library);
        for document in library.documents() {
            collect::document(&outlines, document, &mut occurrences);
        }
        // A mapping that aliases repeat is read once for each.
        occurrences.sort();
        occurrences.dedup_by(|a, b| a.span == b.span && a.symbol == b.symbol);
        let mut by_symbol: BTreeMap<Symbol, Vec<usize>> = BTreeMap::new();
        for (place, occurrence) in occurrences.iter().enumerate() {
            by_symbol.entry(occurrence.symbol.clone()).or_default().push(place);
        }
        SymbolIndex { occurrences, by_symbol }
    }

    /// The narrowest occurrence that a byte of a source lies in, its end included.
    pub fn at(&self, source: SourceId, offset: u32) -> Option<&Occurrence> {
        let here = self.of_source(source).iter();
        here.filter(|found| found.span.start <= offset && offset <= found.span.end)
            .min_by_key(|found| found.span.len())
    }

    /// Every occurrence in a source, in the order of the text.
    pub fn of_source(&self, source: SourceId) -> &[Occurrence] {
        let from = self.occurrences.partition_point(|found| found.span.source < source);
        let to = self.occurrences.partition_point(|found| found.span.source <= source);
        self.occurrences.get(from..to).unwrap_or_default()
    }

    /// Every occurrence of a symbol, sorted by place.
    pub fn all<'i>(&'i self, symbol: &Symbol) -> impl Iterator<Item = &'i Occurrence> {
        let places = self.by_symbol.get(symbol).into_iter().flatten();
        places.filter_map(|place| self.occurrences.get(*place))
    }

    /// Where a symbol comes into being.
    pub fn definition(&self, symbol: &Symbol) -> Option<&Occurrence> {
        self.all(symbol).find(|found| found.role == Role::Definition)
    }
}

#[cfg(test)]
mod tests;
