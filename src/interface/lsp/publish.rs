//! Findings as editors show them, and which of them the editor has already.

use std::collections::BTreeMap;
use std::path::PathBuf;

use lsp_types::{
    Diagnostic as Shown, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag,
    NumberOrString, PublishDiagnosticsParams,
};

use super::desk::Desk;
use super::documents::View;
use super::protocol::uri_of;
use crate::language::diagnostic::{Diagnostic, Severity};
use crate::language::source::Source;

/// Codes of findings about what could be left out; editors grey it.
const UNNECESSARY: [&str; 4] = ["repeated-need", "unused-input", "unused-agent", "unread-output"];

/// What the editor was told of each file.
#[derive(Debug, Default)]
pub(super) struct Published(BTreeMap<PathBuf, PublishDiagnosticsParams>);

impl Published {
    /// Looks at everything that is open and gives what has changed since it was told last.
    pub(super) fn refresh(&mut self, desk: &mut Desk) -> Vec<PublishDiagnosticsParams> {
        let mut current: BTreeMap<PathBuf, PublishDiagnosticsParams> = BTreeMap::new();
        // Projects come first, and what they say of their files holds.
        for subject in desk.workspace.subjects() {
            let view = desk.workspace.view(subject);
            for (path, params) in findings_by_file(desk, &view) {
                current.entry(path).or_insert(params);
            }
        }
        // What is open and none of ours has no findings, whatever it had before.
        for (path, buffer) in desk.workspace.buffers() {
            let params = || {
                let (uri, version) = (buffer.uri.clone(), Some(buffer.version));
                PublishDiagnosticsParams::new(uri, Vec::new(), version)
            };
            current.entry(path.clone()).or_insert_with(params);
        }
        let mut news: Vec<PublishDiagnosticsParams> = current
            .iter()
            .filter(|(path, params)| match self.0.get(*path) {
                Some(known) => known != *params,
                None => !params.diagnostics.is_empty() || params.version.is_some(),
            })
            .map(|(_, params)| params.clone())
            .collect();
        let gone = self.0.iter().filter(|(path, _)| !current.contains_key(*path));
        news.extend(
            gone.filter(|(_, known)| !known.diagnostics.is_empty()).map(|(_, known)| {
                PublishDiagnosticsParams::new(known.uri.clone(), Vec::new(), None)
            }),
        );
        self.0 = current;
        news
    }
}

fn findings_by_file(desk: &Desk, view: &View) -> Vec<(PathBuf, PublishDiagnosticsParams)> {
    view.files()
        .filter_map(|path| {
            let buffer = desk.workspace.buffer(path);
            let version = buffer.map(|buffer| buffer.version);
            let uri = buffer.map(|buffer| buffer.uri.clone()).or_else(|| uri_of(path))?;
            let diagnostics = view.findings_in(path).filter_map(|found| shown(desk, view, found));
            let params = PublishDiagnosticsParams::new(uri, diagnostics.collect(), version);
            Some((path.to_path_buf(), params))
        })
        .collect()
}

/// A finding as the protocol has it. Its help stands behind the message: there is no place for it.
pub(super) fn shown(desk: &Desk, view: &View, finding: &Diagnostic) -> Option<Shown> {
    let sources = view.library().sources();
    let source: &Source = sources.get(finding.primary.span.source)?;
    let message = match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    };
    let label = Some(&finding.primary).filter(|label| !label.text.is_empty());
    let related = label.into_iter().chain(&finding.related).filter_map(|label| {
        let location = desk.location(sources, label.span)?;
        Some(DiagnosticRelatedInformation { location, message: label.text.clone() })
    });
    let related: Vec<_> = related.collect();
    let code = finding.code.as_str();
    Some(Shown {
        range: desk.client.encoding.range(source, finding.primary.span),
        severity: Some(match finding.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Info => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(code.to_owned())),
        source: Some("partita".to_owned()),
        message,
        related_information: Some(related)
            .filter(|related| desk.client.takes_related_places && !related.is_empty()),
        tags: UNNECESSARY.contains(&code).then(|| vec![DiagnosticTag::UNNECESSARY]),
        ..Shown::default()
    })
}
