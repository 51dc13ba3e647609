//! Words of the language that this version does not run.

use super::{Anchor, Finding};
use crate::language::diagnostic::Code;

/// Whether a later version reads this key of an agent.
pub(super) fn is_later_key_of_agent(key: &str) -> bool {
    key == "capacity"
}

pub(super) fn not_yet(pointer: &str, anchor: Anchor, word: &str) -> Finding {
    let message = format!("`{word}` is not supported yet");
    let help = "leave it out; `max_parallel` limits how many calls for an agent are under way";
    Finding::new(pointer, anchor, Code::NOT_SUPPORTED_YET, message).help(help.to_owned())
}
