//! The messages that agents sent in a run.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use super::plan::addressees;
use super::run_json::Outcome;
use super::run_text::value_text;
use super::units::milliseconds;
use crate::language::plan::Work;

/// So many messages are shown; `partita show --json` has all.
const SHOWN_MESSAGES: usize = 40;

/// So many characters of what a message says are shown.
const SHOWN_CHARACTERS: usize = 90;

/// Adds the messages of a run to its object, where there are any, in the order in which they were sent:
/// `task`, `wave`, `kind`, `from`, `to`, `topic`, `subject`, `body`, `at_ms` since the run began.
pub(super) fn add_messages(object: &mut Value, outcome: &Outcome<'_>) {
    let history = outcome.history;
    if history.sent().is_empty() {
        return;
    }
    let messages = history.sent().iter().map(|id| {
        let task = history.task(*id);
        let message = outcome.output_of(task);
        json!({
            "task": history.plan().task(*id).path,
            "wave": history.plan().wave(history.plan().root_wave(*id)).name,
            "kind": message["kind"],
            "from": message["from"],
            "to": message["to"],
            "topic": message["topic"],
            "subject": message["subject"],
            "body": message["body"],
            "at_ms": task.ended.map(milliseconds),
        })
    });
    object["messages"] = messages.collect();
}

/// A line for each message: who told whom what.
pub(super) fn messages_text(outcome: &Outcome<'_>, paint: Paint, text: &mut String) {
    let history = outcome.history;
    let sent = history.sent();
    if sent.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", paint.bold("Messages"));
    for id in sent.iter().take(SHOWN_MESSAGES) {
        let task = history.plan().task(*id);
        let Work::Send(template) = &task.work else { continue };
        let message = outcome.output_of(history.task(*id));
        let said = match message["subject"].as_str() {
            Some(subject) => subject.to_owned(),
            None => value_text(&message["body"]).split_whitespace().collect::<Vec<_>>().join(" "),
        };
        let topic = template.topic.as_ref().map_or(String::new(), |topic| format!(" [{topic}]"));
        let kind = template.kind.as_str();
        let to = addressees(template);
        let _ = writeln!(
            text,
            "  {}  {kind}{topic}, {} to {to}: {}",
            paint.bold(&task.path),
            template.from,
            shortened(&said),
        );
    }
    if let Some(rest) = sent.len().checked_sub(SHOWN_MESSAGES).filter(|rest| *rest > 0) {
        let _ = writeln!(text, "  … {rest} more: partita show {} --json", outcome.run);
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}
