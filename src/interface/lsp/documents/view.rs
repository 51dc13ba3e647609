//! What is known of a project, or of a file that belongs to none, at one moment.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::interface::app::Validation;
use crate::language::diagnostic::Diagnostic;
use crate::language::document::{Document, Library};
use crate::language::plan::SymbolIndex;
use crate::language::source::{Source, SourceId};

/// A validated library, and what editors ask of it besides.
#[derive(Debug)]
pub(in crate::interface::lsp) struct View {
    validation: Validation,
    by_path: BTreeMap<PathBuf, SourceId>,
    symbols: OnceCell<SymbolIndex>,
}

impl View {
    pub(super) fn new(validation: Validation) -> View {
        let sources = validation.library.sources().iter();
        let by_path = sources.map(|source| (PathBuf::from(source.name()), source.id())).collect();
        View { validation, by_path, symbols: OnceCell::new() }
    }

    /// The documents.
    pub(in crate::interface::lsp) fn library(&self) -> &Library {
        &self.validation.library
    }

    /// The files that were validated.
    pub(in crate::interface::lsp) fn files(&self) -> impl Iterator<Item = &Path> {
        self.validation.files.iter().map(Path::new)
    }

    /// All findings.
    pub(in crate::interface::lsp) fn findings(&self) -> &[Diagnostic] {
        &self.validation.diagnostics
    }

    /// The findings in one file.
    pub(in crate::interface::lsp) fn findings_in(
        &self,
        path: &Path,
    ) -> impl Iterator<Item = &Diagnostic> {
        let source = self.by_path.get(path).copied();
        let all = self.validation.diagnostics.iter();
        all.filter(move |found| Some(found.primary.span.source) == source)
    }

    /// The text of a file.
    pub(in crate::interface::lsp) fn source(&self, path: &Path) -> Option<&Source> {
        self.library().sources().get(*self.by_path.get(path)?)
    }

    /// The document of a file.
    pub(in crate::interface::lsp) fn document(&self, path: &Path) -> Option<&Document> {
        self.library().document_of(*self.by_path.get(path)?)
    }

    /// All names and where they stand.
    pub(in crate::interface::lsp) fn symbols(&self) -> &SymbolIndex {
        self.symbols.get_or_init(|| SymbolIndex::of(self.library()))
    }

    /// Whether a file is among those that were read.
    pub(super) fn has_read(&self, path: &Path) -> bool {
        self.by_path.contains_key(path)
    }
}
