//! Whether a case has come out as expected.

use serde_json::{Value, json};

use super::coverage::has_run;
use super::play::Played;
use crate::engine::TaskStatus;
use crate::engine::content::{Contents, Message};
use crate::insight::TaskRecord;
use crate::language::diagnostic::{Code, Diagnostic};
use crate::language::digest::Digest;
use crate::language::document::{Document, Expectations, ExpectedStatus, ExpectedTask, Stage};
use crate::language::plan::{Expected, TaskId, Unequal, addressed};
use crate::language::source::{Edit, Surroundings, child_pointer, value_at, write_value};

/// Something that is not as expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Unmet {
    /// What, and where the expectation stands.
    pub diagnostic: Diagnostic,
    /// What is expected, in words.
    pub expected: String,
    /// What there is, in words or as a text of its own.
    pub actual: String,
    /// What writes that in the place of the expected value, where there is a single one.
    pub correction: Option<Edit>,
}

/// Everything that is not as expected in a case at a pointer.
pub(super) fn judge(
    document: &Document,
    pointer: &str,
    expect: &Expectations,
    played: &Played,
) -> Vec<Unmet> {
    let mut judge = Judge { document, played, found: Vec::new() };
    judge.status(pointer, expect.status);
    let pointer = format!("{pointer}/expect");
    judge.outputs(&pointer, expect);
    for (address, expected) in &expect.tasks {
        let pointer = child_pointer(&format!("{pointer}/tasks"), address);
        let tasks = judge.tasks(address);
        if tasks.is_empty() {
            judge.never_reached(address, &pointer);
        }
        for id in tasks {
            judge.task(id, expected, &pointer);
        }
    }
    for (place, address) in expect.ran.iter().enumerate() {
        judge.ran(address, &format!("{pointer}/ran/{place}"));
    }
    for (place, address) in expect.not_run.iter().enumerate() {
        judge.not_run(address, &format!("{pointer}/not_run/{place}"));
    }
    judge.order(&expect.order, &pointer);
    if let Some(written) = &expect.messages {
        let messages = judge.messages();
        judge.compare("the messages", written, &messages, &format!("{pointer}/messages"));
    }
    if let Some(calls) = expect.calls {
        let number = u64::try_from(played.asked.len()).unwrap_or(u64::MAX);
        if !calls.allows(number) {
            let message = format!("{number} requests reached servers");
            let expected = calls.describe();
            judge.say(&format!("{pointer}/calls"), message, expected, number.to_string());
        }
    }
    judge.found
}

struct Judge<'a> {
    document: &'a Document,
    played: &'a Played,
    found: Vec<Unmet>,
}

