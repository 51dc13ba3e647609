//! Completion.

use lsp_types::{CompletionParams, CompletionResponse, Range};

use crate::interface::lsp::completion::{self, Surroundings};
use crate::interface::lsp::desk::Desk;
use crate::interface::lsp::protocol::path_of;
use crate::language::source::{Source, SourceId};

/// What can be written at a place. Names of other files are looked up in the latest view there is,
/// so that typing never waits for a whole project.
pub(super) fn completion(desk: &mut Desk, params: &CompletionParams) -> Option<CompletionResponse> {
    let place = &params.text_document_position;
    let path = path_of(&place.text_document.uri);
    let text = desk.workspace.buffer(&path)?.text.clone();
    let view = desk.workspace.recent_view_of(&path);
    let source = Source::new(SourceId(0), "", text);
    let encoding = desk.client.encoding;
    let offset = encoding.offset(&source, place.position);
    let range = |letters: usize| {
        let start = offset - u32::try_from(letters).unwrap_or(0);
        Range::new(encoding.position(&source, start), place.position)
    };
    let around = Surroundings { library: view.library(), models: &desk.options.models };
    let items = completion::items(around, source.text(), offset as usize, &desk.client, range);
    Some(CompletionResponse::Array(items))
}
