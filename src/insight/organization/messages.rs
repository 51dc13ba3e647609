//! The messages of a run, and the checklists of its handoffs.

use serde_json::Value;

use super::work::WorkHistory;
use crate::engine::Time;
use crate::engine::content::Contents;
use crate::insight::history::History;
use crate::language::digest::Digest;
use crate::language::plan::{TaskId, Work};
use crate::organization::MessageKind;

/// A message that was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The task that sent it.
    pub task: TaskId,
    /// What it is for.
    pub kind: MessageKind,
    /// Who sent it.
    pub from: String,
    /// Who reads it.
    pub to: Vec<String>,
    /// What it is an event of.
    pub topic: Option<String>,
    /// What it is about.
    pub subject: Option<String>,
    /// What it says.
    pub body: Value,
    /// When it was sent.
    pub at: Time,
    /// The piece of work that it belongs to.
    pub item: Option<usize>,
}

/// A point of a checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// What must be true.
    pub name: String,
    /// Whether it was.
    pub holds: bool,
}

/// The messages of a run, in the order in which they were sent.
pub(super) fn messages(
    history: &History,
    work: &WorkHistory,
    contents: &dyn Contents,
) -> Vec<Message> {
    let message = |task: &TaskId| {
        let Work::Send(template) = &history.plan().task(*task).work else { return None };
        let said = read(contents, history.task(*task).output.as_ref());
        let text = |key: &str| said[key].as_str().map(str::to_owned);
        let to = said["to"].as_array().into_iter().flatten();
        Some(Message {
            task: *task,
            kind: template.kind,
            from: text("from").unwrap_or_else(|| template.from.to_string()),
            to: to.filter_map(|to| to.as_str().map(str::to_owned)).collect(),
            topic: text("topic"),
            subject: text("subject"),
            body: said["body"].clone(),
            at: work.ended(*task).unwrap_or(work.now),
            item: work.of_task(history, *task),
        })
    };
    history.sent().iter().filter_map(message).collect()
}

impl Message {
    /// The checklist of a handoff: the conditions of the checks that its task needs, and what its body
    /// has under `checklist`.
    pub fn checklist(&self, history: &History, contents: &dyn Contents) -> Vec<Point> {
        let mut points = Vec::new();
        for need in &history.plan().task(self.task).needs {
            if !matches!(history.plan().task(need.task).work, Work::Check { .. }) {
                continue;
            }
            let found = read(contents, history.task(need.task).output.as_ref());
            let conditions = found["conditions"].as_object().into_iter().flatten();
            points.extend(conditions.map(|(name, holds)| Point {
                name: name.clone(),
                holds: *holds == Value::Bool(true),
            }));
        }
        points.extend(listed(&self.body["checklist"]));
        points
    }

    /// What it is about, or else the beginning of what it says, on one line.
    pub fn gist(&self) -> String {
        let said = match (&self.subject, &self.body) {
            (Some(subject), _) => subject.clone(),
            (None, Value::String(body)) => body.clone(),
            (None, body) => body.to_string(),
        };
        said.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Points with their answers (`{ tested: true }`), as entries (`[{ name, done }]`), or as texts, which are promises.
fn listed(checklist: &Value) -> Vec<Point> {
    let is_true = |value: &Value| *value == Value::Bool(true);
    match checklist {
        Value::Object(points) => points
            .iter()
            .map(|(name, holds)| Point { name: name.clone(), holds: is_true(holds) })
            .collect(),
        Value::Array(points) => points
            .iter()
            .filter_map(|point| match point {
                Value::String(name) => Some(Point { name: name.clone(), holds: true }),
                other => {
                    let name = ["name", "item", "point"].iter().find_map(|key| other[key].as_str());
                    let holds = ["done", "holds", "passed"].iter().any(|key| is_true(&other[key]));
                    Some(Point { name: name?.to_owned(), holds })
                }
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// A content; null where there is none.
pub(super) fn read(contents: &dyn Contents, address: Option<&Digest>) -> Value {
    let content = address.and_then(|address| contents.read(address).ok());
    content.map(|content| (*content).clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn checklists_are_read_as_they_are_written() {
        for (written, expected) in [
            (
                json!({ "tested": true, "documented": false }),
                vec![("tested", true), ("documented", false)],
            ),
            (
                json!([{ "name": "tested", "done": true }, { "item": "told" }]),
                vec![("tested", true), ("told", false)],
            ),
            (json!(["tested"]), vec![("tested", true)]),
            (json!(null), vec![]),
        ] {
            let found = listed(&written);
            let mut found: Vec<(&str, bool)> =
                found.iter().map(|point| (point.name.as_str(), point.holds)).collect();
            found.sort_unstable();
            let mut expected = expected;
            expected.sort_unstable();
            assert_eq!(found, expected);
        }
    }
}
