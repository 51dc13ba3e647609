//! Words of the language that this version does not run.

use super::{Anchor, Finding};
use crate::language::diagnostic::Code;

/// Modifiers that this version does not know how to carry out.
const LATER_MODIFIERS: [&str; 3] = ["skills", "complexity", "sla"];

/// Whether a key of a task is one that a later version runs.
pub(super) fn is_later_key(key: &str) -> bool {
    LATER_MODIFIERS.contains(&key)
}

pub(super) fn not_yet(pointer: &str, anchor: Anchor, word: &str) -> Finding {
    let message = format!("`{word}` is not supported yet");
    let help = "this version runs `agent`, `uses`, `synthesize` (merge_all, use_first_result, \
        consensus, custom, vote, best_of), `expand`, `tool`, `gate` (check, review, approval) and `send`";
    Finding::new(pointer, anchor, Code::NOT_SUPPORTED_YET, message).help(help.to_owned())
}
