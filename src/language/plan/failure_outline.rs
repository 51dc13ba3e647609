//! What a task's failure means, read from its value: whether the document goes on, and who takes the task up.

use serde_json::Value;

use super::outline::TaskOutline;
use super::template_site::TemplateReader;
use crate::language::document::LEAD;
use crate::language::template::Form;

/// What templates read of a failed task that somebody takes up, besides what its own read.
pub(super) const FAILURE: [&str; 2] = ["error", "answer"];

/// Whether a document goes on without the output of this task where it fails.
pub(crate) fn goes_on_without_output(task: &Value) -> bool {
    let meaning = task.get("on_failure");
    let word = meaning.and_then(|meaning| meaning.get("otherwise")).or(meaning);
    word.and_then(Value::as_str) == Some("continue")
}

/// Whether a document goes on where this task fails.
pub(crate) fn goes_on(task: &Value) -> bool {
    let has_fallback = |meaning: &Value| meaning.get("fallback").is_some();
    goes_on_without_output(task) || task.get("on_failure").is_some_and(has_fallback)
}

/// Whether whoever leads the team may be asked where this task fails.
pub(crate) fn may_ask_the_lead(task: &Value) -> bool {
    let is_lead = |rung: &Value| rung == LEAD || rung.get("agent").is_some_and(|name| name == LEAD);
    task.get("on_failure").is_some_and(|meaning| meaning == "escalate")
        || rungs(task).any(|(_, rung)| is_lead(rung))
}

/// The rungs that an author has written, with their places.
pub(super) fn rungs(task: &Value) -> impl Iterator<Item = (usize, &Value)> {
    let written = task.pointer("/on_failure/escalate").and_then(Value::as_array);
    written.into_iter().flatten().enumerate()
}

impl<'d> TaskOutline<'d> {
    /// The agents and templates of those who take the task up where it fails.
    pub(super) fn read_escalation(&mut self, reader: &mut TemplateReader<'d>) {
        let before = self.templates.len();
        for (place, rung) in rungs(self.value) {
            let path = format!("on_failure/escalate/{place}");
            let agent = rung.get("agent").filter(|agent| *agent != LEAD);
            self.agent(agent, &format!("{path}/agent"));
            let peers = rung.get("peers").and_then(Value::as_array).into_iter().flatten();
            for (peer, agent) in peers.enumerate() {
                self.agent(Some(agent), &format!("{path}/peers/{peer}"));
            }
            self.text(rung.get("prompt"), &format!("{path}/prompt"), Form::Text, reader);
            let ask = rung.pointer("/person/ask");
            self.text(ask, &format!("{path}/person/ask"), Form::Text, reader);
        }
        self.templates[before..].iter_mut().for_each(|site| site.reads_failure = true);
    }
}
