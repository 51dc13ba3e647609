//! Questions whose answers are lines of text, asked before anything is done.

use std::io::{self, BufRead, Stderr, StdinLock, Write};

use super::environment::Environment;

/// Asks and reads. When the terminal goes away, every further answer is empty.
pub(super) struct Questions<R, W> {
    input: R,
    output: W,
}

/// Whether something that is asked for without an answer is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unless {
    /// It is left.
    Wanted,
    /// It is done.
    Refused,
}

impl Questions<StdinLock<'static>, Stderr> {
    /// The person at the terminal, if there is one who may be asked.
    pub(super) fn at_terminal(environment: &Environment, no_input: NoInput) -> Option<Self> {
        let may_ask = environment.can_ask && no_input == NoInput::No;
        may_ask.then(|| Questions { input: io::stdin().lock(), output: io::stderr() })
    }
}

/// Whether somebody said that nothing is to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoInput {
    /// Nothing is asked.
    Yes,
    /// Whoever is there is asked.
    No,
}

impl From<bool> for NoInput {
    fn from(flag: bool) -> NoInput {
        if flag { NoInput::Yes } else { NoInput::No }
    }
}

impl<R: BufRead, W: Write> Questions<R, W> {
    /// A line, or nothing.
    pub(super) fn line(&mut self, question: &str) -> Option<String> {
        self.say(&format!("{question}: "));
        let mut line = String::new();
        if matches!(self.input.read_line(&mut line), Ok(0) | Err(_)) {
            self.say("\n");
            return None;
        }
        let line = line.trim();
        (!line.is_empty()).then(|| line.to_owned())
    }

    /// A line that `read` takes, or nothing. One that it refuses is asked again, with the reason.
    pub(super) fn one<E>(
        &mut self,
        question: &str,
        read: impl Fn(&str) -> Result<(), E>,
        reason: impl Fn(&E) -> String,
    ) -> Option<String> {
        loop {
            let line = self.line(question)?;
            match read(&line) {
                Ok(()) => return Some(line),
                Err(error) => self.say(&format!("  {}\n", reason(&error))),
            }
        }
    }

    /// Lines until an empty one. A line that `read` refuses is asked again, with the reason.
    pub(super) fn lines<E>(
        &mut self,
        question: &str,
        mut read: impl FnMut(&[String]) -> Result<(), E>,
        reason: impl Fn(&E) -> String,
    ) -> Vec<String> {
        let mut lines = Vec::new();
        self.say(&format!("{question}\n"));
        while let Some(line) = self.line(&format!("  {}", lines.len() + 1)) {
            lines.push(line);
            if let Err(error) = read(&lines) {
                lines.pop();
                self.say(&format!("  {}\n", reason(&error)));
            }
        }
        lines
    }

    /// Yes or no.
    pub(super) fn is_wanted(&mut self, question: &str, unless: Unless) -> bool {
        let choices = if unless == Unless::Refused { "[Y/n]" } else { "[y/N]" };
        loop {
            let answer =
                self.line(&format!("{question} {choices}")).map(|line| line.to_lowercase());
            match answer.as_deref() {
                None => return unless == Unless::Refused,
                Some("y" | "yes") => return true,
                Some("n" | "no") => return false,
                Some(_) => self.say("  type y or n\n"),
            }
        }
    }

    fn say(&mut self, text: &str) {
        let _ = self.output.write_all(text.as_bytes()).and_then(|()| self.output.flush());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &str, ask: impl Fn(&mut Questions<&[u8], Vec<u8>>) -> String, expected: &str) {
        let mut questions = Questions { input: typed.as_bytes(), output: Vec::new() };
        assert_eq!(ask(&mut questions), expected, "{typed:?}");
    }

    #[test]
    fn lines_are_asked_until_an_empty_one() {
        let ask = |questions: &mut Questions<&[u8], Vec<u8>>| {
            let refuse = |lines: &[String]| match lines.last() {
                Some(last) if last == "bad" => Err("no"),
                _ => Ok(()),
            };
            questions.lines("names", refuse, |reason| (*reason).to_owned()).join(" ")
        };
        check("a\nbad\n b \n\nc\n", ask, "a b");
        check("", ask, "");
    }

    #[test]
    fn nothing_said_is_the_default() {
        let ask = |questions: &mut Questions<&[u8], Vec<u8>>| {
            let left = questions.is_wanted("this?", Unless::Wanted);
            let done = questions.is_wanted("that?", Unless::Refused);
            format!("{left} {done}")
        };
        check("\n\n", ask, "false true");
        check("", ask, "false true");
        check("what\nY\nno\n", ask, "true false");
    }
}
