//! Failed tasks that somebody takes up: a ladder of rungs, each with a body of its own.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::iterate::{Body, Over};
use super::model::{Plan, Task, Work};
use super::values::misfits;
use crate::language::document::HumanDuration;

/// What voting is called in addresses and outputs of a rung of peers.
pub const VOTE: &str = "vote";

/// The number of the first rung in addresses; that of the task as it is done at first is 1.
pub const FIRST_RUNG: u32 = 2;

/// Who takes a task up where it fails, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ladder {
    /// The rungs.
    pub rungs: Vec<Rung>,
    /// How long the task may take, and who takes it up, before the next one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<HumanDuration>,
}

/// Who takes a failed task up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rung {
    /// Who it is.
    pub kind: RungKind,
    /// What is done.
    pub body: Body,
}

/// Who takes a failed task up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RungKind {
    /// The same agent, with another model.
    Model,
    /// Another agent, who is told what went wrong.
    Agent,
    /// Several agents, by vote: the body's output has the winner under [`VOTE`].
    Peers,
    /// A person.
    Person {
        /// JSON Schema of the task's output, which what the person says has to fit; free text if absent.
        output: Option<Value>,
    },
}

impl Plan {
    /// The tasks that others take up where they fail, with those.
    pub fn ladders(&self) -> impl Iterator<Item = (&Task, &Ladder)> {
        self.all_tasks().into_iter().filter_map(|task| match &task.work {
            Work::Iterate(iterate) => match &iterate.over {
                Over::Ladder(ladder) => Some((task, ladder)),
                _ => None,
            },
            _ => None,
        })
    }
}

impl RungKind {
    /// The key under which an author writes it.
    pub fn key(&self) -> &'static str {
        match self {
            RungKind::Model => "model",
            RungKind::Agent => "agent",
            RungKind::Peers => "peers",
            RungKind::Person { .. } => "person",
        }
    }

    /// What a person's words come to.
    ///
    /// # Errors
    /// Why they do not fit what comes out of the task.
    pub fn said(&self, words: &str) -> Result<Value, String> {
        let RungKind::Person { output: Some(schema) } = self else {
            return Ok(Value::from(words.trim()));
        };
        let text = Value::from(words.trim());
        if misfits(schema, &text).is_empty() {
            return Ok(text);
        }
        let Ok(value) = serde_json::from_str::<Value>(words) else {
            return Err(format!("the answer is to be JSON of the type {schema}"));
        };
        match misfits(schema, &value).into_iter().next() {
            None => Ok(value),
            Some(misfit) if misfit.pointer.is_empty() => Err(misfit.message),
            Some(misfit) => Err(format!("`{}`: {}", misfit.pointer, misfit.message)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_person_says_has_the_type_of_the_task() {
        let free = RungKind::Person { output: None };
        assert_eq!(free.said(" Call them. "), Ok(json!("Call them.")));
        let score = RungKind::Person { output: Some(json!({ "type": "integer", "minimum": 1 })) };
        assert_eq!(score.said("7"), Ok(json!(7)));
        assert!(score.said("0").is_err_and(|problem| problem.contains("minimum")));
        assert!(score.said("seven").is_err_and(|problem| problem.contains("JSON")));
        let word = RungKind::Person { output: Some(json!({ "enum": ["billing", "support"] })) };
        assert_eq!(word.said("billing"), Ok(json!("billing")));
        assert!(word.said("\"sales\"").is_err());
    }
}
