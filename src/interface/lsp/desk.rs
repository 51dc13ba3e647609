//! What every feature works with: the texts, the editor's ways, and the way from a place of ours
//! to one of the editor's.

use std::path::{Path, PathBuf};

use lsp_types::{Location, Position, TextDocumentPositionParams, TextEdit, Uri};

use super::client::Client;
use super::documents::{View, Workspace};
use super::options::ServerOptions;
use super::protocol::{path_of, uri_of};
use crate::language::document::builtins;
use crate::language::source::{Edit, Source, SourceMap, Span};

/// What is on the desk when a request is answered.
#[derive(Debug, Default)]
pub(super) struct Desk {
    pub(super) workspace: Workspace,
    pub(super) client: Client,
    pub(super) options: ServerOptions,
}

/// How the built-in documents are called in a library.
const BUILTIN: &str = "<built-in>/";

impl Desk {
    /// The file that a request is about, and the byte in it. `None` for a file that nobody knows.
    pub(super) fn place(&mut self, params: &TextDocumentPositionParams) -> Option<(PathBuf, u32)> {
        let path = path_of(&params.text_document.uri);
        let encoding = self.client.encoding;
        let view = self.workspace.view_of(&path);
        let offset = encoding.offset(view.source(&path)?, params.position);
        Some((path, offset))
    }

    /// The address of a source. The built-in library is laid out where the editor can open it.
    pub(super) fn uri(&self, source: &Source) -> Option<Uri> {
        let path = Path::new(source.name());
        if let Some(buffer) = self.workspace.buffer(path) {
            return Some(buffer.uri.clone());
        }
        match source.name().strip_prefix(BUILTIN) {
            Some(builtin) => uri_of(&self.laid_out(builtin)?),
            None => uri_of(path),
        }
    }

    /// A place of ours as one of the editor's.
    pub(super) fn location(&self, sources: &SourceMap, span: Span) -> Option<Location> {
        let source = sources.get(span.source)?;
        Some(Location::new(self.uri(source)?, self.client.encoding.range(source, span)))
    }

    /// Edits of one source as the editor takes them.
    pub(super) fn text_edits(&self, source: &Source, edits: &[Edit]) -> Vec<TextEdit> {
        let own = edits.iter().filter(|edit| edit.span.source == source.id());
        own.map(|edit| {
            let range = self.client.encoding.range(source, edit.span);
            TextEdit::new(range, edit.replacement.clone())
        })
        .collect()
    }

    /// A byte of a source as a place of the editor's.
    pub(super) fn position(&self, source: &Source, offset: u32) -> Position {
        self.client.encoding.position(source, offset)
    }

    /// The file that holds a built-in document; it is written when it is needed first.
    fn laid_out(&self, builtin: &str) -> Option<PathBuf> {
        let found = builtins().iter().find(|document| document.path == builtin)?;
        let path = self.options.builtin_folder.as_ref()?.join(builtin);
        if std::fs::read_to_string(&path).ok().as_deref() != Some(found.text) {
            std::fs::create_dir_all(path.parent()?).ok()?;
            std::fs::write(&path, found.text).ok()?;
        }
        Some(path)
    }
}

/// Whether a source is part of the binary.
pub(super) fn is_builtin(view: &View, span: Span) -> bool {
    let source = view.library().sources().get(span.source);
    source.is_some_and(|source| source.name().starts_with(BUILTIN))
}
