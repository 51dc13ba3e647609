//! Beside tasks without waves: the level that their needs give them.

use lsp_types::{InlayHint, InlayHintKind, InlayHintLabel, InlayHintParams};

use crate::interface::lsp::desk::Desk;
use crate::interface::lsp::protocol::path_of;
use crate::language::document::{Document, DocumentKind};
use crate::language::plan::{Outlines, Sketch};

/// The hints of a document whose author wrote no waves: `tasks:` alone orders itself.
pub(super) fn inlay_hints(desk: &mut Desk, params: &InlayHintParams) -> Vec<InlayHint> {
    let path = path_of(&params.text_document.uri);
    let view = desk.workspace.view_of(&path);
    let (Some(source), Some(document)) = (view.source(&path), view.document(&path)) else {
        return Vec::new();
    };
    if !orders_itself(document) {
        return Vec::new();
    }
    let sketch = Sketch::of(&Outlines::of(view.library()), document);
    let levels = sketch.levels();
    let hints = sketch.tasks.iter().zip(levels).filter_map(|(task, level)| {
        let key = document.key_span(&task.pointer);
        // Behind the colon.
        let position = desk.position(source, key.end + 1);
        Some(InlayHint {
            position,
            label: InlayHintLabel::String(format!("level {}", level? + 1)),
            kind: Some(InlayHintKind::TYPE),
            text_edits: None,
            tooltip: None,
            padding_left: Some(true),
            padding_right: None,
            data: None,
        })
    });
    let (start, end) = (params.range.start, params.range.end);
    hints.filter(|hint| start <= hint.position && hint.position <= end).collect()
}

fn orders_itself(document: &Document) -> bool {
    matches!(document.kind(), DocumentKind::Pattern | DocumentKind::Pipeline)
        && document.value().get("waves").is_none()
}
