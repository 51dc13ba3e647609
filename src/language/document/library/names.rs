//! What one document sees of a library: which documents the names mean that it uses.

use super::{Library, Realm};
use crate::language::diagnostic::Code;
use crate::language::document::shelf::{Shelf, shelf_and_name};
use crate::language::document::{
    Document, DocumentKind, Import, ImportProblem, ImportState, ImportedName,
};

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

impl Library {
    /// The name by which documents of the project can use another; `None` where they cannot, as what
    /// has no name, is hidden, or belongs to an import alone.
    pub fn name_in_project(&self, document: &Document) -> Option<String> {
        let name = document.name()?;
        let (shelf, _) = shelf_and_name(document)?;
        match self.names_in(document.source()).realm {
            Realm::Project => {
                let seen = self.find(Realm::Project, shelf, name)?;
                (seen.source() == document.source()).then(|| name.to_owned())
            }
            Realm::Imported(place) => {
                let declared = &self.imports().declared;
                let import = declared.get(place)?;
                let versions = declared.iter().filter(|other| other.source == import.source);
                let version = import.version.as_deref().filter(|_| versions.count() > 1);
                Some(ImportedName { source: &import.source, name, version }.written())
            }
            Realm::Builtin => None,
        }
    }

    /// The import that a document comes from, if it comes from one.
    pub fn import_of(&self, document: &Document) -> Option<&Import> {
        match self.entry(document.source())?.realm {
            Realm::Imported(place) => self.imports.declared.get(place),
            Realm::Project | Realm::Builtin => None,
        }
    }

    /// The imports whose documents can be used and are yet to be read, by their places among those that are declared.
    pub fn unread_imports(&self) -> Vec<usize> {
        let declared = self.imports.declared.iter().enumerate();
        let ready = declared.filter(|(_, import)| import.state == ImportState::Ready);
        ready.map(|(place, _)| place).filter(|place| !self.read_imports.contains(place)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::document::{Expectation, Imports, ImportsFile, ProjectFile};
    use crate::language::source::{SourceId, Span};

    fn file(name: &str, text: &str) -> ProjectFile {
        ProjectFile {
            name: name.to_owned(),
            content: Ok(text.to_owned()),
            expectation: Expectation::Named,
        }
    }

    fn import(source: &str, version: Option<&str>) -> Import {
        Import {
            source: source.to_owned(),
            version: version.map(str::to_owned),
            place: Span::empty(SourceId(0), 0),
            pointer: String::new(),
            kind: None,
            state: ImportState::Ready,
        }
    }

    #[test]
    fn each_import_sees_itself_and_the_project_sees_it_by_its_source() {
        let review = "pattern: { name: review }\ntasks: { a: { gate: check, condition: true } }\n";
        let research = review.replace("name: review", "name: parallel_research");
        let uses = "pattern: { name: outer }\ntasks: { a: { uses: review }, \
            b: { uses: parallel_research }, c: { uses: own } }\n";
        let own = review.replace("name: review", "name: own");
        let mut library = Library::of_files([
            file("own.yaml", &own),
            file("review.yaml", review),
            file("parallel_research.yaml", &research),
        ]);
        library.set_imports(Imports {
            file: ImportsFile::Read,
            declared: vec![
                import("shared", Some("v1")),
                import("shared", Some("v2")),
                import("ours", None),
            ],
        });
        assert_eq!(library.unread_import("shared/outer"), None, "which is meant is not said");
        assert_eq!(library.unread_import("ours/outer"), Some(2));
        for (place, name) in ["shared/outer@v1", "shared/outer@v2", "ours/outer"].iter().enumerate()
        {
            assert_eq!(library.unread_import(name), Some(place));
            library.add_import(place, [file("a.yaml", uses), file("b.yaml", review)]);
            assert_eq!(library.unread_import(name), None, "it is read once");
            let outer = library.pattern(name).expect("the outer one");
            let names = library.names_in(outer.source());
            let inner = names.pattern("review").expect("its own");
            assert!(library.is_imported(inner) && names.pattern("outer").is_some());
            assert!(library.is_builtin(names.pattern("parallel_research").expect("built-in")));
            assert!(names.pattern("own").is_none(), "it is the project's");
            assert_eq!(library.name_in_project(outer).as_deref(), Some(*name));
        }
        let hiding = library.pattern("parallel_research").expect("the project's");
        assert!(library.is_own(hiding));
        let in_project: Vec<String> = library
            .documents()
            .filter(|document| document.name() == Some("parallel_research"))
            .filter_map(|document| library.name_in_project(document))
            .collect();
        assert_eq!(in_project, ["parallel_research"], "the built-in one is hidden");
    }
}
