//! Repairs that findings offer, and all safe ones at once.

use std::path::Path;

use lsp_types::{CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams};

use crate::interface::app::repair;
use crate::interface::lsp::client::FIX_ALL;
use crate::interface::lsp::desk::Desk;
use crate::interface::lsp::documents::View;
use crate::interface::lsp::features::rename::workspace_edit;
use crate::interface::lsp::protocol::path_of;
use crate::interface::lsp::publish::shown;
use crate::language::diagnostic::{Diagnostic, Safety};
use crate::language::source::{Edit, Source, Span};

/// The repairs of what is wrong at a place, and what repairs a whole document.
pub(super) fn code_actions(desk: &mut Desk, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
    let path = path_of(&params.text_document.uri);
    let view = desk.workspace.view_of(&path);
    let Some(source) = view.source(&path) else { return Vec::new() };
    let start = desk.client.encoding.offset(source, params.range.start);
    let end = desk.client.encoding.offset(source, params.range.end);
    let here = |found: &&Diagnostic| {
        let span = found.primary.span;
        span.start <= end && start <= span.end
    };
    let wants = |kind: &str| match &params.context.only {
        // A kind asks for itself and for those below it.
        Some(only) => only.iter().any(|wanted| {
            let rest = kind.strip_prefix(wanted.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        }),
        None => true,
    };
    let mut actions = Vec::new();
    if wants(CodeActionKind::QUICKFIX.as_str()) {
        for finding in view.findings_in(&path).filter(here) {
            actions.extend(finding.fix.as_ref().and_then(|fix| {
                let edit = workspace_edit(desk, &view, &fix.edits)?;
                Some(CodeActionOrCommand::CodeAction(CodeAction {
                    title: fix.title.clone(),
                    kind: Some(CodeActionKind::QUICKFIX),
                    diagnostics: shown(desk, &view, finding).map(|shown| vec![shown]),
                    is_preferred: Some(fix.safety == Safety::Safe),
                    edit: Some(edit),
                    ..CodeAction::default()
                }))
            }));
        }
    }
    if wants(FIX_ALL) {
        actions.extend(fix_all(desk, &view, &path));
    }
    actions
}

/// What `partita validate --fix` would make of a document.
fn fix_all(desk: &Desk, view: &View, path: &Path) -> Option<CodeActionOrCommand> {
    let has_safe_fix =
        |found: &Diagnostic| found.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe);
    if !view.findings_in(path).any(has_safe_fix) {
        return None;
    }
    let project = desk.workspace.project(&desk.workspace.subject(path));
    let settings = project.lint_settings(None).unwrap_or_default();
    let repairs = repair(&project, &[path.to_path_buf()], &settings, Safety::Safe).ok()?;
    let repaired = repairs.files.into_iter().find(|repaired| repaired.path == path)?;
    let source = view.source(path)?;
    let edit = difference(source, &repaired.after)?;
    Some(CodeActionOrCommand::CodeAction(CodeAction {
        title: "make every safe repair of this document".to_owned(),
        kind: Some(CodeActionKind::from(FIX_ALL.to_owned())),
        edit: Some(workspace_edit(desk, view, &[edit])?),
        ..CodeAction::default()
    }))
}

/// The edit that makes one text of another: whole lines between those that are the same.
fn difference(source: &Source, after: &str) -> Option<Edit> {
    let before = source.text();
    let same = before.split_inclusive('\n').zip(after.split_inclusive('\n'));
    let start: usize = same.take_while(|(a, b)| a == b).map(|(line, _)| line.len()).sum();
    let (rest, new) = (&before[start..], &after[start..]);
    let tails = rest.split_inclusive('\n').rev().zip(new.split_inclusive('\n').rev());
    let end: usize = tails.take_while(|(a, b)| a == b).map(|(line, _)| line.len()).sum();
    let offset = |at: usize| u32::try_from(at).ok();
    let span = Span::new(source.id(), offset(start)?, offset(before.len() - end)?);
    Some(Edit::replace(span, &new[..new.len() - end]))
}
