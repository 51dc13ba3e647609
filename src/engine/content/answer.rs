//! Whether an answer is one: its form, its end, its type.

use serde_json::Value;

use super::request::Request;
use crate::engine::failure::{Failure, FailureClass};
use crate::language::plan::misfits;

/// What a server answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The text.
    pub text: String,
    /// How long the model thought before it, in characters.
    pub thinking_characters: usize,
    /// Whether it ended because no more tokens were allowed.
    pub cut_by_length: bool,
    /// Whether tools were called instead of an answer.
    pub calls_tools: bool,
}

/// What an answer comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It is the task's output.
    Accepted(Value),
    /// It is not.
    Rejected(Failure),
}

/// Looks at an answer with what was asked.
pub fn judge(request: &Request, answer: &Answer) -> Verdict {
    let text = without_thoughts(&answer.text).trim();
    let reject = |class, message: String| Verdict::Rejected(Failure::new(class, message));
    if text.is_empty() {
        let message = match (answer.calls_tools, answer.thinking_characters) {
            (true, _) => "the model called a tool that it was not offered".to_owned(),
            (false, 0) => "the answer is empty".to_owned(),
            (false, thoughts) => {
                format!("the answer is empty after {thoughts} characters of thinking")
            }
        };
        return reject(FailureClass::Empty, message);
    }
    let Some(schema) = &request.format else {
        return Verdict::Accepted(Value::from(text));
    };
    let Some(value) = json_in(text) else {
        return if answer.cut_by_length {
            let message =
                "the answer was cut at its greatest length; raise `num_predict`".to_owned();
            reject(FailureClass::CutByLength, message)
        } else {
            reject(FailureClass::Malformed, "the answer is not JSON".to_owned())
        };
    };
    let misfits = misfits(schema, &value);
    if misfits.is_empty() {
        return Verdict::Accepted(value);
    }
    let shown: Vec<String> = misfits
        .iter()
        .take(5)
        .map(|misfit| match misfit.pointer.as_str() {
            "" => misfit.message.clone(),
            pointer => format!("at {pointer}: {}", misfit.message),
        })
        .collect();
    reject(
        FailureClass::Malformed,
        format!("the answer does not fit its type: {}", shown.join("; ")),
    )
}

/// The JSON value in a text: all of it, the inside of a code fence, or from the first bracket to
/// the last. Models wrap their answers even when they are told not to.
fn json_in(text: &str) -> Option<Value> {
    let whole = serde_json::from_str(text);
    if let Ok(value) = whole {
        return Some(value);
    }
    let fenced = text
        .split("```")
        .nth(1)
        .map(|inside| inside.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).trim());
    if let Some(value) = fenced.and_then(|inside| serde_json::from_str(inside).ok()) {
        return Some(value);
    }
    [('{', '}'), ('[', ']')].into_iter().find_map(|(open, close)| {
        let (start, end) = (text.find(open)?, text.rfind(close)?);
        serde_json::from_str(text.get(start..=end)?).ok()
    })
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
            Request { messages: vec![], format: Some(schema), options: ModelOptions::default() };
        let answer = Answer { text: text.into(), cut_by_length: cut, ..Answer::default() };
        let found = match judge(&request, &answer) {
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
    }
}
