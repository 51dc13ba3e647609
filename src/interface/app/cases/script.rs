//! What the tasks of a case are answered.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::Value;

use crate::engine::content::Request;
use crate::engine::simulation::{Answers, Placeholders, Scripted};
use crate::language::document::{Case, TestsDocument};
use crate::language::plan::{Plan, Reply, Work, addressed, scripted};

/// What is scripted of a case; the rest is invented.
#[derive(Debug)]
pub(super) struct Script {
    replies: BTreeMap<String, Vec<Reply>>,
}

impl Script {
    /// The answers of a case: its own before those of all cases, a task by its name before several
    /// by `*`.
    pub(super) fn of(tests: &TestsDocument, case: &Case, plan: &Plan) -> Script {
        let mut replies = BTreeMap::new();
        for answers in [&case.answers, &tests.answers] {
            for is_exact in [true, false] {
                add(plan, answers, is_exact, &mut replies);
            }
        }
        Script { replies }
    }
}

fn add(
    plan: &Plan,
    answers: &IndexMap<String, Value>,
    is_exact: bool,
    replies: &mut BTreeMap<String, Vec<Reply>>,
) {
    for (address, written) in answers {
        for task in addressed(plan, address) {
            let task = plan.task(task);
            let Work::Ask(ask) = &task.work else { continue };
            if (task.path == *address) != is_exact || replies.contains_key(&task.path) {
                continue;
            }
            // What cannot be read has been found before anything is run.
            if let Ok(read) = scripted(written, ask.output.as_ref()) {
                replies.insert(task.path.clone(), read);
            }
        }
    }
}

impl Answers for Script {
    fn scripted(&self, task: &str, attempt: u32) -> Option<Scripted> {
        let replies = self.replies.get(task)?;
        let place = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
        let reply = replies.get(place).or(replies.last())?;
        Some(match reply {
            Reply::Text(text) => Scripted::Text(text.clone()),
            Reply::Part(part) => Scripted::Part(part.clone()),
            Reply::Fault(fault) => Scripted::Fault(fault.clone()),
        })
    }

    fn answer(&self, task: &str, request: &Request) -> String {
        Placeholders.answer(task, request)
    }
}
