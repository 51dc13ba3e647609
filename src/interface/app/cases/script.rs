//! What the tasks of a case are answered.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;

use super::cassette::{Recording, Recordings, fingerprint};
use super::servers::{RealServers, model_of, task_at};
use crate::engine::Failure;
use crate::engine::content::Request;
use crate::engine::simulation::{Answers, Placeholders, Scripted};
use crate::language::document::{Case, TestsDocument};
use crate::language::plan::{Plan, Reply, answered, in_plan, is_for, scripted};

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
    /// What is answered at which address, the first that fits.
    replies: Vec<(&'a str, &'a Value)>,
    /// The types of answers, by the addresses of tasks.
    types: BTreeMap<&'a str, Option<&'a Value>>,
    others: Others<'a>,
    unanswered: RefCell<Vec<Unanswered>>,
    new: RefCell<Recordings>,
}

impl<'a> Script<'a> {
    /// The answers of a case: its own before those of all cases, an item before the task that is done
    /// for each, a task by its name before several by `*`.
    pub(super) fn of(
        tests: &'a TestsDocument,
        case: &'a Case,
        plan: &'a Plan,
        others: Others<'a>,
    ) -> Script<'a> {
        let mut replies = Vec::new();
        for answers in [&case.answers, &tests.answers] {
            let written = answers.iter().map(|(address, written)| (address.as_str(), written));
            let breadth = |address: &str| (address.contains('*'), !address.contains('['));
            let mut narrow_first: Vec<(&str, &Value)> = written.collect();
            narrow_first.sort_by_key(|(address, _)| breadth(address));
            replies.extend(narrow_first);
        }
        let types = answered(plan).map(|(task, output)| (task.path.as_str(), output));
        let (unanswered, new) = (RefCell::default(), RefCell::default());
        Script { plan, replies, types: types.collect(), others, unanswered, new }
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

impl Answers for Script<'_> {
    fn scripted(&self, task: &str, attempt: u32) -> Option<Scripted> {
        let addresses = in_plan(task);
        let output =
            addresses.iter().find_map(|address| self.types.get(address.as_str())).copied()?;
        let (_, written) = self.replies.iter().find(|(address, _)| is_for(address, task))?;
        // What cannot be read has been found before anything is run.
        let replies = scripted(written, output).ok()?;
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
