//! A model's answer as text and tokens, and how it may end early.

use super::prompt;

/// Why an answer ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Reason {
    /// The model had nothing more to say, or a stop text came.
    #[default]
    Stop,
    /// The limit of tokens, or of the context window.
    Length,
    /// A service behind the server withheld the answer.
    Withheld,
}

impl Reason {
    /// As `done_reason` has it.
    pub(super) fn text(self) -> &'static str {
        match self {
            Reason::Stop => "stop",
            Reason::Length => "length",
            Reason::Withheld => "content_filter",
        }
    }
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ToolCall {
    /// What the call is referred to by.
    pub(super) id: String,
    /// The function's name.
    pub(super) name: String,
    /// The arguments, as JSON text of an object.
    pub(super) arguments: String,
}

impl ToolCall {
    /// How many tokens the model wrote for it.
    pub(super) fn tokens(&self) -> u32 {
        prompt::count(&self.name) + prompt::count(&self.arguments) + 4
    }
}

/// What a model wrote. Its tokens are spread evenly over its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reply {
    /// What came before the answer.
    pub(super) thinking: String,
    /// The answer.
    pub(super) content: String,
    /// Calls of tools, instead of an answer.
    pub(super) tool_calls: Vec<ToolCall>,
    /// How many tokens were written (`eval_count`).
    pub(super) tokens: u32,
    /// Why it ends.
    pub(super) reason: Reason,
}

impl Reply {
    /// Ends the answer before the first of the stop texts.
    pub(super) fn stop_at(&mut self, stops: &[String]) {
        let end = stops
            .iter()
            .filter(|stop| !stop.is_empty())
            .filter_map(|stop| self.content.find(stop.as_str()))
            .min();
        if let Some(end) = end {
            let before = self.length();
            self.content.truncate(end);
            self.tokens = self.scaled(self.length(), before);
        }
    }

    /// Ends the answer after so many tokens, if it has more.
    pub(super) fn limit(&mut self, tokens: u32) {
        let tokens = tokens.max(1);
        if self.tokens > tokens {
            self.cut(tokens);
        }
    }

    /// Ends the answer after so many tokens or where it ends, and blames the limit.
    pub(super) fn cut(&mut self, tokens: u32) {
        let tokens = tokens.clamp(1, self.tokens.max(1));
        let (thinking, content) = self.places(tokens);
        // A call that is cut cannot be read as one.
        if tokens < self.tokens {
            self.tool_calls.clear();
        }
        self.thinking.truncate(thinking);
        self.content.truncate(content);
        self.tokens = tokens;
        self.reason = Reason::Length;
    }

    /// How far thinking and answer have come after so many tokens, in bytes.
    pub(super) fn places(&self, tokens: u32) -> (usize, usize) {
        let length = self.length();
        if tokens >= self.tokens {
            return (self.thinking.len(), self.content.len());
        }
        let all = u128::from(self.tokens.max(1));
        let place = length as u128 * u128::from(tokens) / all;
        let place = usize::try_from(place).unwrap_or(length);
        let thinking = floor(&self.thinking, place);
        let content = floor(&self.content, place.saturating_sub(self.thinking.len()));
        (thinking, content)
    }

    fn length(&self) -> usize {
        self.thinking.len() + self.content.len()
    }

    fn scaled(&self, length: usize, before: usize) -> u32 {
        let tokens = u128::from(self.tokens) * length as u128 / before.max(1) as u128;
        u32::try_from(tokens).unwrap_or(self.tokens).max(1)
    }
}

/// The last place up to `place` at which the text can be cut.
fn floor(text: &str, place: usize) -> usize {
    text.floor_char_boundary(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(thinking: &str, content: &str, tokens: u32) -> Reply {
        Reply { thinking: thinking.into(), content: content.into(), tokens, ..Reply::default() }
    }

    #[test]
    fn tokens_are_spread_over_thinking_and_answer() {
        let reply = reply("tttt", "aaaaaaaa", 6);
        let places: Vec<_> = (0..=7).map(|tokens| reply.places(tokens)).collect();
        assert_eq!(places, [(0, 0), (2, 0), (4, 0), (4, 2), (4, 4), (4, 6), (4, 8), (4, 8)]);
    }

    #[test]
    fn places_are_between_characters() {
        let reply = reply("", "日本語", 9);
        let places: Vec<_> = (0..=9).map(|tokens| reply.places(tokens).1).collect();
        assert_eq!(places, [0, 0, 0, 3, 3, 3, 6, 6, 6, 9]);
    }

    #[test]
    fn a_limit_cuts_what_is_longer() {
        let mut short = reply("", "abcd", 2);
        short.limit(2);
        assert_eq!((short.reason, short.tokens), (Reason::Stop, 2));
        short.limit(1);
        assert_eq!((short.content.as_str(), short.reason), ("ab", Reason::Length));
        let mut none = reply("thought", "abc", 10);
        none.limit(0);
        assert_eq!((none.content.as_str(), none.tokens), ("", 1));
    }

    #[test]
    fn a_stop_text_ends_the_answer() {
        let mut reply = reply("", "one. two. three", 15);
        reply.stop_at(&["three".into(), " two".into(), String::new()]);
        assert_eq!((reply.content.as_str(), reply.tokens), ("one.", 4));
        assert_eq!(reply.reason, Reason::Stop);
    }
}
