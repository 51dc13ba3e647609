//! What one document sees of a library: which documents the names mean that it uses.

use super::{Library, Realm};
use crate::language::diagnostic::Code;
use crate::language::document::shelf::Shelf;
use crate::language::document::{Document, DocumentKind, ImportProblem, ImportedName};

/// The names that one document can use.
#[derive(Debug, Clone, Copy)]
pub struct Names<'l> {
    pub(super) library: &'l Library,
    pub(super) realm: Realm,
}

impl<'l> Names<'l> {
    /// The pattern or pipeline of this name.
    pub fn orchestration(self, name: &str) -> Option<&'l Document> {
        self.library.find(self.realm, Shelf::Orchestration, name)
    }

    /// The pattern of this name.
    pub fn pattern(self, name: &str) -> Option<&'l Document> {
        self.orchestration(name).filter(|document| document.kind() == DocumentKind::Pattern)
    }

    /// The team of this name.
    pub fn team(self, name: &str) -> Option<&'l Document> {
        self.library.find(self.realm, Shelf::Team, name)
    }

    /// Names of patterns and pipelines like the one that was written.
    pub fn near_orchestrations(self, written: &str) -> Vec<String> {
        self.library.near(self.realm, Shelf::Orchestration, written)
    }

    /// Names of teams like the one that was written.
    pub fn near_teams(self, written: &str) -> Vec<String> {
        self.library.near(self.realm, Shelf::Team, written)
    }

    /// Why there is no pattern of this name, if it is one of a source.
    pub fn pattern_problem(self, written: &str) -> Option<ImportProblem> {
        self.problem(written, Shelf::Orchestration, "pattern")
    }

    /// Why there is no team of this name, if it is one of a source.
    pub fn team_problem(self, written: &str) -> Option<ImportProblem> {
        self.problem(written, Shelf::Team, "team")
    }

    fn problem(self, written: &str, shelf: Shelf, what: &str) -> Option<ImportProblem> {
        let name = ImportedName::parse(written)?;
        if self.realm != Realm::Project {
            return Some(ImportProblem {
                code: Code::UNKNOWN_SOURCE,
                message: format!("an import cannot use `{written}` of another source"),
                help: "imports of imports are not followed: copy the document into the source"
                    .to_owned(),
                near: None,
                declared: None,
            });
        }
        let imports = &self.library.imports;
        let names: Vec<&str> = match imports.meant(&name) {
            Some(place) => self.library.names_on(Realm::Imported(place), shelf).collect(),
            None => Vec::new(),
        };
        Some(imports.problem(written, &name, what, &names))
    }
}
