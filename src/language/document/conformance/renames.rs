//! Misspelt keys, of which the validator has two errors: one too many and one missing.

use super::{Anchor, Finding};
use crate::language::diagnostic::Code;
use crate::language::document::repair::Repair;
use crate::language::document::suggest::nearest;

/// The key and the value of `key:value`, which YAML takes for one word.
pub(super) fn glued(written: &str) -> Option<(&str, &str)> {
    written.split_once(':').filter(|(name, value)| !name.is_empty() && !value.is_empty())
}

/// An unknown key that is near a missing one is a misspelling: one finding, not two.
pub(super) fn join(found: &mut Vec<Finding>) {
    let missing: Vec<(String, String)> = found
        .iter()
        .filter(|finding| finding.code == Code::MISSING_KEY)
        .filter_map(|finding| {
            let key = finding.message.split('`').nth(1)?;
            Some((finding.pointer.clone(), key.to_owned()))
        })
        .collect();
    let mut explained: Vec<(String, String)> = Vec::new();
    for finding in found.iter_mut().filter(|finding| finding.code == Code::UNKNOWN_KEY) {
        let Anchor::Key(written) = &finding.anchor else {
            continue;
        };
        let here = missing.iter().filter(|(pointer, _)| *pointer == finding.pointer);
        let mut here = here.map(|(_, key)| key.as_str());
        if let Some((name, _)) = glued(written) {
            explained.extend(
                here.any(|key| key == name).then(|| (finding.pointer.clone(), name.to_owned())),
            );
        } else if let Some(meant) = nearest(written, here) {
            finding.help = Some(format!("did you mean `{meant}`?"));
            finding.repair = Some(Repair::Rename(meant.to_owned()));
            explained.push((finding.pointer.clone(), meant.to_owned()));
        }
    }
    found.retain(|finding| {
        finding.code != Code::MISSING_KEY
            || !explained.iter().any(|(pointer, key)| {
                *pointer == finding.pointer && finding.message == format!("missing key `{key}`")
            })
    });
}
