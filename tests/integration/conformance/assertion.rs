//! What an assertion is, and what comes of one.

use std::fmt::Debug;

use serde_json::Value;

use super::bench::Bench;
use super::http::Answer;

/// One of the assertions about Ollama's protocol.
pub(crate) struct Assertion {
    /// Its number; numbers never change.
    pub(crate) number: u8,
    /// What it says.
    pub(crate) name: &'static str,
    /// Tries it.
    pub(crate) check: fn(&Bench) -> Verdict,
}

/// Why an assertion did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// The server does otherwise: what was expected, and what came.
    Failed(String),
    /// It cannot be tried at this server: why.
    NotApplicable(String),
}

pub(crate) type Verdict = Result<(), Wrong>;

impl From<std::io::Error> for Wrong {
    fn from(error: std::io::Error) -> Wrong {
        Wrong::Failed(format!("the connection broke: {error}"))
    }
}

pub(crate) fn failed(text: impl Into<String>) -> Wrong {
    Wrong::Failed(text.into())
}

pub(crate) fn not_applicable(text: impl Into<String>) -> Wrong {
    Wrong::NotApplicable(text.into())
}

/// That something is so; `what` says what was expected, `came` is what came instead.
pub(crate) fn expect(is_so: bool, what: &str, came: &dyn Debug) -> Verdict {
    if is_so { Ok(()) } else { Err(failed(format!("expected {what}; came {came:?}"))) }
}

/// That a value is what it should be.
pub(crate) fn same<T: PartialEq + Debug>(what: &str, came: &T, expected: &T) -> Verdict {
    expect(came == expected, &format!("{what} to be {expected:?}"), came)
}

/// That an answer has a status.
pub(crate) fn status(answer: &Answer, expected: u16) -> Verdict {
    if answer.status == expected {
        return Ok(());
    }
    Err(failed(format!("expected status {expected}; came {}", answer.shown())))
}

/// That an answer is an error of Ollama's own form: the status, and the text where one is given.
pub(crate) fn error(answer: &Answer, expected: u16, text: Option<&str>) -> Verdict {
    status(answer, expected)?;
    let body = answer.json()?;
    let Some(found) = body["error"].as_str() else {
        return Err(failed(format!("expected `error` to be a text; came {}", answer.shown())));
    };
    expect(!found.is_empty(), "a text in `error`", &body)?;
    text.map_or(Ok(()), |text| same("`error`", &found, &text))
}

/// A whole number in an object.
pub(crate) fn number(object: &Value, key: &str) -> Result<u64, Wrong> {
    object[key]
        .as_u64()
        .ok_or_else(|| failed(format!("expected a whole number in `{key}`; came {object}")))
}

/// A list in an object.
pub(crate) fn list<'v>(object: &'v Value, key: &str) -> Result<&'v Vec<Value>, Wrong> {
    object[key]
        .as_array()
        .ok_or_else(|| failed(format!("expected a list in `{key}`; came {object}")))
}
