//! Messages that agents post: what is kept of one.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::language::document::MessageKind;
use crate::language::plan::MessageTemplate;
use crate::language::template::{Data, RenderError, render_text, render_tree};

/// A message between agents, as facts keep it and templates read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentMessage {
    /// What it is for.
    pub kind: MessageKind,
    /// The id of who sent it.
    pub from: String,
    /// The ids of those whom it is to.
    pub to: Vec<String>,
    /// What it is an event of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What it says.
    pub body: Value,
}

/// The message that a task sends.
pub(super) fn message(send: &MessageTemplate, data: &Data) -> Result<AgentMessage, RenderError> {
    let id = |agent: &crate::organization::AgentId| agent.as_str().to_owned();
    let subject = match &send.subject {
        Some(subject) => Some(one_line(&render_text(subject, data)?)),
        None => None,
    };
    Ok(AgentMessage {
        kind: send.kind,
        from: id(&send.from),
        to: send.to.iter().map(id).collect(),
        topic: send.topic.clone(),
        subject,
        body: render_tree(&send.body, data)?,
    })
}

/// A subject stands in lists of messages, one line each.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
