//! From messages to a prompt that fits the context window.
//!
//! There is no tokenizer: a text has one token for each four characters, rounded up; a message
//! has four more for its template, a prompt three more for its frame, an image 256.

use std::sync::Arc;

use crate::language::digest::FullHash;
use crate::language::document::simulation::ChatTemplate;

use super::errors::ApiError;
use super::messages::Message;

const MESSAGE_FRAME: u32 = 4;
const PROMPT_FRAME: u32 = 3;
const IMAGE: u32 = 256;

/// Characters to a token.
pub(super) const CHARACTERS: usize = 4;

/// How many tokens a text has.
pub(super) fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count().div_ceil(CHARACTERS)).unwrap_or(u32::MAX)
}

/// A prompt as a request gave it.
pub(super) struct Prompt {
    /// The tools' text; it stands first and is never cut.
    pub(super) tools: String,
    /// The messages.
    pub(super) messages: Vec<Message>,
    /// Tokens that came as numbers (`context` of a generate request).
    pub(super) earlier: Earlier,
    /// Whether the text goes to the model as it is, without template.
    pub(super) raw: bool,
}

/// An earlier exchange, as the tokens that an answer gave back.
#[derive(Debug, Clone, Default)]
pub(super) struct Earlier {
    /// How many they are.
    pub(super) tokens: u32,
    /// What tells them from others.
    pub(super) mark: String,
}

/// What decides how too long a prompt is treated.
pub(super) struct Overflow {
    /// The context window, in tokens.
    pub(super) window: u32,
    /// Whether the prompt may be cut.
    pub(super) truncate: bool,
    /// Whether the window may be shifted.
    pub(super) shift: bool,
    /// Tokens kept at the front.
    pub(super) num_keep: u32,
    /// The model's way from messages to a prompt.
    pub(super) template: ChatTemplate,
    /// Whether the server is of the era with a child process for each model (0.30 and later).
    pub(super) child_runner: bool,
}

/// The prompt that the model reads.
pub(super) struct Kept {
    /// All its text, tools first.
    pub(super) text: Arc<str>,
    /// Where the messages begin in it: answers depend on nothing before that.
    pub(super) messages_at: usize,
    /// How many tokens it has (`prompt_eval_count`).
    pub(super) tokens: u32,
    /// The first line of what was asked last.
    pub(super) question: String,
}

impl Prompt {
    /// Makes the prompt fit the window, silently or with an error, as the server would.
    pub(super) fn fit(mut self, overflow: &Overflow) -> Result<Kept, ApiError> {
        let whole = self.tokens();
        if whole <= overflow.window {
            return Ok(self.render(whole));
        }
        if !overflow.truncate {
            return Err(if overflow.child_runner {
                ApiError::exceeds_context(whole, overflow.window)
            } else {
                ApiError::bad_request("the input length exceeds the context length")
            });
        }
        while self.tokens() > overflow.window {
            let last = self.messages.len().saturating_sub(1);
            let oldest = self.messages[..last].iter().position(|message| message.role != "system");
            match oldest {
                Some(oldest) => self.messages.remove(oldest),
                None => break,
            };
        }
        let left = self.tokens();
        if left <= overflow.window {
            return Ok(self.render(left));
        }
        if !overflow.child_runner {
            return Ok(self.cut(overflow, overflow.window));
        }
        if overflow.template == ChatTemplate::Native && !self.raw {
            return Err(ApiError::exceeds_context(left, overflow.window));
        }
        if !overflow.shift {
            return Err(ApiError::bad_request(
                "the prompt is longer than the context length currently available to the model; \
                 shorten the prompt, adjust the context length in settings, or use a model with \
                 a longer context length",
            ));
        }
        // What was measured: 15,019 tokens became 259 in a window of 512.
        let head = overflow.num_keep.min(overflow.window);
        Ok(self.cut(overflow, head + (overflow.window - head) / 2 + 1))
    }

    fn tokens(&self) -> u32 {
        let frame = if self.raw { 0 } else { MESSAGE_FRAME };
        let messages = self.messages.iter().fold(0, |sum: u32, message| {
            let images = u32::try_from(message.images.len()).unwrap_or(u32::MAX);
            sum.saturating_add(count(&message.content))
                .saturating_add(count(&message.rest))
                .saturating_add(images.saturating_mul(IMAGE))
                .saturating_add(frame)
        });
        let outer = if self.raw { 0 } else { PROMPT_FRAME };
        messages
            .saturating_add(count(&self.tools))
            .saturating_add(self.earlier.tokens)
            .saturating_add(outer)
            .max(1)
    }

    fn render(self, tokens: u32) -> Kept {
        let question = self
            .messages
            .iter()
            .rev()
            .find(|message| message.role == "user")
            .or(self.messages.last())
            .map(|message| first_line(&message.content).to_owned());
        let messages_at = self.tools.len();
        let mut text = self.tools;
        text.push_str(&self.earlier.mark);
        for message in &self.messages {
            if !self.raw {
                text.push('\n');
                text.push_str(&message.role);
                text.push('\n');
            }
            text.push_str(&message.content);
            text.push_str(&message.rest);
            for image in &message.images {
                text.push_str(&FullHash::of(image.as_bytes()).hex());
            }
        }
        Kept { text: text.into(), messages_at, tokens, question: question.unwrap_or_default() }
    }

    /// Keeps `tokens` tokens: `num_keep` at the front, the rest from the end.
    fn cut(self, overflow: &Overflow, tokens: u32) -> Kept {
        let whole = self.render(tokens);
        let messages = &whole.text[whole.messages_at..];
        let room = (tokens - PROMPT_FRAME.min(tokens)) as usize * CHARACTERS;
        let head = (overflow.num_keep as usize * CHARACTERS).min(room);
        let head_end = place_of_character(messages, head);
        let length = messages.chars().count();
        let tail = place_of_character(messages, length.saturating_sub(room - head).max(head));
        let mut text = whole.text[..whole.messages_at + head_end].to_owned();
        text.push_str(&messages[tail..]);
        Kept { question: first_line(&messages[tail..]).to_owned(), text: text.into(), ..whole }
    }
}

fn place_of_character(text: &str, number: usize) -> usize {
    text.char_indices().nth(number).map_or(text.len(), |(place, _)| place)
}

/// The first line that has something on it.
fn first_line(text: &str) -> &str {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}

#[cfg(test)]
#[path = "prompt_tests.rs"]
mod tests;
