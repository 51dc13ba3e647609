//! The outlines of a library's documents, each made when it is first asked for: checks, lowering
//! and advice share them, so that every template is parsed once.

use std::sync::OnceLock;

use super::outline::Outline;
use crate::language::document::{Document, Library};

/// The outlines of the documents of one library. Threads may share them.
#[derive(Debug)]
pub struct Outlines<'l> {
    library: &'l Library,
    /// One for each source of the library, in the order of their ids.
    made: Vec<OnceLock<Outline<'l>>>,
    /// That of a document which is being written and in no library yet.
    unfinished: OnceLock<Outline<'l>>,
}

impl<'l> Outlines<'l> {
    /// Outlines that are yet to be made.
    pub fn of(library: &'l Library) -> Outlines<'l> {
        let made = library.sources().iter().map(|_| OnceLock::new()).collect();
        Outlines { library, made, unfinished: OnceLock::new() }
    }

    /// Whose documents they are of.
    pub fn library(&self) -> &'l Library {
        self.library
    }

    /// The outline of a document of this library, or of a single one beside it, whose source has an
    /// id that the library has not; one of another library gives some outline.
    pub(crate) fn get(&self, document: &'l Document) -> &Outline<'l> {
        let made = self.made.get(document.source().0 as usize).unwrap_or(&self.unfinished);
        made.get_or_init(|| Outline::of(document))
    }
}