impl Judge<'_> {
    fn say(&mut self, pointer: &str, message: String, expected: String, actual: String) {
        let is_written = value_at(self.document.value(), pointer).is_some();
        let code = Code::EXPECTATION_NOT_MET;
        let diagnostic = match is_written {
            true => self.document.diagnostic(code, pointer, message),
            // What is expected without being said stands with the name of the case.
            false => {
                let case: String = pointer.split('/').take(3).collect::<Vec<_>>().join("/");
                self.document.key_diagnostic(code, &case, message)
            }
        };
        self.found.push(Unmet { diagnostic, expected, actual, correction: None });
    }

    fn status(&mut self, pointer: &str, expected: ExpectedStatus) {
        let status = self.played.status();
        if status == expected.as_str() {
            return;
        }
        let history = &self.played.history;
        let mut message = format!("the run {}", told(status));
        if let Some(failure) = history.failure.as_ref().filter(|_| status == "failed") {
            message.push_str(&format!(": {failure}"));
        }
        let waiting = history.tasks().find(|(_, task)| task.status() == TaskStatus::Waiting);
        if let Some((id, _)) = waiting.filter(|_| status == "waiting") {
            let gate = &history.plan().task(id).path;
            message.push_str(&format!(" for a decision on `{gate}`"));
        }
        let pointer = format!("{pointer}/expect/status");
        self.say(&pointer, message, expected.as_str().to_owned(), status.to_owned());
    }

    fn outputs(&mut self, pointer: &str, expect: &Expectations) {
        let outputs = self.value(self.played.history.outputs.as_ref());
        for (name, written) in &expect.outputs {
            let pointer = child_pointer(&format!("{pointer}/outputs"), name);
            let actual = outputs.get(name).unwrap_or(&Value::Null);
            self.compare(&format!("output `{name}`"), written, actual, &pointer);
        }
    }

    fn task(&mut self, id: TaskId, expected: &ExpectedTask, pointer: &str) {
        let played = self.played;
        let record = played.history.task(id);
        let name = &played.history.plan().task(id).path;
        let at = |key: &str| format!("{pointer}/{key}");
        if let Some(status) = expected.status
            && status.as_str() != record.status().as_str()
        {
            let actual = record.status().as_str();
            let message = match &record.failure {
                Some(failure) => format!("`{name}` is {actual}: {failure}"),
                None => format!("`{name}` is {actual}"),
            };
            self.say(&at("status"), message, status.as_str().to_owned(), actual.to_owned());
        }
        let attempts = record.tries();
        let number = u64::try_from(attempts).unwrap_or(u64::MAX);
        if let Some(count) = expected.attempts.filter(|count| !count.allows(number)) {
            let message = format!("`{name}` took {}", counted(attempts));
            self.say(&at("attempts"), message, count.describe(), number.to_string());
        }
        if let Some(choice) = &expected.choice {
            let actual = record.decision.as_deref().map(|(choice, _)| choice.as_str());
            if actual != Some(choice.as_str()) {
                let actual = actual.unwrap_or("nothing");
                let message = format!("`{actual}` was chosen at `{name}`");
                self.say(&at("choice"), message, choice.clone(), actual.to_owned());
            }
        }
        if let Some(written) = &expected.output {
            let actual = match record.decision.as_deref() {
                Some((choice, by)) => json!({ "choice": choice, "by": by }),
                None => self.value(record.output.as_ref()),
            };
            self.compare(&format!("the output of `{name}`"), written, &actual, &at("output"));
        }
        if let Some(written) = &expected.prompt {
            let asked = played.asked.iter().rev().find(|asked| asked.task == *name);
            let actual = match asked {
                Some(asked) => Value::from(text_of(&asked.request.messages)),
                None => Value::Null,
            };
            self.compare(&format!("the prompt of `{name}`"), written, &actual, &at("prompt"));
        }
        if let Some(class) = &expected.failure {
            self.failure(name, record, class, &at("failure"));
        }
        if let Some(fell_back) = expected.fell_back
            && fell_back != record.fell_back
        {
            let word = if record.fell_back { "fell back" } else { "did not fall back" };
            let (expected, actual) = (fell_back.to_string(), record.fell_back.to_string());
            self.say(&at("fell_back"), format!("`{name}` {word}"), expected, actual);
        }
        if let Some(server) = &expected.server {
            let last = record.attempts.last();
            let actual = last.and_then(|attempt| played.history.servers.get(attempt.server));
            let actual = actual.map_or("none", |server| server.name.as_str());
            if actual != server {
                let message = format!("`{name}` was last asked of {actual}");
                self.say(&at("server"), message, server.clone(), actual.to_owned());
            }
        }
    }

    fn failure(&mut self, name: &str, record: &TaskRecord, class: &str, pointer: &str) {
        let of_attempts = record.attempts.iter().filter_map(|attempt| attempt.failure.as_deref());
        let of_calls = record.calls.iter().filter_map(|call| call.failure.as_deref());
        let all = record.failure.as_deref().into_iter().chain(of_attempts).chain(of_calls);
        let mut classes: Vec<&str> = all.map(|failure| failure.class.as_str()).collect();
        classes.dedup();
        if !classes.contains(&class) {
            let actual = if classes.is_empty() { "none".to_owned() } else { classes.join(", ") };
            let message = format!("nothing of class `{class}` befell `{name}`");
            self.say(pointer, message, class.to_owned(), actual);
        }
    }

    /// What is there only where it is needed was not.
    fn never_reached(&mut self, address: &str, pointer: &str) {
        let message = format!("`{address}` was not run");
        self.say(pointer, message, "run".to_owned(), "never reached".to_owned());
    }

    fn ran(&mut self, address: &str, pointer: &str) {
        if self.tasks(address).is_empty() {
            self.never_reached(address, pointer);
        }
        for id in self.tasks(address) {
            let history = &self.played.history;
            let record = history.task(id);
            if !has_run(record) {
                let plan = history.plan();
                let name = &plan.task(id).path;
                let why = match record.skipped {
                    Some(reason) => format!("skipped: {}", reason.describe(plan)),
                    None => "never reached".to_owned(),
                };
                let message = format!("`{name}` was not run");
                self.say(pointer, message, "run".to_owned(), why);
            }
        }
    }

    fn not_run(&mut self, address: &str, pointer: &str) {
        for id in self.tasks(address) {
            let history = &self.played.history;
            let record = history.task(id);
            let name = &history.plan().task(id).path;
            // One of several times that has never come is found as the task of which it would be one.
            let is_meant = name.contains('[') || !address.contains('[');
            if has_run(record) && is_meant {
                let actual = record.status().as_str().to_owned();
                self.say(pointer, format!("`{name}` was run"), "not run".to_owned(), actual);
            }
        }
    }

    /// That the tasks of each stage have ended before those of the next began.
    fn order(&mut self, stages: &[Stage], pointer: &str) {
        let ids = |stage: &Stage| -> Vec<TaskId> {
            stage.0.iter().flat_map(|address| self.tasks(address)).collect()
        };
        let missing = stages.iter().enumerate().flat_map(|(place, stage)| {
            stage.0.iter().filter(|address| self.tasks(address).is_empty()).map(move |a| (place, a))
        });
        let missing: Vec<(usize, &String)> = missing.collect();
        let ids: Vec<Vec<TaskId>> = stages.iter().map(ids).collect();
        for (place, address) in missing {
            self.never_reached(address, &format!("{pointer}/order/{place}"));
        }
        for (place, pair) in ids.windows(2).enumerate() {
            let wrong = pair[1]
                .iter()
                .find_map(|after| pair[0].iter().find_map(|before| self.disorder(*before, *after)));
            if let Some((message, expected, actual)) = wrong {
                self.say(&format!("{pointer}/order/{}", place + 1), message, expected, actual);
            }
        }
    }

    fn disorder(&self, before: TaskId, after: TaskId) -> Option<(String, String, String)> {
        let history = &self.played.history;
        let name = |id: TaskId| &history.plan().task(id).path;
        let (first, second) = (history.task(before), history.task(after));
        let expected = format!("`{}` ends before `{}` begins", name(before), name(after));
        let absent = |id: TaskId| {
            let message = format!("`{}` was not run", name(id));
            Some((message, expected.clone(), "not run".to_owned()))
        };
        match (first.ended.filter(|_| has_run(first)), second.started.filter(|_| has_run(second))) {
            (None, _) => absent(before),
            (_, None) => absent(after),
            (Some(ended), Some(began)) if ended > began => {
                let message = format!("`{}` began before `{}` ended", name(after), name(before));
                let actual = format!(
                    "`{}` ended at {:.1} s, `{}` began at {:.1} s",
                    name(before),
                    ended.as_secs_f64(),
                    name(after),
                    began.as_secs_f64(),
                );
                Some((message, expected, actual))
            }
            _ => None,
        }
    }

    fn compare(&mut self, what: &str, written: &Value, actual: &Value, pointer: &str) {
        // What cannot be read has been found before anything is run.
        let Ok(expected) = Expected::of(written) else { return };
        for Unequal { pointer: inside, place, expected, actual, value } in expected.compare(actual)
        {
            let place = match place.as_str() {
                "" => what.to_owned(),
                place => format!("`{place}` of {what}"),
            };
            let pointer = format!("{pointer}{inside}");
            let message = format!("{place} is not as expected");
            let expected = match &value {
                Some(Value::String(text)) if text.contains('\n') => text.clone(),
                _ => expected,
            };
            self.say(&pointer, message, expected, shown(&actual));
            if let (Some(unmet), true) = (self.found.last_mut(), value.is_some()) {
                let written = write_value(&actual, Surroundings::Flow);
                unmet.correction = self.document.replace_value(&pointer, &written);
            }
        }
    }

    /// The messages that were sent, each with the task that sent it.
    fn messages(&self) -> Value {
        let history = &self.played.history;
        let messages = history.sent().iter().map(|id| {
            let mut message = self.value(history.task(*id).output.as_ref());
            if let Value::Object(fields) = &mut message {
                let task = &history.plan().task(*id).path;
                fields.insert("task".to_owned(), task.as_str().into());
            }
            message
        });
        messages.collect()
    }

    fn tasks(&self, address: &str) -> Vec<TaskId> {
        addressed(self.played.history.plan(), address)
    }

    fn value(&self, address: Option<&Digest>) -> Value {
        let read = address.and_then(|address| self.played.contents.read(address).ok());
        read.map(|content| (*content).clone()).unwrap_or_default()
    }
}

impl Played {
    /// How the run stands, in the words of cases.
    pub fn status(&self) -> &'static str {
        let waits = self.history.tasks().any(|(_, task)| task.status() == TaskStatus::Waiting);
        match self.history.status {
            crate::engine::RunStatus::Running if waits && !self.is_endless => "waiting",
            crate::engine::RunStatus::Running => "running",
            other => other.as_str(),
        }
    }
}

fn told(status: &str) -> &'static str {
    match status {
        "succeeded" => "succeeded",
        "failed" => "failed",
        "waiting" => "waits",
        "interrupted" => "was stopped, since no server could be reached",
        "cancelled" => "was cancelled",
        _ => "does not come to an end",
    }
}

fn counted(attempts: usize) -> String {
    if attempts == 1 { "1 attempt".to_owned() } else { format!("{attempts} attempts") }
}

fn text_of(messages: &[Message]) -> String {
    let texts: Vec<&str> = messages.iter().map(|message| message.content.as_str()).collect();
    texts.join("\n\n")
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) if text.contains('\n') => text.clone(),
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}
