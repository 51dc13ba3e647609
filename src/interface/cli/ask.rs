//! Asking the person at the terminal.

use std::collections::VecDeque;
use std::io::{self, BufRead, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use serde_json::Value;

use crate::engine::{Decision, Time};
use crate::interface::report::{Paint, moment};
use crate::language::plan::{RungKind, TaskId};
use crate::runtime::embedded::{Control, Remote};

/// Asks one question after the other, on a thread of its own: reading a line cannot be broken
/// off.
pub(super) struct Asker {
    remote: Remote,
    user: String,
    can_ask: bool,
    open: Arc<Mutex<VecDeque<Question>>>,
    is_reading: bool,
}

struct Question {
    task: TaskId,
    text: String,
    options: Vec<String>,
    default: Option<String>,
    /// What the person writes, where there are no options.
    written: RungKind,
}

impl Asker {
    pub(super) fn new(remote: Remote, user: String, can_ask: bool) -> Asker {
        Asker { remote, user, can_ask, open: Arc::default(), is_reading: false }
    }

    pub(super) fn ask(
        &mut self,
        task: TaskId,
        question: &Value,
        deadline: Option<Time>,
        paint: Paint,
    ) {
        if !self.can_ask {
            return;
        }
        let word = |key: &str| question.get(key).and_then(Value::as_str).map(str::to_owned);
        let options: Vec<String> = question
            .get("options")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        let default = word("default");
        let mut text =
            format!("\n{} {}\n", paint.notice("?"), word("ask").unwrap_or_default().trim());
        for (number, option) in options.iter().enumerate() {
            let mark = if Some(option) == default.as_ref() { " (default)" } else { "" };
            text.push_str(&format!("  {}  {option}{mark}\n", number + 1));
        }
        if let Some(deadline) = deadline {
            text.push_str(&format!("  until {}\n", moment(deadline)));
        }
        text.push_str("> ");
        let output = question.get("output").filter(|output| !output.is_null()).cloned();
        let written = RungKind::Person { output };
        let question = Question { task, text, options, default, written };
        let first = {
            let mut open = lock(&self.open);
            open.push_back(question);
            open.len() == 1
        };
        if first {
            show(&self.open);
        }
        if !self.is_reading {
            self.is_reading = true;
            let (open, remote, user) =
                (Arc::clone(&self.open), self.remote.clone(), self.user.clone());
            thread::spawn(move || read(&open, &remote, &user));
        }
    }

    /// A question that is decided otherwise is not asked any more.
    pub(super) fn withdraw(&mut self, task: TaskId) {
        let was_shown = lock(&self.open).front().is_some_and(|question| question.task == task);
        lock(&self.open).retain(|question| question.task != task);
        if was_shown {
            show(&self.open);
        }
    }
}

fn lock(open: &Mutex<VecDeque<Question>>) -> MutexGuard<'_, VecDeque<Question>> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Shows the first open question.
fn show(open: &Mutex<VecDeque<Question>>) {
    if let Some(question) = lock(open).front() {
        say(&question.text);
    }
}

fn say(text: &str) {
    let mut err = io::stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

/// Reads lines and takes each as the answer to the first open question.
fn read(open: &Mutex<VecDeque<Question>>, remote: &Remote, user: &str) {
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        let decided = lock(open).front().map(|question| (question.task, choice(question, &line)));
        match decided {
            None => {}
            Some((task, Ok(choice))) => {
                remote.send(Control::Decide(Decision { task, choice, by: user.to_owned() }));
            }
            Some((_, Err(problem))) => say(&format!("  {problem}\n> ")),
        }
    }
    // The terminal is gone: nobody will answer.
    remote.send(Control::Interrupt);
}

fn choice(question: &Question, line: &str) -> Result<String, String> {
    let line = line.trim();
    let default = question.default.as_ref().filter(|_| line.is_empty());
    if let Some(default) = default {
        return Ok(default.clone());
    }
    if question.options.is_empty() {
        if line.is_empty() {
            return Err("type what the result is, in one line".to_owned());
        }
        return question.written.said(line).map(|_| line.to_owned());
    }
    let by_number =
        line.parse::<usize>().ok().and_then(|n| question.options.get(n.checked_sub(1)?));
    let by_name = || question.options.iter().find(|option| option.eq_ignore_ascii_case(line));
    let found = by_number.or_else(by_name).cloned();
    found.ok_or_else(|| "that is none of them; type a number or a word".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_numbers_words_or_nothing() {
        let question = Question {
            task: TaskId(0),
            text: String::new(),
            options: vec!["go".into(), "no_go".into()],
            default: Some("no_go".into()),
            written: RungKind::Person { output: None },
        };
        for (line, expected) in [
            ("1", Some("go")),
            ("NO_GO", Some("no_go")),
            ("", Some("no_go")),
            ("3", None),
            ("0", None),
            ("x", None),
        ] {
            assert_eq!(choice(&question, line).ok().as_deref(), expected, "{line}");
        }
    }
}
