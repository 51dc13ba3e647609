//! Whether a server has read the whole prompt.
//!
//! Ollama cuts a prompt that does not fit the window without a word; what it reports is how many
//! tokens it has read. From that the cut is concluded only where it is certain.

use super::request::Request;
use crate::engine::failure::{Failure, FailureClass};
use crate::language::tokens::least_tokens;

/// Tokens that Ollama keeps at the front of a prompt that it cuts (`num_keep`).
const KEPT_IN_FRONT: u64 = 4;

/// What is known of how a prompt was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// Tokens that the server says it has read; 0 where it does not say.
    pub(super) tokens: u64,
    /// The window, in tokens, as far as is known.
    pub(super) window: Option<u32>,
}

/// The failure of a prompt that was cut.
pub(super) fn truncation(request: &Request, reading: Reading) -> Option<Failure> {
    let Reading { tokens, window } = reading;
    if tokens == 0 {
        return None;
    }
    let expected = request.expected_tokens();
    let least: u64 = request.messages.iter().map(|message| least_tokens(&message.content)).sum();
    let is_cut = tokens < least || window.is_some_and(|window| is_cut_to(window, tokens, expected));
    if !is_cut {
        return None;
    }
    let room = window.map_or_else(String::new, |window| format!(" of {window}"));
    let message = format!(
        "the server read only {tokens} of about {expected} prompt tokens and cut the rest without \
         a word: the window{room} is too small; raise `num_ctx`, or shorten the prompt"
    );
    Some(Failure::new(FailureClass::Truncated, message))
}

/// Whether so many tokens are what is left of a prompt beyond the window: the whole window, or,
/// from 0.30 on, half of it behind what is kept in front.
fn is_cut_to(window: u32, tokens: u64, expected: u64) -> bool {
    let window = u64::from(window);
    let half = KEPT_IN_FRONT + window.saturating_sub(KEPT_IN_FRONT) / 2 + 1;
    tokens >= window || (expected > window && tokens <= half)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::content::{Message, Role};
    use crate::language::document::ModelOptions;

    fn check(text: &str, tokens: u64, window: Option<u32>, is_cut: bool) {
        let message = Message::new(Role::User, text);
        let options = ModelOptions::default();
        let request =
            Request { messages: vec![message], format: None, options, tools: None, planning: None };
        let found = truncation(&request, Reading { tokens, window });
        assert_eq!(found.is_some(), is_cut, "{tokens} of {window:?}: {found:?}");
    }

    #[test]
    fn only_a_certain_cut_is_one() {
        let text = "Nine words that are as long as English ones. ".repeat(100);
        // About 1,130 tokens by the estimate, 900 by a real tokenizer.
        check(&text, 1000, None, false);
        check(&text, 700, None, false);
        check(&text, 300, None, true);
        check(&text, 0, None, false);
        // The whole window, or half of it.
        check(&text, 1024, Some(1024), true);
        check(&text, 515, Some(1024), true);
        check(&text, 900, Some(1024), false);
        check(&text, 900, Some(4096), false);
        check("short", 3, Some(4096), false);
    }

    #[test]
    fn texts_of_few_tokens_are_not_suspected() {
        // Tokenizers take rows of the same character together, and whole words of other scripts.
        check(&format!("{}\n{}x", "-".repeat(4000), " ".repeat(4000)), 40, None, false);
        check(&"Девять слов, длинных как русские. ".repeat(100), 900, None, false);
    }
}
