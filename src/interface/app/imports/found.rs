//! The documents of a source: those of its files that are patterns or teams.

use std::collections::BTreeMap;

use crate::interface::app::failure::{Failure, FailureKind};
use crate::language::document::{Document, DocumentKind, Expectation};
use crate::language::source::SourceMap;
use crate::runtime::imports::SourceFile;

/// The files that are patterns or teams; all others are none of an import's.
///
/// # Errors
/// When there is none, or two have one name.
pub(super) fn documents(label: &str, files: Vec<SourceFile>) -> Result<Vec<SourceFile>, Failure> {
    let mut sources = SourceMap::default();
    let mut named: BTreeMap<(DocumentKind, String), String> = BTreeMap::new();
    let mut kept = Vec::new();
    for file in files {
        let id = sources.add(file.path.clone(), file.text.clone());
        let read = sources.get(id).map(|source| Document::read(source, Expectation::Found));
        let Some(document) = read.and_then(|outcome| outcome.document) else { continue };
        let kind = document.kind();
        if !matches!(kind, DocumentKind::Pattern | DocumentKind::Team) {
            continue;
        }
        if let Some(name) = document.name() {
            let taken = named.insert((kind, name.to_owned()), file.path.clone());
            if let Some(first) = taken {
                let kind = kind.as_str();
                let path = &file.path;
                let message = format!("`{label}` has two of the name `{name}`, {first} and {path}");
                return Err(Failure::new(FailureKind::Failed, message).hint(format!(
                    "a source has one {kind} of a name; `folder` chooses a part of it"
                )));
            }
        }
        kept.push(file);
    }
    if kept.is_empty() {
        let message = format!("there is no pattern and no team in `{label}`");
        return Err(Failure::new(FailureKind::Failed, message).hint(
            "documents are looked for in patterns/, pipelines/ and teams/; without these folders, \
             everywhere; `folder` says where else they lie",
        ));
    }
    Ok(kept)
}
