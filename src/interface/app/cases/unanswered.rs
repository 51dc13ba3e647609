//! What is said of a task that nobody could answer.

use serde_json::Value;

use super::cassette::Recording;
use super::judge::Unmet;
use super::script::Unanswered;
use crate::engine::content::{Message, Request};
use crate::language::diagnostic::Code;
use crate::language::document::Document;

impl Unanswered {
    /// The same as something that is not as expected in a case at a pointer.
    pub(super) fn unmet(
        &self,
        document: &Document,
        pointer: &str,
        case: &str,
        pattern: &str,
    ) -> Unmet {
        let again = format!("partita test {pattern} --case {case} --record --server URL");
        let code = Code::OUTDATED_RECORDING;
        let (message, help, expected, actual) = match self {
            Unanswered::Outdated { task, model, asked, nearest } => match nearest {
                Some(recording) => (
                    format!(
                        "`{task}` asks otherwise than when its answer was recorded: {}",
                        changes(recording, model, asked)
                    ),
                    format!("where that is as it should be, renew it: `{again}`"),
                    text_of(&recording.messages),
                    text_of(&asked.messages),
                ),
                None => (
                    format!("no answer of `{task}` is recorded in this case"),
                    format!("record it: `{again}`, or say it under `answers`"),
                    String::new(),
                    String::new(),
                ),
            },
            Unanswered::Failed { task, failure } => (
                format!("`{task}` got no answer to record: {failure}"),
                "nothing was recorded for this case; what was there before is kept".to_owned(),
                String::new(),
                String::new(),
            ),
        };
        let diagnostic = document.key_diagnostic(code, pointer, message).help(help);
        let is_same = expected == actual;
        let (expected, actual) =
            if is_same { (String::new(), String::new()) } else { (expected, actual) };
        Unmet { diagnostic, expected, actual, correction: None }
    }
}

/// What is asked otherwise, in words.
fn changes(recording: &Recording, model: &str, asked: &Request) -> String {
    let mut changes = Vec::new();
    if recording.model != model {
        changes.push(format!("the model is {model} and was {}", recording.model));
    }
    let (before, now) = (&recording.messages, &asked.messages);
    if before.len() != now.len() {
        changes.push(format!("there are {} messages and were {}", now.len(), before.len()));
    } else if before != now {
        changes.push("its prompt has changed".to_owned());
    }
    if recording.format != asked.format {
        changes.push("the type of its answer has changed".to_owned());
    }
    let options = |options| serde_json::to_value(options).unwrap_or_default();
    let (before, now) = (options(&recording.options), options(&asked.options));
    for (name, value) in now.as_object().into_iter().flatten() {
        if before.get(name) != Some(value) {
            let before = before.get(name).map_or_else(|| "not given".to_owned(), Value::to_string);
            changes.push(format!("`{name}` is {value} and was {before}"));
        }
    }
    for (name, value) in before.as_object().into_iter().flatten() {
        if now.get(name).is_none() {
            changes.push(format!("`{name}` was {value} and is not given"));
        }
    }
    changes.join("; ")
}

fn text_of(messages: &[Message]) -> String {
    let texts: Vec<&str> = messages.iter().map(|message| message.content.as_str()).collect();
    texts.join("\n\n")
}
