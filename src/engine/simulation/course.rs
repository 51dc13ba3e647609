//! How a call of a virtual server goes, once it is at work.

use std::time::Duration;

use super::cluster::Incoming;
use crate::engine::content::{Answer, Verdict, judge};
use crate::engine::{Failure, FailureClass, Time};
use crate::language::document::simulation::Fault;

/// What a call will come to, and when.
#[derive(Debug, Clone)]
pub(super) struct Course {
    /// When its first token comes, if one does.
    pub(super) first_token: Option<Time>,
    /// How it ends and when; a call that never ends has none.
    pub(super) end: Option<(Time, Result<Answered, Failure>)>,
}

#[derive(Debug, Clone)]
pub(super) struct Answered {
    pub(super) answer: Answer,
    pub(super) verdict: Verdict,
    pub(super) tokens: u64,
    pub(super) load: Duration,
    /// Reading the prompt.
    pub(super) reading: Duration,
    /// Writing the answer.
    pub(super) writing: Duration,
}

impl Course {
    /// It fails at a moment, before its first token.
    pub(super) fn fails(at: Time, class: FailureClass, message: String) -> Course {
        Course { first_token: None, end: Some((at, Err(Failure::new(class, message)))) }
    }
}

/// A call at work, as it goes where nothing goes wrong.
pub(super) struct Work<'a> {
    pub(super) call: &'a Incoming,
    /// The server's name.
    pub(super) server: &'a str,
    pub(super) first_token: Time,
    pub(super) end: Time,
    pub(super) answer: String,
    /// Tokens of the answer.
    pub(super) tokens: u64,
    /// Tokens of the prompt that are read.
    pub(super) prompt_tokens: u64,
    pub(super) load: Duration,
    /// Reading the prompt.
    pub(super) reading: Duration,
}

impl Work<'_> {
    /// How it goes with a fault.
    pub(super) fn course(self, fault: Option<&Fault>) -> Course {
        let first_token = Some(self.first_token);
        match fault {
            Some(Fault::Stall { .. }) => Course { first_token, end: None },
            Some(Fault::Disconnect { after_tokens }) => {
                self.breaks(FailureClass::Disconnected, "the connection broke", *after_tokens)
            }
            Some(Fault::Crash { after_tokens }) => {
                self.breaks(FailureClass::Crashed, "the runner died", *after_tokens)
            }
            Some(Fault::Unfinished { after_tokens }) => {
                self.breaks(FailureClass::Incomplete, "the end mark is missing", *after_tokens)
            }
            Some(Fault::Garbage) => self.breaks(FailureClass::Garbage, "not the protocol", 1),
            fault => {
                let answer = self.answer(fault);
                let verdict = judge(&self.call.request, &answer, self.call.window);
                let Work { tokens, load, reading, .. } = self;
                let writing = self.end.since(self.first_token);
                let answered = Answered { answer, verdict, tokens, load, reading, writing };
                Course { first_token, end: Some((self.end, Ok(answered))) }
            }
        }
    }

    /// It ends after so many tokens.
    fn breaks(&self, class: FailureClass, what: &str, after: u32) -> Course {
        #[expect(clippy::cast_precision_loss, reason = "counts of tokens are small")]
        let share = f64::from(after) / self.tokens.max(1) as f64;
        let writing = self.end.since(self.first_token);
        let at = self.first_token + writing.mul_f64(share.clamp(0.0, 1.0));
        let failure = Failure::new(class, format!("{}: {what}", self.server));
        let first_token = (after > 0).then_some(self.first_token);
        Course { first_token, end: Some((at, Err(failure))) }
    }

    fn answer(&self, fault: Option<&Fault>) -> Answer {
        let prompt_tokens = self.prompt_tokens;
        let mut answer = Answer { text: self.answer.clone(), prompt_tokens, ..Answer::default() };
        match fault {
            Some(Fault::Malformed) => answer.text = "{ this is not what was asked for".to_owned(),
            Some(Fault::Empty) => answer.text = String::new(),
            Some(Fault::ToolCall) => {
                answer.text = r#"{"name": "search", "arguments": {}}"#.to_owned();
            }
            Some(Fault::Refused) => {
                answer.text = String::new();
                answer.withheld = Some("content_filter".to_owned());
            }
            Some(Fault::Truncate { kept_tokens }) => {
                answer.prompt_tokens = prompt_tokens.min(u64::from(*kept_tokens));
            }
            Some(Fault::CutByLength { after_tokens }) => {
                let kept = usize::try_from(*after_tokens).unwrap_or(0).saturating_mul(4);
                answer.text = answer.text.chars().take(kept).collect();
                answer.cut_by_length = true;
            }
            _ => {}
        }
        answer
    }
}
