//! What the editor can do, and what we offer it.

use lsp_types::{
    ClientCapabilities, CodeActionKind, CodeActionOptions, CodeActionProviderCapability,
    CompletionOptions, HoverProviderCapability, InitializeParams, OneOf, RenameOptions,
    ServerCapabilities, TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    TextDocumentSyncSaveOptions, WorkspaceFoldersServerCapabilities, WorkspaceServerCapabilities,
};

use super::protocol::Encoding;

/// The kind of the action that makes every safe repair of a document.
pub(super) const FIX_ALL: &str = "source.fixAll.partita";

/// What the editor has said of itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Client {
    /// How it counts in a line.
    pub(super) encoding: Encoding,
    /// Whether completions may have places to fill in.
    pub(super) takes_snippets: bool,
    /// Whether edits may name the version that they are for.
    pub(super) takes_versioned_edits: bool,
    /// Whether findings may have further places.
    pub(super) takes_related_places: bool,
    /// Whether outlines may be nested.
    pub(super) takes_nested_symbols: bool,
    /// Whether it watches files for us when asked to.
    pub(super) watches_files: bool,
}

impl Client {
    pub(super) fn of(params: &InitializeParams) -> Client {
        let ClientCapabilities { workspace, text_document, general, .. } = &params.capabilities;
        let text = text_document.as_ref();
        let workspace = workspace.as_ref();
        let encodings = general.as_ref().and_then(|general| general.position_encodings.as_ref());
        let is_true = |said: Option<bool>| said.unwrap_or(false);
        Client {
            encoding: Encoding::choose(encodings.map(Vec::as_slice).unwrap_or_default()),
            takes_snippets: is_true(text.and_then(|text| {
                text.completion.as_ref()?.completion_item.as_ref()?.snippet_support
            })),
            takes_versioned_edits: is_true(
                workspace.and_then(|workspace| workspace.workspace_edit.as_ref()?.document_changes),
            ),
            takes_related_places: is_true(
                text.and_then(|text| text.publish_diagnostics.as_ref()?.related_information),
            ),
            takes_nested_symbols: is_true(text.and_then(|text| {
                text.document_symbol.as_ref()?.hierarchical_document_symbol_support
            })),
            watches_files: is_true(workspace.and_then(|workspace| {
                workspace.did_change_watched_files.as_ref()?.dynamic_registration
            })),
        }
    }

    /// What we offer.
    pub(super) fn offer(&self) -> ServerCapabilities {
        let trigger = |characters: &[&str]| {
            Some(characters.iter().map(|character| (*character).to_owned()).collect())
        };
        ServerCapabilities {
            position_encoding: Some(self.encoding.kind()),
            text_document_sync: Some(TextDocumentSyncCapability::Options(
                TextDocumentSyncOptions {
                    open_close: Some(true),
                    change: Some(TextDocumentSyncKind::INCREMENTAL),
                    save: Some(TextDocumentSyncSaveOptions::Supported(true)),
                    ..TextDocumentSyncOptions::default()
                },
            )),
            completion_provider: Some(CompletionOptions {
                trigger_characters: trigger(&[":", " ", ".", "|", "-", "[", "{", "\"", "'"]),
                ..CompletionOptions::default()
            }),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            definition_provider: Some(OneOf::Left(true)),
            references_provider: Some(OneOf::Left(true)),
            document_highlight_provider: Some(OneOf::Left(true)),
            document_symbol_provider: Some(OneOf::Left(true)),
            workspace_symbol_provider: Some(OneOf::Left(true)),
            inlay_hint_provider: Some(OneOf::Left(true)),
            rename_provider: Some(OneOf::Right(RenameOptions {
                prepare_provider: Some(true),
                work_done_progress_options: lsp_types::WorkDoneProgressOptions::default(),
            })),
            code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
                code_action_kinds: Some(vec![
                    CodeActionKind::QUICKFIX,
                    CodeActionKind::from(FIX_ALL.to_owned()),
                ]),
                ..CodeActionOptions::default()
            })),
            workspace: Some(WorkspaceServerCapabilities {
                workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                    supported: Some(true),
                    change_notifications: Some(OneOf::Left(true)),
                }),
                ..WorkspaceServerCapabilities::default()
            }),
            ..ServerCapabilities::default()
        }
    }
}
