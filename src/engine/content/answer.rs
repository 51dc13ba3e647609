//! Whether an answer is one: its prompt, its form, its end, its type.

use serde_json::Value;

use super::expand::refusal;
use super::json::values_in;
use super::request::{Request, ToolCall};
use super::tool_call::is_tool_call;
use super::truncation::{Reading, truncation};
use crate::engine::failure::{Failure, FailureClass};
use crate::language::plan::{Misfit, Planning, misfits};

/// So many places that do not fit are named.
const SHOWN_MISFITS: usize = 5;

/// So many characters of an answer that is no JSON are shown.
const SHOWN_CHARACTERS: usize = 60;

/// What a server answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The text.
    pub text: String,
    /// How long the model thought before it, in characters.
    pub thinking_characters: usize,
    /// Tokens of the prompt that were read; 0 where the server does not say.
    pub prompt_tokens: u64,
    /// Whether it ended because no more tokens were allowed.
    pub cut_by_length: bool,
    /// The tools that were called instead of an answer.
    pub tool_calls: Vec<ToolCall>,
    /// What the server says of why it withheld the answer, if it did.
    pub withheld: Option<String>,
}

/// What an answer comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It is the task's output.
    Accepted(Value),
    /// It is not.
    Rejected(Failure),
}

/// Looks at an answer with what was asked and the window, in tokens, where that is known.
pub fn judge(request: &Request, answer: &Answer, window: Option<u32>) -> Verdict {
    match output_of(request, answer, window) {
        Ok(output) => Verdict::Accepted(output),
        Err(failure) => Verdict::Rejected(failure),
    }
}

fn output_of(request: &Request, answer: &Answer, window: Option<u32>) -> Result<Value, Failure> {
    let reading = Reading { tokens: answer.prompt_tokens, window };
    if let Some(failure) = truncation(request, reading) {
        return Err(failure);
    }
    if let Some(reason) = &answer.withheld {
        let message = format!("the server withheld the answer (`done_reason`: `{reason}`)");
        return Err(Failure::new(FailureClass::Refused, message));
    }
    let text = without_thoughts(&answer.text).trim();
    if text.is_empty() {
        return Err(emptiness(answer));
    }
    if let Some(planning) = &request.planning {
        return plan(planning, text, answer.cut_by_length);
    }
    match &request.format {
        Some(schema) => conforming(schema, text, answer.cut_by_length),
        None if is_tool_call(text) => Err(written_call()),
        None => Ok(Value::from(text)),
    }
}

fn emptiness(answer: &Answer) -> Failure {
    if !answer.tool_calls.is_empty() {
        let message = "the model called a tool instead of answering";
        return Failure::new(FailureClass::ToolCall, message);
    }
    match (answer.thinking_characters, answer.cut_by_length) {
        (0, _) => Failure::new(FailureClass::Empty, "the answer is empty"),
        (thoughts, false) => {
            let message = format!("the answer is empty after {thoughts} characters of thinking");
            Failure::new(FailureClass::Empty, message)
        }
        (thoughts, true) => {
            let message = format!(
                "the model used up its tokens for {thoughts} characters of thinking, and the \
                 answer is empty; raise `num_predict`"
            );
            Failure::new(FailureClass::CutByLength, message)
        }
    }
}

fn written_call() -> Failure {
    let message = "the answer is the call of a tool, written as text; there are no tools here";
    Failure::new(FailureClass::ToolCall, message)
}

/// The value in a text that conforms to a schema; of several the first.
fn conforming(schema: &Value, text: &str, cut_by_length: bool) -> Result<Value, Failure> {
    let mut nearest: Option<Vec<Misfit>> = None;
    for value in values_in(text) {
        let misfits = misfits(schema, &value);
        if misfits.is_empty() {
            return Ok(value);
        }
        nearest.get_or_insert(misfits);
    }
    if is_tool_call(text) {
        return Err(written_call());
    }
    if cut_by_length {
        let message = "the answer was cut at its greatest length; raise `num_predict`";
        return Err(Failure::new(FailureClass::CutByLength, message));
    }
    let message = match nearest {
        Some(misfits) => format!("the answer does not fit its type: {}", places(&misfits)),
        None => format!("the answer is not JSON; it begins `{}`", beginning(text)),
    };
    Err(Failure::new(FailureClass::Malformed, message))
}

/// The plan in a text that holds; of several the first. What is wrong with one is said in its own words,
/// since a type can say neither that names are unique nor that needs go in a circle.
fn plan(planning: &Planning, text: &str, cut_by_length: bool) -> Result<Value, Failure> {
    let mut nearest: Option<Vec<String>> = None;
    for value in values_in(text) {
        match planning.read(&value) {
            Ok(_) => return Ok(value),
            Err(found) => nearest.get_or_insert(found),
        };
    }
    match nearest {
        Some(found) if !cut_by_length => Err(refusal(&found)),
        _ => conforming(&planning.output(), text, cut_by_length),
    }
}

fn places(misfits: &[Misfit]) -> String {
    let place = |misfit: &Misfit| match misfit.pointer.as_str() {
        "" => misfit.message.clone(),
        pointer => format!("at {pointer}: {}", misfit.message),
    };
    let shown: Vec<String> = misfits.iter().take(SHOWN_MISFITS).map(place).collect();
    shown.join("; ")
}

fn beginning(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARACTERS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown.replace(['\n', '\r'], " ")
}

/// The text behind the thoughts that some models write into their answer.
fn without_thoughts(text: &str) -> &str {
    let begins = text.trim_start().starts_with("<think>");
    match text.find("</think>") {
        Some(end) if begins => &text[end + "</think>".len()..],
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::language::document::ModelOptions;

    fn check(text: &str, cut: bool, expected: Result<Value, FailureClass>) {
        let schema = json!({
            "type": "object",
            "properties": { "score": { "type": "integer" } },
            "required": ["score"],
            "additionalProperties": false,
        });
        let request =
            Request::new(String::new(), String::new(), Some(schema), ModelOptions::default());
        let answer = Answer { text: text.into(), cut_by_length: cut, ..Answer::default() };
        let found = match judge(&request, &answer, None) {
            Verdict::Accepted(value) => Ok(value),
            Verdict::Rejected(failure) => Err(failure.class),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn json_is_found_in_its_wrappings() {
        check(r#"{"score": 7}"#, false, Ok(json!({ "score": 7 })));
        check("```json\n{\"score\": 7}\n```", false, Ok(json!({ "score": 7 })));
        check("Here it is: {\"score\": 7}. Done.", false, Ok(json!({ "score": 7 })));
        // The first that conforms, whatever stands before it.
        check("[1] says {\"score\": 7}", false, Ok(json!({ "score": 7 })));
        check("<think>{\"score\": 1}</think>{\"score\": 7}", false, Ok(json!({ "score": 7 })));
    }

    #[test]
    fn what_is_no_answer_is_told_apart() {
        check("", false, Err(FailureClass::Empty));
        check("<think>hm</think>  ", false, Err(FailureClass::Empty));
        check("seven", false, Err(FailureClass::Malformed));
        check(r#"{"score": "seven"}"#, false, Err(FailureClass::Malformed));
        check(r#"{"score": 7, "extra": 1}"#, false, Err(FailureClass::Malformed));
        check(r#"{"score": "#, true, Err(FailureClass::CutByLength));
        let call = r#"{"name": "rate", "arguments": {"score": 7}}"#;
        check(call, false, Err(FailureClass::ToolCall));
    }
}
