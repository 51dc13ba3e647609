//! A new name for a task, an input, an agent and whatever else has a name, in every file at once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;

use lsp_types::{
    DocumentChanges, OneOf, OptionalVersionedTextDocumentIdentifier, PrepareRenameResponse,
    RenameParams, TextDocumentEdit, TextDocumentPositionParams, TextEdit, WorkspaceEdit,
};

use super::navigation::named_at;
use super::new_name::NewName;
use crate::interface::lsp::desk::{Desk, is_builtin};
use crate::interface::lsp::documents::View;
use crate::interface::lsp::protocol::Refusal;
use crate::language::diagnostic::{Diagnostic, Severity};
use crate::language::plan::{Occurrence, Role};
use crate::language::source::{Edit, SourceId, apply_edits};

/// The name at a place, if it can have another one.
pub(super) fn prepare(
    desk: &mut Desk,
    params: &TextDocumentPositionParams,
) -> Result<Option<PrepareRenameResponse>, Refusal> {
    let Some((view, named)) = named_at(desk, params) else { return Ok(None) };
    changeable(&view, &named)?;
    let source = view.library().sources().get(named.span.source);
    Ok(source.map(|source| PrepareRenameResponse::RangeWithPlaceholder {
        range: desk.client.encoding.range(source, named.span),
        placeholder: named.written.clone(),
    }))
}

/// The edits that give the thing at a place a new name.
pub(super) fn rename(
    desk: &mut Desk,
    params: &RenameParams,
) -> Result<Option<WorkspaceEdit>, Refusal> {
    let place = &params.text_document_position;
    let Some((view, named)) = named_at(desk, place) else {
        return Err(Refusal::failed("there is no name here"));
    };
    changeable(&view, &named)?;
    let name = NewName::of(&view, &named, &params.new_name)?;
    let edits: Vec<Edit> = view
        .symbols()
        .all(&named.symbol)
        .map(|found| Edit::replace(found.span, name.written_for(found)))
        .collect::<BTreeSet<Edit>>()
        .into_iter()
        .collect();
    stays_sound(desk, place, &view, &edits)?;
    Ok(workspace_edit(desk, &view, &edits))
}

/// Edits as the editor takes them, file by file.
#[expect(
    clippy::mutable_key_type,
    reason = "the protocol's type; what may change in it is a cache"
)]
pub(super) fn workspace_edit(desk: &Desk, view: &View, edits: &[Edit]) -> Option<WorkspaceEdit> {
    let touched: BTreeSet<SourceId> = edits.iter().map(|edit| edit.span.source).collect();
    let mut changes = Vec::new();
    for id in touched {
        let source = view.library().sources().get(id)?;
        let path = PathBuf::from(source.name());
        let version = desk.workspace.buffer(&path).map(|buffer| buffer.version);
        changes.push((desk.uri(source)?, version, desk.text_edits(source, edits)));
    }
    if !desk.client.takes_versioned_edits {
        let changes = changes.into_iter().map(|(uri, _, edits)| (uri, edits)).collect();
        return Some(WorkspaceEdit::new(changes));
    }
    let edit = |(uri, version, edits): (_, _, Vec<TextEdit>)| TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier { uri, version },
        edits: edits.into_iter().map(OneOf::Left).collect(),
    };
    Some(WorkspaceEdit {
        document_changes: Some(DocumentChanges::Edits(changes.into_iter().map(edit).collect())),
        ..WorkspaceEdit::default()
    })
}

/// Whether every place of a name is in a file of the user's.
fn changeable(view: &View, named: &Occurrence) -> Result<(), Refusal> {
    let all = view.symbols().all(&named.symbol);
    let definitions: Vec<_> = all.filter(|found| found.role == Role::Definition).collect();
    let library = view.library();
    let is_imported = |found: &&Occurrence| {
        let document = library.document_of(found.span.source);
        document.is_some_and(|document| library.is_imported(document))
    };
    if definitions.iter().any(is_imported) {
        let message = format!("`{}` comes from a source that the project imports", named.written);
        return Err(Refusal::failed(message));
    }
    if definitions.iter().any(|found| is_builtin(view, found.span)) {
        let message = format!("`{}` is part of the built-in library", named.written);
        return Err(Refusal::failed(message));
    }
    Ok(())
}

/// That nothing is wrong afterwards which was right before.
fn stays_sound(
    desk: &mut Desk,
    place: &TextDocumentPositionParams,
    view: &Rc<View>,
    edits: &[Edit],
) -> Result<(), Refusal> {
    let sources = view.library().sources();
    let touched: BTreeSet<SourceId> = edits.iter().map(|edit| edit.span.source).collect();
    let mut texts = Vec::new();
    for id in touched {
        let Some(source) = sources.get(id) else { continue };
        let own: Vec<Edit> = edits.iter().filter(|edit| edit.span.source == id).cloned().collect();
        let text = apply_edits(source.text(), &own);
        let text = text.ok_or_else(|| Refusal::failed("the places of the name overlap"))?;
        texts.push((PathBuf::from(source.name()), text));
    }
    let subject =
        desk.workspace.subject(&crate::interface::lsp::protocol::path_of(&place.text_document.uri));
    let after = desk.workspace.view_with(&subject, texts);
    let (before, after) = (errors(view.findings()), errors(after.findings()));
    let new = after
        .iter()
        .find(|(code, messages)| messages.len() > before.get(*code).map_or(0, Vec::len));
    match new {
        None => Ok(()),
        Some((_, messages)) => {
            let message = messages.first().copied().unwrap_or_default();
            Err(Refusal::failed(format!("the new name would break something: {message}")))
        }
    }
}

fn errors(findings: &[Diagnostic]) -> BTreeMap<&'static str, Vec<&str>> {
    let mut errors: BTreeMap<&'static str, Vec<&str>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.severity == Severity::Error) {
        errors.entry(finding.code.as_str()).or_default().push(&finding.message);
    }
    errors
}
