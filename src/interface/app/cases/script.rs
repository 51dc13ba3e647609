//! What the tasks of a case are answered.

use std::cell::RefCell;
use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::Value;

use super::cassette::{Recording, Recordings, fingerprint};
use super::servers::{RealServers, model_of, task_at};
use crate::engine::Failure;
use crate::engine::content::Request;
use crate::engine::simulation::{Answers, Placeholders, Scripted};
use crate::language::document::{Case, TestsDocument};
use crate::language::plan::{Plan, Reply, Work, addressed, scripted};

/// Who answers what a case does not script.
pub(super) enum Others<'a> {
    /// Nobody: it is invented.
    Invented,
    /// What was recorded, with the model of tasks that name none.
    Recorded(&'a Recordings, &'a str),
    /// Real servers; what they answer is recorded.
    Asked(&'a RealServers<'a>),
}

/// Why a task could not be answered.
pub(super) enum Unanswered {
    /// There is no recording of what is asked; the one that is nearest, if the task has any.
    Outdated { task: String, model: String, asked: Box<Request>, nearest: Option<Box<Recording>> },
    /// No server answered.
    Failed { task: String, failure: Failure },
}

/// What is scripted of a case, and who answers the rest.
pub(super) struct Script<'a> {
    plan: &'a Plan,
    replies: BTreeMap<String, Vec<Reply>>,
    others: Others<'a>,
    unanswered: RefCell<Vec<Unanswered>>,
    new: RefCell<Recordings>,
}

impl<'a> Script<'a> {
    /// The answers of a case: its own before those of all cases, a task by its name before several
    /// by `*`.
    pub(super) fn of(
        tests: &TestsDocument,
        case: &Case,
        plan: &'a Plan,
        others: Others<'a>,
    ) -> Script<'a> {
        let mut replies = BTreeMap::new();
        for answers in [&case.answers, &tests.answers] {
            for is_exact in [true, false] {
                add(plan, answers, is_exact, &mut replies);
            }
        }
        let (unanswered, new) = (RefCell::default(), RefCell::default());
        Script { plan, replies, others, unanswered, new }
    }

    /// What could not be answered, and what was recorded.
    pub(super) fn into_parts(self) -> (Vec<Unanswered>, Recordings) {
        (self.unanswered.into_inner(), self.new.into_inner())
    }

    fn recorded(
        &self,
        recordings: &Recordings,
        default: &str,
        task: &str,
        request: &Request,
    ) -> Option<String> {
        let model = model_of(task_at(self.plan, task)?, default);
        let wanted = fingerprint(&model, request);
        let of_task = recordings.get(task).map(Vec::as_slice).unwrap_or_default();
        if let Some(found) = of_task.iter().find(|recording| recording.request == wanted) {
            return Some(found.answer.clone());
        }
        let length = request.messages.len();
        let alike = of_task.iter().find(|recording| recording.messages.len() == length);
        self.unanswered.borrow_mut().push(Unanswered::Outdated {
            task: task.to_owned(),
            model,
            asked: Box::new(request.clone()),
            nearest: alike.or(of_task.first()).cloned().map(Box::new),
        });
        None
    }

    fn asked(&self, servers: &RealServers<'_>, task: &str, request: &Request) -> Option<String> {
        let found = task_at(self.plan, task)?;
        let mut new = self.new.borrow_mut();
        let before = new.entry(task.to_owned()).or_default();
        let attempt = u32::try_from(before.len() + 1).unwrap_or(u32::MAX);
        match servers.ask(found, attempt, request) {
            Ok(report) => {
                let model = model_of(found, &servers.model);
                let answer = report.answer.text;
                before.push(Recording {
                    request: fingerprint(&model, request),
                    model,
                    messages: request.messages.clone(),
                    options: request.options.clone(),
                    format: request.format.clone(),
                    answer: answer.clone(),
                    prompt_tokens: report.usage.prompt_tokens,
                    answer_tokens: report.usage.answer_tokens,
                });
                Some(answer)
            }
            Err(failure) => {
                let task = task.to_owned();
                self.unanswered.borrow_mut().push(Unanswered::Failed { task, failure });
                None
            }
        }
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

impl Answers for Script<'_> {
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
        // Behind the first that nobody can answer, nothing is worth asking models.
        let is_lost = !self.unanswered.borrow().is_empty();
        let given = match &self.others {
            Others::Recorded(recordings, default) => {
                self.recorded(recordings, default, task, request)
            }
            Others::Asked(servers) if !is_lost => self.asked(servers, task, request),
            Others::Asked(_) | Others::Invented => None,
        };
        given.unwrap_or_else(|| Placeholders.answer(task, request))
    }
}
